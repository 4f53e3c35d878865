#pragma once
/// What is wrong with an input, where, and how to mend it.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace fleetsim::config {

/// A place in an input. line and column count from 1; 0 means the file as a whole.
struct Location {
  std::string file;  ///< as the user would write it, or "command line: --set …"
  int line = 0;
  int column = 0;  ///< in bytes, as compilers count
  auto operator<=>(const Location&) const = default;
};
/// "file:line:column", or "file" for the file as a whole.
std::string to_text(const Location& where);

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Location where;
  std::string message;  ///< lower case, no full stop: what was found and what is allowed
  std::string help;     ///< how to mend it; may be empty
  bool operator==(const Diagnostic&) const = default;
};
/// "file:line:column: error: message\n  help: …\n", the form that editors understand.
std::string to_text(const Diagnostic& diagnostic);

/// Collects the diagnostics of one reading, so that a user sees all of them at once.
class Diagnostics {
 public:
  void error(Location where, std::string message, std::string help = {});
  void warning(Location where, std::string message, std::string help = {});
  bool has_errors() const;
  /// In the order of file, line and column; equal ones once.
  std::vector<Diagnostic> sorted() const;
  /// All of `sorted()` in text form.
  std::string to_text() const;
  /// Takes back errors at `where` with this message: for one that a later finding explains better.
  void withdraw(const Location& where, std::string_view message);

 private:
  std::vector<Diagnostic> all_;
};

/// The one of `names` nearest to `found` by edit distance; empty if none is near enough to be meant.
std::string nearest_name(std::string_view found, const std::vector<std::string>& names);

/// Help for an unknown name of a `what` ("zone"): "a zone with a similar name exists: us-east-1a", else the names
/// allowed if they are few, else empty.
std::string name_help(std::string_view what, std::string_view found, const std::vector<std::string>& names);

}  // namespace fleetsim::config
