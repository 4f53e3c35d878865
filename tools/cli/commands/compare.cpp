#include <unistd.h>

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

  // Common random numbers: the base's seed and replications are everyone's.
  RunOptions options = options_of(arguments);
  options.seed = arguments.seed.value_or(scenarios.front().seed());
  options.replications = arguments.replications.value_or(scenarios.front().replications());
  std::vector<ComparedRun> runs;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    runs.push_back({arguments.scenarios[i], run_watched(scenarios[i], options, common.quiet),
                    own_settings(scenarios[i], scenarios.front(), arguments)});
    const RunResult& result = runs.back().result;
    if (result.replications < result.replications_wanted) {
      print_error("interrupted before all scenarios were finished; there is nothing to compare", style);
      return ExitCode::interrupted;
    }
  }
  TextStyle out_style = common.style(STDOUT_FILENO);
  if (common.output) out_style.color = false;
  switch (arguments.format_for(common.output)) {
    case Format::json: write(common.output, comparison_json(runs)); break;
    case Format::csv: write(common.output, comparison_csv(runs)); break;
    case Format::table: write(common.output, comparison_table(runs, out_style)); break;
  }
  const std::vector<std::string> sentences = unmet(runs, expectations);
  if (!common.quiet)
    for (const std::string& sentence : sentences) say(wrapped(sentence) + "\n");
  return sentences.empty() ? ExitCode::done : ExitCode::missed;
}

}  // namespace fleetsim::cli
