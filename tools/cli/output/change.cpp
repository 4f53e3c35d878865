#include "tools/cli/output/change.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

std::string in_words(const PairedComparison& comparison, std::string_view shown_unit) {
  const Summary& difference = comparison.difference;
  if (difference.n > 0 && difference.min == 0 && difference.max == 0) return "the same";
  if (!comparison.interval || comparison.interval->contains(0)) return "not decided";
  const std::string direction = difference.mean > 0 ? "more" : "less";
  const std::optional<Interval>& relative = comparison.relative.interval;
  const bool of_positive_base = (comparison.relative.mean > 0) == (difference.mean > 0);
  // An interval that touches zero by rounding says no more than the direction.
  if (shown_unit == "%" || !relative || !of_positive_base || relative->contains(0)) return direction;
  double low = 100 * std::abs(relative->low), high = 100 * std::abs(relative->high);
  if (low > high) std::swap(low, high);
  int decimals = std::max(0, decimals_for(low, (high - low) / 2, "%") - 1);
  // An end that is not zero shows it.
  while (decimals < 6 && std::stod(fmt::format("{:.{}f}", low, decimals)) == 0) ++decimals;
  const std::string from = grouped(low, decimals), to = grouped(high, decimals);
  return from == to ? fmt::format("{} % {}", to, direction) : fmt::format("{} to {} % {}", from, to, direction);
}

}  // namespace fleetsim::cli
