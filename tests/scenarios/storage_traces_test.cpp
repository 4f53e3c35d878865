/// Recorded block I/O as loads: every window keeps its requests and its bytes.

#include <cmath>

#include "fleetsim/models/demand.hpp"
#include "models/scenario/storage_traces.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

using Catch::Matchers::WithinAbs;

namespace {

double rate_at(const DemandConfig& demand, Duration at) {
  double rate = 0;
  for (const DemandStep& step : std::get<SteppedDemand>(demand.shape).steps) {
    if (step.at <= at) rate = static_cast<double>(step.rate.count()) / 1e6;
  }
  return rate;
}

}  // namespace

TEST_CASE("block traces: each window's requests and bytes, reads apart from writes", "[storage][conservation]") {
  StorageLoadSettings load;
  load.name = "app";
  load.trace.emplace();
  load.trace->trace.window = 60_s;
  // 100 reads of 8 KiB in the mean; reads of 1 MiB, larger than what large means; nothing; only writes of 512 bytes.
  load.trace->trace.windows = {{100, 50, 800_KiB, 400_KiB}, {60, 0, 60_MiB, 0_B}, {}, {0, 600, 0_B, 307'200_B}};
  const auto loads = scenario::traced_loads(load, 240_s);
  REQUIRE(loads.size() >= 3);
  for (std::size_t w = 0; w < 4; ++w) {
    const BlockTrace::Window& window = load.trace->trace.windows[w];
    double reads = 0, writes = 0, read_bytes = 0, write_bytes = 0;
    for (const auto& traced : loads) {
      const double count = rate_at(*traced.demand, 60_s * static_cast<std::int64_t>(w)) * 60;
      const double bytes = count * static_cast<double>(traced.config.io_size.count());
      const bool reading = traced.config.reads->value == 1;
      (reading ? reads : writes) += count;
      (reading ? read_bytes : write_bytes) += bytes;
    }
    // A rate is rounded to a millionth of a request a second: 60 of them in a window, of the larger size each.
    CHECK_THAT(reads, WithinAbs(static_cast<double>(window.reads), 2e-4));
    CHECK_THAT(writes, WithinAbs(static_cast<double>(window.writes), 2e-4));
    CHECK_THAT(read_bytes, WithinAbs(static_cast<double>(window.read_bytes.count()), 2e-4 * 1'048'576));
    CHECK_THAT(write_bytes, WithinAbs(static_cast<double>(window.write_bytes.count()), 2e-4 * 1'048'576));
  }
}

TEST_CASE("block traces: a week of recorded machines is offered whole", "[storage][conservation]") {
  // Sums of the recording's first six days (288 windows), taken from the file by its columns.
  const RunResult result = run(test::shipped("scenarios/recorded-block-io.yaml"),
                               {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
  double requests = 0;
  for (const char* part : {"reads-small", "reads-large", "writes-small", "writes-large"}) {
    const std::string load = std::string("storage.w043.load.recorded-") + part;
    requests += result.find(load + ".offered")->mean;
    CHECK(std::abs(result.find(load + ".offered")->mean - result.find(load + ".done")->mean -
                   result.find(load + ".backlog")->mean) < 1e-3);
  }
  CHECK_THAT(requests, WithinAbs(121066453.0, 1.0));
}
