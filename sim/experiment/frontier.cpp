#include "fleetsim/sim/experiment/frontier.hpp"

namespace fleetsim::experiment {
namespace {

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t m = 0; m < a.size(); ++m) {
    if (!(a[m] <= b[m])) return false;  // so says a missing value too
    better = better || a[m] < b[m];
  }
  return better;
}

}  // namespace

std::vector<std::optional<std::size_t>> dominated_by(const std::vector<std::vector<double>>& means) {
  std::vector<std::optional<std::size_t>> result(means.size());
  for (std::size_t d = 0; d < means.size(); ++d) {
    for (std::size_t other = 0; other < means.size() && !result[d]; ++other) {
      if (dominates(means[other], means[d])) result[d] = other;
    }
  }
  return result;
}

}  // namespace fleetsim::experiment
