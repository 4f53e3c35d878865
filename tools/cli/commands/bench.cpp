#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "fleetsim/version.hpp"
#include "tools/cli/bench/judge.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/bench.hpp"
#include "tools/cli/progress_bar.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

namespace {

struct Inputs {
  bench::Suite suite;
  bench::Baseline baseline;
  std::vector<Scenario> scenarios;  // by case
  std::vector<std::string> files;
};

/// What to know of a baseline that was made elsewhere, in sentences.
std::vector<std::string> notes_on(const bench::Report& report, bench::Elsewhere elsewhere) {
  if (elsewhere.other_build) {
    return {fmt::format("The baseline is of another build, {}; this is {}. Results are judged, speed and instructions are "
                        "only told.",
                        report.baseline_build, report.build)};
  }
  if (elsewhere.other_processor) {
    return {fmt::format("The baseline is of another processor, {}; this is {}. Speed is judged as a ratio to the "
                        "calibration loop, but caches weigh differently on the two; instructions are only told.",
                        report.baseline_processor, report.processor)};
  }
  return {};
}

/// Whether two names are known and differ.
bool differ(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; }

/// The suite, its scenarios and its baseline; empty if one of them is wrong, with all that is wrong in `diagnostics`.
std::optional<Inputs> read(const BenchArguments& arguments, std::vector<config::Diagnostic>& diagnostics) {
  Inputs inputs;
  config::Diagnostics found;
  const std::optional<bench::Suite> suite = bench::read_suite(arguments.suite, found);
  if (suite) {
    inputs.suite = *suite;
    if (std::filesystem::exists(suite->baseline)) {
      const std::optional<bench::Baseline> baseline = bench::read_baseline(suite->baseline, found);
      if (baseline) inputs.baseline = *baseline;
    } else if (!arguments.update) {
      found.error({.file = arguments.suite}, fmt::format("the baseline '{}' is not there", suite->baseline),
                  "make it with --update");
    }
  }
  diagnostics = found.sorted();
  inputs.files = {arguments.suite};
  if (!suite) return std::nullopt;
  for (const bench::Case& c : suite->cases) {
    LoadedScenario loaded = load_scenario(c.scenario.value, c.sets);
    diagnostics.insert(diagnostics.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
    inputs.files.insert(inputs.files.end(), loaded.files.begin(), loaded.files.end());
    if (loaded.scenario) inputs.scenarios.push_back(*loaded.scenario);
  }
  if (found.has_errors() || inputs.scenarios.size() < suite->cases.size()) return std::nullopt;
  return inputs;
}

std::vector<bench::Measured> measure_all(const Inputs& inputs, int rounds, const BenchArguments& arguments,
                                         bool quiet) {
  ProgressBar bar(!quiet && is_terminal(STDERR_FILENO));
  std::vector<bench::Measured> measured;
  std::uint64_t done = 0, total = 0;
  for (std::size_t i = 0; i < inputs.suite.cases.size(); ++i) {
    total += inputs.suite.cases[i].replications.value_or(inputs.scenarios[i].replications()) *
             static_cast<std::uint64_t>(rounds);
  }
  for (std::size_t i = 0; i < inputs.suite.cases.size(); ++i) {
    const bench::Case& c = inputs.suite.cases[i];
    const Scenario& scenario = inputs.scenarios[i];
    const std::uint64_t seed = c.seed.value_or(scenario.seed());
    const std::uint64_t replications = c.replications.value_or(scenario.replications());
    measured.push_back(
        bench::measure(scenario, seed, replications, rounds, [&] { bar.show(std::min(++done, total), total); }));
    if (arguments.callgrind) {
      measured.back().instructions = bench::callgrind_instructions(c.scenario.value, c.sets, seed, replications);
      measured.back().counted_by = measured.back().instructions ? "callgrind" : "";
    }
  }
  return measured;
}

}  // namespace

ExitCode run_bench(const BenchArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  std::vector<config::Diagnostic> diagnostics;
  const std::optional<Inputs> inputs = read(arguments, diagnostics);
  print_diagnostics(diagnostics, style, !common.quiet);
  if (!inputs) {
    if (!common.quiet) say(fmt::format("{}; nothing was run\n", count_errors(diagnostics)));
    return ExitCode::wrong_input;
  }
  for (const Destination& destination : {common.output, arguments.json, arguments.junit}) {
    std::vector<std::string> files = inputs->files;
    files.push_back(inputs->suite.baseline);
    const std::string reason = obstacle(destination, files);
    if (reason.empty()) continue;
    print_error(reason, style);
    return ExitCode::wrong_input;
  }
  if (const std::string reason = arguments.update ? obstacle(inputs->suite.baseline, inputs->files) : "";
      !reason.empty()) {
    print_error(reason, style);
    return ExitCode::wrong_input;
  }

  if (arguments.callgrind && !bench::has_callgrind()) {
    print_error("--callgrind counts with valgrind, which is not installed", style);
    return ExitCode::wrong_input;
  }

  const bench::Suite& suite = inputs->suite;
  const int rounds = arguments.rounds.value_or(arguments.with_speed ? suite.rounds : 1);
  const std::vector<bench::Measured> measured = measure_all(*inputs, rounds, arguments, common.quiet);

  bench::Report report{.suite = suite.name,
                       .baseline = suite.baseline,
                       .baseline_version = inputs->baseline.version,
                       .baseline_build = inputs->baseline.build,
                       .baseline_processor = inputs->baseline.processor,
                       .build = std::string(build),
                       .processor = bench::processor_name(),
                       .rounds = rounds,
                       .calibration_seconds = bench::calibration_seconds(),
                       .slower_allowed = suite.slower_allowed,
                       .instructions_allowed = suite.instructions_allowed,
                       .verdicts = {},
                       .left_over = bench::left_over(suite, inputs->baseline),
                       .notes = {}};
  const bench::Elsewhere elsewhere{.other_build = differ(report.baseline_build, report.build),
                                   .other_processor = differ(report.baseline_processor, report.processor)};
  if (!arguments.update && (arguments.with_speed || arguments.callgrind)) report.notes = notes_on(report, elsewhere);
  bench::Baseline renewed{
      .version = std::string(version), .build = report.build, .processor = report.processor, .cases = {}};
  bool counted = true, were_counted = false;
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const bench::Case& c = suite.cases[i];
    const auto recorded = inputs->baseline.cases.find(c.name);
    report.verdicts.push_back(bench::judge(suite, c, measured[i],
                                           recorded == inputs->baseline.cases.end() ? nullptr : &recorded->second,
                                           arguments.with_speed, elsewhere));
    renewed.cases[c.name] = bench::to_record(c, measured[i]);
    counted = counted && measured[i].instructions;
    were_counted = were_counted || (recorded != inputs->baseline.cases.end() && recorded->second.instructions > 0);
  }
  if (!counted) {
    report.notes.push_back(arguments.callgrind ? "Instructions of some case were not counted: valgrind failed."
                                               : "Instructions were not counted: this machine lets no program read its "
                                                 "counters. --callgrind counts them, some fifty times slower.");
    if (arguments.update && were_counted) report.notes.push_back("The former baseline had them.");
  }
  if (arguments.update) {
    write(suite.baseline, to_json(renewed));
    report.renewed = true;
  }
  TextStyle table_style = common.style(STDOUT_FILENO);
  if (common.output) table_style.color = false;
  write(common.output, to_table(report, table_style));
  if (arguments.json) write(arguments.json, to_json(report));
  if (arguments.junit) write(arguments.junit, to_junit(report));
  if (arguments.update) return ExitCode::done;
  return report.regressed() ? ExitCode::missed : ExitCode::done;
}

}  // namespace fleetsim::cli
