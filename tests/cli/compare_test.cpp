/// The verb compare: scenarios side by side, with paired differences.

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "cli/program.hpp"
#include "cli/sample_result.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "tools/cli/output/comparison.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

/// A run of four replications with these costs and shares dropped. Student's quantile for three degrees of freedom is
/// 3.182, so values d - 1, d - 1, d + 1, d + 1 have the half-width 3.182 x 1.1547 / 2 = 1.837.
cli::ComparedRun run_of(const std::string& file, std::vector<double> costs, std::vector<double> drops) {
  cli::ComparedRun run{file, {}, {}};
  run.result.scenario = "scenario of " + file;
  run.result.version = "1.2.3";
  run.result.seed = 7;
  run.result.replications = run.result.replications_wanted = costs.size();
  run.result.groups = {{"web", "all", "spot", "us-east-1a"}};
  const auto metric_of = [](const char* name, const char* unit, std::vector<double> values) {
    const Summary summary = summarize(values);
    Metric m;
    m.name = name;
    m.unit = unit;
    m.mean = summary.mean;
    if (summary.ci95) {
      m.ci95_low = summary.ci95->low;
      m.ci95_high = summary.ci95->high;
    }
    m.n = summary.n;
    m.values = std::move(values);
    return m;
  };
  run.result.metrics = {metric_of("cost.total", "USD", std::move(costs)),
                        metric_of("fleet.web.drop_fraction", "1", std::move(drops))};
  return run;
}

std::string verdict(std::vector<double> base, std::vector<double> other) {
  const std::vector<double> none(base.size(), 0);
  const cli::Comparison comparison{{run_of("a", std::move(base), none), run_of("b", std::move(other), none)}};
  return cli::compare(comparison).at(0).values.at(1).verdict;
}

}  // namespace

TEST_CASE("compare: a whole table", "[cli][table]") {
  const cli::Comparison comparison{
      {run_of("some/base.yaml", {250, 250, 250, 250}, {0, 0, 0, 0}),
       run_of("some/dearer.yaml", {299, 299, 301, 301}, {0.24, 0.24, 0.26, 0.26}),
       run_of("some/a-scenario-with-a-long-name-about-many-things.yaml", {249, 252, 247, 253}, {0, 0, 0, 0})}};
  CHECK(cli::comparison_table(comparison, {}) == R"(base and 2 alternatives
4 replications of each, with the same random numbers; seed 7. Differences are to
base, replication by replication, so that what chance does to both cancels.
Here ± is half of a 95 % confidence interval.

dearer is dearer by 19.3 to 20.7 %.
Whether a-scenario-with-a-long-name-about-many-things is cheaper is not decided.

Cost, USD
                             mean         difference
base                       250.00  ± 0
dearer                      300.0  ± 1.8       +50.0  ± 1.8  19.3 to 20.7 % more
a-scenario-with-a-long-name-about-many-things
                            250.2  ± 4.4        +0.2  ± 4.4  not decided
Not decided at this budget for a-scenario-with-a-long-name-about-many-things:
about 1,300 more replications would decide if the difference is as observed.

Fleet web: requests dropped, %
                                        mean         difference
base                                       0  ± 0
dearer                                  25.0  ± 1.8       +25.0  ± 1.8  more
a-scenario-with-a-long-name-about-many-things
                                           0  ± 0             0  ± 0    the same
)");
}

TEST_CASE("compare: the verdict gives the interval of the change in percent of the base's mean", "[cli][table]") {
  // The differences 49, 49, 51, 51 have the interval 50 -+ 1.837, which is 19.3 to 20.7 % of 250.
  CHECK(verdict({250, 250, 250, 250}, {299, 299, 301, 301}) == "19.3 to 20.7 % more");
  CHECK(verdict({250, 250, 250, 250}, {201, 201, 199, 199}) == "19.3 to 20.7 % less");
  CHECK(verdict({100, 200, 300, 400}, {120, 240, 360, 480}) == "20 % more");
  // 50 more in each, of a base whose mean is hardly known: that it is more is sure, by what share is not.
  CHECK(verdict({-100, 200, 300, 600}, {-50, 250, 350, 650}) == "more");
}

TEST_CASE("compare: a higher confidence decides less", "[cli][table]") {
  // The differences 1, 1, 3, 3 have the mean 2 and the standard error 0.577; t(3) is 3.182 at 95 % and 5.841 at 99 %.
  const std::vector<double> none(4, 0);
  cli::Comparison comparison{{run_of("a", {250, 250, 250, 250}, none), run_of("b", {251, 251, 253, 253}, none)}};
  CHECK(cli::compare(comparison).at(0).values.at(1).verdict == "0.1 to 1.5 % more");
  CHECK(cli::is_decided(comparison.runs, {"cost.total"}, 0.95));
  comparison.confidence = 0.99;
  CHECK(cli::compare(comparison).at(0).values.at(1).verdict == "not decided");
  CHECK_FALSE(cli::is_decided(comparison.runs, {"cost.total"}, 0.99));
  CHECK(cli::is_decided(comparison.runs, {"fleet.web.drop_fraction"}, 0.99));
  CHECK_THAT(cli::comparison_table(comparison, {}),
             ContainsSubstring("half of a 95 % confidence interval, of differences of one of 99 %.\n"));
}

TEST_CASE("compare: a verdict of one of several looks is as sure as all of them together", "[cli][table]") {
  const std::vector<double> none(4, 0);
  cli::Comparison comparison{{run_of("a", {250, 250, 250, 250}, none), run_of("b", {299, 299, 301, 301}, none)}};
  CHECK_THAT(cli::comparison_table(comparison, {}), !ContainsSubstring("sure"));
  comparison.confidence = 0.99;
  CHECK_THAT(cli::comparison_table(comparison, {}), ContainsSubstring(" % (99 % sure).\n"));
  // Five looks that each err one time in a hundred err at most five times in a hundred together.
  comparison.looks = 5;
  const std::string table = cli::comparison_table(comparison, {});
  CHECK_THAT(table, ContainsSubstring(" % (95 % sure over all 5 looks).\n"));
  CHECK_THAT(table, ContainsSubstring("half of a 95 % confidence interval, of differences of one of 99 %.\n"));
}

TEST_CASE("compare: what the replications can't tell is not decided", "[cli][table]") {
  CHECK(verdict({100, 200, 300, 400}, {99, 199, 301, 401}) == "not decided");
  CHECK(verdict({100}, {200}) == "not decided");
}

TEST_CASE("compare: what would decide it is told, and beyond any budget it is not", "[cli][table]") {
  // The differences -1, -1, 1, 3 have the mean 0.5 and the half-width 3.182 x 1.915 / 2 = 3.05: 4 x 6.09^2 = 149
  // replications are needed, 145 more.
  const std::vector<double> none(4, 0);
  cli::Comparison comparison{{run_of("a", {100, 200, 300, 400}, none), run_of("b", {99, 199, 301, 403}, none)}};
  CHECK(cli::compare(comparison).at(0).values.at(1).more_to_decide == 150U);
  comparison.runs[1] = run_of("b", {99, 199, 301, 401}, none);
  CHECK_FALSE(cli::compare(comparison).at(0).values.at(1).more_to_decide);
}

TEST_CASE("compare: expectations and objectives decide the exit code", "[cli][table]") {
  const std::vector<double> none(4, 0);
  cli::Comparison comparison{{run_of("a", {100, 200, 300, 400}, none), run_of("b", {51, 151, 249, 349}, none)}};
  std::string problem;
  const auto less = cli::parse_expectation("cost.total=less", problem), more = cli::parse_expectation("cost.total=more", problem);
  REQUIRE((less && more));
  CHECK(cli::unmet(comparison, {*less}).empty());
  CHECK(cli::unmet(comparison, {*more}) == std::vector<std::string>{"b: cost.total is not more than that of a."});
  CHECK(cli::unmet(comparison, {{"fleet.web.drop_fraction", true}}) ==
        std::vector<std::string>{"b: fleet.web.drop_fraction is not less than that of a as far as this budget can tell."});
  CHECK_FALSE(cli::parse_expectation("cost.total", problem));
  CHECK(problem == "'cost.total' is no expectation; write a metric and less or more, such as cost.total=less");
  ObjectiveResult missed;
  missed.name = "cost.total below 5 USD";
  comparison.runs[1].result.objectives = {missed};
  CHECK(cli::unmet(comparison, {}) == std::vector<std::string>{"b misses its objective: cost.total below 5 USD."});
}

TEST_CASE("compare: scenarios that agree in each replication are the same", "[cli][table]") {
  CHECK(verdict({100, 200, 300, 400}, {100, 200, 300, 400}) == "the same");
}

TEST_CASE("compare: a metric that one of the scenarios lacks is left out", "[cli][property]") {
  std::vector<cli::ComparedRun> runs{run_of("a", {1, 2}, {0, 0}), run_of("b", {1, 2}, {0, 0})};
  CHECK(cli::compare({runs}).size() == 2);
  runs[1].result.metrics.pop_back();
  CHECK(cli::compare({runs}).size() == 1);
}

TEST_CASE("compare: files of one name are told apart by their folders", "[cli][table]") {
  const std::string table = cli::comparison_table({{run_of("a/x.yaml", {1, 2}, {0, 0}), run_of("b/x.yaml", {1, 2}, {0, 0})}}, {});
  CHECK_THAT(table, ContainsSubstring("\na/x.yaml "));
  CHECK_THAT(table, ContainsSubstring("\nb/x.yaml "));
}

TEST_CASE("compare: scenarios of different length get a warning", "[cli][table]") {
  std::vector<cli::ComparedRun> runs{run_of("a", {1, 2}, {0, 0}), run_of("b", {1, 2}, {0, 0})};
  CHECK_THAT(cli::comparison_table({runs}, {}), !ContainsSubstring("Warning"));
  runs[1].result.duration = 1_h;
  CHECK_THAT(cli::comparison_table({runs}, {}), ContainsSubstring("Warning: b is measured over 1 hour, a over 0 seconds: their totals"));
}

TEST_CASE("compare: unlike demand, settings and fleets are told in the table and in JSON", "[cli][table]") {
  std::vector<cli::ComparedRun> runs{run_of("a", {1, 2}, {0, 0}), run_of("b", {1, 2}, {0, 0})};
  for (cli::ComparedRun& run : runs) {
    Metric offered;
    offered.name = "fleet.web.requests_offered";
    offered.mean = run.file == "a" ? 1000 : 1150;
    run.result.metrics.push_back(offered);
  }
  runs[1].own_settings = "seed 3";
  runs[1].result.groups.push_back({"api", "all", "spot", "us-east-1a"});
  const std::vector<std::string> warnings{"b is offered 15 % more requests than a.",
                                          "b asks for seed 3; here it runs as a does.",
                                          "b has fleet api: only fleets of one name are compared."};
  CHECK(cli::comparison_warnings(runs) == warnings);
  for (const std::string& warning : warnings) {
    CHECK_THAT(cli::comparison_table({runs}, {}), ContainsSubstring("Warning: " + warning + "\n"));
    CHECK_THAT(cli::comparison_json({runs}), ContainsSubstring("    \"" + warning + "\""));
  }
}

TEST_CASE("compare: a whole result in CSV", "[cli][table]") {
  std::vector<cli::ComparedRun> runs{run_of("a", {1}, {0}), run_of("c", {1.5}, {0})};
  for (cli::ComparedRun& run : runs) run.result.metrics.pop_back();
  CHECK(cli::comparison_csv({runs}) ==
        "metric,unit,file,mean,ci95_low,ci95_high,n,difference,difference_low,difference_high,change,change_low,change_high,"
        "verdict,confidence\n"
        "cost.total,USD,a,1,,,1,,,,,,,,\n"
        "cost.total,USD,c,1.5,,,1,0.5,,,0.5,,,not decided,0.95\n");
}

TEST_CASE("compare: a whole result in JSON", "[cli][table]") {
  std::vector<cli::ComparedRun> runs{run_of("a", {1}, {0}), run_of("b", {1}, {0}), run_of("c", {1.5}, {0})};
  for (cli::ComparedRun& run : runs) run.result.metrics.pop_back();
  CHECK(cli::comparison_json({runs}) == R"({
  "fleetsim": "1.2.3",
  "seed": 7,
  "replications": 1,
  "confidence": 0.95,
  "scenarios": [
    {"file":"a","scenario":"scenario of a","fingerprint":"0000000000000000"},
    {"file":"b","scenario":"scenario of b","fingerprint":"0000000000000000"},
    {"file":"c","scenario":"scenario of c","fingerprint":"0000000000000000"}
  ],
  "metrics": [
    {"metric":"cost.total","unit":"USD","file":"a","mean":1.0,"ci95":null,"n":1},
    {"metric":"cost.total","unit":"USD","file":"b","mean":1.0,"ci95":null,"n":1,"difference":{"mean":0.0,"interval":null,"n":1,"variance_reduction":null},"change":{"mean":0.0,"interval":null},"verdict":"the same"},
    {"metric":"cost.total","unit":"USD","file":"c","mean":1.5,"ci95":null,"n":1,"difference":{"mean":0.5,"interval":null,"n":1,"variance_reduction":null},"change":{"mean":0.5,"interval":null},"verdict":"not decided"}
  ],
  "warnings": [],
  "unmet": []
}
)");
}

namespace {

/// Two m5.large (four vCPUs) at 100 requests/s each serve at most 95 % of 400 requests/s.
std::string scenario(const TemporaryFolder& folder, const std::string& name, const std::string& rate) {
  return folder.write(name, "fleetsim: 1\nname: two instances\n"
                            "run: {start: 2026-01-05T00:00:00Z, duration: 1h, seed: 3, replications: 2}\n"
                            "regions:\n  us-east-1: {zones: [us-east-1a]}\n"
                            "demand:\n  web: {constant: " + rate + " requests/s}\n"
                            "fleets:\n  shop:\n    serves: web\n    instance_types: [m5.large]\n"
                            "    capacity_per_vcpu: 100 requests/s\n    expected_instances: 2\n    groups:\n"
                            "      - {name: all, purchase: on_demand, zones: [us-east-1a], min: 2, max: 2}\n");
}

}  // namespace

TEST_CASE("compare: runs the files it is given and says what differs", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "200"), b = scenario(folder, "b.yaml", "760");
  const ProgramRun run = run_program({"compare", a, b, a, "--seed", "5"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, StartsWith("a and 2 alternatives\n2 replications of each, with the same random numbers; seed 5. "));
  // The instances are the same, and so is the cost.
  CHECK_THAT(run.out, ContainsSubstring("Cost, USD\n         mean       difference\n"
                                        "a      0.1920  ± 0\n"
                                        "b      0.1920  ± 0           0  ± 0  the same\n"
                                        "a (2)  0.1920  ± 0           0  ± 0  the same\n"));
}

TEST_CASE("compare: until it is decided replications double, and each look gets its part of the error", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "200"), b = scenario(folder, "b.yaml", "200");
  const auto compare = [&](const std::string& replications, const std::vector<std::string>& more) {
    std::vector<std::string> command{"compare", a, b, "--format", "json", "--set", "run.replications=" + replications};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command).out;
  };
  // Nothing differs, which two replications tell; 2, 4, 8 and 16 would have been four looks.
  CHECK_THAT(compare("2", {"--until-decided", "16"}), ContainsSubstring("\"replications\": 2,\n  \"confidence\": 0.9875,\n"));
  // One replication has no interval, so that it takes two to tell that four instances cost more.
  std::ifstream file(b);
  std::string four{std::istreambuf_iterator<char>(file), {}};
  four.replace(four.find("min: 2, max: 2"), 14, "min: 4, max: 4");
  folder.write("a.yaml", four);
  CHECK_THAT(compare("1", {"--until-decided", "4"}), ContainsSubstring("\"replications\": 2,\n  \"confidence\": 0.98"));
  CHECK_THAT(compare("1", {}), ContainsSubstring("\"replications\": 1,\n  \"confidence\": 0.95,\n"));
  CHECK_THAT(compare("2", {"--confidence", "99%"}), ContainsSubstring("\"confidence\": 0.99,\n"));
}

TEST_CASE("compare: a budget below the replications that run anyway is told", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "200"), b = scenario(folder, "b.yaml", "760");
  const auto said = [&](const std::string& at_most, const std::vector<std::string>& more) {
    std::vector<std::string> command{"compare", a, b, "--until-decided", at_most};
    command.insert(command.end(), more.begin(), more.end());
    const ProgramRun run = run_program(command);
    CHECK(run.exit_code == 0);
    return run.err;
  };
  CHECK_THAT(said("2", {"--replications", "3"}),
             StartsWith("Note: --until-decided 2 is less than the 3 replications that") && ContainsSubstring("--replications"));
  CHECK_THAT(said("2", {"--set", "run.replications=3"}), StartsWith("Note: --until-decided 2 is less than the 3 replications that"));
  CHECK(said("3", {"--replications", "3"}).empty());
  CHECK(said("2", {"--replications", "3", "--quiet"}).empty());
}

TEST_CASE("compare: an expected metric that is not there is an error before the run", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "300");
  const ProgramRun run = run_program({"compare", a, a, "--expect", "cost.totl=less", "-q"});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, ContainsSubstring("has no metric 'cost.totl'; a metric with a similar name exists: cost.total\n"));
}

TEST_CASE("compare: the answer says what is not as expected, also when nothing else is said", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "300"), b = scenario(folder, "b.yaml", "300");
  const std::vector<std::string> command{"compare", a, b, "--expect", "cost.total=less", "-q"};
  const ProgramRun run = run_program(command);
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("\nUnmet: b: cost.total is not less than that of a"));
  std::vector<std::string> json = command;
  json.insert(json.end(), {"--format", "json"});
  CHECK_THAT(run_program(json).out, ContainsSubstring("\"unmet\": [\n    \"b: cost.total is not less than that of a"));
}

TEST_CASE("compare: a difference below what is shown gets no verdict", "[cli][table]") {
  // 1.3e-8 % and 2.0e-8 % of requests dropped.
  const std::vector<double> costs(4, 1);
  const cli::Comparison comparison{{run_of("a", costs, {2.0e-10, 2.1e-10, 2.0e-10, 2.1e-10}),
                                    run_of("b", costs, {1.3e-10, 1.4e-10, 1.3e-10, 1.4e-10})}};
  CHECK(cli::compare(comparison).at(1).values.at(1).verdict == "less");
  CHECK_THAT(cli::comparison_table(comparison, {}), ContainsSubstring("too small to show\n"));
  CHECK_THAT(cli::comparison_table(comparison, {}), !ContainsSubstring("0.000000 "));
}

TEST_CASE("compare: an error in any of the files stops it, and all files are checked", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string good = scenario(folder, "good.yaml", "300"), bad = scenario(folder, "bad.yaml", "300 kg");
  const ProgramRun run = run_program({"compare", bad, good, folder.path() / "none.yaml"});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, ContainsSubstring("bad.yaml: 1 error; nothing was run"));
  CHECK_THAT(run.err, ContainsSubstring("none.yaml: 1 error; nothing was run"));
}

TEST_CASE("compare: the format follows the ending of the output's name", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string a = scenario(folder, "a.yaml", "300");
  const std::string json = folder.path() / "result.json";
  CHECK(run_program({"compare", a, a, "-o", json}).exit_code == 0);
  const ProgramRun again = run_program({"compare", a, a, "--format", "json"});
  CHECK_THAT(again.out, StartsWith("{\n  \"fleetsim\": "));
}

}  // namespace fleetsim::test
