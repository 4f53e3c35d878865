/// The verb study, as users run it: answers, interruptions, shares, exports and what is wrong.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"
#include "tools/cli/commands/share.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

/// Two instances whose demand changes by chance, six hours of them: a replication takes about a millisecond.
const char* const scenario = R"(fleetsim: 1
name: a small fleet
run: {start: 2026-01-05T00:00:00Z, duration: 2d, seed: 3, replications: 4}
regions:
  us-east-1: {zones: [us-east-1a]}
demand:
  web: {constant: 600 requests/s}
spot_market:
  default:
    availability: {on_off: {up: {exponential: {mean: 3h}}, down: {exponential: {mean: 30m}}}}
    price: {discount: 65%}
fleets:
  shop:
    serves: web
    instance_types: [m5.large]
    capacity_per_vcpu: 100 requests/s
    expected_instances: 4
    groups:
      - {name: spot, purchase: spot, zones: [us-east-1a], scale_out_above: 70%, scale_in_below: 40%, max: 9, initial: 4}
      - {name: rest, purchase: on_demand, zones: [us-east-1a], scale_out_above: 85%, max: 9}
)";

std::string study_text(const std::string& rest) {
  return "fleetsim_study: 1\nname: thresholds\nscenario: scenario.yaml\n" + rest;
}

const std::string four_designs = study_text(R"(parameters:
  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [60%, 75%]}
  rest: {path: fleets.shop.groups.rest.scale_out_above, values: [80%, 90%]}
metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}
)");
const std::string two_by_two = four_designs + "replications: 10\n";

struct Files {
  explicit Files(const std::string& study) {
    folder.write("scenario.yaml", scenario);
    file = folder.write("study.yaml", study);
  }
  std::string path(const std::string& name) const { return folder.path() / name; }
  std::vector<std::string> command(const std::string& store, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"study", file, "--store", path(store)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  /// Every digit of what the store holds.
  std::string exported(const std::string& store) const {
    const ProgramRun run = run_program({"study", "export", path(store), "--replications"});
    CHECK(run.exit_code == 0);
    return run.out + run_program({"study", "export", path(store), "--format", "json"}).out;
  }
  TemporaryFolder folder = TemporaryFolder::in_memory();
  std::string file;
};

}  // namespace

TEST_CASE("study: runs the designs, answers, and answers again without running", "[cli][study]") {
  const Files files(two_by_two);
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, StartsWith("thresholds\n4 designs of a small fleet, 10 replications each; seed 3."));
  CHECK_THAT(run.out, ContainsSubstring("\n60%, 80% "));
  CHECK_THAT(run.out, ContainsSubstring("difference to the first design, replication by replication\n60%, 90%"));
  const std::string before = files.exported("s.db");
  const ProgramRun again = run_program(files.command("s.db"));
  CHECK(again.out == run.out);
  CHECK(files.exported("s.db") == before);
}

namespace {

/// The columns of the widest line.
std::ptrdiff_t width_of(const std::string& text) {
  std::ptrdiff_t widest = 0;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    widest = std::max(widest, std::count_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
                                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return widest;
}

}  // namespace

TEST_CASE("study: no line is wider than a terminal", "[cli][study]") {
  const Files files(two_by_two + "objectives: [{metric: drops, below: 1%}]\nfrontier: [{metric: cost}, {metric: drops, statistic: p95}]\n"
                                 "until: {at_most: 12, precision: [{metric: cost, relative: 0.01%}]}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(width_of(run.out) <= 80);
  CHECK_THAT(run.out, ContainsSubstring("Wanted: mean of cost within 0.01 %: not reached; farthest is "));
  CHECK_THAT(run.out, ContainsSubstring("replications would reach it"));
  const std::string start = "parameters:\n  utilization_above_which_the_group_of_spot_instances_grows: "
                            "{path: fleets.shop.groups.spot.scale_out_above, values: [60%, 75%]}\n"
                            "metrics:\n  cost_of_the_whole_fleet_with_its_transfer_and_its_volumes: cost.total\n"
                            "  share_of_the_requests_that_the_fleet_could_not_answer: fleet.shop.drop_fraction\nreplications: 4\n";
  const std::string tornado = start + "sensitivity: {method: tornado}\n";
  for (const std::string& study : {start, tornado}) {
    const Files long_names(study_text(study));
    CHECK(width_of(run_program(long_names.command("s.db")).out) <= 80);
  }
}

TEST_CASE("study: threads, shares and the order of merging cannot reach a byte of the result", "[cli][study]") {
  const Files files(two_by_two);
  CHECK(run_program(files.command("one.db", {"--jobs", "1"})).exit_code == 0);
  CHECK(run_program(files.command("many.db", {"--jobs", "4"})).exit_code == 0);
  const std::string expected = files.exported("one.db");
  CHECK(files.exported("many.db") == expected);
  for (const int count : {2, 7}) {
    std::vector<std::string> merge{"study", "merge", "-o", files.path(fmt::format("merged-{}.db", count))};
    for (int k = count; k >= 1; --k) {
      const std::string store = fmt::format("{}-of-{}.db", k, count);
      CHECK(run_program(files.command(store, {"--shard", fmt::format("{}/{}", k, count)})).exit_code == 0);
      merge.push_back(files.path(store));
    }
    CHECK(run_program(merge).exit_code == 0);
    CHECK(run_program(merge).exit_code == 0);
    CHECK(files.exported(fmt::format("merged-{}.db", count)) == expected);
    // The merged store answers the study without running anything, as the whole one does.
    const ProgramRun answer = run_program(files.command(fmt::format("merged-{}.db", count), {"--format", "csv"}));
    CHECK(answer.out == run_program(files.command("one.db", {"--format", "csv"})).out);
  }
}

TEST_CASE("study: shares of a study with wanted precision come to the same replications", "[cli][study]") {
  const Files files(two_by_two + "until: {at_most: 60, precision: [{metric: cost, relative: 1%}]}\n");
  CHECK(run_program(files.command("one.db")).exit_code == 0);
  std::vector<std::string> merge{"study", "merge", "-o", files.path("merged.db")};
  for (int k = 1; k <= 3; ++k) {
    const std::string store = fmt::format("{}-of-3.db", k);
    CHECK(run_program(files.command(store, {"--shard", fmt::format("{}/3", k)})).exit_code == 0);
    merge.push_back(files.path(store));
  }
  CHECK(run_program(merge).exit_code == 0);
  CHECK(files.exported("merged.db") == files.exported("one.db"));
}

TEST_CASE("study: the share is read from the variables of the batch system", "[cli][study]") {
  const Files files(two_by_two);
  const ProgramRun run = run_program(files.command("s.db"), {.environment = {"AWS_BATCH_JOB_ARRAY_INDEX=1", "AWS_BATCH_JOB_ARRAY_SIZE=4"}});
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, StartsWith("Share 2 of 4 is complete: 10 replications in "));
  const ProgramRun merged = run_program({"study", "merge", files.path("s.db"), "-o", files.path("m.db")});
  CHECK(merged.exit_code == 1);
  CHECK_THAT(merged.err, ContainsSubstring("shares are missing: 1, 3, 4"));
}

TEST_CASE("study: shares of arrays", "[cli][study]") {
  using Variables = std::map<std::string, std::string>;
  const auto share = [](const Variables& variables) {
    std::string problem;
    const auto found = cli::share_of_environment(
        [&](const char* name) { return variables.contains(name) ? variables.at(name) : ""; }, problem);
    return found ? fmt::format("{}/{}", found->number, found->count) : problem;
  };
  CHECK(share({}) == "1/1");
  CHECK(share({{"SLURM_ARRAY_TASK_ID", "1"}, {"SLURM_ARRAY_TASK_MIN", "1"}, {"SLURM_ARRAY_TASK_COUNT", "7"}}) == "1/7");
  CHECK(share({{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_MIN", "0"}, {"SLURM_ARRAY_TASK_COUNT", "7"}}) == "1/7");
  CHECK(share({{"SLURM_ARRAY_TASK_ID", "6"}, {"SLURM_ARRAY_TASK_MIN", "2"}, {"SLURM_ARRAY_TASK_STEP", "2"}, {"SLURM_ARRAY_TASK_COUNT", "3"}}) == "3/3");
  CHECK(share({{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "2"}}) == "1/2");
  CHECK(share({{"JOB_COMPLETION_INDEX", "4"}, {"JOB_COMPLETIONS", "5"}}) == "5/5");
  CHECK(share({{"JOB_COMPLETION_INDEX", "5"}, {"JOB_COMPLETIONS", "5"}}) == "JOB_COMPLETION_INDEX=5 is no task of 5; give --shard K/N");
  CHECK_THAT(share({{"JOB_COMPLETION_INDEX", "4"}}), ContainsSubstring("JOB_COMPLETIONS is not"));
}

TEST_CASE("study: Ctrl-C commits what is in flight, says how to go on, and the rest follows", "[cli][study]") {
  const Files files(two_by_two);
  const ProgramRun run = run_on_terminal(files.command("s.db", {"--replications", "400", "--jobs", "1"}),
                                         {.environment = {}, .interrupt_at = "/1600 replications"});
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.out, ContainsSubstring("To go on:\n  fleetsim study " + files.file));
  CHECK_THAT(run.out, EndsWith("--replications 400\n"));
  const std::string kept = run_program({"study", "export", files.path("s.db"), "--replications"}).out;
  const auto rows = std::count(kept.begin(), kept.end(), '\n') - 1;
  CHECK((rows > 0 && rows < 1600));
  CHECK(run_program(files.command("s.db", {"--replications", "400"})).exit_code == 0);
  CHECK(run_program(files.command("whole.db", {"--replications", "400"})).exit_code == 0);
  CHECK(files.exported("s.db") == files.exported("whole.db"));
}

TEST_CASE("study: a path that is not there is told with the nearest, at its line, before anything runs", "[cli][study]") {
  const Files files(study_text("parameters:\n"
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
  const Files files(study_text("parameters:\n"
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
  const Files files(study_text("metrics: {cost: cost.total, Cost: cost.spot, cost_p95: cost.on_demand}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("metrics cost and Cost would have columns of one name"));
  CHECK_THAT(run.err, ContainsSubstring("metrics cost and cost_p95 would have columns of one name"));
}

TEST_CASE("study: a search whose cap lies below its first replications is told", "[cli][study]") {
  const Files files(four_designs + "search: {indifference: 1 USD, first: 20, at_most: 10}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("at_most, 10, is below the replications before anything is decided, 20"));
}

TEST_CASE("study: more than a million designs are asked about", "[cli][study]") {
  const Files files(study_text("parameters:\n"
                               "  one: {path: fleets.shop.groups.spot.max, from: 9, to: 9000, levels: 2000}\n"
                               "  two: {path: fleets.shop.groups.rest.max, from: 9, to: 9000, levels: 2000}\n"
                               "metrics: {cost: cost.total}\n"));
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("the study has 4,000,000 designs\n  help: take fewer values"));
  CHECK_FALSE(std::filesystem::exists(files.path("s.db")));
}

TEST_CASE("study: a changed scenario is refused, a changed question is not", "[cli][study]") {
  const Files files(two_by_two);
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("study.yaml", two_by_two + "frontier: [{metric: cost}, {metric: drops}]\n");
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  files.folder.write("scenario.yaml", std::string(scenario) + "# changed\n");
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
  const Files files(designs("12", ""));
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
  files.folder.write("second.yaml", scenario);
  other = designs("12", "");
  other.replace(other.find("scenario.yaml"), 13, "second.yaml");
  files.folder.write("study.yaml", other);
  CHECK_THAT(run_program(files.command("s.db")).err, ContainsSubstring("the scenario was scenario.yaml, now it is second.yaml"));
}

TEST_CASE("study: a folder that can't be written to is told before anything runs", "[cli][study]") {
  const Files files(two_by_two);
  const ProgramRun run = run_program({"study", files.file, "--store", "/proc/none/s.db"});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("cannot write to /proc/none/s.db: there is no folder /proc/none"));
}

TEST_CASE("study: KN finds the cheapest design, and an objective that no design meets exits with 1", "[cli][study]") {
  const std::string search = "search: {method: kn, indifference: 1 USD, first: 10, at_most: 400}\n";
  const Files files(four_designs + search);
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("has the least cost, or one that is larger by no more than"));
  const Files strict(four_designs + search + "objectives: [{metric: cost, below: 10 USD}]\n");
  const ProgramRun none = run_program(strict.command("s.db"));
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.out, ContainsSubstring("No design meets the objectives."));
  CHECK(run_program(files.command("t.db", {"--shard", "1/2"})).exit_code == 2);
}

TEST_CASE("study: a search that has not decided at its cap exits with 1", "[cli][study]") {
  // A tenth of a cent asks for more than ten replications can tell.
  const Files files(four_designs + "search: {method: kn, indifference: 0.001 USD, first: 10, at_most: 10}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("Not decided at this budget"));
}

TEST_CASE("study: what a search does not heed is told", "[cli][study]") {
  const Files files(two_by_two + "search: {method: kn, indifference: 1 USD, points: 3}\n"
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
  const Files plain(four_designs + "search: {method: kn, indifference: 1 USD}\n");
  CHECK(run_program(plain.command("s.db", {"--replications", "5"})).exit_code == 2);
}

TEST_CASE("study: while it is open whether the best design meets its objectives the choice is not decided", "[cli][study]") {
  const std::string worlds = study_text("designs:\n  spot: {}\n  sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n"
                                        "worlds: {here: {}}\nmetrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 8\n");
  const Files files(worlds);
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("The choice does not flip: spot is best in 1 of 1 worlds."));
  // The mean of what Spot drops is, of all bounds, the one that is least decided.
  const std::string json = run_program(files.command("s.db", {"--format", "json"})).out;
  const double drops = nlohmann::json::parse(json).at("designs").at(0).at("metrics").at(1).at("mean");
  REQUIRE(drops > 0);
  const Files open(worlds + fmt::format("objectives: [{{metric: drops, below: {:.6f}%}}]\n", 100.1 * drops));
  CHECK_THAT(run_program(open.command("s.db")).out, ContainsSubstring("In no world is the choice decided."));
  const Files none(worlds + "objectives: [{metric: cost, below: 0.01 USD}]\n");
  CHECK_THAT(run_program(none.command("s.db")).out, ContainsSubstring("In no world is the choice decided."));
}

TEST_CASE("study: Morris' effect over a list is the difference of its ends, and a base between levels adds none", "[cli][study]") {
  const std::string start = "parameters:\n  capacity: {path: fleets.shop.capacity_per_vcpu, ";
  const std::string end = "}\nmetrics: {cost: cost.total}\nreplications: 4\n";
  const Files ends(study_text(start + "values: [100 requests/s, 120 requests/s]" + end));
  const Files morris(study_text(start + "values: [100 requests/s, 120 requests/s]" + end + "sensitivity: {method: morris, trajectories: 4}\n"));
  const auto designs = nlohmann::json::parse(run_program(ends.command("s.db", {"--format", "json"})).out).at("designs");
  const auto effect = nlohmann::json::parse(run_program(morris.command("s.db", {"--format", "json"})).out).at("sensitivity").at(0).at("rows").at(0);
  const double difference = designs.at(1).at("metrics").at(0).at("mean").get<double>() - designs.at(0).at("metrics").at(0).at("mean").get<double>();
  REQUIRE(difference != 0);
  CHECK_THAT(effect.at("mu").get<double>(), Catch::Matchers::WithinRel(difference, 1e-9));
  const Files range(study_text(start + "from: 90 requests/s, to: 120 requests/s, levels: 2, base: 100 requests/s" + end));
  CHECK(nlohmann::json::parse(run_program(range.command("s.db", {"--format", "json"})).out).at("designs").size() == 2);
}

TEST_CASE("study: a control whose mean is not what was said gets a warning", "[cli][study]") {
  const auto controlled = [](const std::string& mean) {
    return two_by_two + "variance_reduction: {controls: [{metric: drops, mean: " + mean + "}]}\n";
  };
  const Files wrong(controlled("0.9"));
  CHECK_THAT(run_program(wrong.command("s.db")).out, ContainsSubstring("Warning: what was measured of the control drops lies far from the mean"));
  const std::string json = run_program(wrong.command("s.db", {"--format", "json"})).out;
  const double drops = nlohmann::json::parse(json).at("designs").at(0).at("metrics").at(1).at("mean");
  const Files right(study_text("metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 10\nset: "
                               "{fleets.shop.groups.spot.scale_out_above: 60%, fleets.shop.groups.rest.scale_out_above: 80%}\n"
                               "variance_reduction: {controls: [{metric: drops, mean: " + fmt::format("{:.9f}", drops) + "}]}\n"));
  CHECK_THAT(run_program(right.command("s.db")).out, !ContainsSubstring("Warning: what was measured"));
}

TEST_CASE("study: an objective in shares of a metric that is zero is not observed, and is no bug", "[cli][study]") {
  const Files files(study_text("designs: {sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}}\n"
                               "metrics: {cost: cost.total, spot: cost.spot}\nreplications: 2\n"
                               "objectives: [{metric: cost, relative_to: spot, below: 5}]\n"));
  CHECK(run_program(files.command("s.db")).exit_code == 1);
}

TEST_CASE("study: designs of different length get a warning", "[cli][study]") {
  const Files files(study_text("parameters: {length: {path: run.duration, values: [1d, 2d]}}\nmetrics: {cost: cost.total}\nreplications: 2\n"));
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("Warning: designs are measured over different times"));
}

TEST_CASE("study: shares that were asked for another number of replications are not joined", "[cli][study]") {
  const Files files(two_by_two);
  CHECK(run_program(files.command("1.db", {"--shard", "1/2"})).exit_code == 0);
  CHECK(run_program(files.command("2.db", {"--shard", "2/2", "--replications", "20"})).exit_code == 0);
  const ProgramRun run = run_program({"study", "merge", files.path("1.db"), files.path("2.db"), "-o", files.path("m.db")});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("its designs get 20 replications, those of the others 10 replications"));
  CHECK_THAT(run_program({"study", "merge", files.path("1.db")}).err, ContainsSubstring("merge needs --output"));
}

TEST_CASE("study: worlds, sensitivity, surrogates and pictures", "[cli][study]") {
  const std::string ranges = "parameters:\n"
                             "  spot: {path: fleets.shop.groups.spot.scale_out_above, from: 55%, to: 75%, levels: 3}\n"
                             "  most: {path: fleets.shop.groups.rest.max, from: 2, to: 9, levels: 3}\n"
                             "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 4\n";
  const Files worlds(study_text("designs:\n  spot: {}\n  sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n"
                                "worlds:\n  rare: {}\n  open: {set: {spot_market.default.availability: '{always: true}'}}\n"
                                "metrics: {cost: cost.total}\nreplications: 8\n"));
  const ProgramRun robust = run_program(worlds.command("s.db"));
  CHECK(robust.exit_code == 0);
  CHECK_THAT(robust.out, ContainsSubstring("The choice does not flip: spot is best in 2 of 2 worlds."));
  const Files tornado(study_text(ranges + "sensitivity: {method: tornado}\n"));
  const ProgramRun bars = run_program(tornado.command("s.db", {"--picture", tornado.path("t.svg")}));
  CHECK(bars.exit_code == 0);
  CHECK_THAT(bars.out, ContainsSubstring("change of the mean as each goes from its base"));
  std::ifstream picture(tornado.path("t.svg"));
  const std::string svg{std::istreambuf_iterator<char>(picture), {}};
  CHECK_THAT(svg, StartsWith("<svg xmlns") && EndsWith("</svg>\n"));
  for (const std::string method : {"morris, trajectories: 3", "sobol, base_points: 32"}) {
    const Files files(study_text(ranges + "sensitivity: {method: " + method + "}\n"));
    CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("moves cost most"));
  }
  const Files surrogate(study_text(ranges + "search: {method: surrogate, points: 5, further_points: 3}\n"));
  const ProgramRun searched = run_program(surrogate.command("s.db"));
  CHECK(searched.exit_code == 0);
  CHECK_THAT(searched.out, ContainsSubstring("A search over ranges"));
  const std::string before = surrogate.exported("s.db");
  CHECK(run_program(surrogate.command("s.db")).out == searched.out);
  CHECK(surrogate.exported("s.db") == before);
}

TEST_CASE("study: antithetic pairs and controls are reported with their gain", "[cli][study]") {
  const Files files(two_by_two + "variance_reduction: {antithetic_pairs: true, controls: [{metric: drops, mean: 0.01}]}\n");
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("Variance reduction: the interval of cost is that of "));
}

}  // namespace fleetsim::test
