#pragma once
/// Reads a piece of a scenario, as a model's own tests need it.

#include <string>
#include <string_view>
#include <utility>

#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim::test {

template <class Value>
struct TextRead {
  Value value;
  std::string problems;  ///< the diagnostics as the user sees them; empty if there are none
};

/// Runs `read(root section)` over `text`, as if it were the file `name`; files that it names are found beside that.
template <class Read>
auto read_text(std::string_view text, Read read, const std::string& name = "test.yaml") {
  config::Diagnostics diagnostics;
  TextRead<decltype(read(std::declval<config::Section&>()))> result;
  if (auto document = config::Document::from_text(text, name, {}, diagnostics)) {
    config::Section root = document->root();
    result.value = read(root);
    document->finish();
  }
  result.problems = diagnostics.to_text();
  return result;
}

}  // namespace fleetsim::test
