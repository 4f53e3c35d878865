/// The time to calibrate 45 days of nine zones in three Regions, sampled every 195 s: from reading the files to the
/// settings. The recordings are drawn from on/off pools about as scarce as those of 2023.

#include <benchmark/benchmark.h>

#include <string>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "fleetsim/sim/random.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace fleetsim;

constexpr int samples = 20'158;
constexpr double tick_hours = 195.0 / 3600;

std::string sampled_pool(const std::string& pool) {
  Stream stream(1, 0, pool);
  const Distribution up = HyperExponential{{0.7, 0.3}, {0.7, 8}};
  const Distribution down = HyperExponential{{0.65, 0.35}, {0.5, 4}};
  std::string text = "{\"metadata\": {\"gap_seconds\": 195}, \"data\": [";
  bool open = true;
  double left = up.sample(stream);
  for (int i = 0; i < samples; ++i) {
    text += i == 0 ? "" : ", ";
    text += open ? "1" : "0";
    for (left -= tick_hours; left <= 0;) {
      open = !open;
      left += (open ? up : down).sample(stream);
    }
  }
  return text + "]}";
}

void calibrate_nine_zones(benchmark::State& state) {
  test::TemporaryFolder folder;
  calibration::Request request;
  for (const char* zone : {"us-east-1a", "us-east-1c", "us-east-1d", "us-east-1f", "us-east-2a", "us-east-2b",
                           "us-west-2a", "us-west-2b", "us-west-2c"}) {
    const std::string pool = std::string(zone) + "/p3.2xlarge";
    const std::string path = folder.write(std::string(zone) + ".json", sampled_pool(pool)).string();
    request.inputs.push_back({pool, {path, path}});
  }
  for ([[maybe_unused]] auto round : state) {
    config::Diagnostics diagnostics;
    const auto report = calibration::calibrate(request, diagnostics);
    if (!report || report->regions.size() != 3 || !report->regions.front().latent) {
      state.SkipWithError("the recordings were not calibrated whole");
      break;
    }
    benchmark::DoNotOptimize(calibration::to_yaml(*report, calibration::World::latent));
  }
}
BENCHMARK(calibrate_nine_zones)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
