#include "sim/config/node.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim::config {

const Entry* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Node::find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

std::string_view in_words(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null: return "no value";
    case Node::Kind::scalar: return "a value";
    case Node::Kind::list: return "a list";
    case Node::Kind::mapping: break;
  }
  return "a mapping";
}

std::string item_label(const Node& item, std::size_t index) {
  const Entry* name = item.find("name");
  return name != nullptr && name->value.kind == Node::Kind::scalar ? name->value.text : std::to_string(index);
}

}  // namespace fleetsim::config
