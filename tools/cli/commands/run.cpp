#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/commands/simulate.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/writers.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

namespace {

/// Bounds the size of an answer; a month of a busy group has some thousands.
constexpr std::size_t activities_max = 10'000;

void write_result(const RunResult& result, const RunArguments& arguments, const CommonArguments& common) {
  TextStyle style = common.style(STDOUT_FILENO);
  if (common.output) style.color = false;
  switch (arguments.format_for(common.output)) {
    case Format::json: {
      const JsonOptions options{.values = arguments.values};
      return write(common.output, [&](const TextSink& out) { write_json(out, result, options); });
    }
    case Format::csv: return write(common.output, to_csv(result));
    case Format::html: return write(common.output, to_html(result));
    case Format::table: return write(common.output, to_table(result, style));
  }
}

}  // namespace

ExitCode run_scenario(const RunArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  const LoadedScenario loaded = load_scenario(arguments.scenario, arguments.sets);
  print_diagnostics(loaded.diagnostics, style, !common.quiet);
  const std::string reason = obstacle(common.output, loaded.files);
  if (!reason.empty()) print_error(reason, style);
  if (!loaded.scenario) {
    if (!common.quiet) say(fmt::format("{}; nothing was run\n", count_errors(loaded.diagnostics)));
    return ExitCode::wrong_input;
  }
  if (!reason.empty()) return ExitCode::wrong_input;

  RunOptions options = options_of(arguments);
  if (arguments.why) options.activities_max = activities_max;
  const RunResult result = run_watched(*loaded.scenario, options, common.quiet);
  if (result.replications == 0) {
    print_error("interrupted before a replication was finished; there is no result", style);
    return ExitCode::interrupted;
  }
  write_result(result, arguments, common);
  if (result.replications < result.replications_wanted) return ExitCode::interrupted;
  const bool all_met = std::all_of(result.objectives.begin(), result.objectives.end(),
                                   [](const ObjectiveResult& objective) { return objective.met; });
  return all_met ? ExitCode::done : ExitCode::missed;
}

}  // namespace fleetsim::cli
