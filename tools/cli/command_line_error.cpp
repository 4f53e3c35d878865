#include "tools/cli/command_line_error.hpp"

#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::cli {

namespace {

/// CLI11 speaks of arguments and of how many it wants.
std::string in_plain_words(const CLI::App& verb, const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (text.find("--output") != std::string::npos) return fmt::format("{} needs --output", verb.get_name());
    const std::size_t needed = verb.get_name() == "compare" ? 2 : 1;
    return fmt::format("{} needs {} to work on", verb.get_name(), needed == 2 ? "two files or more" : "a file");
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string option = text.substr(0, text.find(':'));
    if (option.starts_with("-")) return fmt::format("{} needs a value after it", option);
    return fmt::format("{} needs two files or more to work on", verb.get_name());
  }
  return text;
}

}  // namespace

std::string explain_error(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* verb = &program;
  std::string called = "fleetsim";
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().front();
    called += " " + verb->get_name();
  }
  const std::vector<std::string> extras = verb->remaining(true);
  std::string text = in_plain_words(*verb, error);
  if (!extras.empty()) {
    std::vector<std::string> names;
    for (const CLI::Option* option : verb->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    if (verb == &program) {
      for (const CLI::App* other : program.get_subcommands({})) names.push_back(other->get_name());
    }
    text = fmt::format("'{}' was not expected", extras.front());
    const std::string nearest = config::nearest_name(extras.front(), names);
    if (!nearest.empty()) text += fmt::format("; a similar name exists: {}", nearest);
  }
  return fmt::format("{}\n  help: {} --help", text, called);
}

}  // namespace fleetsim::cli
