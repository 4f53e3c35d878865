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

const std::string two_by_two = study_text(R"(parameters:
  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [60%, 75%]}
  rest: {path: fleets.shop.groups.rest.scale_out_above, values: [80%, 90%]}
metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}
replications: 10
)");

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

TEST_CASE("study: no line is wider than a terminal", "[cli][study]") {
  const Files files(two_by_two + "objectives: [{metric: drops, below: 1%}]\nfrontier: [{metric: cost}, {metric: drops, statistic: p95}]\n"
                                 "until: {at_most: 12, precision: [{metric: cost, relative: 0.01%}]}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  for (std::size_t at = 0, end = 0; (end = run.out.find('\n', at)) != std::string::npos; at = end + 1)
    CHECK(std::count_if(run.out.begin() + static_cast<std::ptrdiff_t>(at), run.out.begin() + static_cast<std::ptrdiff_t>(end),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) <= 80);
  CHECK_THAT(run.out, ContainsSubstring("Wanted: mean of cost within 0.01 %: not reached; farthest is "));
  CHECK_THAT(run.out, ContainsSubstring("replications would reach it"));
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
  std::vector<std::string> command = files.command("s.db", {"--replications", "3000", "--jobs", "1"});
  const ProgramRun run = run_on_terminal(command, {.environment = {}, .interrupt_at = "/12000 replications"});
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.out, ContainsSubstring("To go on:\n  fleetsim study " + files.file));
  CHECK_THAT(run.out, EndsWith("--replications 3000\n"));
  command = files.command("s.db");
  CHECK(run_program(command).exit_code == 0);
  CHECK(run_program(files.command("whole.db")).exit_code == 0);
  CHECK(run_program(command).out.substr(0, 200) == run_program(files.command("s.db")).out.substr(0, 200));
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

TEST_CASE("study: a folder that can't be written to is told before anything runs", "[cli][study]") {
  const Files files(two_by_two);
  const ProgramRun run = run_program({"study", files.file, "--store", "/proc/none/s.db"});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("cannot write to /proc/none/s.db: there is no folder /proc/none"));
}

TEST_CASE("study: KN finds the cheapest design, and an objective that no design meets exits with 1", "[cli][study]") {
  const std::string search = "search: {method: kn, indifference: 1 USD, first: 10, at_most: 400}\n";
  const Files files(two_by_two + search);
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("has the least cost, with probability 95 % or more (KN)."));
  const Files strict(two_by_two + search + "objectives: [{metric: cost, below: 10 USD}]\n");
  const ProgramRun none = run_program(strict.command("s.db"));
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.out, ContainsSubstring("No design meets the objectives."));
  CHECK(run_program(files.command("t.db", {"--shard", "1/2"})).exit_code == 2);
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
  for (const std::string method : {"morris, trajectories: 3", "sobol, base_points: 8"}) {
    const Files files(study_text(ranges + "sensitivity: {method: " + method + "}\n"));
    CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("moves cost most."));
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
