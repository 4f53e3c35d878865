#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "fleetsim/version.hpp"
#include "tools/cli/bench/judge.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/interrupt.hpp"
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

/// A tolerance of a metric that the scenario does not report would never allow anything.
void check_tolerances(const bench::Case& c, const Scenario& scenario, config::Diagnostics& diagnostics) {
  if (c.tolerances.empty()) return;
  const std::vector<std::string> names = metric_names(scenario);
  for (const bench::MetricTolerance& own : c.tolerances) {
    const std::string& metric = own.metric.value;
    if (std::find(names.begin(), names.end(), metric) != names.end()) continue;
    const std::string help = config::name_help("metric", metric, names);
    diagnostics.error(own.metric.where, fmt::format("cases.{}.tolerances: the scenario has no metric '{}'", c.name, metric),
                      help.empty() ? "fleetsim run FILE --format csv lists its metrics" : help);
  }
}

/// The suite, its scenarios and its baseline; empty if one of them is wrong, with all that is wrong in `diagnostics`.
std::optional<Inputs> read(const BenchArguments& arguments, std::vector<config::Diagnostic>& diagnostics) {
  Inputs inputs;
  config::Diagnostics found;
  const std::optional<bench::Suite> suite = bench::read_suite(arguments.suite, found);
  if (suite) {
    inputs.suite = *suite;
    const auto& [file, where] = suite->baseline;
    if (std::filesystem::exists(file)) {
      const std::optional<bench::Baseline> baseline = bench::read_baseline(file, found);
      if (baseline) inputs.baseline = *baseline;
    } else if (!arguments.update) {
      found.error(where, fmt::format("the baseline '{}' is not there", file), "make it with --update");
    }
  }
  diagnostics = found.sorted();
  inputs.files = {arguments.suite};
  if (!suite) return std::nullopt;
  bool wrong = found.has_errors();
  for (const bench::Case& c : suite->cases) {
    LoadedScenario loaded = load_scenario(c.scenario.value, c.sets);
    diagnostics.insert(diagnostics.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
    inputs.files.insert(inputs.files.end(), loaded.files.begin(), loaded.files.end());
    if (!loaded.scenario) continue;
    config::Diagnostics unknown;
    check_tolerances(c, *loaded.scenario, unknown);
    for (const config::Diagnostic& one : unknown.sorted()) diagnostics.push_back(one);
    wrong = wrong || unknown.has_errors();
    inputs.scenarios.push_back(*loaded.scenario);
  }
  if (wrong || inputs.scenarios.size() < suite->cases.size()) return std::nullopt;
  return inputs;
}

/// Null if the baseline does not have the case.
const bench::Recorded* recorded_of(const Inputs& inputs, const bench::Case& c) {
  const auto found = inputs.baseline.cases.find(c.name);
  return found == inputs.baseline.cases.end() ? nullptr : &found->second;
}

/// Empty if the user interrupted it.
std::optional<std::vector<bench::Measured>> measure_all(const Inputs& inputs, int rounds, const BenchArguments& arguments,
                                                        bench::Elsewhere elsewhere, bool quiet) {
  const InterruptGuard interrupt;
  ProgressBar bar(!quiet && is_terminal(STDERR_FILENO));
  std::vector<bench::Measured> measured;
  const bench::Suite& suite = inputs.suite;
  std::vector<bench::MeasureOptions> all(suite.cases.size());
  std::uint64_t done = 0, total = 0;
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const bench::Case& c = suite.cases[i];
    const Scenario& scenario = inputs.scenarios[i];
    bench::MeasureOptions& options = all[i];
    options.seed = c.seed.value_or(scenario.seed());
    options.replications = c.replications.value_or(scenario.replications());
    options.rounds = rounds;
    options.with_speed = arguments.with_speed;
    const bench::Recorded* recorded = recorded_of(inputs, c);
    const bool compared = recorded != nullptr && recorded->seed == options.seed &&
                          recorded->replications == options.replications;
    // A baseline is compared with again and again, so it is made of as many rounds as a doubtful case.
    options.settled = [&suite, &arguments, elsewhere, recorded, compared](double loops) {
      return !arguments.update && !(compared && bench::is_slower(suite, loops, *recorded, elsewhere));
    };
    options.go_on = [&] {
      total = std::max(total, ++done);
      if (!interrupt.requested()) bar.show(done, total);
      return !interrupt.requested();
    };
    total += options.replications * static_cast<std::uint64_t>(rounds);
  }
  if (arguments.update && arguments.with_speed) total *= bench::most_rounds_factor;
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const bench::Case& c = suite.cases[i];
    measured.push_back(bench::measure(inputs.scenarios[i], all[i]));
    if (arguments.callgrind && !interrupt.requested()) {
      measured.back().instructions =
          bench::callgrind_instructions(c.scenario.value, c.sets, all[i].seed, all[i].replications,
                                        [&interrupt] { return !interrupt.requested(); });
      measured.back().counted_by = measured.back().instructions ? "callgrind" : "";
    }
    if (interrupt.requested()) return std::nullopt;
  }
  return measured;
}

/// Why not all that is asked for can be written; empty if nothing speaks against it.
std::string obstacle_of(const Inputs& inputs, const BenchArguments& arguments, const CommonArguments& common) {
  const std::string& baseline = inputs.suite.baseline.value;
  std::vector<Destination> written{common.output};
  for (const Destination& file : {arguments.json, arguments.junit}) {
    if (file) written.push_back(file);
  }
  std::vector<std::string> read = inputs.files;
  read.push_back(baseline);
  for (const Destination& destination : written) {
    if (const std::string reason = obstacle(destination, read); !reason.empty()) return reason;
  }
  if (arguments.update) {
    written.push_back(baseline);
    if (const std::string reason = obstacle(baseline, inputs.files); !reason.empty()) return reason;
  }
  return collision(written);
}

/// The names of the cases for which `holds`, in quotes; empty if there is none.
template <class Holds>
std::string cases_where(const bench::Suite& suite, const Holds& holds) {
  std::string names;
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    if (holds(i)) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", suite.cases[i].name);
  }
  return names;
}

/// What the verdicts alone do not tell, in sentences.
std::vector<std::string> notes_on_cases(const Inputs& inputs, const BenchArguments& arguments,
                                        const std::vector<bench::Measured>& measured,
                                        const std::vector<bench::Verdict>& verdicts) {
  const bench::Suite& suite = inputs.suite;
  std::vector<std::string> notes;
  const std::string other = cases_where(suite, [&](std::size_t i) { return verdicts[i].other_tolerances; });
  if (!arguments.update && !other.empty()) {
    notes.push_back(fmt::format("The suite's tolerances of {} are not those that the baseline was made with, which are "
                                "judged by until --update.", other));
  }
  const auto recorded = [&](std::size_t i) { return recorded_of(inputs, suite.cases[i]); };
  if (const std::string without = cases_where(suite, [&](std::size_t i) { return recorded(i) && !recorded(i)->loops; });
      !arguments.update && arguments.with_speed && !without.empty()) {
    notes.push_back(fmt::format("The baseline has no speed of {}, for it was made with --no-speed.", without));
  }
  if (const std::string lost = cases_where(suite, [&](std::size_t i) { return recorded(i) && recorded(i)->loops; });
      arguments.update && !arguments.with_speed && !lost.empty()) {
    notes.push_back(fmt::format("The former baseline had the speed of {}; with --no-speed this one has none.", lost));
  }
  const std::string uncounted = cases_where(suite, [&](std::size_t i) { return !measured[i].instructions; });
  if (uncounted.empty() || !(arguments.with_speed || arguments.callgrind)) return notes;
  notes.push_back(arguments.callgrind ? fmt::format("Instructions of {} were not counted: valgrind failed.", uncounted)
                                      : "Instructions were not counted: this machine lets no program read its "
                                        "counters. --callgrind counts them, some fifty times slower.");
  const std::string lost =
      cases_where(suite, [&](std::size_t i) { return recorded(i) && recorded(i)->instructions > 0; });
  if (arguments.update && !lost.empty()) notes.push_back("The former baseline had them.");
  return notes;
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
  if (const std::string reason = obstacle_of(*inputs, arguments, common); !reason.empty()) {
    print_error(reason, style);
    return ExitCode::wrong_input;
  }
  if (arguments.callgrind && !bench::has_callgrind()) {
    print_error("--callgrind counts with valgrind, which is not installed", style);
    return ExitCode::wrong_input;
  }

  const bench::Suite& suite = inputs->suite;
  bench::Report report{.suite = suite.name,
                       .baseline = suite.baseline.value,
                       .baseline_version = inputs->baseline.version,
                       .baseline_build = inputs->baseline.build,
                       .baseline_processor = inputs->baseline.processor,
                       .build = std::string(build),
                       .processor = bench::processor_name(),
                       .ended_at = {},
                       .rounds = arguments.rounds.value_or(arguments.with_speed ? suite.rounds : 1),
                       .calibration_seconds = 0,
                       .slower_allowed = suite.slower_allowed,
                       .instructions_allowed = suite.instructions_allowed,
                       .verdicts = {},
                       .left_over = bench::left_over(suite, inputs->baseline),
                       .notes = {},
                       .renewed = arguments.update};
  const bench::Elsewhere elsewhere{.other_build = differ(report.baseline_build, report.build),
                                   .other_processor = differ(report.baseline_processor, report.processor)};
  const auto measured = measure_all(*inputs, report.rounds, arguments, elsewhere, common.quiet);
  if (!measured) {
    print_error("interrupted before all cases were measured; nothing is judged and nothing written", style);
    return ExitCode::interrupted;
  }
  report.ended_at = fmt::format("{:%FT%T}", fmt::gmtime(std::time(nullptr)));
  bench::Baseline renewed{
      .version = std::string(version), .build = report.build, .processor = report.processor, .cases = {}};
  for (std::size_t i = 0; i < suite.cases.size(); ++i) {
    const bench::Case& c = suite.cases[i];
    const bench::Measured& of_case = (*measured)[i];
    report.verdicts.push_back(bench::judge(suite, c, of_case, recorded_of(*inputs, c), elsewhere));
    renewed.cases[c.name] = bench::to_record(c, of_case);
    const bool first = report.calibration_seconds == 0;
    report.calibration_seconds =
        first ? of_case.calibration_seconds : std::min(report.calibration_seconds, of_case.calibration_seconds);
  }
  if (!arguments.update && (arguments.with_speed || arguments.callgrind)) report.notes = notes_on(report, elsewhere);
  for (std::string& note : notes_on_cases(*inputs, arguments, *measured, report.verdicts)) {
    report.notes.push_back(std::move(note));
  }
  if (arguments.update) write(suite.baseline.value, to_json(renewed));
  TextStyle table_style = common.style(STDOUT_FILENO);
  if (common.output) table_style.color = false;
  write(common.output, to_table(report, table_style));
  if (arguments.json) write(arguments.json, to_json(report));
  if (arguments.junit) write(arguments.junit, to_junit(report));
  const bool counted = std::all_of(measured->begin(), measured->end(),
                                   [](const bench::Measured& one) { return one.instructions.has_value(); });
  if (arguments.callgrind && !counted) return ExitCode::failed;
  return report.regressed() ? ExitCode::missed : ExitCode::done;
}

}  // namespace fleetsim::cli
