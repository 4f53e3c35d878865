#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include <fmt/format.h>

#include "tools/cli/bench/measure.hpp"

namespace fleetsim::cli::bench {

namespace {

/// Runs a program found in the PATH and returns what it wrote to stderr; its stdout goes nowhere. Empty if it could not
/// be run, did not end with 0 or 1 (a scenario whose objectives do not hold has run all the same), or was ended because
/// `go_on` said no.
std::optional<std::string> stderr_of(std::vector<std::string> arguments, const std::function<bool()>& go_on) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) {
    // It takes minutes, and nobody would want it once this program is gone.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(127);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  std::string text;
  char part[4096];
  bool ended = false;
  for (;;) {
    pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
    constexpr int second = 1'000;
    if (child > 0 && poll(&readable, 1, second) <= 0) {
      if (!ended && !go_on()) ended = kill(child, SIGKILL) == 0;
      continue;
    }
    const ssize_t got = child > 0 ? read(ends[0], part, sizeof part) : 0;
    if (got > 0) text.append(part, static_cast<std::size_t>(got));
    else if (got == 0 || errno != EINTR) break;
  }
  close(ends[0]);
  if (child < 0) return std::nullopt;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return std::nullopt;
  return text;
}

std::optional<double> collected(const std::string& scenario, const std::vector<std::string>& sets, std::uint64_t seed,
                                std::uint64_t replications, const std::function<bool()>& go_on) {
  std::vector<std::string> arguments{"valgrind",
                                     "--tool=callgrind",
                                     "--callgrind-out-file=/dev/null",
                                     std::string("/proc/") + std::to_string(getpid()) + "/exe",
                                     "run",
                                     scenario,
                                     "--jobs",
                                     "1",
                                     "--quiet",
                                     "--seed",
                                     std::to_string(seed),
                                     "--replications",
                                     std::to_string(replications)};
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
  const std::optional<std::string> text = stderr_of(arguments, go_on);
  if (!text) return std::nullopt;
  constexpr std::string_view label = "Collected : ";
  const std::size_t at = text->find(label);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t count = 0;
  std::from_chars(text->data() + at + label.size(), text->data() + text->size(), count);
  return static_cast<double>(count);
}

}  // namespace

bool has_callgrind() {
  return stderr_of({"valgrind", "--version"}, [] { return true; }).has_value();
}

std::optional<double> callgrind_instructions(const std::string& scenario, const std::vector<std::string>& sets,
                                             std::uint64_t seed, std::uint64_t replications,
                                             const std::function<bool()>& go_on) {
  // The difference of two runs leaves out the start of the program and the reading of files.
  const std::optional<double> one = collected(scenario, sets, seed, 1, go_on);
  if (!one || replications == 1) return one;
  const std::optional<double> all = collected(scenario, sets, seed, replications, go_on);
  if (!all) return std::nullopt;
  return (*all - *one) / static_cast<double>(replications - 1);
}

}  // namespace fleetsim::cli::bench
