#include "fleetsim/sim/config/document.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/config/file_names.hpp"
#include "sim/config/merge.hpp"
#include "sim/config/node.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/text_file.hpp"
#include "sim/config/yaml_document.hpp"

namespace fleetsim::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = std::size_t{16} << 20U;
constexpr std::size_t include_depth_max = 16;
constexpr std::size_t files_max = 100;

/// Reads a file and the files it includes into one tree.
class Loader {
 public:
  Loader(std::vector<std::unique_ptr<SourceFile>>& files, Diagnostics& diagnostics)
      : files_(files), diagnostics_(diagnostics) {}

  std::optional<Node> load_text(std::string_view text, const SourceFile& file) {
    if (text.size() > file_bytes_max) {
      diagnostics_.error({file.name, 0, 0}, "is larger than 16 MiB");
      return std::nullopt;
    }
    if (!check_text(text, file.name, diagnostics_)) return std::nullopt;
    std::optional<Node> root = parse_yaml(without_mark(text), file, diagnostics_);
    if (!root) return std::nullopt;
    if (root->kind == Node::Kind::null) {
      diagnostics_.error({file.name, 0, 0}, "the file is empty",
                         "a scenario is a mapping: each line at the top level begins with a key and a colon");
      return std::nullopt;
    }
    if (root->kind != Node::Kind::mapping) {
      diagnostics_.error(root->location(), fmt::format("{} where a mapping is meant", in_words(root->kind)),
                         "a scenario is a mapping: each line at the top level begins with a key and a colon");
      return std::nullopt;
    }
    return with_includes(std::move(*root), file);
  }

  std::optional<Node> load_file(const fs::path& path, const fs::path& canonical, const fs::path& root) {
    const SourceFile& file = add_file(path.string(), path.parent_path(), root);
    const std::optional<std::string> text = read_file(path, file.name, file_bytes_max, false, diagnostics_);
    if (!text) return std::nullopt;
    chain_.push_back({canonical, file.name});
    std::optional<Node> node = load_text(*text, file);
    chain_.pop_back();
    return node;
  }

  const SourceFile& add_file(std::string name, fs::path folder, fs::path root) {
    files_.push_back(std::make_unique<SourceFile>(SourceFile{std::move(name), std::move(folder), std::move(root)}));
    return *files_.back();
  }

 private:
  struct Link {
    fs::path canonical;
    std::string name;
  };

  std::optional<Node> with_includes(Node own, const SourceFile& file) {
    const auto entry =
        std::find_if(own.entries.begin(), own.entries.end(), [](const Entry& e) { return e.key == "include"; });
    if (entry == own.entries.end()) return own;
    const Node include = std::move(entry->value);
    own.entries.erase(entry);
    std::vector<const Node*> names;
    if (include.kind == Node::Kind::list) {
      for (const Node& item : include.items) names.push_back(&item);
    } else {
      names.push_back(&include);
    }
    Node base;
    base.kind = Node::Kind::mapping;
    bool whole = true;
    for (const Node* name : names) {
      std::optional<Node> included = load_included(*name, file);
      if (included) merge_over(base, std::move(*included));
      whole = whole && included.has_value();
    }
    // Without a file that failed, every key it gives would be reported as missing.
    if (!whole) return std::nullopt;
    merge_over(base, std::move(own));
    return base;
  }

  std::optional<Node> load_included(const Node& name, const SourceFile& file) {
    const auto refuse = [&](std::string message, std::string help = {}) {
      diagnostics_.error(name.location(), "include: " + message, std::move(help));
      return std::nullopt;
    };
    if (name.kind != Node::Kind::scalar) {
      return refuse(fmt::format("{} where a file name is meant", in_words(name.kind)),
                    "write a file name, or a list of them");
    }
    FoundFile found = find_file(file, name.text);
    if (!found.problem.empty()) return refuse(std::move(found.problem), std::move(found.help));
    const auto again =
        std::find_if(chain_.begin(), chain_.end(), [&](const Link& l) { return l.canonical == found.canonical; });
    if (again != chain_.end()) {
      std::string cycle;
      for (auto link = again; link != chain_.end(); ++link) cycle += link->name + " -> ";
      return refuse("files include each other in a cycle: " + cycle + again->name);
    }
    if (chain_.size() > include_depth_max)
      return refuse(fmt::format("files include each other more than {} deep", include_depth_max));
    if (files_.size() >= files_max) return refuse(fmt::format("more than {} files are included", files_max));
    return load_file(found.path, found.canonical, file.root);
  }

  std::vector<std::unique_ptr<SourceFile>>& files_;
  Diagnostics& diagnostics_;
  std::vector<Link> chain_;
};

/// The folder that the scenario's files must not leave.
fs::path root_folder(const fs::path& scenario, const std::string& given) {
  const fs::path folder = given.empty() ? scenario.parent_path() : fs::path(given);
  std::error_code error;
  fs::path root = fs::weakly_canonical(fs::absolute(folder.empty() ? "." : folder), error);
  return error ? folder : root;
}

/// Reports keys that no reader asked for, and takes back the errors about missing keys that they explain.
void report_unread(const Node& node, const std::string& path, Diagnostics& diagnostics) {
  std::size_t index = 0;
  for (const Node& item : node.items) {
    const std::string label = item_label(item, index++);
    report_unread(item, path + "." + label, diagnostics);
  }
  if (!node.visited) return;
  for (const Entry& entry : node.entries) {
    if (entry.read) {
      report_unread(entry.value, path.empty() ? entry.key : path + "." + entry.key, diagnostics);
      continue;
    }
    const std::string in_path = path.empty() ? path : " in " + path;
    const auto conditional = std::find_if(node.conditional_keys.begin(), node.conditional_keys.end(),
                                          [&](const ConditionalKey& c) { return c.key == entry.key; });
    if (conditional != node.conditional_keys.end()) {
      // Where the word that decides could not be read, nobody knows whether the key has a meaning.
      const bool unknown = std::any_of(node.misread_choices.begin(), node.misread_choices.end(), [&](const std::string& key) {
        return conditional->condition.find(key + " is ") != std::string::npos;
      });
      if (unknown) continue;
      diagnostics.error(entry.place.location(), fmt::format("key {} has no meaning{}", quote(entry.key), in_path),
                        fmt::format("it is allowed where {}", conditional->condition));
      continue;
    }
    std::string help = name_help("key", entry.key, node.known_keys);
    if (help.empty() && !node.known_keys.empty()) help = fmt::format("allowed: {}", fmt::join(node.known_keys, ", "));
    diagnostics.error(entry.place.location(), fmt::format("unknown key {}{}", quote(entry.key), in_path),
                      std::move(help));
    const std::string near = nearest_name(entry.key, node.known_keys);
    for (const MissingKeys& missing : node.missing) {
      if (std::find(missing.keys.begin(), missing.keys.end(), near) == missing.keys.end()) continue;
      diagnostics.withdraw(node.location(), missing.message);
    }
  }
}

}  // namespace

struct Document::Content {
  std::vector<std::unique_ptr<SourceFile>> files;
  std::size_t files_read = 0;  // the first ones of `files`; the others stand for the command line
  Node root;
  Diagnostics* diagnostics = nullptr;

  bool finish_loading(std::optional<Node> node, Loader& loader, const DocumentOptions& options) {
    if (!node) return false;
    files_read = files.size();
    root = std::move(*node);
    for (const std::string& text : options.overrides) {
      const SourceFile& main = *files.front();
      const SourceFile& command_line = loader.add_file("command line: --set " + text, main.folder, main.root);
      apply_override(root, text, command_line, *diagnostics);
    }
    return true;
  }
};

Document::Document(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::optional<Document> Document::read(const std::string& path, const DocumentOptions& options,
                                       Diagnostics& diagnostics) {
  auto content = std::make_unique<Content>();
  content->diagnostics = &diagnostics;
  Loader loader(content->files, diagnostics);
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  if (!content->finish_loading(loader.load_file(path, canonical, root_folder(path, options.folder)), loader, options)) {
    return std::nullopt;
  }
  return Document(std::move(content));
}

std::optional<Document> Document::from_text(std::string_view text, const std::string& name,
                                            const DocumentOptions& options, Diagnostics& diagnostics) {
  auto content = std::make_unique<Content>();
  content->diagnostics = &diagnostics;
  Loader loader(content->files, diagnostics);
  const SourceFile& file = loader.add_file(name, fs::path(name).parent_path(), root_folder(name, options.folder));
  if (!content->finish_loading(loader.load_text(text, file), loader, options)) return std::nullopt;
  return Document(std::move(content));
}

Section Document::root() { return Section(&content_->root, {}, content_->diagnostics, nullptr); }

std::optional<std::string> Document::text_at(std::string_view path) const {
  const Node* node = find_at(content_->root, path);
  if (node == nullptr || node->kind != Node::Kind::scalar) return std::nullopt;
  return node->text;
}

void Document::finish() { report_unread(content_->root, {}, *content_->diagnostics); }

std::vector<std::string> Document::files() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < content_->files_read; ++i) names.push_back(content_->files[i]->name);
  for (const auto& file : content_->files) names.insert(names.end(), file->named.begin(), file->named.end());
  return names;
}

}  // namespace fleetsim::config
