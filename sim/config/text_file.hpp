#pragma once
/// Text files read whole and checked to be text.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::config {

/// The file's bytes; empty after an error (missing, a folder, unreadable, over `bytes_max`). With `inflate`, a file
/// whose name ends in .gz or .xz is decompressed, and the limit holds for what comes out.
std::optional<std::string> read_file(const std::filesystem::path& path, const std::string& name, std::size_t bytes_max,
                                     bool inflate, Diagnostics& diagnostics);

/// False after an error at the first byte that is no text: invalid UTF-8 or a control character.
bool check_text(std::string_view text, const std::string& name, Diagnostics& diagnostics);

/// The text without a byte order mark.
std::string_view without_mark(std::string_view text);

}  // namespace fleetsim::config
