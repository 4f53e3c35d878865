#pragma once
/// What is wrong with an input, where, and how to mend it.

#include <string>
#include <string_view>
#include <vector>

namespace fleetsim::config {

/// A place in an input. line and column count from 1; 0 means the file as a whole.
struct Location {
  std::string file;  ///< as the user would write it, or "command line"
  int line = 0;
  int column = 0;
  auto operator<=>(const Location&) const = default;
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Location where;
  std::string message;  ///< lower case, no full stop: what was found and what is allowed
  std::string help;     ///< how to mend it; may be empty
};

/// Collects the diagnostics of one reading, so that a user sees all of them at once.
class Diagnostics {
 public:
  void error(Location where, std::string message, std::string help = {});
  void warning(Location where, std::string message, std::string help = {});
  bool has_errors() const;
  /// In the order of file, line and column; equal ones once.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> all_;
};

/// "file:line:column: error: message\n  help: …\n", the form that editors understand.
std::string to_text(const Diagnostic& diagnostic);

/// " help: a key with a similar name exists: …": the nearest of `names` by edit distance, empty if none is near.
std::string nearest_name(std::string_view found, const std::vector<std::string>& names);

}  // namespace fleetsim::config
