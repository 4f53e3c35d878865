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
  std::vector<std::string> environment;  ///< "NAME=value", beside LC_ALL=C.UTF-8 and TERM=xterm
};
ProgramRun run_program(const std::vector<std::string>& arguments, const ProgramOptions& options = {});

struct TerminalOptions {
  std::vector<std::string> environment;
  std::string interrupt_at;  ///< presses Ctrl-C once this text is on the terminal; empty: never
};
/// With stdin, stdout and stderr on a terminal of 80 columns; `out` has all of it, carriage returns removed.
ProgramRun run_on_terminal(const std::vector<std::string>& arguments, const TerminalOptions& options = {});

}  // namespace fleetsim::test
