#pragma once
/// A parsed YAML node with its location. Private to the reader.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::config {

/// A file that nodes come from, or a text that stands for one. It outlives its nodes.
struct SourceFile {
  std::string name;              ///< as diagnostics print it
  std::filesystem::path folder;  ///< that relative names start from
  std::filesystem::path root;    ///< that no name may leave; canonical
  mutable std::vector<std::string> named{};  ///< data files that readers found named in it, as they open from here
};

struct Place {
  const SourceFile* file = nullptr;
  int line = 0;
  int column = 0;
  Location location() const { return {file->name, line, column}; }
};

struct Entry;

/// An error about keys that are not there. A key that nobody knows and that looks like one of them explains it better.
struct MissingKeys {
  std::vector<std::string> keys;
  std::string message;
};

/// A key that is allowed when these words hold, and they do not.
struct ConditionalKey {
  std::string key;
  std::string condition;
};

/// A key that the command line took away.
struct RemovedKey {
  std::string key;
  Place place;
};

class Node {
 public:
  enum class Kind { null, scalar, list, mapping };

  Kind kind = Kind::null;
  bool quoted = false;
  Place place;  ///< of the value; of its key if the value begins on a later line
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;  ///< in the order of the file, each key once

  /// What readers did with a mapping. Changed by reading, which is not a change of the document.
  mutable bool visited = false;
  mutable std::vector<std::string> known_keys;  ///< that a reader asked for
  mutable std::vector<MissingKeys> missing;     ///< reported so
  mutable std::vector<ConditionalKey> conditional_keys;
  mutable std::vector<std::string> misread_choices;  ///< keys whose word is none of those allowed, reported so
  std::vector<RemovedKey> removed;

  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  Location location() const { return place.location(); }
};

struct Entry {
  std::string key;
  Place place;
  Node value;
  mutable bool read = false;
  bool by_override = false;  ///< not in the file: a --set passes through it on its way to a key
};

/// "a mapping", "a list", "a value", "no value".
std::string_view in_words(Node::Kind kind);

/// How a path names an item of a list: by its `name`, else by its index.
std::string item_label(const Node& item, std::size_t index);

}  // namespace fleetsim::config
