#include "fleetsim/sim/config/section.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"
#include "sim/config/node.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {
namespace {

/// A reader that describes itself inside itself would not end.
constexpr std::ptrdiff_t described_depth_max = 32;

std::string in_path(const std::string& path) { return path.empty() ? path : " in " + path; }

void remember(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

std::vector<std::string> to_strings(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

/// A key that the command line took away is missing there.
void report_missing(const Node& section, Diagnostics& diagnostics, std::vector<std::string> keys, std::string message,
                    std::string help) {
  const auto removed = std::find_if(section.removed.begin(), section.removed.end(), [&](const RemovedKey& r) {
    return std::find(keys.begin(), keys.end(), r.key) != keys.end();
  });
  if (removed != section.removed.end()) {
    diagnostics.error(removed->place.location(), std::move(message), "this takes the key away, and it has no default");
    return;
  }
  diagnostics.error(section.location(), message, std::move(help));
  section.missing.push_back({std::move(keys), std::move(message)});
}

/// The first key that a mapping needs, as the one who left the mapping out might write it: "{mean: 20h}". `found` is
/// what stands there instead.
std::string mapping_example(const Description& mapping, const Node& found) {
  const auto needed = std::find_if(mapping.children.begin(), mapping.children.end(), [](const Description& child) {
    return child.required && child.shape == Description::Shape::value && child.type != ValueType::text;
  });
  if (needed == mapping.children.end()) return {};
  const bool number = found.kind == Node::Kind::scalar && !found.text.empty() && found.text[0] >= '0' && found.text[0] <= '9';
  const std::string value = number                                ? found.text
                            : needed->type == ValueType::choice ? needed->choices.front()
                                                                : std::string(words_for(needed->type).example);
  return fmt::format("{{{}: {}{}}}", needed->key, value, mapping.children.size() > 1 ? ", ..." : "");
}

std::string missing_key_message(std::string_view key, const std::string& path) {
  return fmt::format("key '{}' is missing{}", key, in_path(path));
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/';
  });
}

Section::Section(const Node* node, std::string path, Diagnostics* diagnostics, Description* description)
    : node_(node), path_(std::move(path)), diagnostics_(diagnostics), description_(description) {
  invariant((node_ == nullptr) != (description_ == nullptr), "a section either reads or describes itself");
  if (node_ != nullptr) node_->visited = true;
  invariant(std::count(path_.begin(), path_.end(), '.') < described_depth_max || node_ != nullptr,
            "a section does not describe itself inside itself");
}

Location Section::where() const { return node_ == nullptr ? Location{} : node_->location(); }

Location Section::where(std::string_view key) const {
  const Entry* entry = node_ == nullptr ? nullptr : node_->find(key);
  return entry == nullptr ? where() : entry->value.location();
}

bool Section::has(std::string_view key) const { return node_ != nullptr && node_->find(key) != nullptr; }

bool Section::has_section(std::string_view key) const {
  const Entry* entry = node_ == nullptr ? nullptr : node_->find(key);
  return entry != nullptr && entry->value.kind == Node::Kind::mapping;
}

void Section::error(std::string_view key, std::string message, std::string help) {
  if (!describing()) diagnostics_->error(where(key), with_path(key, std::move(message)), std::move(help));
}

void Section::warning(std::string_view key, std::string message, std::string help) {
  if (!describing()) diagnostics_->warning(where(key), with_path(key, std::move(message)), std::move(help));
}

void Section::error_at(const Location& place, std::string message, std::string help) {
  if (!describing()) diagnostics_->error(place, std::move(message), std::move(help));
}

std::string Section::with_path(std::string_view key, std::string message) const {
  const bool names_key = !path_.empty() && message.starts_with(key) && message.substr(key.size()).starts_with(":");
  return names_key ? path_ + "." + message : message;
}

std::string Section::path_to(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::string Section::example_of(std::string_view key, const Expected& expected) {
  const std::string_view value = expected.example.empty() ? words_for(expected.type).example : expected.example;
  switch (expected.shape) {
    case Description::Shape::value: return value.empty() ? std::string{} : fmt::format("add it, such as {}: {}", key, value);
    case Description::Shape::values: return fmt::format("add it, such as {}: [{}]", key, value);
    default: return {};
  }
}

detail::FieldSource Section::take(std::string_view key, const Expected& expected) {
  detail::FieldSource source;
  source.key = key;
  source.diagnostics = diagnostics_;
  if (description_ != nullptr) {
    auto& children = description_->children;
    auto child = std::find_if(children.begin(), children.end(), [&](const Description& d) { return d.key == key; });
    const bool known = child != children.end();
    if (!known) {
      child = children.emplace(children.end());
      child->key = key;
      child->shape = expected.shape;
      child->type = expected.type;
      child->condition = condition_;
    } else if (child->condition != condition_) {
      child->condition = child->condition.empty() || condition_.empty()
                             ? std::string{}
                             : fmt::format("{} or {}", child->condition, condition_);
    }
    child->required = (!known || child->required) && expected.required;
    source.description = &*child;
    return source;
  }
  source.section_path = path_;
  source.parent = node_;
  remember(node_->known_keys, key);
  const Entry* entry = node_->find(key);
  if (entry == nullptr) {
    if (expected.required) {
      Expected meant = expected;
      // The one number that a document itself must have is the version of its format.
      if (path_.empty() && meant.type == ValueType::integer) meant.example = "1";
      report_missing(*node_, *diagnostics_, {source.key}, missing_key_message(key, path_), example_of(key, meant));
    }
    return source;
  }
  entry->read = true;
  source.state = detail::FieldState::unreadable;
  if (entry->value.kind == Node::Kind::null) {
    const bool plain = expected.shape == Description::Shape::value && expected.type != ValueType::choice;
    diagnostics_->error(entry->value.location(), fmt::format("{}: has no value", path_to(key)),
                        std::string(plain ? words_for(expected.type).help : "leave the key out, or give it a value"));
    return source;
  }
  source.node = &entry->value;
  return source;
}

std::optional<std::size_t> Section::choose(detail::FieldSource& source, const std::vector<std::string>& names) {
  if (source.node == nullptr) return std::nullopt;
  const std::string allowed = fmt::format("{}", fmt::join(names, ", "));
  if (source.node->kind != Node::Kind::scalar) {
    diagnostics_->error(source.node->location(),
                        fmt::format("{}: {} where a word is meant", path_to(source.key), in_words(source.node->kind)),
                        "allowed: " + allowed);
    return std::nullopt;
  }
  const auto found = std::find(names.begin(), names.end(), source.node->text);
  if (found == names.end()) {
    const std::string near = nearest_name(source.node->text, names);
    node_->misread_choices.emplace_back(source.key);
    diagnostics_->error(source.node->location(),
                        fmt::format("{}: {} is not one of {}", path_to(source.key), quote(source.node->text), allowed),
                        near.empty() ? std::string{} : "the nearest is: " + near);
    return std::nullopt;
  }
  source.state = detail::FieldState::read;
  return static_cast<std::size_t>(found - names.begin());
}

bool Section::read_section(std::string_view key, std::string_view doc, const Read& read, bool required) {
  const detail::FieldSource source = take(key, {Description::Shape::section, ValueType::text, required});
  source.set_doc(doc);
  if (describing()) {
    Section section(nullptr, path_to(key), nullptr, source.description);
    read(section);
    return false;
  }
  if (source.node == nullptr) return false;
  if (source.node->kind != Node::Kind::mapping) {
    Description meant;
    Section section(nullptr, {}, nullptr, &meant);
    read(section);
    const std::string example = mapping_example(meant, *source.node);
    diagnostics_->error(source.node->location(),
                        fmt::format("{}: {} where a mapping is meant", path_to(key), in_words(source.node->kind)),
                        example.empty() ? std::string{} : fmt::format("write {}: {}", key, example));
    return false;
  }
  Section section(source.node, path_to(key), diagnostics_, nullptr);
  read(section);
  return true;
}

bool Section::optional_section(std::string_view key, std::string_view doc, const Read& read) {
  return read_section(key, doc, read, false);
}

bool Section::required_section(std::string_view key, std::string_view doc, const Read& read) {
  return read_section(key, doc, read, true);
}

detail::FieldSource Section::read_list(std::string_view key, const Read& read_item) {
  detail::FieldSource source = take(key, {Description::Shape::section_list});
  if (describing()) {
    Section section(nullptr, path_to(key), nullptr, source.description);
    read_item(section);
    return source;
  }
  if (source.node == nullptr) return source;
  if (source.node->kind != Node::Kind::list) {
    diagnostics_->error(source.node->location(),
                        fmt::format("{}: {} where a list of mappings is meant", path_to(key), in_words(source.node->kind)),
                        "begin each item with '- '");
    return source;
  }
  const std::string path = path_to(key);
  std::size_t index = 0;
  for (const Node& item : source.node->items) {
    const std::string label = item_label(item, index++);
    if (item.kind != Node::Kind::mapping) {
      diagnostics_->error(item.location(), fmt::format("{}: {} where a mapping is meant", path + "." + label, in_words(item.kind)),
                          "write its keys and values, such as {name: NAME, ...}");
      continue;
    }
    Section section(&item, fmt::format("{}.{}", path, label), diagnostics_, nullptr);
    read_item(section);
  }
  source.state = detail::FieldState::read;
  return source;
}

void Section::named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read) {
  read_named(key, what, doc, read, false);
}

void Section::required_named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read) {
  read_named(key, what, doc, read, true);
}

std::vector<std::string> Section::names_in(std::string_view key) const {
  std::vector<std::string> names;
  if (!has_section(key)) return names;
  for (const Entry& entry : node_->find(key)->value.entries) names.push_back(entry.key);
  return names;
}

void Section::named_values(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read) {
  const detail::FieldSource source = take(key, {Description::Shape::named_values, ValueType::text, false});
  source.set_doc(doc);
  if (describing()) {
    source.description->name_of = what;
    Section section(nullptr, path_to(key), nullptr, source.description);
    read({fmt::format("<{}>", what), {}}, section);
    return;
  }
  if (source.node == nullptr) return;
  const std::string help = fmt::format("write the name of each {}, a colon, and its value", what);
  if (!is_mapping_of_names(*source.node, key, help)) return;
  Section section(source.node, path_to(key), diagnostics_, nullptr);
  for (const Entry& entry : source.node->entries) read({entry.key, entry.place.location()}, section);
}

bool Section::is_mapping_of_names(const Node& node, std::string_view key, std::string help) {
  if (node.kind == Node::Kind::mapping) return true;
  diagnostics_->error(node.location(),
                      fmt::format("{}: {} where a mapping of names is meant", path_to(key), in_words(node.kind)),
                      std::move(help));
  return false;
}

void Section::read_named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read,
                         bool required) {
  const detail::FieldSource source = take(key, {Description::Shape::named, ValueType::text, required});
  source.set_doc(doc);
  if (describing()) {
    source.description->name_of = what;
    const std::string name = fmt::format("<{}>", what);
    Section section(nullptr, path_to(key) + "." + name, nullptr, source.description);
    read({name, {}}, section);
    return;
  }
  if (source.node == nullptr) return;
  const std::string help = fmt::format("write the name of each {}, a colon, and its keys below it", what);
  if (!is_mapping_of_names(*source.node, key, help)) return;
  source.node->visited = true;
  if (required && source.node->entries.empty()) {
    diagnostics_->error(source.node->location(), fmt::format("{}: has no {}, must have at least one", path_to(key), what), help);
  }
  const std::string path = path_to(key);
  for (const Entry& entry : source.node->entries) {
    entry.read = true;
    remember(source.node->known_keys, entry.key);
    const Location place = entry.place.location();
    if (required && entry.by_override) {
      std::vector<std::string> names;
      for (const Entry& other : source.node->entries) {
        if (!other.by_override) names.push_back(other.key);
      }
      diagnostics_->error(place, fmt::format("there is no {} '{}'", what, entry.key), name_help(what, entry.key, names));
      continue;
    }
    if (!is_name(entry.key)) {
      diagnostics_->error(place, fmt::format("{}: {} is not a name for a {}", path, quote(entry.key), what),
                          std::string(name_rule));
      continue;
    }
    if (entry.value.kind != Node::Kind::mapping) {
      diagnostics_->error(entry.value.location(),
                          fmt::format("{}.{}: {} where a mapping is meant", path, entry.key, in_words(entry.value.kind)),
                          fmt::format("write its keys below '{}:'", entry.key));
      continue;
    }
    Section section(&entry.value, fmt::format("{}.{}", path, entry.key), diagnostics_, nullptr);
    read({entry.key, place}, section);
  }
}

void Section::when(bool condition, std::string_view words, const Read& read) {
  if (describing()) {
    Section section(nullptr, path_, nullptr, description_);
    section.condition_ = condition_.empty() ? std::string(words) : fmt::format("{} and {}", condition_, words);
    read(section);
  } else if (condition) {
    read(*this);
  } else {
    // What the keys would have been, so that one that is given can be told when it is allowed.
    Description unread;
    Section section(nullptr, path_, nullptr, &unread);
    section.condition_ = words;
    read(section);
    for (Description& child : unread.children) {
      node_->conditional_keys.push_back({std::move(child.key), std::move(child.condition)});
    }
  }
}

void Section::exactly_one_of(std::vector<std::string_view> keys) {
  if (describing()) {
    if (condition_.empty()) description_->key_rules.push_back({true, to_strings(keys)});
    return;
  }
  const bool any = std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return has(key); });
  if (any) return at_most_one_of(std::move(keys));
  for (const std::string_view key : keys) remember(node_->known_keys, key);
  report_missing(*node_, *diagnostics_, to_strings(keys),
                 fmt::format("exactly one of {} is needed{}", fmt::join(keys, ", "), in_path(path_)), {});
}

void Section::at_most_one_of(std::vector<std::string_view> keys) {
  if (describing()) {
    if (condition_.empty()) description_->key_rules.push_back({false, to_strings(keys)});
    return;
  }
  const Entry* first = nullptr;
  for (const std::string_view key : keys) {
    const Entry* entry = node_->find(key);
    if (entry == nullptr) continue;
    if (first == nullptr) {
      first = entry;
      continue;
    }
    // The later of the two in the file is the one to mend.
    const bool in_order = first->place.location() < entry->place.location();
    const Entry& earlier = in_order ? *first : *entry;
    const Entry& later = in_order ? *entry : *first;
    diagnostics_->error(later.place.location(),
                        fmt::format("'{}' is given beside '{}': only one of {} is allowed{}", later.key, earlier.key,
                                    fmt::join(keys, ", "), in_path(path_)));
  }
}

namespace detail {

void FieldSource::check_failed(const Node* where, std::string_view value, const Rule& rule) const {
  const char* relation = rule.kind == Rule::Kind::above      ? "must be above"
                         : rule.kind == Rule::Kind::at_least ? "must be at least"
                                                             : "must be at most";
  const std::string path = section_path.empty() ? key : section_path + "." + key;
  const bool bare_share = rule.kind == Rule::Kind::at_most && rule.bound.ends_with('%') && !where->text.ends_with('%');
  diagnostics->error(where->location(), fmt::format("{}: {} {} {}", path, value, relation, rule.bound),
                     bare_share ? fmt::format("write {}% if that is meant", where->text) : std::string{});
}

void FieldSource::check_count(std::size_t found, std::size_t least) const {
  if (description != nullptr) {
    description->rules.push_back({Rule::Kind::count_at_least, std::to_string(least), static_cast<double>(least)});
    description->required = description->required || least > 0;
    return;
  }
  if (state == FieldState::unreadable || found >= least) return;
  if (node == nullptr) {
    // A required field has reported this already.
    const std::string message = missing_key_message(key, section_path);
    const auto same = [&](const MissingKeys& missing) { return missing.message == message; };
    if (std::none_of(parent->missing.begin(), parent->missing.end(), same)) {
      report_missing(*parent, *diagnostics, {key}, message, {});
    }
    return;
  }
  const std::string path = section_path.empty() ? key : section_path + "." + key;
  diagnostics->error(node->location(),
                     fmt::format("{}: has {} item{}, must have at least {}", path, found, found == 1 ? "" : "s", least));
}

void FieldSource::set_doc(std::string_view text) const {
  if (description != nullptr && description->doc.empty()) description->doc = text;
}

void FieldSource::set_default(std::string_view text) const {
  if (description != nullptr) description->default_text = text;
}

}  // namespace detail

}  // namespace fleetsim::config
