#pragma once
/// A scenario file in memory, read whole: YAML, the files it includes, and what the command line sets over it.
///
///   config::Diagnostics diagnostics;
///   auto document = config::Document::read("scenarios/quickstart.yaml", {}, diagnostics);
///   if (document) {
///     config::Section root = document->root();
///     Scenario scenario = read_scenario(root);
///     document->finish();
///   }
///   if (diagnostics.has_errors()) …
///
/// Refused, each as a located error: a file that is missing, empty, a folder, binary, not UTF-8 or over 16 MiB; YAML
/// that does not parse; a key given twice or that is not a plain word; unknown tags; a second document; nesting deeper
/// than 64; aliases that expand to more than 200,000 nodes.
///
/// `include: base.yaml` (or a list, later ones over earlier ones) at the top level takes in other files; the file's own
/// keys go over theirs. Mappings merge key by key, anything else replaces, and a key that is given no value (`key:` or
/// `key: null`) removes the included one. `<<: *anchor` merges in a mapping of the same file, own keys first.
/// A file is found relative to the one that names it, and lies in the scenario's folder or below.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim::config {

struct DocumentOptions {
  /// "path=value", as given to --set: a path from the root with dots; an item of a list by its index or its `name`;
  /// the value in YAML. A path that ends in a key that is not there adds it; no value removes it.
  std::vector<std::string> overrides;
  /// The folder that included files and data files must not leave; empty for the scenario's own.
  std::string folder;
};

class Document {
 public:
  /// Reads a file. Empty after an error that leaves nothing to read; smaller errors leave a document that is worth
  /// reading on, to report all errors at once.
  static std::optional<Document> read(const std::string& path, const DocumentOptions& options,
                                      Diagnostics& diagnostics);
  /// Reads text as if it were the file `name`, whose folder includes and data files are found in.
  static std::optional<Document> from_text(std::string_view text, const std::string& name,
                                           const DocumentOptions& options, Diagnostics& diagnostics);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  /// The reader of the whole. Valid as long as the document and the diagnostics it was read with.
  Section root();
  /// The plain value that a path leads to, written as in DocumentOptions::overrides. Empty where there is none.
  std::optional<std::string> text_at(std::string_view path) const;
  /// Reports the keys that nobody read. Call it once, after reading.
  void finish();
  /// Every file read, in the order of reading, as the user would write it; then the data files named in them that
  /// readers have asked for so far.
  std::vector<std::string> files() const;

 private:
  struct Content;
  explicit Document(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace fleetsim::config
