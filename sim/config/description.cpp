#include "fleetsim/sim/config/description.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/sim/config/section.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {

const Description* Description::find(std::string_view child_key) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const Description& d) { return d.key == child_key; });
  return found == children.end() ? nullptr : &*found;
}

std::string to_text(const Rule& rule) {
  switch (rule.kind) {
    case Rule::Kind::above: return "above " + rule.bound;
    case Rule::Kind::at_least: return "at least " + rule.bound;
    case Rule::Kind::at_most: return "at most " + rule.bound;
    case Rule::Kind::count_at_least: break;
  }
  return fmt::format("at least {} item{}", rule.bound, rule.bound == "1" ? "" : "s");
}

Description describe(const std::function<void(Section&)>& read) {
  Description root;
  Description& include = root.children.emplace_back();
  include.key = "include";
  include.shape = Description::Shape::values;
  include.type = ValueType::file;
  include.doc = "files whose keys stand below this file's own. Mappings merge key by key, anything else replaces, a key that is null takes the included one away; one name or a list";
  Section section(nullptr, {}, nullptr, &root);
  read(section);
  return root;
}

std::string type_in_words(const Description& description) {
  switch (description.shape) {
    case Description::Shape::value: return std::string(words_for(description.type).one);
    case Description::Shape::values: return fmt::format("list of {}", words_for(description.type).many);
    case Description::Shape::section:
      return description.choices.empty() ? "mapping"
                                         : fmt::format("{} or a mapping", fmt::join(description.choices, ", "));
    case Description::Shape::section_list: return "list of mappings";
    case Description::Shape::named:
    case Description::Shape::named_values: break;
  }
  return fmt::format("mapping by name of {}", description.name_of);
}

}  // namespace fleetsim::config
