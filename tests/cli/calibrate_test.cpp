/// The verb calibrate as a user meets it.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;

namespace {

const std::string recordings =
    std::string(source_dir) + "/scenarios/data/no-stated-licence/sky-avail-2023-02/availability.csv";
const std::string prices =
    std::string(source_dir) + "/scenarios/data/no-stated-licence/spot-prices-us-east-1-2021/prices.csv";

/// A fleet on two of the pools that were recorded.
constexpr const char* fleet = R"(fleetsim: 1
include: market.yaml
name: a fleet on calibrated pools
run: {start: 2026-01-05T00:00:00Z, duration: 1d, replications: 2}
regions:
  us-east-1: {zones: [us-east-1a]}
demand:
  web: {constant: 100 requests/s}
fleets:
  shop:
    serves: web
    instance_types: [p3.2xlarge, c5.2xlarge]
    capacity_per_vcpu: 30 requests/s
    expected_instances: 2
    groups:
      - {name: spot, purchase: spot, zones: [us-east-1a], scale_out_above: 70%, scale_in_below: 50%, max: 4}
)";

std::string read_whole(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("calibrate: the report says in words what fits and what does not, and has a row a pool", "[cli][calibrate]") {
  const ProgramRun run = run_program({"calibrate", recordings});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, ContainsSubstring("us-west-2b/p3.2xlarge  45.5  3m15s             9m45s  90.5 %"));
  CHECK_THAT(run.out,
             ContainsSubstring("Closed times of us-east-1a/p3.2xlarge: hyperexponential (0.06) fits; exponential\n"
                               "(0.38), weibull (0.13) and lognormal (0.12) are rejected"));
  CHECK_THAT(run.out, ContainsSubstring("Correlation in us-west-2"));
}

TEST_CASE("calibrate: the settings load as part of a scenario, and the file appears under its name alone",
          "[cli][calibrate]") {
  const TemporaryFolder folder;
  const std::string market = (folder.path() / "market.yaml").string();
  const ProgramRun run = run_program({"calibrate", recordings, prices, "--quiet", "-o", market, "--pool",
                                      "us-east-1a/p3.2xlarge", "--pool", "us-east-1a/c5.2xlarge"});
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK(run.err.empty());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  const std::string settings = read_whole(market);
  CHECK_THAT(settings, ContainsSubstring("us-east-1a/p3.2xlarge:"));
  CHECK_THAT(settings, !ContainsSubstring("us-east-1c/p3.2xlarge:"));
  CHECK_THAT(settings, ContainsSubstring("us-east-1a/c5.2xlarge:"));

  const ProgramRun validated = run_program({"validate", folder.write("fleet.yaml", fleet).string()});
  CHECK(validated.err == "");
  CHECK(validated.exit_code == 0);
}

TEST_CASE("calibrate: pools recorded together are written with what their Region shares, or each by itself",
          "[cli][calibrate]") {
  const TemporaryFolder folder;
  const std::string market = (folder.path() / "market.yaml").string();
  const bool independent = GENERATE(false, true);
  std::vector<std::string> arguments = {"calibrate", recordings, "-q", "-o", market, "--pool", "us-east-1a/p3.2xlarge",
                                        "--pool", "us-east-1c/p3.2xlarge"};
  if (independent) arguments.push_back("--independent");
  const ProgramRun run = run_program(arguments);
  CHECK(run.err == "");
  CHECK(run.exit_code == 0);
  const std::string settings = read_whole(market);
  CHECK_THAT(settings, ContainsSubstring(independent ? "\n          up: {hyperexponential: {"
                                                     : "\n      availability: {latent: {availability: 16.67%}}"));
  std::string scenario = fleet;
  for (std::size_t at; (at = scenario.find("[us-east-1a]")) != std::string::npos;) {
    scenario.replace(at, 12, "[us-east-1a, us-east-1c]");
  }
  const ProgramRun validated = run_program({"validate", folder.write("fleet.yaml", scenario).string()});
  CHECK(validated.err == "");
  CHECK(validated.exit_code == 0);
}

TEST_CASE("calibrate: lives, reclaims and the Advisor's class load as part of a scenario", "[cli][calibrate]") {
  const TemporaryFolder folder;
  std::string events;  // three instances every hour, of which the first goes after a quarter, the others together
  for (int hour = 0; hour < 8; ++hour) {
    const auto event = [&](int seconds, const char* what, const char* node) {
      events += fmt::format("{},{},{}{}\n", (3600 * hour + seconds) * 1000, what, node, hour);
    };
    for (const char* node : {"a", "b", "c"}) event(0, "add", node);
    event(900 + 60 * hour, "remove", "a");
    event(2400 + 90 * hour, "remove", "b");
    event(2401 + 90 * hour, "remove", "c");
  }
  const std::string advisor =
      folder.write("advisor.json", R"({"spot_advisor": {"us-east-1": {"Linux": {"c5.2xlarge": {"s": 62, "r": 4}}}}})")
          .string();
  const std::string market = (folder.path() / "market.yaml").string();
  const ProgramRun run =
      run_program({"calibrate", "us-east-1a/p3.2xlarge=" + folder.write("events.csv", events).string(), advisor, "-q",
                   "-o", market, "--pool", "us-east-1a/p3.2xlarge", "--pool", "us-east-1a/c5.2xlarge"});
  CHECK(run.err == "");
  CHECK(run.exit_code == 0);
  const std::string settings = read_whole(market);
  CHECK_THAT(settings, ContainsSubstring("life: {"));
  CHECK_THAT(settings, ContainsSubstring("availability: {advisor: \">20%\"}"));
  CHECK_THAT(settings, ContainsSubstring("price: {discount: 62%}"));
  // Of each hour's two bursts the second leaves nothing; the last removal ends the recording.
  CHECK_THAT(settings, ContainsSubstring("# of 16 reclaims 7 left nothing"));
  const ProgramRun validated = run_program({"validate", folder.write("fleet.yaml", fleet).string()});
  CHECK(validated.err == "");
  CHECK(validated.exit_code == 0);
}

TEST_CASE("calibrate: JSON has the points of each Kaplan-Meier estimate, falling from one", "[cli][calibrate]") {
  const ProgramRun run = run_program({"calibrate", recordings, "--format", "json"});
  CHECK(run.exit_code == 0);
  const auto json = nlohmann::json::parse(run.out);
  REQUIRE(json["pools"].size() == 5);
  double last = 1;
  for (const auto& point : json["pools"][0]["up"]["kaplan_meier"]) {
    CHECK(point["survival"].get<double>() < last);
    last = point["survival"].get<double>();
  }
  CHECK(json["pools"][0]["up"]["models"].size() == 4);
}

TEST_CASE("calibrate: wrong input ends with exit code 2, all errors told, nothing written", "[cli][calibrate]") {
  const TemporaryFolder folder;
  const std::string trace =
      folder.write("trace.json", "{\"metadata\": {\"gap_seconds\": 300},\n\"data\": [0, x]}").string();
  const std::string other = folder.write("other.csv", "a,b\n1,2\n").string();
  const std::string out = (folder.path() / "market.yaml").string();
  const ProgramRun run = run_program({"calibrate", "us-east-1a/m5.large=" + trace, other, "-o", out});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, ContainsSubstring(trace + ":2:13: error: is not JSON"));
  CHECK_THAT(run.err, ContainsSubstring(other + ": error: is of no kind that can be calibrated from"));
  CHECK_THAT(run.err, ContainsSubstring("2 errors; nothing was calibrated"));
  CHECK_FALSE(std::filesystem::exists(out));
}

}  // namespace fleetsim::test
