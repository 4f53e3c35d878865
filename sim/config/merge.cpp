#include "sim/config/merge.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/config/quote.hpp"
#include "sim/config/yaml_document.hpp"

namespace fleetsim::config {
namespace {

void place_at(Node& node, const Place& place) {
  node.place = place;
  for (Node& item : node.items) place_at(item, place);
  for (Entry& entry : node.entries) {
    entry.place = place;
    place_at(entry.value, place);
  }
}

/// Whether a path goes on with this name, which may itself hold dots, as m5.large does.
bool begins_with(std::string_view path, std::string_view name) {
  return !name.empty() && path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.');
}

/// The longest key of a mapping that the path goes on with; as many as there are entries if none is.
std::size_t entry_of(const Node& mapping, std::string_view path) {
  std::size_t best = mapping.entries.size();
  for (std::size_t i = 0; i < mapping.entries.size(); ++i) {
    if (!begins_with(path, mapping.entries[i].key)) continue;
    if (best == mapping.entries.size() || mapping.entries[i].key.size() > mapping.entries[best].key.size()) best = i;
  }
  return best;
}

/// Walks to the place that a --set names and puts the value there.
class Override {
 public:
  Override(std::string_view path, Node value, const Place& place, Diagnostics& diagnostics)
      : rest_(path), value_(std::move(value)), place_(place), diagnostics_(diagnostics) {}

  void apply(Node& node) {
    if (node.kind == Node::Kind::mapping) return into_mapping(node);
    if (node.kind == Node::Kind::list) return into_list(node);
    refuse(fmt::format("{} is {}, which has no key {}", quote(done_), in_words(node.kind), quote(segment())));
  }

 private:
  std::string_view segment() const { return rest_.substr(0, rest_.find('.')); }
  bool is_last(std::size_t length) const { return length == rest_.size(); }

  void advance(std::size_t length) {
    done_ += (done_.empty() ? "" : ".") + std::string(rest_.substr(0, length));
    rest_.remove_prefix(std::min(rest_.size(), length + 1));
  }

  void into_mapping(Node& mapping) {
    const std::size_t best = entry_of(mapping, rest_);
    if (best < mapping.entries.size()) {
      Entry& entry = mapping.entries[best];
      if (!is_last(entry.key.size())) {
        advance(entry.key.size());
        if (entry.value.kind == Node::Kind::null) entry.value = empty_mapping();
        return apply(entry.value);
      }
      if (value_.kind == Node::Kind::null) {
        mapping.removed.push_back({entry.key, place_});
        mapping.entries.erase(mapping.entries.begin() + static_cast<std::ptrdiff_t>(best));
      } else {
        entry.place = place_;
        entry.value = std::move(value_);
      }
      return;
    }
    add_key(mapping);
  }

  /// A last key that is not there is added: the reader knows whether it may be. A key on the way that resembles one
  /// that is there is a slip; else it begins a mapping that the file leaves out.
  void add_key(Node& mapping) {
    const std::string key(segment());
    if (key.empty()) return refuse("a key of the path is empty");
    std::vector<std::string> keys;
    for (const Entry& entry : mapping.entries) keys.push_back(entry.key);
    if (is_last(key.size())) {
      if (value_.kind == Node::Kind::null) {
        return refuse(fmt::format("there is no key {}{} that null could take away", quote(key), in_done()),
                      name_help("key", key, keys));
      }
      mapping.entries.push_back({.key = key, .place = place_, .value = std::move(value_)});
      return;
    }
    if (!nearest_name(key, keys).empty()) {
      return refuse(fmt::format("there is no key {}{}", quote(key), in_done()), name_help("key", key, keys));
    }
    mapping.entries.push_back({.key = key, .place = place_, .value = empty_mapping(), .by_override = true});
    advance(key.size());
    apply(mapping.entries.back().value);
  }

  void into_list(Node& list) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      names.push_back(item_label(list.items[i], i));
      if (begins_with(rest_, names.back())) return into_item(list, i, names.back().size());
    }
    const std::string_view text = segment();
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool is_index = error == std::errc{} && end == text.data() + text.size();
    if (is_index && index < list.items.size()) return into_item(list, index, text.size());
    refuse(
        fmt::format("there is no item {}{}", quote(text), in_done()),
        is_index ? fmt::format("it has {} item{}, counted from 0", list.items.size(), list.items.size() == 1 ? "" : "s") : name_help("item", text, names));
  }

  void into_item(Node& list, std::size_t index, std::size_t length) {
    if (!is_last(length)) {
      advance(length);
      return apply(list.items[index]);
    }
    if (value_.kind == Node::Kind::null) {
      list.items.erase(list.items.begin() + static_cast<std::ptrdiff_t>(index));
    } else {
      list.items[index] = std::move(value_);
    }
  }

  Node empty_mapping() const {
    Node mapping;
    mapping.kind = Node::Kind::mapping;
    mapping.place = place_;
    return mapping;
  }

  std::string in_done() const { return done_.empty() ? std::string{} : " in " + done_; }

  void refuse(std::string message, std::string help = {}) {
    diagnostics_.error(place_.location(), std::move(message), std::move(help));
  }

  std::string done_;
  std::string_view rest_;
  Node value_;
  Place place_;
  Diagnostics& diagnostics_;
};

}  // namespace

void merge_over(Node& base, Node over) {
  if (base.kind != Node::Kind::mapping || over.kind != Node::Kind::mapping) {
    base = std::move(over);
    return;
  }
  base.place = over.place;
  std::map<std::string, std::size_t> index_of;
  for (std::size_t i = 0; i < base.entries.size(); ++i) index_of.emplace(base.entries[i].key, i);
  std::vector<bool> removed(base.entries.size(), false);
  for (Entry& entry : over.entries) {
    const auto found = index_of.find(entry.key);
    if (found == index_of.end()) {
      base.entries.push_back(std::move(entry));
    } else if (entry.value.kind == Node::Kind::null) {
      removed[found->second] = true;
    } else {
      Entry& old = base.entries[found->second];
      old.place = entry.place;
      merge_over(old.value, std::move(entry.value));
    }
  }
  std::vector<Entry> kept;
  for (std::size_t i = 0; i < base.entries.size(); ++i) {
    if (i >= removed.size() || !removed[i]) kept.push_back(std::move(base.entries[i]));
  }
  base.entries = std::move(kept);
}

const Node* find_at(const Node& root, std::string_view path) {
  const Node* node = &root;
  const auto pass = [&path](std::size_t length) { path.remove_prefix(std::min(path.size(), length + 1)); };
  while (!path.empty()) {
    if (node->kind == Node::Kind::mapping) {
      const std::size_t entry = entry_of(*node, path);
      if (entry == node->entries.size()) return nullptr;
      pass(node->entries[entry].key.size());
      node = &node->entries[entry].value;
    } else {
      std::size_t index = 0;
      std::size_t length = 0;
      for (; index < node->items.size(); ++index) {
        const std::string label = item_label(node->items[index], index);
        // An item with a name has an index too.
        for (const std::string& name : {label, std::to_string(index)})
          if (length == 0 && begins_with(path, name)) length = name.size();
        if (length > 0) break;
      }
      if (index == node->items.size()) return nullptr;
      pass(length);
      node = &node->items[index];
    }
  }
  return node;
}

void apply_override(Node& root, std::string_view path_and_value, const SourceFile& file, Diagnostics& diagnostics) {
  const Place place{&file, 0, 0};
  const std::size_t equals = path_and_value.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    diagnostics.error(place.location(), "is not of the form path=value",
                      "write it such as --set fleets.bidder.deadline=100ms");
    return;
  }
  const std::string_view text = path_and_value.substr(equals + 1);
  if (text.find_first_not_of(' ') == std::string_view::npos) {
    diagnostics.error(place.location(), "has no value",
                      "write the value after the '=', or null to take the default back");
    return;
  }
  Diagnostics parse_errors;
  std::optional<Node> value = parse_yaml(text, file, parse_errors);
  for (const Diagnostic& error : parse_errors.sorted()) diagnostics.error(place.location(), error.message);
  if (!value) return;
  place_at(*value, place);
  Override(path_and_value.substr(0, equals), std::move(*value), place, diagnostics).apply(root);
}

}  // namespace fleetsim::config
