#pragma once
/// What the program's exit status says.

namespace fleetsim::cli {

enum class ExitCode : int {
  done = 0,
  missed = 1,         ///< done, and an objective is missed
  wrong_input = 2,    ///< the scenario or the command line is wrong; nothing was run
  failed = 3,         ///< the run failed: a bug of ours, or the results could not be written
  interrupted = 130,  ///< what was finished is printed
};

}  // namespace fleetsim::cli
