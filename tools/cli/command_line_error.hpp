#pragma once
/// What is wrong with a command line, in words.

#include <string>

#include <CLI/CLI.hpp>

namespace fleetsim::cli {

/// With the nearest verb or option if one was mistyped, and where to read more.
std::string explain_error(const CLI::App& program, const CLI::ParseError& error);

}  // namespace fleetsim::cli
