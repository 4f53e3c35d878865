#include <unistd.h>

#include <stop_token>

#include <fmt/format.h>

#include "fleetsim/advice.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/interrupt.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/advice.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

ExitCode advise_scenario(const AdviseArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  const LoadedScenario loaded = load_scenario(arguments.scenario, arguments.sets);
  print_diagnostics(loaded.diagnostics, style, !common.quiet);
  const std::string reason = obstacle(common.output, loaded.files);
  if (!reason.empty()) print_error(reason, style);
  if (!loaded.scenario && !common.quiet) {
    say(fmt::format("{}: {}; nothing was run\n", arguments.scenario, count_errors(loaded.diagnostics)));
  }
  if (!loaded.scenario || !reason.empty()) return ExitCode::wrong_input;
  if (!has_machines(*loaded.scenario)) {
    print_error(fmt::format("{} has no machines with volumes to advise on\n  help: describe them under storage.machines",
                            arguments.scenario),
                style);
    return ExitCode::wrong_input;
  }
  AdviceOptions options;
  options.seed = arguments.seed;
  options.replications = arguments.replications;
  options.jobs = arguments.jobs;
  options.held_back_max = arguments.held_back_max;
  options.latency_max = arguments.latency_max;
  const InterruptGuard interrupt;
  std::stop_source stop;
  options.stop = stop.get_token();
  options.progress = [&] {
    if (interrupt.requested()) stop.request_stop();
  };
  const Advice advice = advise(*loaded.scenario, options);
  if (advice.interrupted) {
    print_error("interrupted before all alternatives were tried; there is nothing to advise", style);
    return ExitCode::interrupted;
  }
  TextStyle out_style = common.style(STDOUT_FILENO);
  if (common.output) out_style.color = false;
  const bool json = arguments.format_for(common.output) == Format::json;
  write(common.output, json ? advice_json(advice) : advice_table(advice, out_style));
  return ExitCode::done;
}

}  // namespace fleetsim::cli
