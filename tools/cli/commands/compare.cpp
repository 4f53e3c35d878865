#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/commands/simulate.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/comparison.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

namespace {

/// "seed 3 and 5 replications", as far as the base asks for something else and the command line for nothing.
std::string own_settings(const Scenario& scenario, const Scenario& base, const CompareArguments& arguments) {
  std::string words;
  if (!arguments.seed && scenario.seed() != base.seed()) words = fmt::format("seed {}", scenario.seed());
  if (!arguments.replications && scenario.replications() != base.replications()) {
    words += (words.empty() ? "" : " and ") + counted(static_cast<double>(scenario.replications()), "replication");
  }
  return words;
}

/// Whether every scenario has the metrics; prints an error for each that is nowhere or not in all.
bool check_metrics(const std::vector<Expectation>& expectations, const std::vector<Scenario>& scenarios,
                   const CompareArguments& arguments, const TextStyle& style) {
  bool all = true;
  if (expectations.empty()) return all;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const std::vector<std::string> names = metric_names(scenarios[i]);
    for (const Expectation& expectation : expectations) {
      if (std::binary_search(names.begin(), names.end(), expectation.metric)) continue;
      const std::string help = config::name_help("metric", expectation.metric, names);
      print_error(fmt::format("--expect: {} has no metric '{}'; {}", arguments.scenarios[i], expectation.metric,
                              help.empty() ? "`fleetsim run --format json` lists all there are" : help),
                  style);
      all = false;
    }
  }
  return all;
}

/// The numbers of replications after which it is asked whether all is decided, each twice the one before. Every question
/// gets an equal part of the error allowed (Bonferroni), so that asking often does not decide what is not so.
std::vector<std::uint64_t> looks_of(std::uint64_t first, std::uint64_t at_most) {
  std::vector<std::uint64_t> looks{first};
  while (looks.back() < at_most) looks.push_back(std::min(2 * looks.back(), at_most));
  return looks;
}

}  // namespace

ExitCode compare_scenarios(const CompareArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  std::vector<Expectation> expectations;
  for (const std::string& text : arguments.expectations) {
    std::string problem;
    const std::optional<Expectation> expectation = parse_expectation(text, problem);
    if (!expectation) {
      print_error(problem, style);
      return ExitCode::wrong_input;
    }
    expectations.push_back(*expectation);
  }
  std::vector<Scenario> scenarios;
  std::vector<std::string> files;
  for (const std::string& path : arguments.scenarios) {
    const LoadedScenario loaded = load_scenario(path, arguments.sets);
    print_diagnostics(loaded.diagnostics, style, !common.quiet);
    files.insert(files.end(), loaded.files.begin(), loaded.files.end());
    if (loaded.scenario) {
      scenarios.push_back(*loaded.scenario);
    } else if (!common.quiet) {
      say(fmt::format("{}: {}; nothing was run\n", path, count_errors(loaded.diagnostics)));
    }
  }
  const std::string reason = obstacle(common.output, files);
  if (!reason.empty()) print_error(reason, style);
  if (scenarios.size() < arguments.scenarios.size() || !reason.empty()) return ExitCode::wrong_input;

  if (!check_metrics(expectations, scenarios, arguments, style)) return ExitCode::wrong_input;

  // Common random numbers: the base's seed and replications are everyone's.
  RunOptions options = options_of(arguments);
  options.seed = arguments.seed.value_or(scenarios.front().seed());
  const std::uint64_t first = arguments.replications.value_or(scenarios.front().replications());
  std::vector<std::string> decisive;
  for (const Expectation& expectation : expectations) decisive.push_back(expectation.metric);
  if (decisive.empty()) decisive = {"cost.total"};
  const std::vector<std::uint64_t> looks = looks_of(first, arguments.at_most.value_or(first));
  if (arguments.at_most && *arguments.at_most < first && !common.quiet) {
    say(wrapped(fmt::format("Note: --until-decided {} is less than the {} that {}; all of these run.", *arguments.at_most,
                            counted(static_cast<double>(first), "replication"),
                            arguments.replications ? "--replications asks for" : arguments.scenarios.front() + " asks for")) + "\n");
  }
  Comparison comparison{.runs = {},
                        .confidence = 1 - (1 - arguments.confidence) / static_cast<double>(looks.size()),
                        .looks = looks.size()};
  for (const std::uint64_t replications : looks) {
    options.replications = replications;
    comparison.runs.clear();
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      comparison.runs.push_back({arguments.scenarios[i], run_watched(scenarios[i], options, common.quiet),
                                 own_settings(scenarios[i], scenarios.front(), arguments)});
      const RunResult& result = comparison.runs.back().result;
      if (result.replications < result.replications_wanted) {
        print_error("interrupted before all scenarios were finished; there is nothing to compare", style);
        return ExitCode::interrupted;
      }
    }
    if (is_decided(comparison.runs, decisive, comparison.confidence)) break;
  }
  comparison.unmet = unmet(comparison, expectations);
  TextStyle out_style = common.style(STDOUT_FILENO);
  if (common.output) out_style.color = false;
  const Format format = arguments.format_for(common.output);
  switch (format) {
    case Format::json: write(common.output, comparison_json(comparison)); break;
    case Format::csv: write(common.output, comparison_csv(comparison)); break;
    case Format::html:  // not offered
    case Format::table: write(common.output, comparison_table(comparison, out_style)); break;
  }
  const bool on_screen = format == Format::table && !common.output;
  if (!common.quiet && !on_screen) {
    for (const std::string& sentence : comparison.unmet) say(wrapped(sentence) + "\n");
  }
  return comparison.unmet.empty() ? ExitCode::done : ExitCode::missed;
}

}  // namespace fleetsim::cli
