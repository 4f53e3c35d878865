#include "fleetsim/sim/config/diagnostic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace fleetsim::config {

std::string to_text(const Location& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = to_text(diagnostic.where);
  text += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
  text += diagnostic.message + "\n";
  if (!diagnostic.help.empty()) text += "  help: " + diagnostic.help + "\n";
  return text;
}

void Diagnostics::error(Location where, std::string message, std::string help) {
  all_.push_back({Severity::error, std::move(where), std::move(message), std::move(help)});
}

void Diagnostics::warning(Location where, std::string message, std::string help) {
  all_.push_back({Severity::warning, std::move(where), std::move(message), std::move(help)});
}

bool Diagnostics::has_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = all_;
  std::sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where, a.severity, a.message, a.help) < std::tie(b.where, b.severity, b.message, b.help);
  });
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::string Diagnostics::to_text() const {
  std::string text;
  for (const Diagnostic& diagnostic : sorted()) text += config::to_text(diagnostic);
  return text;
}

void Diagnostics::withdraw(const Location& where, std::string_view message) {
  std::erase_if(all_, [&](const Diagnostic& d) { return d.where == where && d.message == message; });
}

}  // namespace fleetsim::config
