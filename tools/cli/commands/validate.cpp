#include <unistd.h>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

ExitCode validate(const ValidateArguments& arguments, const CommonArguments& common) {
  bool all_right = true;
  std::string answer;
  std::vector<std::string> files = arguments.scenarios;
  for (const std::string& path : arguments.scenarios) {
    const LoadedScenario loaded = load_scenario(path, arguments.sets);
    files.insert(files.end(), loaded.files.begin(), loaded.files.end());
    print_diagnostics(loaded.diagnostics, common.style(STDERR_FILENO), !common.quiet);
    if (loaded.scenario) {
      const Scenario& scenario = *loaded.scenario;
      const std::string ok = path + ": ok: ";
      answer += ok + wrapped("would run " + run_in_words(scenario.replications(), scenario.duration(),
                                                         scenario.warm_up(), scenario.seed()),
                             2, width_of(ok)) +
                "\n";
    } else {
      all_right = false;
      answer += fmt::format("{}: {}\n", path, count_errors(loaded.diagnostics));
    }
  }
  const ExitCode written = write_answer(answer, common, files);
  if (written != ExitCode::done) return written;
  return all_right ? ExitCode::done : ExitCode::wrong_input;
}

}  // namespace fleetsim::cli
