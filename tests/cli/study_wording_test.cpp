/// What a study's answer says of the question itself: objectives, indifference, precision; on results made by hand and run.

#include <nlohmann/json.hpp>

#include "cli/study_files.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using cli::study_table;

namespace {

/// One design of one metric, a share.
StudyResult one_design() {
  StudyResult result{.name = "a study", .scenario = "a fleet", .seed = 7, .replications = 2};
  result.metrics = {{"drops", "fleet.shop.drop_fraction", "1"}};
  const std::vector<double> values{0.01, 0.03};
  StudyMetricResult metric;
  metric.plain = experiment::statistics_of(values, false);
  metric.estimate = experiment::estimate_mean(values);
  result.designs = {{.name = "as-is", .settings = {{"design", "as-is"}}, .replications = 2, .metrics = {metric}}};
  return result;
}

nlohmann::json answer(const std::string& study) {
  const StudyFiles files(study);
  const ProgramRun run = run_program(files.command("s.db", {"--format", "json"}));
  CHECK(run.exit_code == 0);
  return nlohmann::json::parse(run.out);
}

}  // namespace

TEST_CASE("study table: objectives and indifference stand above the answer, shares in %", "[cli][study][table]") {
  StudyResult result = one_design();
  result.designs[0].objectives = {{.name = "drops below 0.5", .met = true, .decided = true, .unit = "1", .bound = "below 0.5 (50%)", .ordering = {}},
                                  {.name = "hardly any", .met = true, .decided = true, .unit = "1", .bound = "below 0.1%", .ordering = {}},
                                  {.name = "drops below 7% with probability 95%", .met = true, .decided = true, .unit = "1", .bound = "below 7%", .ordering = {}}};
  CHECK_THAT(study_table(result, "s.db", {}),
             ContainsSubstring("\nObjectives: drops below 0.5 (50%); hardly any, below 0.1%; drops below 7% with\nprobability 95%.\n"));
  result.designs[0].objectives.resize(1);
  result.search = SearchResult{.method = "KN", .best = 0, .survivors = {0}, .probability = 0.95, .indifference = "5 USD"};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("\nObjective: drops below 0.5 (50%). Indifference: 5 USD.\n"));
}

TEST_CASE("study: an objective without % is told in %", "[cli][study]") {
  const StudyFiles files(two_by_two + "objectives: [{metric: drops, below: 0.5}]\n");
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("\nObjective: drops below 0.5 (50%).\n"));
}

TEST_CASE("study table: how far a surrogate sees is a part of the range, or all of it", "[cli][study][table]") {
  StudyResult result = one_design();
  result.search = SearchResult{.method = "surrogate", .best = 0, .survivors = {0}, .lengths = {{"spot", 0.34}, {"floor", 12}}};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("Part of its range over which one point tells drops at others, small where a\n"
                                                                "parameter matters: spot 34 %, floor all of it.\n"));
}

TEST_CASE("study table: a precision that is not reached is guessed at with two digits, beside what is allowed", "[cli][study][table]") {
  StudyResult result = one_design();
  result.precision = {{.what = "mean of drops within 0.001%", .worst = "as-is", .half_width = "0.0141 %", .needed = 5957, .at_most = 30}};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("About 6,000 replications would reach it; at_most is 30.\n"));
  result.precision[0].at_most = 10'000;
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("would reach it.\n"));
}

TEST_CASE("study: an absolute precision is told in the unit that it is wanted in", "[cli][study]") {
  const auto reached = [](const std::string& metric, const std::string& wanted) -> std::string {
    const std::string until = "until: {at_most: 4, precision: [{metric: " + metric + ", absolute: " + wanted + "}]}\n";
    return answer(four_designs + "replications: 4\n" + until).at("precision").at(0).at("half_width");
  };
  CHECK_THAT(reached("drops", "0.000001%"), Catch::Matchers::EndsWith(" %"));
  CHECK_THAT(reached("cost", "0.000001 USD"), Catch::Matchers::EndsWith(" USD"));
  // The same interval, a hundred times as large in %.
  const double in_percent = std::stod(reached("drops", "0.000001%")), as_share = std::stod(reached("drops", "0.00000001"));
  CHECK_THAT(in_percent, Catch::Matchers::WithinRel(100 * as_share, 1e-2));
}

}  // namespace fleetsim::test
