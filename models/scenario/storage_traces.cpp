#include "models/scenario/storage_traces.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim::scenario {
namespace {

struct Requests {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

struct Sizes {
  std::int64_t small = Bytes{4_KiB}.count(), large = Bytes{256_KiB}.count();
};

Sizes sizes_of(const std::vector<Requests>& windows) {
  Sizes sizes;
  for (const Requests& window : windows) {
    if (window.count == 0) continue;
    sizes.small = std::min(sizes.small, std::max<std::int64_t>(1, window.bytes / window.count));
    sizes.large = std::max(sizes.large, (window.bytes + window.count - 1) / window.count);
  }
  return sizes;
}

/// Requests a second, in millionths, of a window that has `count` of them.
RequestRate rate_of(double count, Duration window, double factor) {
  return RequestRate::of(detail::nearest(count * factor * 1e6 / to_seconds(window)));
}

}  // namespace

std::vector<TracedLoad> traced_loads(const StorageLoadSettings& load, Duration run_length) {
  const BlockTraceSettings& settings = *load.trace;
  const BlockTrace& trace = settings.trace;
  std::vector<TracedLoad> loads;
  if (trace.windows.empty()) return loads;
  for (const bool reads : {true, false}) {
    std::vector<Requests> windows;
    for (const BlockTrace::Window& window : trace.windows) {
      windows.push_back(reads ? Requests{window.reads, window.read_bytes.count()}
                              : Requests{window.writes, window.write_bytes.count()});
    }
    const Sizes sizes = sizes_of(windows);
    for (const bool large : {false, true}) {
      DemandConfig demand;
      demand.name = load.name + (reads ? "-reads" : "-writes") + (large ? "-large" : "-small");
      SteppedDemand steps;
      bool any = false;
      const std::int64_t count = (run_length.count() + trace.window.count() - 1) / trace.window.count();
      for (std::int64_t w = 0; w < count; ++w) {
        const auto size = static_cast<std::int64_t>(windows.size());
        const Requests& window = w < size || settings.repeat ? windows[static_cast<std::size_t>(w % size)] : Requests{};
        const double larges = static_cast<double>(window.bytes - window.count * sizes.small) /
                              static_cast<double>(sizes.large - sizes.small);
        const double offered = large ? larges : static_cast<double>(window.count) - larges;
        const RequestRate rate = rate_of(std::max(0.0, offered), trace.window, settings.factor);
        any = any || rate > RequestRate{};
        if (steps.steps.empty() || steps.steps.back().rate != rate) steps.steps.push_back({trace.window * w, rate});
      }
      if (!any) continue;
      demand.shape = std::move(steps);
      StorageLoadConfig config{.name = demand.name, .volume = {}, .io_size = Bytes::of(large ? sizes.large : sizes.small),
                               .sequential = load.sequential, .queue_depth = {}};
      config.reads = Ratio{reads ? 1.0 : 0.0};
      config.deadline = load.deadline;
      loads.push_back({std::move(config), std::make_shared<const DemandConfig>(std::move(demand))});
    }
  }
  return loads;
}

}  // namespace fleetsim::scenario
