#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::config {
namespace {

/// Names longer than this are no slip of the keyboard; the bound keeps the cost of garbage input small.
constexpr std::size_t name_length_max = 100;
constexpr std::size_t names_listed_max = 12;

/// Edit distance with insertions, deletions, substitutions and swaps of neighbours, one each (optimal string
/// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view found, const std::vector<std::string>& names) {
  std::string best;
  if (found.size() > name_length_max) return best;
  // A third of the letters may be wrong; in a short name, one.
  std::size_t allowed = std::max<std::size_t>(1, found.size() / 3);
  for (const std::string& name : names) {
    if (name.size() > found.size() + allowed || found.size() > name.size() + allowed) continue;
    const std::size_t distance = edit_distance(found, name);
    if (distance < found.size() && distance < name.size() &&
        (best.empty() ? distance <= allowed : distance < allowed)) {
      best = name;
      allowed = distance;
    }
  }
  return best;
}

std::string name_help(std::string_view what, std::string_view found, const std::vector<std::string>& names) {
  if (const std::string near = nearest_name(found, names); !near.empty()) {
    const bool vowel = !what.empty() && std::string_view("aeiou").find(what.front()) != std::string_view::npos;
    return fmt::format("{} {} with a similar name exists: {}", vowel ? "an" : "a", what, near);
  }
  if (names.empty() || names.size() > names_listed_max) return {};
  return fmt::format("allowed: {}", fmt::join(names, ", "));
}

}  // namespace fleetsim::config
