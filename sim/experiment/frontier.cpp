#include "fleetsim/sim/experiment/frontier.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::experiment {
namespace {

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t m = 0; m < a.size(); ++m) {
    if (a[m] > b[m]) return false;
    better = better || a[m] < b[m];
  }
  return better;
}

}  // namespace

std::vector<std::optional<std::size_t>> dominated_by(const std::vector<std::vector<double>>& means) {
  // One that dominates stands before the other in lexicographic order, and what is dominated at all is so by one of the
  // frontier: each is compared with the frontier so far.
  std::vector<std::size_t> order, frontier;
  for (std::size_t d = 0; d < means.size(); ++d)
    if (std::none_of(means[d].begin(), means[d].end(), [](double value) { return std::isnan(value); })) order.push_back(d);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return means[a] != means[b] ? means[a] < means[b] : a < b; });
  std::vector<std::optional<std::size_t>> result(means.size());
  for (const std::size_t d : order) {
    for (const std::size_t other : frontier)
      if (dominates(means[other], means[d]) && (!result[d] || other < *result[d])) result[d] = other;
    if (!result[d]) frontier.push_back(d);
  }
  return result;
}

}  // namespace fleetsim::experiment
