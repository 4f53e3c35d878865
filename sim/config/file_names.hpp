#pragma once
/// Files that a scenario names: found relative to the file that names them, never outside the scenario's folder.

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/config/node.hpp"

namespace fleetsim::config {

struct FoundFile {
  std::filesystem::path path;       ///< opens from the working directory
  std::filesystem::path canonical;  ///< the same for all names of one file
  std::string problem;              ///< empty if the file was found
  std::string help;
};
FoundFile find_file(const SourceFile& named_in, std::string_view name);

}  // namespace fleetsim::config
