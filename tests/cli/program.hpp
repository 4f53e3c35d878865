#pragma once
/// Runs the built program as a user would, and keeps what it says.

#include <string>
#include <vector>

namespace fleetsim::test {

struct ProgramRun {
  int exit_code = -1;   ///< 128 + the signal if one ended it
  std::string out, err;
};

enum class Stdout {
  captured,
  closed,       ///< no descriptor 1 at all
  closed_pipe,  ///< a pipe that nobody reads
  full_disk     ///< /dev/full
};

struct ProgramOptions {
  Stdout out = Stdout::captured;
  std::vector<std::string> environment;  ///< "NAME=value", added to a clean one with LC_ALL=C.UTF-8
};
ProgramRun run_program(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

/// With stdin, stdout and stderr on a terminal of 80 columns; `out` has all of it, carriage returns removed.
ProgramRun run_on_terminal(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

}  // namespace fleetsim::test
