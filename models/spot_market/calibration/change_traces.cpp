#include <numeric>
#include <utility>

#include "models/spot_market/calibration/recordings.hpp"
#include "models/spot_market/trace_files.hpp"

namespace fleetsim::calibration {

std::vector<Recording> read_change_traces(const Input& input, config::Diagnostics& diagnostics) {
  const auto traces = spot_market::read_availability_file(input.file, diagnostics);
  if (!traces) return {};
  std::vector<Recording> recordings;
  for (const auto& [pool, trace] : *traces) {
    Recording recording{
        .pool = pool, .source = input.file.as_given, .start_known = trace->start != config::UtcTime{}, .trace = *trace};
    // Only changes are kept, at whole seconds. A grid is what all of them are multiples of; events share no more than a
    // few seconds.
    std::int64_t common = 0;
    for (const Duration at : trace->times) common = std::gcd(common, at.count());
    constexpr Duration grid_min = 10_s;
    if (Duration::of(common) >= grid_min && trace->times.size() > 10) recording.tick = Duration::of(common);
    recordings.push_back(std::move(recording));
  }
  return recordings;
}

}  // namespace fleetsim::calibration
