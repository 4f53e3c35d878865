#include "cli/program.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

/// The program's arguments and environment, made before the fork: a child may not allocate.
struct Command {
  Command(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    argument_texts.push_back(program);
    argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
    environment_texts = environment;  // of two values of one name the first counts
    for (const char* text : {"LC_ALL=C.UTF-8", "TERM=xterm"}) environment_texts.push_back(text);
    argv = pointers(argument_texts);
    envp = pointers(environment_texts);
  }
  [[noreturn]] void execute() {
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  std::vector<std::string> argument_texts, environment_texts;
  std::vector<char*> argv, envp;
};

int exit_code_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) == -1) {
    if (errno != EINTR) throw std::runtime_error("waitpid failed");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// In the child: gives it the stdout that is asked for.
void open_stdout(Stdout kind, const char* file) {
  close(STDOUT_FILENO);
  switch (kind) {
    case Stdout::captured: open(file, O_WRONLY | O_CREAT, 0600); return;
    case Stdout::full_disk: open("/dev/full", O_WRONLY); return;
    case Stdout::closed: return;
    case Stdout::closed_pipe: {
      int ends[2];
      if (pipe(ends) != 0) _exit(126);
      // The lowest free descriptor was 1, so it is the reading end; the writing end takes its place.
      dup2(ends[1], STDOUT_FILENO);
      close(ends[1]);
      return;
    }
  }
}

}  // namespace

ProgramRun run_program(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  const TemporaryFolder folder;
  const std::string out = folder.path() / "out", err = folder.path() / "err";
  Command command(arguments, options.environment);
  const pid_t child = fork();
  if (child == -1) throw std::runtime_error("fork failed");
  if (child == 0) {
    open_stdout(options.out, out.c_str());
    close(STDERR_FILENO);
    const int err_fd = open(err.c_str(), O_WRONLY | O_CREAT, 0600);
    if (err_fd != STDERR_FILENO) {
      dup2(err_fd, STDERR_FILENO);
      close(err_fd);
    }
    command.execute();
  }
  ProgramRun run;
  run.exit_code = exit_code_of(child);
  run.out = contents(out);
  run.err = contents(err);
  return run;
}

ProgramRun run_on_terminal(const std::vector<std::string>& arguments, const TerminalOptions& options) {
  Command command(arguments, options.environment);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 80;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == -1) throw std::runtime_error("forkpty failed");
  if (child == 0) command.execute();
  ProgramRun run;
  bool interrupt = !options.interrupt_at.empty();
  char buffer[4096];
  // Linux reports the end of a terminal whose other side has closed as EIO.
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0 || (n == -1 && errno == EINTR);) {
    if (n > 0) run.out.append(buffer, static_cast<std::size_t>(n));
    if (interrupt && run.out.find(options.interrupt_at) != std::string::npos) {
      interrupt = false;
      if (write(terminal, "\003", 1) != 1) throw std::runtime_error("cannot press Ctrl-C");
    }
  }
  close(terminal);
  run.exit_code = exit_code_of(child);
  std::erase(run.out, '\r');
  return run;
}

}  // namespace fleetsim::test
