#include "architecture/layering.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace fleetsim::test {

namespace fs = std::filesystem;

namespace {

enum class Layer { kernel, shared, model, scenario, tools, tests };

/// Where a file belongs; `model` is the model's name in the layer of that name.
struct Place {
  Layer layer;
  std::string model;
};

/// The name of the model that owns a file named `rest` below a folder of models.
std::string model_of(std::string_view rest) { return std::string(rest.substr(0, rest.find_first_of("/."))); }

/// `file` is relative to the root of the tree.
Place place_of(std::string_view file) {
  const auto below = [file](std::string_view folder) { return file.starts_with(folder); };
  if (below("tests/")) return {Layer::tests, {}};
  if (below("tools/")) return {Layer::tools, {}};
  if (below("sim/") || below("include/fleetsim/sim/")) return {Layer::kernel, {}};
  if (file == "include/fleetsim/scenario.hpp" || file == "include/fleetsim/advice.hpp") return {Layer::scenario, {}};
  for (const std::string_view folder : {"models/", "include/fleetsim/models/"}) {
    if (!below(folder)) continue;
    const std::string model = model_of(file.substr(folder.size()));
    return model == "scenario" ? Place{Layer::scenario, {}} : Place{Layer::model, model};
  }
  constexpr std::array kernel_headers = {"units.hpp", "text.hpp", "version.hpp"};
  const bool kernel = std::ranges::any_of(
      kernel_headers, [file](const char* name) { return file == std::string("include/fleetsim/") + name; });
  return {kernel ? Layer::kernel : Layer::shared, {}};
}

std::string words(const Place& place) {
  switch (place.layer) {
    case Layer::kernel: return "the kernel";
    case Layer::shared: return "a shared header";
    case Layer::model: return "the model " + place.model;
    case Layer::scenario: return "models/scenario";
    case Layer::tools: return "tools";
    case Layer::tests: return "the tests";
  }
  return {};
}

/// A library that only one file or folder includes, so that the others neither pay for it nor depend on it.
struct KeptLibrary {
  std::string_view include_prefix;
  std::string_view home;
};
constexpr std::array kept_libraries = {
    KeptLibrary{"yaml-cpp/", "sim/config/yaml_document.cpp"},
    KeptLibrary{"CLI/", "tools/cli/"},
    KeptLibrary{"catch2/", "tests/support/catch.hpp"},
    KeptLibrary{"rapidcheck", "tests/support/property.hpp"},
};

/// What is wrong with `file` including <header>; nothing if it may.
std::optional<std::string> check_library(std::string_view file, std::string_view header) {
  for (const KeptLibrary& library : kept_libraries) {
    if (header.starts_with(library.include_prefix) && !file.starts_with(library.home)) {
      return fmt::format("<{}> is included in {} only", header, library.home);
    }
  }
  const bool standard = header.find_first_of("/.") == std::string_view::npos;
  if (file.starts_with("include/") && !standard && !header.starts_with("fmt/")) {
    return fmt::format("<{}> in a public header, which includes the standard library and fmt only", header);
  }
  return {};
}

/// The file that `#include "header"` in `file` names, relative to the root.
std::optional<std::string> resolve(const fs::path& root, const fs::path& file, const std::string& header) {
  if (header == "fleetsim/version.hpp") return "include/fleetsim/version.hpp";  // written by CMake
  for (const fs::path& folder : {file.parent_path(), fs::path("include"), fs::path(), fs::path("tests")}) {
    const fs::path candidate = (folder / header).lexically_normal();
    if (fs::exists(root / candidate) || fs::exists(root / (candidate.string() + ".in"))) {
      return candidate.generic_string();
    }
  }
  return {};
}

/// What is wrong with `file` including `target`, both relative to the root; nothing if it may.
std::optional<std::string> check_project_file(const std::string& file, const std::string& target) {
  const Place from = place_of(file);
  const Place to = place_of(target);
  if (file.starts_with("include/") && !target.starts_with("include/")) {
    return fmt::format("the private {} in a public header", target);
  }
  if (to.layer > from.layer) return fmt::format("{} includes {} of {}, a layer below", words(from), target, words(to));
  if (from.layer == Layer::model && to.layer == Layer::model && from.model != to.model) {
    return fmt::format("{} includes {} of another model; declare a port instead", words(from), target);
  }
  return {};
}

struct IncludeLine {
  std::string header;
  bool angled;  ///< <header>, not "header"
};

/// What a line of C++ includes; nothing for any other line.
std::optional<IncludeLine> parse_include(std::string_view line) {
  const auto skip = [&line](std::string_view word) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
  };
  if (!skip("#") || !skip("include")) return {};
  const bool angled = skip("<");
  if (!angled && !skip("\"")) return {};
  const std::size_t end = line.find(angled ? '>' : '"');
  if (end == std::string_view::npos) return {};
  return IncludeLine{.header = std::string(line.substr(0, end)), .angled = angled};
}

void check_file(const fs::path& root, const std::string& file, LayeringReport& report) {
  std::ifstream in(root / file);
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    const std::optional<IncludeLine> include = parse_include(text);
    if (!include) continue;
    ++report.includes;
    std::optional<std::string> wrong;
    if (include->angled) {
      wrong = check_library(file, include->header);
    } else if (const auto target = resolve(root, file, include->header)) {
      wrong = check_project_file(file, *target);
    } else {
      wrong = fmt::format("\"{}\" is no file of the project", include->header);
    }
    if (wrong) report.violations.push_back(fmt::format("{}:{}: {}", file, line, *wrong));
  }
}

}  // namespace

LayeringReport check_layering(const fs::path& root) {
  std::vector<std::string> files;
  for (const char* folder : {"include", "sim", "models", "tools", "tests"}) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string name = entry.path().lexically_relative(root).generic_string();
      if (name.ends_with(".hpp") || name.ends_with(".cpp") || name.ends_with(".hpp.in")) files.push_back(name);
    }
  }
  std::ranges::sort(files);

  LayeringReport report;
  report.files = files.size();
  for (const std::string& file : files) check_file(root, file, report);
  return report;
}

}  // namespace fleetsim::test
