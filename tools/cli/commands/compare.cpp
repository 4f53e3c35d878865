#include <unistd.h>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/commands/simulate.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/comparison.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

ExitCode compare_scenarios(const CompareArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
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
    runs.push_back({arguments.scenarios[i], run_watched(scenarios[i], options, common.quiet)});
    const RunResult& result = runs.back().result;
    if (result.replications < result.replications_wanted) {
      print_error("interrupted before all scenarios were finished; there is nothing to compare", style);
      return ExitCode::interrupted;
    }
  }
  TextStyle out_style = common.style(STDOUT_FILENO);
  if (common.output) out_style.color = false;
  const bool json = arguments.format_for(common.output) == Format::json;
  write(common.output, json ? comparison_json(runs) : comparison_table(runs, out_style));
  return ExitCode::done;
}

}  // namespace fleetsim::cli
