#pragma once
/// Reads the #include lines of a source tree and says which of them break the layers.
///
/// From the top; a file includes its own layer and those above it:
///
///   kernel    sim/, include/fleetsim/sim/, and units.hpp, text.hpp, version.hpp beside it
///   shared    the other headers of include/fleetsim/: words that several models use
///   model     models/<name>/, include/fleetsim/models/<name>.hpp or <name>/; no other model
///   scenario  models/scenario/, include/fleetsim/scenario.hpp: the only place that sees more than one model
///   tools     tools/
///
/// A public header includes public headers, the standard library and fmt only. Three libraries are kept in one place
/// each: yaml-cpp, CLI11 and Catch2.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace fleetsim::test {

struct LayeringReport {
  std::size_t files = 0;                ///< files read
  std::size_t includes = 0;             ///< #include lines read
  std::vector<std::string> violations;  ///< "file:line: what is wrong", in the order of the files' names
};

/// Reads every .hpp, .cpp and .hpp.in below include/, sim/, models/, tools/ and tests/ of `root`.
LayeringReport check_layering(const std::filesystem::path& root);

}  // namespace fleetsim::test
