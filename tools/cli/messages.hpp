#pragma once
/// What the program says on stderr. That it can't be said (stderr is closed) is no error.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

void say(std::string_view text);

/// "fleetsim: error: …".
void print_error(std::string_view message, const TextStyle& style);

/// All of them in the form that editors understand, with the errors in red on a terminal.
/// `warnings`: also those that are no errors.
void print_diagnostics(const std::vector<config::Diagnostic>& diagnostics, const TextStyle& style, bool warnings);

/// "1 error", "2 errors".
std::string count_errors(const std::vector<config::Diagnostic>& diagnostics);

}  // namespace fleetsim::cli
