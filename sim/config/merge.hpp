#pragma once
/// How files and the command line go over each other.

#include <string_view>

#include "sim/config/node.hpp"

namespace fleetsim::config {

/// Lays `over` on `base`: mappings merge key by key, anything else replaces; a key without value removes the base's.
/// Keys keep the base's order, further ones follow.
void merge_over(Node& base, Node over);

/// Applies "path=value" to a document; `file` stands for the command line and its name is the text of errors' place.
void apply_override(Node& root, std::string_view path_and_value, const SourceFile& file, Diagnostics& diagnostics);

/// What a path, written as for an override, leads to; null where there is nothing.
const Node* find_at(const Node& root, std::string_view path);

}  // namespace fleetsim::config
