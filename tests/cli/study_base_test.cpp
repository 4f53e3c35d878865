/// The bases of parameters, and which of them moves a metric most.

#include <nlohmann/json.hpp>

#include "cli/study_files.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;

namespace {

const std::string tornado_of_two = "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 3\n"
                                   "sensitivity: {method: tornado}\n";

nlohmann::json answer(const std::string& study) {
  const StudyFiles files(study);
  const ProgramRun run = run_program(files.command("s.db", {"--format", "json"}));
  CHECK(run.exit_code == 0);
  return nlohmann::json::parse(run.out);
}

/// The base of the parameter in a tornado over it.
std::string base_of(const std::string& parameter) {
  return answer(study_text("parameters: {it: {" + parameter + "}}\n" + tornado_of_two)).at("sensitivity").at(0).at("rows").at(0).at("base");
}

}  // namespace

TEST_CASE("study: without a base a parameter's base is what the scenario has, where that lies in the range", "[cli][study]") {
  const std::string spot = "path: fleets.shop.groups.spot.scale_out_above, ";
  CHECK(base_of(spot + "from: 55%, to: 80%, levels: 2") == "70%");                      // in the range, not its middle
  CHECK(base_of(spot + "values: [60%, 65%, 0.7]") == "0.7");                             // one of the list, otherwise written
  CHECK(base_of(spot + "values: [60%, 65%, 75%]") == "65%");                             // none of the list: the middle one
  CHECK(base_of(spot + "from: 75%, to: 85%, levels: 3") == "80%");                       // outside
  CHECK(base_of(spot + "from: 55%, to: 80%, levels: 2, base: 60%") == "60%");            // as written
  CHECK(base_of("path: fleets.shop.groups.1.max, from: 5, to: 20, levels: 2") == "9");   // an item by its number
  CHECK(base_of("path: fleets.shop.start_time, values: [20s, 40s, 60s]") == "40s");      // left to its default
  // What the study sets counts as the scenario's.
  CHECK(answer(study_text("set: {fleets.shop.groups.spot.scale_out_above: 60%}\nparameters: {it: {" + spot + "from: 55%, to: 80%, levels: 2}}\n" +
                          tornado_of_two)).at("sensitivity").at(0).at("rows").at(0).at("base") == "60%");
  const StudyFiles files(study_text("parameters: {it: {" + spot + "from: 55%, to: 80%, levels: 2}}\n" + tornado_of_two));
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("the others at their base: it\n70%."));
}

TEST_CASE("study: a base outside the range is an error where it stands", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n  spot: {path: fleets.shop.groups.spot.scale_out_above, from: 55%, to: 75%, base: 80%}\n" + tornado_of_two));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:5:83: error: base 80% is not in the range of spot, from 55% to 75%\n"
                                        "  help: take a value in the range, or widen it"));
}

TEST_CASE("study: every parameter that may move a metric most is named", "[cli][study]") {
  const std::string names[] = {"one", "two", "three"};
  StudyResult result{.name = "a study", .scenario = "a fleet", .seed = 7, .replications = 2};
  result.metrics = {{"drops", "fleet.shop.drop_fraction", "1"}};
  result.sensitivity = {{.method = "Morris", .metric = 0, .rows = {}, .rivals = {1, 2}}};
  for (const std::string& name : names) result.sensitivity[0].rows.push_back({.parameter = name, .high = 1, .high_interval = Interval{0.5, 1.5}});
  CHECK_THAT(cli::study_table(result, "s.db", {}), ContainsSubstring("Whether one, two or three moves drops most is open.\n"));
  // A wide interval is a rival though a narrow one before it is none.
  const auto json = answer(study_text("parameters:\n  spot: {path: fleets.shop.groups.spot.scale_out_above, from: 60%, to: 75%}\n"
                                      "  rest: {path: fleets.shop.groups.rest.scale_out_above, from: 86%, to: 90%}\n"
                                      "  most: {path: fleets.shop.groups.rest.max, from: 5, to: 9}\n"
                                      "metrics: {cost: cost.total}\nreplications: 2\nsensitivity: {method: morris, trajectories: 3}\n"))
                        .at("sensitivity").at(0);
  const auto& rows = json.at("rows");
  const double low = rows.at(0).at("mu_star_ci95").at(0);
  std::vector<std::string> open;
  for (std::size_t row = 1; row < rows.size(); ++row)
    if (rows.at(row).at("mu_star_ci95").at(1).get<double>() >= low) open.push_back(rows.at(row).at("parameter").get<std::string>());
  CHECK(json.at("most_is_decided").get<bool>() == open.empty());
  CHECK(json.value("may_be_most_too", std::vector<std::string>{}) == open);
}

}  // namespace fleetsim::test
