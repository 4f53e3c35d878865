#include "sim/config/file_names.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "sim/config/quote.hpp"

namespace fleetsim::config {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end();
}

std::string nearest_file(const fs::path& missing) {
  constexpr std::size_t names_max = 1000;
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = missing.parent_path();
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (names.size() == names_max) break;
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return nearest_name(missing.filename().string(), names);
}

}  // namespace

FoundFile find_file(const SourceFile& named_in, std::string_view name) {
  FoundFile found;
  const auto refuse = [&](std::string problem, std::string help = {}) {
    found.problem = std::move(problem);
    found.help = std::move(help);
    return found;
  };
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (name.empty()) return refuse("the file name is empty");
  if (std::any_of(name.begin(), name.end(), control)) return refuse("the file name holds a control character");
  const fs::path given(name);
  const std::string outside = "files lie in the scenario's folder or below";
  if (given.is_absolute()) return refuse(fmt::format("{} is an absolute path", quote(name)), outside);
  found.path = (named_in.folder / given).lexically_normal();
  std::error_code error;
  // Made absolute first: weakly_canonical leaves a relative path relative if no part of it exists.
  found.canonical = fs::weakly_canonical(fs::absolute(found.path.empty() ? "." : found.path), error);
  if (error || !lies_in(found.canonical, named_in.root)) {
    return refuse(fmt::format("{} lies outside the scenario's folder", quote(name)), outside);
  }
  const fs::file_status status = fs::status(found.path, error);
  if (!fs::exists(status)) {
    const std::string near = nearest_file(found.path);
    return refuse(fmt::format("there is no file {}", quote(name)),
                  near.empty() ? fmt::format("looked for {}", found.path.string())
                               : fmt::format("a file with a similar name exists: {}", near));
  }
  if (fs::is_directory(status)) return refuse(fmt::format("{} is a folder, not a file", quote(name)));
  if (!fs::is_regular_file(status)) return refuse(fmt::format("{} is not a regular file", quote(name)));
  return found;
}

}  // namespace fleetsim::config
