#include "tools/cli/commands/simulate.hpp"

#include <unistd.h>

#include <filesystem>
#include <stop_token>
#include <utility>

#include "tools/cli/interrupt.hpp"
#include "tools/cli/progress_bar.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

Format SimulationArguments::format_for(const Destination& output) const {
  if (format) return *format;
  const std::string ending = output ? std::filesystem::path(*output).extension().string() : "";
  if (offers_html && ending == ".html") return Format::html;
  return ending == ".json" ? Format::json : ending == ".csv" ? Format::csv : Format::table;
}

RunOptions options_of(const SimulationArguments& arguments) {
  RunOptions options;
  options.seed = arguments.seed;
  options.replications = arguments.replications;
  options.jobs = arguments.jobs;
  return options;
}

RunResult run_watched(const Scenario& scenario, RunOptions options, bool quiet) {
  const InterruptGuard interrupt;
  ProgressBar bar(!quiet && is_terminal(STDERR_FILENO));
  std::stop_source stop;
  options.stop = stop.get_token();
  // A signal handler may not stop a run; the end of a replication is when stopping begins to matter.
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    if (interrupt.requested()) {
      stop.request_stop();
    } else {
      bar.show(done, total);
    }
  };
  return run(scenario, options);
}

}  // namespace fleetsim::cli
