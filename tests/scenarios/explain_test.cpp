// What explain says of a scenario.

#include <filesystem>

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("explain: no line of any shipped scenario is wider than 80 columns", "[scenarios][property]") {
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(test::source_dir) / "scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    const LoadedScenario loaded = load_scenario(entry.path().string());
    REQUIRE(loaded.scenario);
    const std::string text = explain(*loaded.scenario);
    for (std::size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      INFO(entry.path().filename().string() << ": " << text.substr(start, end - start));
      CHECK(end - start <= 80);
    }
  }
}

TEST_CASE("explain: what delays, multiplies and bills is told", "[scenarios][table]") {
  const std::string text = explain(test::shipped(
      "scenarios/quickstart.yaml",
      {"demand={web: {constant: 1000 requests/s, bursts: [{at: 6h, duration: 90s, factor: 3}]}}", "fleets.shop.serves=web",
       "fleets.shop.boot_time=2479.4s", "run.warm_up=0s", "billing.minimum_per_start=60s"}));
  CHECK_THAT(text, ContainsSubstring("from 6h on it is 3 times as high for 1m30s"));
  CHECK_THAT(text, ContainsSubstring("it is at most 3,000 requests/s"));
  CHECK_THAT(text, ContainsSubstring("boots for 41m19.4s"));
  CHECK_THAT(text, ContainsSubstring("A start is billed for 1m at least"));
  CHECK_THAT(text, !ContainsSubstring("not measured"));
}

TEST_CASE("run: replications beyond the days of a recording are told", "[scenarios][property]") {
  // 45 days leave 16 days on which a run of 30 days can begin.
  const auto loaded = load_scenario((std::filesystem::path(test::source_dir) / "scenarios/rtb-four-groups.yaml").string());
  REQUIRE(loaded.scenario);
  RunOptions options;
  options.replications = 17;
  const RunResult result = run(*loaded.scenario, options);
  CHECK_THAT(result.warnings.empty() ? "" : result.warnings.back(), ContainsSubstring("fewer than the 17 replications"));
}
