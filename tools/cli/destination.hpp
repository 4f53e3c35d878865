#pragma once
/// Where results go: stdout, or a file that appears whole or not at all.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/text_sink.hpp"

namespace fleetsim::cli {

/// The text could not be written whole. `what()` names the place and the reason, ready to print.
class WriteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file's path; empty or "-" for stdout.
using Destination = std::optional<std::string>;

/// Why nothing can be written there, as far as can be known before writing: no such folder, no permission, or it is one
/// of `inputs`, the files that are read. Empty if nothing speaks against it.
std::string obstacle(const Destination& destination, const std::vector<std::string>& inputs = {});

/// Why they cannot all be written to: two are one file, or standard output. Empty if each has a place of its own.
std::string collision(const std::vector<Destination>& destinations);

/// Writes all of `text` or throws WriteError. A file is written under a temporary name in its folder, brought to the
/// disk, and then renamed, so its name never stands for half a result; one that exists keeps its permissions. What is
/// no regular file (a pipe, a device) is written directly.
void write(const Destination& destination, std::string_view text);
/// The same of a text that its source makes a piece at a time.
void write(const Destination& destination, const TextSource& text);

}  // namespace fleetsim::cli
