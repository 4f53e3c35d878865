#include <unistd.h>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"

namespace fleetsim::cli {

ExitCode explain_scenario(const ExplainArguments& arguments, const CommonArguments& common) {
  const LoadedScenario loaded = load_scenario(arguments.scenario, arguments.sets);
  print_diagnostics(loaded.diagnostics, common.style(STDERR_FILENO), !common.quiet);
  if (!loaded.scenario) {
    if (!common.quiet) say(fmt::format("{}\n", count_errors(loaded.diagnostics)));
    return ExitCode::wrong_input;
  }
  return write_answer(arguments.dot ? explain_dot(*loaded.scenario) : explain(*loaded.scenario), common, loaded.files);
}

}  // namespace fleetsim::cli
