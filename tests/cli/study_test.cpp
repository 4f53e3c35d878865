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
#include "cli/study_files.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"
#include "tools/cli/commands/share.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

TEST_CASE("study: runs the designs, answers, and answers again without running", "[cli][study]") {
  const StudyFiles files(two_by_two);
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
  const StudyFiles files(two_by_two + "objectives: [{metric: drops, below: 1%}]\nfrontier: [{metric: cost}, {metric: drops, statistic: p95}]\n"
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
    const StudyFiles long_names(study_text(study));
    CHECK(width_of(run_program(long_names.command("s.db")).out) <= 80);
  }
}

TEST_CASE("study: threads, shares and the order of merging cannot reach a byte of the result", "[cli][study]") {
  const StudyFiles files(two_by_two);
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
  const StudyFiles files(two_by_two + "until: {at_most: 60, precision: [{metric: cost, relative: 1%}]}\n");
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
  const StudyFiles files(two_by_two);
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
  const StudyFiles files(two_by_two);
  const ProgramRun run = run_on_terminal(files.command("s.db", {"--replications", "400", "--jobs", "1"}),
                                         {.environment = {}, .interrupt_at = "/1600 replications"});
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.out, ContainsSubstring("To go on:\n  fleetsim study " + files.file));
  CHECK_THAT(run.out, EndsWith("--replications 400 --jobs 1\n"));
  const std::string kept = run_program({"study", "export", files.path("s.db"), "--replications"}).out;
  const auto rows = std::count(kept.begin(), kept.end(), '\n') - 1;
  CHECK((rows > 0 && rows < 1600));
  CHECK(run_program(files.command("s.db", {"--replications", "400"})).exit_code == 0);
  CHECK(run_program(files.command("whole.db", {"--replications", "400"})).exit_code == 0);
  CHECK(files.exported("s.db") == files.exported("whole.db"));
}

TEST_CASE("study: KN finds the cheapest design, and an objective that no design meets exits with 1", "[cli][study]") {
  const std::string search = "search: {method: kn, indifference: 1 USD, first: 10, at_most: 400}\n";
  const StudyFiles files(four_designs + search);
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("has the least cost, or one that is larger by no more than"));
  const StudyFiles strict(four_designs + search + "objectives: [{metric: cost, below: 10 USD}]\n");
  const ProgramRun none = run_program(strict.command("s.db"));
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.out, ContainsSubstring("No design meets the objectives."));
  CHECK(run_program(files.command("t.db", {"--shard", "1/2"})).exit_code == 2);
}

TEST_CASE("study: a search that has not decided at its cap exits with 1", "[cli][study]") {
  // A tenth of a cent asks for more than ten replications can tell.
  const StudyFiles files(four_designs + "search: {method: kn, indifference: 0.001 USD, first: 10, at_most: 10}\n");
  const ProgramRun run = run_program(files.command("s.db"));
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("Not decided at this budget"));
  const auto json = nlohmann::json::parse(run_program(files.command("s.db", {"--format", "json"})).out);
  CHECK(json.at("search").at("probability").is_null());
}

TEST_CASE("study: the answer is in the file's order, whatever its store held before", "[cli][study]") {
  const auto study = [](const std::string& values, const std::string& end) {
    return study_text("parameters:\n  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [" + values + "]}\n"
                      "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\n" + end);
  };
  const std::string grid = "replications: 6\nobjectives: [{metric: cost, below: 1000 USD}]\n";
  const std::string search = "search: {method: kn, indifference: 0.001 USD, first: 6, at_most: 6}\n";
  const StudyFiles files(study("75%, 65%", grid));
  CHECK(run_program(files.command("s.db")).exit_code == 0);
  for (const std::string& question : {grid, search, grid + "frontier: [{metric: cost}, {metric: drops}]\n"}) {
    files.folder.write("study.yaml", study("60%, 65%, 75%", question));
    for (const std::string format : {"json", "csv"}) {
      const ProgramRun used = run_program(files.command("s.db", {"--format", format}));
      const ProgramRun fresh = run_program(files.command("fresh.db", {"--format", format}));
      CHECK(used.out == fresh.out);
      CHECK(used.exit_code == fresh.exit_code);
    }
    const auto designs = nlohmann::json::parse(run_program(files.command("s.db", {"--format", "json"})).out).at("designs");
    CHECK(designs.at(0).at("design") == "spot 60%");
    CHECK(!designs.at(0).at("metrics").at(0).contains("difference"));
    CHECK(designs.at(1).at("metrics").at(0).contains("difference"));
  }
}

TEST_CASE("study: a search at its cap names the cheapest that its table shows to meet the objectives", "[cli][study]") {
  const std::string start = study_text("designs:\n  sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n  spot: {}\n"
                                       "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\n");
  const StudyFiles files(start + "replications: 12\n");
  const auto measured = nlohmann::json::parse(run_program(files.command("s.db", {"--format", "json"})).out).at("designs");
  const auto cost = [&](std::size_t d) { return measured.at(d).at("metrics").at(0).at("mean").get<double>(); };
  REQUIRE(cost(1) < cost(0));
  // The bound lies a tenth beyond the end of Spot's interval at 95 %, where 2.5 % are left above. The search leaves an
  // eighth of 5 % to its own, for it halves the error between two steps, two designs and two tests: 2.98 standard errors
  // with 11 degrees of freedom, in place of 2.20.
  const auto estimate = measured.at(1).at("metrics").at(1).at("estimate");
  const double mean = estimate.at("mean"), high = estimate.at("ci95").at(1);
  REQUIRE(high > mean);
  files.folder.write("study.yaml", start + fmt::format("objectives: [{{metric: drops, below: {:.8f}%}}]\n", 100 * (mean + 1.1 * (high - mean))) +
                                     "search: {method: kn, indifference: 0.01 USD, first: 12, at_most: 12}\n");
  const ProgramRun run = run_program(files.command("s.db", {"--format", "json"}));
  CHECK(run.exit_code == 1);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json.at("search").at("end") == "not decided at this budget");
  CHECK(json.at("designs").at(1).at("objectives").at(0).at("met") == true);
  CHECK(json.at("designs").at(1).at("objectives").at(0).at("decided") == true);
  CHECK(json.at("search").at("best") == "spot");
  const std::string text = run_program(files.command("s.db")).out;
  CHECK_THAT(text, ContainsSubstring("Not decided at this budget; spot has the least cost so far"));
  CHECK_THAT(text, ContainsSubstring("1 of 2 meet the objectives and"));
}

TEST_CASE("study: what a surrogate search found by a mean that chance may have brought below the bound is not decided", "[cli][study]") {
  const std::string start = study_text("parameters: {spot: {path: fleets.shop.groups.spot.scale_out_above, from: 55%, to: 75%}}\n"
                                       "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 4\n"
                                       "search: {method: surrogate, points: 5, further_points: 0}\n");
  const StudyFiles files(start);
  const auto unbounded = nlohmann::json::parse(run_program(files.command("s.db", {"--format", "json"})).out);
  double drops = 0;
  for (const auto& design : unbounded.at("designs"))
    if (design.at("design") == unbounded.at("search").at("best")) drops = design.at("metrics").at(1).at("mean");
  REQUIRE(drops > 0);
  const auto with_bound = [&](double bound) {
    files.folder.write("study.yaml", start + fmt::format("objectives: [{{metric: drops, below: {:.8f}%}}]\n", 100 * bound));
    return run_program(files.command("s.db"));
  };
  // The cheapest of all is the cheapest of those that meet a bound just above its own mean.
  const ProgramRun open = with_bound(drops * 1.001);
  CHECK(open.exit_code == 1);
  CHECK_THAT(open.out, ContainsSubstring("\nNot decided: " + unbounded.at("search").at("best").get<std::string>() + " has the least cost"));
  CHECK_THAT(open.out, !ContainsSubstring("Found"));
  const ProgramRun plain = with_bound(0.9);
  CHECK(plain.exit_code == 0);
  CHECK_THAT(plain.out, ContainsSubstring("\nFound: " + unbounded.at("search").at("best").get<std::string>() + ", with the least cost"));
}

TEST_CASE("study: designs that are as cheap as the best are named beside it", "[cli][study]") {
  const StudyFiles files(study_text("designs:\n  dear: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n  one: {}\n"
                                    "  same: {set: {fleets.shop.groups.spot.max: 9}}\nmetrics: {cost: cost.total}\nreplications: 8\n"
                                    "objectives: [{metric: cost, below: 100000 USD}]\n"));
  CHECK_THAT(run_program(files.command("s.db")).out,
             ContainsSubstring(" so far. Not told apart from it: same.\n"));
}

TEST_CASE("study: while it is open whether the best design meets its objectives the choice is not decided", "[cli][study]") {
  const std::string worlds = study_text("designs:\n  spot: {}\n  sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n"
                                        "worlds: {here: {}}\nmetrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 8\n");
  const StudyFiles files(worlds);
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("The choice does not flip: spot is best in 1 of 1 worlds."));
  // The mean of what Spot drops is, of all bounds, the one that is least decided.
  const std::string json = run_program(files.command("s.db", {"--format", "json"})).out;
  const double drops = nlohmann::json::parse(json).at("designs").at(0).at("metrics").at(1).at("mean");
  REQUIRE(drops > 0);
  const StudyFiles open(worlds + fmt::format("objectives: [{{metric: drops, below: {:.6f}%}}]\n", 100.1 * drops));
  CHECK_THAT(run_program(open.command("s.db")).out, ContainsSubstring("In no world is the choice decided."));
  const StudyFiles none(worlds + "objectives: [{metric: cost, below: 0.01 USD}]\n");
  CHECK_THAT(run_program(none.command("s.db")).out, ContainsSubstring("In no world is the choice decided."));
}

TEST_CASE("study: Morris' effect over a list is the difference of its ends, and a base between levels adds none", "[cli][study]") {
  const std::string start = "parameters:\n  capacity: {path: fleets.shop.capacity_per_vcpu, ";
  const std::string end = "}\nmetrics: {cost: cost.total}\nreplications: 4\n";
  const StudyFiles ends(study_text(start + "values: [100 requests/s, 120 requests/s]" + end));
  const StudyFiles morris(study_text(start + "values: [100 requests/s, 120 requests/s]" + end + "sensitivity: {method: morris, trajectories: 4}\n"));
  const auto designs = nlohmann::json::parse(run_program(ends.command("s.db", {"--format", "json"})).out).at("designs");
  const auto effect = nlohmann::json::parse(run_program(morris.command("s.db", {"--format", "json"})).out).at("sensitivity").at(0).at("rows").at(0);
  const double difference = designs.at(1).at("metrics").at(0).at("mean").get<double>() - designs.at(0).at("metrics").at(0).at("mean").get<double>();
  REQUIRE(difference != 0);
  CHECK_THAT(effect.at("mu").get<double>(), Catch::Matchers::WithinRel(difference, 1e-9));
  const StudyFiles range(study_text(start + "from: 90 requests/s, to: 120 requests/s, levels: 2, base: 100 requests/s" + end));
  CHECK(nlohmann::json::parse(run_program(range.command("s.db", {"--format", "json"})).out).at("designs").size() == 2);
}

TEST_CASE("study: an objective in shares of a metric that is zero is not observed, and is no bug", "[cli][study]") {
  const StudyFiles files(study_text("designs: {sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}}\n"
                               "metrics: {cost: cost.total, spot: cost.spot}\nreplications: 2\n"
                               "objectives: [{metric: cost, relative_to: spot, below: 5}]\n"));
  CHECK(run_program(files.command("s.db")).exit_code == 1);
}

TEST_CASE("study: worlds, sensitivity, surrogates and pictures", "[cli][study]") {
  const std::string ranges = "parameters:\n"
                             "  spot: {path: fleets.shop.groups.spot.scale_out_above, from: 55%, to: 75%, levels: 3}\n"
                             "  most: {path: fleets.shop.groups.rest.max, from: 2, to: 9, levels: 3}\n"
                             "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 4\n";
  const StudyFiles worlds(study_text("designs:\n  spot: {}\n  sure: {set: {fleets.shop.groups.spot.purchase: on_demand}}\n"
                                "worlds:\n  rare: {}\n  open: {set: {spot_market.default.availability: '{always: true}'}}\n"
                                "metrics: {cost: cost.total}\nreplications: 8\n"));
  const ProgramRun robust = run_program(worlds.command("s.db"));
  CHECK(robust.exit_code == 0);
  CHECK_THAT(robust.out, ContainsSubstring("The choice does not flip: spot is best in 2 of 2 worlds."));
  const StudyFiles tornado(study_text(ranges + "sensitivity: {method: tornado}\n"));
  const ProgramRun bars = run_program(tornado.command("s.db", {"--picture", tornado.path("t.svg")}));
  CHECK(bars.exit_code == 0);
  CHECK_THAT(bars.out, ContainsSubstring("change of the mean as one parameter leaves its base"));
  std::ifstream picture(tornado.path("t.svg"));
  const std::string svg{std::istreambuf_iterator<char>(picture), {}};
  CHECK_THAT(svg, StartsWith("<svg xmlns") && EndsWith("</svg>\n"));
  for (const std::string method : {"morris, trajectories: 3", "sobol, base_points: 32"}) {
    const StudyFiles files(study_text(ranges + "sensitivity: {method: " + method + "}\n"));
    CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("moves cost most"));
  }
  const StudyFiles surrogate(study_text(ranges + "search: {method: surrogate, points: 5, further_points: 3}\n"));
  const ProgramRun searched = run_program(surrogate.command("s.db"));
  CHECK(searched.exit_code == 0);
  CHECK_THAT(searched.out, ContainsSubstring("A search over ranges"));
  const std::string before = surrogate.exported("s.db");
  CHECK(run_program(surrogate.command("s.db")).out == searched.out);
  CHECK(surrogate.exported("s.db") == before);
}

TEST_CASE("study: antithetic pairs and controls are reported with their gain", "[cli][study]") {
  const StudyFiles files(two_by_two + "variance_reduction: {antithetic_pairs: true, controls: [{metric: drops, mean: 0.01}]}\n");
  CHECK_THAT(run_program(files.command("s.db")).out, ContainsSubstring("Variance reduction: the interval of cost is that of "));
}

TEST_CASE("study: what is dearer in every replication is dominated beyond doubt, and what is equal but for chance is not", "[cli][study]") {
  const std::string metrics = "metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}\nreplications: 8\n"
                              "frontier: [{metric: cost}, {metric: drops}]\n";
  const auto decided = [](const StudyFiles& files) {
    std::vector<std::string> marks;
    const auto json = nlohmann::json::parse(run_program(files.command("s.db", {"--format", "json"})).out);
    for (const auto& design : json.at("designs"))
      marks.push_back(std::string(design.at("dominated_by").is_null() ? "frontier" : "dominated") +
                      (design.at("domination_decided").get<bool>() ? "" : "?"));
    return marks;
  };
  // Of a pair with common random numbers nothing differs; the dear one pays more for the same instances.
  const StudyFiles sure(study_text("designs:\n  plain: {}\n  twin: {}\n  dear: {set: {spot_market.default.price.discount: 30%}}\n" + metrics));
  CHECK(decided(sure) == std::vector<std::string>{"frontier", "frontier", "dominated"});
  // With random numbers of their own the twins differ by chance alone.
  const StudyFiles chance(study_text("designs:\n  plain: {}\n  twin: {}\nvariance_reduction: {common_random_numbers: false}\n" + metrics));
  for (const std::string& mark : decided(chance)) CHECK_THAT(mark, EndsWith("?"));
}

}  // namespace fleetsim::test
