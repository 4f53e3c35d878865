#include "sim/config/yaml_document.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <istream>
#include <map>
#include <set>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "sim/config/quote.hpp"
#include "sim/config/yaml_text.hpp"

namespace fleetsim::config {
namespace {

constexpr std::size_t depth_max = 64;
/// Of one file, counting what aliases repeat.
constexpr std::size_t nodes_max = 200'000;
/// Kept for aliases to repeat: more only where anchors stand inside anchors.
constexpr std::size_t nodes_kept_max = 400'000;

/// Ends a parse whose error has been reported.
struct Stop {};

/// Adds the entries of mappings under "<<"; a key that is there already stays.
void merge_into(std::vector<Entry>& entries, std::vector<Node> merged) {
  std::set<std::string> keys;
  for (const Entry& entry : entries) keys.insert(entry.key);
  for (Node& mapping : merged) {
    for (Entry& entry : mapping.entries) {
      if (keys.insert(entry.key).second) entries.push_back(std::move(entry));
    }
  }
}

/// Builds nodes from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const SourceFile& file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  Node take_root() { return std::move(root_); }
  /// Where the innermost value begins that has not ended.
  Place innermost() const { return frames_.empty() ? Place{&file_, 1, 1} : frames_.back().value.place; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      stop(place_of(mark), "a second document begins here", "a scenario is one document; remove the '---' line");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node(mark, Node::Kind::null), anchor, 1, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node scalar = node(mark, Node::Kind::scalar);
    scalar.text = value;
    scalar.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    check_tag(mark, tag);
    if (!quote_closes(text_, static_cast<std::size_t>(mark.pos))) {
      stop(scalar.place, "a quoted text is not closed", "close it with the quote that opens it");
    }
    add(std::move(scalar), anchor, 1, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(place_of(mark), "an alias stands inside the value that it repeats");
    const Anchored& anchored = found->second;
    count_nodes(mark, anchored.nodes, "aliases expand to");
    if (frames_.size() + anchored.height > depth_max) stop_at_depth(place_of(mark));
    add(anchored.value, 0, anchored.nodes, anchored.height, place_of(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, Node::Kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, Node::Kind::mapping, anchor);
  }
  void OnMapEnd() override {
    Frame& frame = frames_.back();
    refuse_keys_given_twice(frame.value.entries);
    if (!frame.merged.empty()) merge_into(frame.value.entries, std::move(frame.merged));
    close();
  }

 private:
  struct Frame {
    Node value;
    YAML::anchor_t anchor = 0;
    std::size_t nodes = 1;
    std::size_t height = 1;
    bool has_key = false;
    bool key_usable = false;
    std::string key;
    Place key_place;
    std::vector<Node> merged;  // mappings under "<<", in the order of the file
  };
  struct Anchored {
    Node value;
    std::size_t nodes;
    std::size_t height;
  };

  Place place_of(const YAML::Mark& mark) const { return {&file_, mark.line + 1, mark.column + 1}; }

  Node node(const YAML::Mark& mark, Node::Kind kind) {
    count_nodes(mark, 1, "the file holds");
    Node result;
    result.kind = kind;
    result.place = place_of(mark);
    return result;
  }

  [[noreturn]] void stop(const Place& place, std::string message, std::string help = {}) {
    diagnostics_.error(place.location(), std::move(message), std::move(help));
    throw Stop{};
  }
  [[noreturn]] void stop_at_depth(const Place& place) {
    stop(place, fmt::format("nested deeper than {} levels", depth_max));
  }

  void count_nodes(const YAML::Mark& mark, std::size_t more, std::string_view what) {
    nodes_ += more;
    if (nodes_ > nodes_max) stop(place_of(mark), fmt::format("{} more than {} values", what, nodes_max));
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") return;
    if (tag.starts_with(standard)) {
      const std::string_view name = std::string_view(tag).substr(standard.size());
      for (const std::string_view known : {"str", "int", "float", "bool", "seq", "map"}) {
        if (name == known) return;
      }
    }
    diagnostics_.error(place_of(mark).location(), fmt::format("unknown tag {}", quote(tag)), "remove the tag");
  }

  void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
    if (frames_.size() == depth_max) stop_at_depth(place_of(mark));
    Frame frame;
    frame.value = node(mark, kind);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    add(std::move(frame.value), frame.anchor, frame.nodes, frame.height);
  }

  void add(Node value, YAML::anchor_t anchor, std::size_t nodes, std::size_t height) {
    const Place place = value.place;
    add(std::move(value), anchor, nodes, height, place);
  }

  /// Puts a finished value where it belongs. `place` is where it stands in this spot, an alias's own for an alias.
  void add(Node value, YAML::anchor_t anchor, std::size_t nodes, std::size_t height, const Place& place) {
    if (anchor != 0) {
      nodes_kept_ += nodes;
      if (nodes_kept_ > nodes_kept_max) stop(place, "too many values are kept by anchors inside anchors");
      anchors_[anchor] = {value, nodes, height};
    }
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    frame.nodes += nodes;
    frame.height = std::max(frame.height, height + 1);
    if (frame.value.kind == Node::Kind::list) {
      frame.value.items.push_back(std::move(value));
    } else if (!frame.has_key) {
      frame.has_key = true;
      frame.key_usable = check_key(value, place);
      frame.key = std::move(value.text);
      frame.key_place = place;
    } else {
      frame.has_key = false;
      if (frame.key_usable) add_entry(frame, std::move(value), place);
    }
  }

  bool check_key(const Node& key, const Place& place) {
    if (key.kind != Node::Kind::scalar) {
      diagnostics_.error(place.location(), fmt::format("{} where a key is meant", in_words(key.kind)),
                         "a key is a plain word, followed by a colon and a blank");
      return false;
    }
    if (key.text.empty()) diagnostics_.error(place.location(), "a key is empty");
    return !key.text.empty();
  }

  void add_entry(Frame& frame, Node value, const Place& place) {
    if (frame.key == "<<") {
      add_merge(frame, std::move(value), place);
      return;
    }
    // A value that begins below its key is spoken of at its key; an alias where it stands.
    value.place = place.line == frame.key_place.line ? place : frame.key_place;
    frame.value.entries.push_back({std::move(frame.key), frame.key_place, std::move(value)});
  }

  void add_merge(Frame& frame, Node value, const Place& place) {
    std::vector<Node> values;
    if (value.kind == Node::Kind::list) {
      values = std::move(value.items);
    } else {
      values.push_back(std::move(value));
    }
    for (Node& merged : values) {
      if (merged.kind == Node::Kind::mapping) {
        frame.merged.push_back(std::move(merged));
      } else {
        diagnostics_.error(place.location(), fmt::format("'<<' merges mappings, not {}", in_words(merged.kind)));
      }
    }
  }

  void refuse_keys_given_twice(std::vector<Entry>& entries) {
    std::map<std::string, Place> first_place;
    std::vector<Entry> unique;
    for (Entry& entry : entries) {
      const auto [first, is_first] = first_place.emplace(entry.key, entry.place);
      if (is_first) {
        unique.push_back(std::move(entry));
        continue;
      }
      diagnostics_.error(
          entry.place.location(), fmt::format("key {} is given twice", quote(entry.key)),
          fmt::format("it is first given at line {}, column {}", first->second.line, first->second.column));
    }
    entries = std::move(unique);
  }

  const std::string_view text_;
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  Node root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t nodes_kept_ = 0;
  int documents_ = 0;
};

/// Reads text in place, without the copy of a string stream.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written to: there is no put area
    setg(begin, begin, begin + text.size());
  }
};

void report_syntax_error(const YAML::Exception& error, std::string_view text, const SourceFile& file,
                         const Place& innermost, Diagnostics& diagnostics) {
  const std::string_view theirs = error.msg;
  Location where{file.name, 0, 0};
  if (!error.mark.is_null()) where = {file.name, error.mark.line + 1, error.mark.column + 1};
  for (const char bracket : {'[', '{'}) {
    if (theirs != (bracket == '[' ? "end of sequence flow not found" : "end of map flow not found")) continue;
    const auto at = static_cast<std::size_t>(std::max(0, error.mark.pos));
    if (at < text.size() && text[at] == '?') {
      diagnostics.error(std::move(where), fmt::format("a '?' after a blank stands for a key inside of '{}'", bracket),
                        "quote the text that holds it, such as \"cron(0 20 * * ? *)\"; outside of brackets it needs no quotes");
      return;
    }
    diagnostics.error(
        innermost.location(), fmt::format("this '{}' is not closed", bracket),
        fmt::format("separate items by commas and close with '{}'; what stands at line {}, column {} cannot follow inside it",
                    bracket == '[' ? ']' : '}', where.line, where.column));
    return;
  }
  if (!error.mark.is_null() && is_indented_by_tab(text, error.mark.line)) {
    diagnostics.error(std::move(where), "a tab is used for indentation", "indent with blanks");
    return;
  }
  SyntaxError words = in_plain_words(theirs);
  diagnostics.error(std::move(where), std::move(words.message), std::move(words.help));
}

}  // namespace

std::optional<Node> parse_yaml(std::string_view text, const SourceFile& file, Diagnostics& diagnostics) {
  Builder builder(text, file, diagnostics);
  try {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    report_syntax_error(error, text, file, builder.innermost(), diagnostics);
  } catch (const std::exception& error) {
    diagnostics.error({file.name, 0, 0}, fmt::format("cannot be parsed: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace fleetsim::config
