/// The verb advise: a sentence, a table within 80 columns, JSON, and what it refuses.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;

namespace {

const std::string scenario = std::string(source_dir) + "/scenarios/claims/EB-05.yaml";

}  // namespace

TEST_CASE("advise: the answer comes first, and everything fits 80 columns", "[cli]") {
  const ProgramRun run = run_program({"advise", scenario});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  const std::size_t answer = run.out.find("Machine db costs ");
  REQUIRE(answer != std::string::npos);
  CHECK(std::count(run.out.begin(), run.out.begin() + static_cast<std::ptrdiff_t>(answer), '\n') == 1);
  std::size_t start = 0;
  for (std::size_t end; (end = run.out.find('\n', start)) != std::string::npos; start = end + 1) {
    INFO(run.out.substr(start, end - start));
    CHECK(end - start <= 80);
  }
  CHECK(run.out == run_program({"advise", scenario, "--jobs", "1"}).out);
}

TEST_CASE("advise: JSON has today's machine, the choice and the others, with costs", "[cli]") {
  const ProgramRun run = run_program({"advise", scenario, "--format", "json"});
  CHECK(run.exit_code == 0);
  const nlohmann::json advice = nlohmann::json::parse(run.out);
  const nlohmann::json& machine = advice.at("machines").at(0);
  CHECK(machine.at("today").at("verdict") == "too_little");
  CHECK(machine.at("today").at("loads").at(0).at("limited_by") == "instance_iops");
  CHECK(machine.at("chosen").at("verdict") == "chosen");
  for (const nlohmann::json& other : machine.at("others")) {
    CHECK_FALSE(other.at("reason").get<std::string>().empty());
    if (other.at("verdict") == "enough") CHECK(other.at("monthly_usd") >= machine.at("chosen").at("monthly_usd"));
  }
}

TEST_CASE("advise: what it refuses", "[cli][table]") {
  const ProgramRun none = run_program({"advise", std::string(source_dir) + "/scenarios/quickstart.yaml"});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, ContainsSubstring("has no machines with volumes to advise on"));
  const ProgramRun share = run_program({"advise", scenario, "--held-back", "soon"});
  CHECK(share.exit_code == 2);
  CHECK_THAT(share.err, ContainsSubstring("'soon'"));
  const ProgramRun latency = run_program({"advise", scenario, "--latency", "5"});
  CHECK(latency.exit_code == 2);
  CHECK_THAT(latency.err, ContainsSubstring("such as"));
}

}  // namespace fleetsim::test
