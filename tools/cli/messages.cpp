#include "tools/cli/messages.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "tools/cli/output/number.hpp"

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

void print_diagnostics(const std::vector<Diagnostic>& diagnostics, const TextStyle& style, bool warnings) {
  for (const Diagnostic& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == Severity::error;
    if (!error && !warnings) continue;
    std::string text = config::to_text(diagnostic);
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
