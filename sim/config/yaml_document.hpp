#pragma once
/// YAML text to nodes. The only part that knows the YAML library.

#include <optional>
#include <string_view>

#include "sim/config/node.hpp"

namespace fleetsim::config {

/// Parses one document. Empty after an error that ends the parse; errors that leave the rest readable (a key given
/// twice, an unknown tag) are reported and the parse goes on.
std::optional<Node> parse_yaml(std::string_view text, const SourceFile& file, Diagnostics& diagnostics);

}  // namespace fleetsim::config
