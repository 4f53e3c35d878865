#include "fleetsim/sim/config/json.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/config/number.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/text_file.hpp"

namespace fleetsim::config {

/// The values in the order of the file: a value, then what is in it. `end` is the index after all that is in it.
class JsonTree {
 public:
  struct Entry {
    std::string_view key;
    std::string_view text;
    std::uint32_t offset = 0;  // of its first byte
    std::uint32_t end = 0;
    JsonKind kind = JsonKind::null;
  };

  std::string text;
  std::string name;
  std::vector<Entry> entries;
  std::deque<std::string> unescaped;  // texts that differ from how the file writes them

  Location where(std::size_t offset) const {
    const std::string_view before = std::string_view(text).substr(0, offset);
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return {name, static_cast<int>(1 + newlines_before(offset)), static_cast<int>(offset - line_start + 1)};
  }

  /// Called once, when the text is whole.
  void find_lines() {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      newlines_.push_back(static_cast<std::uint32_t>(at));
    }
  }

 private:
  std::size_t newlines_before(std::size_t offset) const {
    return static_cast<std::size_t>(std::lower_bound(newlines_.begin(), newlines_.end(), offset) - newlines_.begin());
  }
  std::vector<std::uint32_t> newlines_;
};

namespace {

constexpr std::size_t file_bytes_max = std::size_t{256} << 20U;
constexpr std::size_t depth_max = 64;

/// Lets the parser's events know how far it has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Takes the parser's events and writes the tree.
class TreeBuilder {
 public:
  using Json = nlohmann::json;

  TreeBuilder(JsonTree& tree, std::string_view text, Diagnostics& diagnostics)
      : tree_(tree), diagnostics_(diagnostics), last_(text.data()), reached_(text.data()) {}

  const char** reached() { return &reached_; }

  bool null() { return add(JsonKind::null, {}); }
  bool boolean(bool) { return add(JsonKind::boolean, {}); }
  bool number_integer(Json::number_integer_t) { return add_number(); }
  bool number_unsigned(Json::number_unsigned_t) { return add_number(); }
  bool number_float(Json::number_float_t, const Json::string_t&) { return add_number(); }
  bool string(const Json::string_t& value) { return add(JsonKind::text, keep(value, start())); }
  bool binary(const Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(const Json::string_t& value) {
    const char* from = start();
    key_ = keep(value, from);
    last_ = reached_;
    return true;
  }
  bool parse_error(std::size_t, const std::string& last_token, const Json::exception& error) {
    const std::string_view why = error.what();
    const std::size_t expected = why.find("; expected ");
    const std::string found = why.find("unexpected end of input") != std::string_view::npos
                                  ? std::string("the file ends early")
                                  : fmt::format("found {}", quote(last_token));
    const char* place = reached_ == tree_.text.data() ? reached_ : reached_ - 1;
    diagnostics_.error(tree_.where(offset(place)),
                       fmt::format("is not JSON: {}{}", found,
                                   expected == std::string_view::npos ? std::string_view{} : why.substr(expected)),
                       "a cut-off download or a list without its brackets are the usual reasons");
    return false;
  }

 private:
  std::size_t offset(const char* at) const { return static_cast<std::size_t>(at - tree_.text.data()); }

  /// Where the value that the parser has just read begins: after the last one, past blanks and separators.
  const char* start() const {
    const char* at = last_;
    while (at < reached_ && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n' || *at == ',' || *at == ':')) ++at;
    return at;
  }

  /// The value without a copy where the file writes it as it is.
  std::string_view keep(const std::string& value, const char* from) {
    const std::string_view written(from + 1, static_cast<std::size_t>(reached_ - from) - 2);
    if (written == value) return written;
    return tree_.unescaped.emplace_back(value);
  }

  bool add_number() {
    const char* from = start();
    const char* to = from;
    while (to < reached_ && std::string_view("+-.0123456789eE").find(*to) != std::string_view::npos) ++to;
    return add(JsonKind::number, {from, static_cast<std::size_t>(to - from)});
  }

  bool add(JsonKind kind, std::string_view text) {
    const auto index = static_cast<std::uint32_t>(tree_.entries.size());
    tree_.entries.push_back({.key = std::exchange(key_, {}),
                             .text = text,
                             .offset = static_cast<std::uint32_t>(offset(start())),
                             .end = index + 1,
                             .kind = kind});
    last_ = reached_;
    return true;
  }

  bool open(JsonKind kind) {
    add(kind, {});
    open_.push_back(static_cast<std::uint32_t>(tree_.entries.size() - 1));
    if (open_.size() <= depth_max) return true;
    diagnostics_.error(tree_.where(tree_.entries.back().offset),
                       fmt::format("lists and objects are nested more than {} deep", depth_max));
    return false;
  }

  bool close() {
    const std::uint32_t index = open_.back();
    tree_.entries[index].end = static_cast<std::uint32_t>(tree_.entries.size());
    open_.pop_back();
    last_ = reached_;
    return tree_.entries[index].kind == JsonKind::list || keys_differ(index);
  }

  bool keys_differ(std::uint32_t object) {
    std::vector<std::pair<std::string_view, std::uint32_t>> keys;
    for (std::uint32_t i = object + 1; i < tree_.entries[object].end; i = tree_.entries[i].end) {
      keys.emplace_back(tree_.entries[i].key, i);
    }
    std::sort(keys.begin(), keys.end());
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i].first != keys[i - 1].first) continue;
      diagnostics_.error(tree_.where(tree_.entries[keys[i].second].offset),
                         fmt::format("key {} is given twice in one object", quote(keys[i].first)));
      return false;
    }
    return true;
  }

  JsonTree& tree_;
  Diagnostics& diagnostics_;
  const char* last_;     // end of the value before
  const char* reached_;  // end of what the parser has read
  std::string_view key_;
  std::vector<std::uint32_t> open_;
};

bool refuse(const JsonValue& value, std::string_view name, std::string problem, std::string help,
            Diagnostics& diagnostics) {
  diagnostics.error(value.where(),
                    value.given() ? fmt::format("{}: {}", name, problem) : fmt::format("key '{}' is missing", name),
                    std::move(help));
  return false;
}

std::string words(JsonKind kind) {
  switch (kind) {
    case JsonKind::missing: return "nothing";
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "true or false";
    case JsonKind::number: return "a number";
    case JsonKind::text: return "a text";
    case JsonKind::list: return "a list";
    case JsonKind::object: return "an object";
  }
  return {};
}

}  // namespace

JsonKind JsonValue::kind() const { return given_ ? tree_->entries[index_].kind : JsonKind::missing; }

std::string_view JsonValue::text() const { return given_ ? tree_->entries[index_].text : std::string_view{}; }

std::string_view JsonValue::key() const { return given_ ? tree_->entries[index_].key : std::string_view{}; }

JsonValue JsonValue::operator[](std::string_view key) const {
  if (kind() == JsonKind::object) {
    for (std::uint32_t i = index_ + 1; i < tree_->entries[index_].end; i = tree_->entries[i].end) {
      if (tree_->entries[i].key == key) return {tree_, i, true};
    }
  }
  return {tree_, index_, false};
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> all;
  if (kind() != JsonKind::list && kind() != JsonKind::object) return all;
  for (std::uint32_t i = index_ + 1; i < tree_->entries[index_].end; i = tree_->entries[i].end) {
    all.push_back({tree_, i, true});
  }
  return all;
}

Location JsonValue::where() const { return tree_->where(tree_->entries[index_].offset); }

JsonDocument::JsonDocument(std::unique_ptr<const JsonTree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::root() const { return {tree_.get(), 0, true}; }

std::optional<JsonDocument> JsonDocument::read(const FilePath& file, Diagnostics& diagnostics) {
  std::optional<std::string> text = read_file(file.path, file.path, file_bytes_max, true, diagnostics);
  if (!text) return std::nullopt;
  return from_text(std::move(*text), file.path, diagnostics);
}

std::optional<JsonDocument> JsonDocument::from_text(std::string text, std::string name, Diagnostics& diagnostics) {
  if (!check_text(text, name, diagnostics)) return std::nullopt;
  auto tree = std::make_unique<JsonTree>();
  tree->text = std::move(text);
  tree->name = std::move(name);
  tree->find_lines();
  const std::string_view json = without_mark(tree->text);
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    diagnostics.error({tree->name, 0, 0}, "the file is empty");
    return std::nullopt;
  }
  TreeBuilder builder(*tree, json, diagnostics);
  const bool whole =
      nlohmann::json::sax_parse(CountingIterator(json.data(), builder.reached()),
                                CountingIterator(json.data() + json.size(), builder.reached()), &builder);
  if (!whole) return std::nullopt;
  return JsonDocument(std::move(tree));
}

bool read_json(const JsonValue& value, std::string_view name, std::int64_t unit, std::int64_t& out,
               Diagnostics& diagnostics) {
  if (value.kind() != JsonKind::number && value.kind() != JsonKind::text) {
    return refuse(value, name, fmt::format("is {}, not a number", words(value.kind())), "write a number", diagnostics);
  }
  const std::string_view text = value.text();
  ScannedNumber number = scan_number(text, false);
  if (number.problem.empty() && (number.length == 0 || number.length < text.size())) {
    number.problem = "is not a number";
    number.help = "write a plain decimal number, such as 0.0350";
  }
  if (!number.problem.empty()) {
    return refuse(value, name, fmt::format("{} {}", quote(text), number.problem), std::move(number.help), diagnostics);
  }
  const std::optional<std::int64_t> count = to_integer(number.value, unit, 1);
  if (!count) return refuse(value, name, fmt::format("{} is too large", quote(text)), {}, diagnostics);
  out = *count;
  return true;
}

bool read_json(const JsonValue& value, std::string_view name, std::string& out, Diagnostics& diagnostics) {
  if (value.kind() != JsonKind::text) {
    return refuse(value, name, fmt::format("is {}, not a text", words(value.kind())), {}, diagnostics);
  }
  if (value.text().empty()) return refuse(value, name, "is empty", {}, diagnostics);
  out = value.text();
  return true;
}

bool read_json(const JsonValue& value, std::string_view name, UtcTime& out, Diagnostics& diagnostics) {
  std::string text;
  if (!read_json(value, name, text, diagnostics)) return false;
  std::string plain = text;
  if (plain.ends_with("+00:00")) plain.replace(plain.size() - 6, 6, "Z");
  if (const std::size_t dot = plain.find('.'); dot != std::string::npos && plain.ends_with('Z')) {
    const std::size_t digits_end = plain.find_first_not_of("0123456789", dot + 1);
    if (digits_end == plain.size() - 1 && digits_end > dot + 1) plain.erase(dot, digits_end - dot);
  }
  const std::optional<UtcTime> time = parse_utc_time(plain);
  if (!time) {
    return refuse(value, name, fmt::format("cannot read {} as an instant", quote(text)),
                  "write it in UTC as 2021-08-01T00:00:00Z", diagnostics);
  }
  out = *time;
  return true;
}

}  // namespace fleetsim::config
