#include "tools/cli/messages.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

using config::Diagnostic;
using config::Severity;

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void print_error(std::string_view message, const TextStyle& style) {
  say(fmt::format("fleetsim: {} {}\n", style.red("error:"), message));
}

namespace {

/// Every line wrapped below itself; for a terminal only, since elsewhere a message is one line.
std::string wrapped_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    result += std::string(indent, ' ') + wrapped(line.substr(indent), indent + 4, indent) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

void print_diagnostics(const std::vector<Diagnostic>& diagnostics, const TextStyle& style, bool warnings) {
  for (const Diagnostic& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == Severity::error;
    if (!error && !warnings) continue;
    std::string text = config::to_text(diagnostic);
    if (is_terminal(STDERR_FILENO)) text = wrapped_lines(text);
    const std::string word = error ? "error:" : "warning:";
    const std::size_t at = text.find(": " + word + " ");
    if (at != std::string::npos) {
      const std::string place = text.substr(0, at + 1);
      text = style.bold(place) + " " + (error ? style.red(word) : style.yellow(word)) +
             text.substr(place.size() + 1 + word.size());
    }
    say(text);
  }
}

std::string count_errors(const std::vector<Diagnostic>& diagnostics) {
  const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::error; });
  return counted(static_cast<double>(errors), "error");
}

}  // namespace fleetsim::cli
