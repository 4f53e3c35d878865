/// The verb study where something is wrong with the study, the scenario or the store: told at its place, nothing lost.

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/study_files.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

TEST_CASE("study: a path that is not there is told with the nearest, at its line, before anything runs", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n"
                               "  one: {path: fleets.shop.groups.spot.scale_out_abov, values: [70%, 75%]}\n"
                               "  two: {path: fleets.shop.groups.spott.max, values: [5]}\n"
                               "  three: {path: run.duration, values: [1d, 5 kg]}\n"
                               "metrics: {cost: cost.totl}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:5:"));
  CHECK_THAT(run.err, ContainsSubstring("a key with a similar name exists: scale_out_above"));
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:6:15: error: fleets.shop.groups.spott.max: there is no item 'spott' in fleets.shop.groups"));
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:7:"));
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:8:17: error: there is no metric 'cost.totl'"));
  CHECK_FALSE(std::filesystem::exists(files.path("s.db")));
}

TEST_CASE("study: empty ranges and lists are told", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n"
                               "  one: {path: run.duration, from: 5d, to: 3d}\n"
                               "  two: {path: run.duration, values: []}\n"
                               "  three: {path: run.duration, from: 5d, to: 70%}\n"
                               "  four: {path: run.duration, from: 0, to: 5, scale: log}\n"
                               "metrics: {cost: cost.total}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:5:35: error: parameter one: the range is empty: 5d is not below 3d"));
  CHECK_THAT(run.err, ContainsSubstring("error: values of two are empty"));
  CHECK_THAT(run.err, ContainsSubstring("parameter three: '5d' and '70%' are not two values of one kind"));
  CHECK_THAT(run.err, ContainsSubstring("parameter four: a logarithmic range begins above zero, found 0"));
}

TEST_CASE("study: metrics whose columns would have one name are told", "[cli][study]") {
  const StudyFiles files(study_text("metrics: {cost: cost.total, Cost: cost.spot, cost_p95: cost.on_demand}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("metrics cost and Cost would have columns of one name"));
  CHECK_THAT(run.err, ContainsSubstring("metrics cost and cost_p95 would have columns of one name"));
}

TEST_CASE("study: a search whose cap lies below its first replications is told", "[cli][study]") {
  const StudyFiles files(four_designs + "search: {indifference: 1 USD, first: 20, at_most: 10}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("at_most, 10, is below the replications before anything is decided, 20"));
}

TEST_CASE("study: more than a million designs are asked about", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n"
                               "  one: {path: fleets.shop.groups.spot.max, from: 9, to: 9000, levels: 2000}\n"
                               "  two: {path: fleets.shop.groups.rest.max, from: 9, to: 9000, levels: 2000}\n"
                               "metrics: {cost: cost.total}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("the study has 4,000,000 designs\n  help: take fewer values"));
  CHECK_FALSE(std::filesystem::exists(files.path("s.db")));
}

TEST_CASE("study: a changed scenario is refused, a changed question is not", "[cli][study]") {
  const StudyFiles files(two_by_two);
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("study.yaml", two_by_two + "frontier: [{metric: cost}, {metric: drops}]\n");
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("scenario.yaml", std::string(small_scenario) + "# changed\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("holds another study:\n  scenario.yaml has changed\n"));
  CHECK(run_program(files.command("other.db")).exit_code == 0);
}

TEST_CASE("study: a name that stands for something else now is refused, a new one is learnt", "[cli][study]") {
  const auto designs = [](const std::string& most, const std::string& more) {
    return study_text("designs:\n  few: {}\n  many: {set: {fleets.shop.groups.spot.max: " + most + "}}\n" + more +
                      "parameters: {rest: {path: fleets.shop.groups.rest.scale_out_above, values: [80%]}}\n"
                      "metrics: {cost: cost.total}\nreplications: 2\n");
  };
  const StudyFiles files(designs("12", ""));
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("study.yaml", designs("12", "  most: {set: {fleets.shop.groups.spot.max: 20}}\n"));
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("study.yaml", designs("15", ""));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("design many was fleets.shop.groups.spot.max=12, now it is fleets.shop.groups.spot.max=15\n"));
  std::string other = designs("12", "");
  other.replace(other.find("rest.scale_out_above"), 20, "spot.scale_out_above");
  files.folder.write("study.yaml", other);
  CHECK_THAT(run_program(files.command("s.db")).err,
             ContainsSubstring("parameter rest was fleets.shop.groups.rest.scale_out_above, now it is fleets.shop.groups.spot.scale_out_above"));
  files.folder.write("second.yaml", small_scenario);
  other = designs("12", "");
  other.replace(other.find("scenario.yaml"), 13, "second.yaml");
  files.folder.write("study.yaml", other);
  CHECK_THAT(run_program(files.command("s.db")).err, ContainsSubstring("the scenario was scenario.yaml, now it is second.yaml"));
}

TEST_CASE("study: a folder that can't be written to is told before anything runs", "[cli][study]") {
  const StudyFiles files(two_by_two);
  const ProgramRun run = run_program({"study", files.file, "--store", "/proc/none/s.db"});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("cannot write to /proc/none/s.db: there is no folder /proc/none"));
}

TEST_CASE("study: what a search does not heed is told", "[cli][study]") {
  const StudyFiles files(two_by_two + "search: {method: kn, indifference: 1 USD, points: 3}\n"
                                 "until: {precision: [{metric: cost, relative: 1%}]}\n"
                                 "objectives:\n  - {metric: cost, statistic: max, below: 1 USD}\n"
                                 "  - {metric: drops, between: [0%, 1%]}\n  - {metric: drops, below: 1%}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:12:14: error: a search cannot decide this objective"));
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:13:14: error: a search cannot decide this objective"));
  CHECK_THAT(run.err, !ContainsSubstring("study.yaml:14:"));
  CHECK_THAT(run.err, ContainsSubstring("this search decides by itself how many replications each design gets"));
  CHECK_THAT(run.err, ContainsSubstring("a search decides by itself how many replications each design gets"));
  CHECK_THAT(run.err, ContainsSubstring("'points'"));
  const StudyFiles plain(four_designs + "search: {method: kn, indifference: 1 USD}\n");
  CHECK(run_program(plain.command("s.db", {"--replications", "5"})).exit_code == 2);
}

TEST_CASE("study: a control whose mean is not what was said gets a warning", "[cli][study]") {
  const auto controlled = [](const std::string& mean) {
    return two_by_two + "variance_reduction: {controls: [{metric: drops, mean: " + mean + "}]}\n";
  };
  const StudyFiles wrong(controlled("0.9"));
  CHECK_THAT(run_program(wrong.command("s.db")).out, ContainsSubstring("Warning: what was measured of the control drops lies far from the mean"));
  const std::string json = run_program(wrong.command("s.db", {"--format", "json"})).out;
  const double drops = nlohmann::json::parse(json).at("designs").at(0).at("metrics").at(1).at("mean");
  const StudyFiles right(study_text("metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 10\nset: "
                               "{fleets.shop.groups.spot.scale_out_above: 60%, fleets.shop.groups.rest.scale_out_above: 80%}\n"
                               "variance_reduction: {controls: [{metric: drops, mean: " + fmt::format("{:.9f}", drops) + "}]}\n"));
  CHECK_THAT(run_program(right.command("s.db")).out, !ContainsSubstring("Warning: what was measured"));
}

TEST_CASE("study: a setting of what each design sets itself gets a warning, but for the middle of a tornado", "[cli][study]") {
  const std::string path = "fleets.shop.groups.spot.scale_out_above";
  const std::string vain = "command line: --set " + path + "=50%: warning: this changes no design, for the parameter spot of the study sets it in each";
  const StudyFiles grid(two_by_two);
  CHECK_THAT(run_program(grid.command("s.db", {"--set", path + "=50%"})).err, ContainsSubstring(vain));
  CHECK_THAT(run_program(grid.command("t.db", {"--set", "fleets.shop.groups.spot.max=8"})).err, !ContainsSubstring("changes no design"));
  const StudyFiles tornado(study_text("parameters: {spot: {path: " + path + ", values: [60%, 70%, 80%]}}\n"
                                      "sensitivity: {method: tornado}\nmetrics: {cost: cost.total}\nreplications: 2\n"));
  CHECK_THAT(run_program(tornado.command("s.db", {"--set", path + "=60%"})).err, !ContainsSubstring("changes no design"));
}

TEST_CASE("study: designs of different length get a warning", "[cli][study]") {
  const StudyFiles files(study_text("parameters: {length: {path: run.duration, values: [1d, 2d]}}\nmetrics: {cost: cost.total}\nreplications: 2\n"));
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("Warning: designs are measured over different times"));
}

TEST_CASE("study: shares that were asked for another number of replications are not joined", "[cli][study]") {
  const StudyFiles files(two_by_two);
  CHECK(run_program(files.command("1.db", {"--shard", "1/2"})).exit_code == 0);
  CHECK(run_program(files.command("2.db", {"--shard", "2/2", "--replications", "20"})).exit_code == 0);
  const ProgramRun run = run_program({"study", "merge", files.path("1.db"), files.path("2.db"), "-o", files.path("m.db")});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("its designs get 20 replications, those of the others 10 replications"));
  CHECK_THAT(run_program({"study", "merge", files.path("1.db")}).err, ContainsSubstring("merge needs --output"));
}

TEST_CASE("study: values that say the same are refused, at the second", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n"
                                    "  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [75%, 60%, 0.75]}\n"
                                    "  rate: {path: fleets.shop.capacity_per_vcpu, values: ['1,000 requests/s', 1000 requests/s]}\n"
                                    "  same: {path: run.duration, values: [1d, 2d, 24h]}\n"
                                    "metrics: {cost: cost.total}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:5:76: error: parameter spot: 0.75 is 75% once more\n"
                                        "  help: leave one of them out: equal values are one design"));
  CHECK_THAT(run.err, ContainsSubstring("error: parameter rate: 1000 requests/s is 1,000 requests/s once more"));
  CHECK_THAT(run.err, ContainsSubstring("error: parameter same: 24h is 1d once more"));
}

TEST_CASE("study: a path that two parameters vary, or a parameter and a design or a world, is told at the second", "[cli][study]") {
  const std::string end = "metrics: {cost: cost.total}\nreplications: 2\n";
  const std::string spot = "  spot: {path: fleets.shop.groups.spot.max, values: [5, 9]}\n";
  const StudyFiles twice(study_text("parameters:\n" + spot + "  most: {paths: [fleets.shop.groups.rest.max, fleets.shop.groups.spot.max], values: [7, 8]}\n" + end));
  const ProgramRun run = run_program(twice.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("study.yaml:6:47: error: parameter most: fleets.shop.groups.spot.max is what parameter spot varies\n  help: "));
  CHECK(std::string_view(run.err).find("error:") == std::string_view(run.err).rfind("error:"));
  for (const std::string kind : {"design", "world"}) {
    const StudyFiles of_variant(study_text(kind + "s:\n  few: {set: {fleets.shop.groups.spot.max: 3}}\nparameters:\n" + spot + end));
    const ProgramRun refused = run_program(of_variant.command("s.db"));
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("study.yaml:5:"));
    CHECK_THAT(refused.err, ContainsSubstring("error: " + kind + " few: fleets.shop.groups.spot.max is what parameter spot varies\n"));
  }
}

TEST_CASE("study: a base may be written otherwise than its value", "[cli][study]") {
  const StudyFiles files(study_text("parameters:\n  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [60%, 75%], base: 0.75}\n"
                                    "metrics: {cost: cost.total}\nreplications: 2\nsensitivity: {method: tornado}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("75%") && ContainsSubstring("base"));
}

TEST_CASE("study: as many designs as are written count, and those that are equal are told", "[cli][study]") {
  // Between 9 and 900 there are 892 whole numbers.
  const auto levels = [](int count) {
    const std::string path = "fleets.shop.groups.";
    return study_text(fmt::format("parameters:\n  one: {{path: {0}spot.max, from: 9, to: 900, levels: {1}}}\n"
                                  "  two: {{path: {0}rest.max, from: 9, to: 900, levels: {1}}}\nmetrics: {{cost: cost.total}}\n", path, count));
  };
  const StudyFiles many(levels(1200));
  const ProgramRun asked = run_program(many.command("s.db"));
  CHECK(asked.exit_code == 2);
  CHECK_THAT(asked.err, ContainsSubstring("the study has 1,440,000 designs"));
  CHECK_THAT(asked.err, ContainsSubstring("study.yaml:5:70: warning: parameter one: between 9 and 900 there are no 1200 values, only 892\n"
                                          "  help: levels: 892 says the same"));
  // Of shares there are as many as are wanted: none is lost.
  const StudyFiles shares(study_text("parameters: {spot: {path: fleets.shop.groups.spot.scale_out_above, from: 60%, to: 75%, levels: 1200}}\n"
                                     "metrics: {cost: cost.total}\nreplications: 2\n"));
  const ProgramRun run = run_program(shares.command("s.db", {"--set", "run.duration=1h"}));
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, ContainsSubstring("1,200 designs of a small fleet") && ContainsSubstring("Listed are 20 of the 1,200 designs"));
}

TEST_CASE("study: points that rounding makes equal are told", "[cli][study]") {
  const StudyFiles files(study_text("parameters: {most: {path: fleets.shop.groups.spot.max, from: 9, to: 12}}\n"
                                    "design: {kind: latin_hypercube, points: 10}\nmetrics: {cost: cost.total}\nreplications: 2\n"));
  CHECK_THAT(run_program(files.command("s.db")).err,
             StartsWith("Note: of the 10 designs that the study asks for only 4 differ, for the values of\n  ranges are rounded.\n"));
}

TEST_CASE("study: a store that lacks some is told before they are run", "[cli][study]") {
  const StudyFiles files(two_by_two);
  std::vector<std::string> merge{"study", "merge", "-o", files.path("merged.db")};
  for (const int k : {1, 3}) {
    CHECK(run_program(files.command(fmt::format("{}.db", k), {"--shard", fmt::format("{}/4", k)})).exit_code == 0);
    merge.push_back(files.path(fmt::format("{}.db", k)));
  }
  CHECK(run_program(merge).exit_code == 1);
  const ProgramRun run = run_program(files.command("merged.db"));
  CHECK(run.exit_code == 0);
  std::string words = run.err;  // wrapped where it must be
  for (std::size_t at = 0; (at = words.find("\n  ")) != std::string::npos;) words.replace(at, 3, " ");
  CHECK_THAT(words, ContainsSubstring("merged.db has 20 of the 40 replications asked for (shares 2, 4 are not in it); the other 20 are run now."));
  CHECK(run_program(files.command("merged.db")).err.empty());
}

TEST_CASE("study: a picture is SVG, by its name too", "[cli][study]") {
  const StudyFiles files(two_by_two);
  const ProgramRun run = run_program(files.command("s.db", {"--picture", files.path("out.png")}));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("a picture is an SVG file") && ContainsSubstring("give it a name that ends in .svg"));
  CHECK_FALSE(std::filesystem::exists(files.path("s.db")));
}

TEST_CASE("a file of another kind is told, with the verb that takes it", "[cli][study]") {
  const StudyFiles files(two_by_two);
  const std::string suite = files.folder.write("suite.yaml", "fleetsim_suite: 1\nname: all\ncases: {a: {scenario: scenario.yaml}}\n");
  const auto told = [](const std::vector<std::string>& command, const std::string& sentence) {
    const ProgramRun run = run_program(command);
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, ContainsSubstring(sentence));
    CHECK(run.err.find("error: ") == run.err.rfind("error: "));
  };
  const std::string is_study = "study.yaml:1:17: error: this is a study, not a scenario\n  help: fleetsim study answers it";
  for (const char* verb : {"run", "explain", "advise", "validate"}) told({verb, files.file}, is_study);
  told({"compare", files.path("scenario.yaml"), files.file}, is_study);
  told({"study", files.path("scenario.yaml")}, "scenario.yaml:1:11: error: this is a scenario, not a study\n  help: fleetsim run, compare, explain");
  told({"run", suite}, "error: this is a suite of benchmarks, not a scenario\n  help: fleetsim bench runs it");
  told({"bench", files.file}, "error: this is a study, not a suite of benchmarks");
}

TEST_CASE("study: a first key that is missing or misspelt is told with the one that is meant", "[cli][study]") {
  std::string text = two_by_two;
  const StudyFiles none(text.substr(text.find('\n') + 1));
  CHECK_THAT(run_program(none.command("s.db")).err,
             ContainsSubstring("key 'fleetsim_study' is missing\n  help: add it, such as fleetsim_study: 1"));
  const StudyFiles wrong("fleetsim_studdy" + text.substr(text.find(':')));
  const ProgramRun run = run_program(wrong.command("s.db"));
  CHECK_THAT(run.err, ContainsSubstring("unknown key 'fleetsim_studdy'\n  help: a key with a similar name exists: fleetsim_study"));
  CHECK_THAT(run.err, ContainsSubstring("1 error"));
}

TEST_CASE("study: one mistake is one error, at its line", "[cli][study]") {
  const auto errors_of = [](const std::string& study, const std::string& scenario_text = small_scenario) {
    const StudyFiles files(study);
    files.folder.write("scenario.yaml", scenario_text);
    return run_program(files.command("s.db")).err;
  };
  // Of the scenario: told once, whatever the number of designs.
  std::string broken = small_scenario;
  broken.replace(broken.find("max: 9"), 6, "maxx: 9");
  const std::string of_scenario = errors_of(two_by_two, broken);
  CHECK_THAT(of_scenario, ContainsSubstring("scenario.yaml:19:") && ContainsSubstring("unknown key 'maxx'") && ContainsSubstring("1 error"));
  // A scenario that is not there: where the study names it.
  std::string absent = two_by_two;
  absent.replace(absent.find("scenario.yaml"), 13, "senario.yaml");
  CHECK_THAT(errors_of(absent), ContainsSubstring("study.yaml:3:11: error: ") && ContainsSubstring("1 error"));
  CHECK_THAT(errors_of(study_text("designs: {a: {}, b: {scenario: other.yaml}}\nmetrics: {cost: cost.total}\n")),
             ContainsSubstring("study.yaml:4:32: error: ") && ContainsSubstring("1 error"));
  // Metrics: the nearest, or those that end alike.
  const std::string metrics = errors_of(study_text("metrics: {cost: cost.totl}\n"));
  CHECK_THAT(metrics, ContainsSubstring("study.yaml:4:17: error: there is no metric 'cost.totl'\n  help: a metric with a similar name exists: cost.total"));
  CHECK_THAT(errors_of(study_text("metrics: {drops: drop_fraction}\n")),
             ContainsSubstring("help: metrics that end alike: fleet.shop.drop_fraction"));
  CHECK_THAT(errors_of(study_text("metrics: [cost.total]\n")), ContainsSubstring("study.yaml:4:10: error: metrics: a list") && ContainsSubstring("1 error"));
  CHECK_THAT(errors_of(study_text("metric: {cost: cost.total}\n")), ContainsSubstring("study.yaml:4:1: error: unknown key 'metric'") && ContainsSubstring("1 error"));
  // A path: at the path, however many values it gets; a value: at the value.
  CHECK_THAT(errors_of(two_by_two + "set: {run.duraton: 1d}\n"), ContainsSubstring("study.yaml:9:7: error: run.duraton: unknown key") && ContainsSubstring("1 error"));
  CHECK_THAT(errors_of(study_text("parameters: {a: {path: run.duraton, values: [1d, 2d, 3d]}}\nmetrics: {cost: cost.total}\n")),
             ContainsSubstring("study.yaml:4:24: error: run.duraton: unknown key") && ContainsSubstring("1 error"));
  CHECK_THAT(errors_of(study_text("parameters: {a: {path: run.duration, values: [1d, 2 kg, 3d]}}\nmetrics: {cost: cost.total}\n")),
             ContainsSubstring("study.yaml:4:51: error: run.duration: ") && ContainsSubstring("1 error"));
  const std::string names = errors_of(two_by_two + "frontier: [{metric: csot}, {metric: drops}]\nminimize: dropz\n");
  CHECK_THAT(names, ContainsSubstring("the study has no metric 'csot'\n  help: a metric with a similar name exists: cost") &&
                        ContainsSubstring("the study has no metric 'dropz'\n  help: a metric with a similar name exists: drops") &&
                        ContainsSubstring("2 errors"));
}

}  // namespace fleetsim::test
