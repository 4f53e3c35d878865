#include <algorithm>
#include <cmath>
#include <numeric>

#include "fleetsim/sim/experiment/selection.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/experiment/screening.hpp"

namespace fleetsim::experiment {
namespace {

class Kn {
 public:
  Kn(const Observer& observer, const SelectionOptions& options)
      : observer_(observer), options_(options), wanted_(observer.designs, options.first), sums_(observer.designs, 0) {
    result_.survivors.resize(observer.designs);
    std::iota(result_.survivors.begin(), result_.survivors.end(), std::size_t{0});
  }

  Selection run() {
    std::uint64_t first = options_.first;
    while (true) {
      if (!observer_.bring_to(wanted_)) return finish(SelectionEnd::interrupted);
      take_variances(first);
      const std::uint64_t more = more_first(first, options_.at_most);
      if (all_vary() || more == first) break;
      first = more;
      std::fill(wanted_.begin(), wanted_.end(), first);
    }
    const double error = (1 - options_.probability) / std::max(1.0, static_cast<double>(observer_.designs) - 1);
    squared_h_ = squared_h(std::min(error, 0.499), first);
    for (std::size_t d = 0; d < observer_.designs; ++d)
      for (std::uint64_t k = 0; k < first; ++k) sums_[d] += observer_.value(d, k);
    seen_ = first;
    while (true) {
      screen();
      if (result_.survivors.size() == 1) return finish(SelectionEnd::decided);
      if (seen_ == options_.at_most) return finish(SelectionEnd::budget);
      if (seen_ == wanted_[result_.survivors.front()]) {
        for (const std::size_t d : result_.survivors) wanted_[d] = std::min(seen_ + look_ahead, options_.at_most);
        if (!observer_.bring_to(wanted_)) return finish(SelectionEnd::interrupted);
      }
      for (const std::size_t d : result_.survivors) sums_[d] += observer_.value(d, seen_);
      ++seen_;
    }
  }

 private:
  double mean(std::size_t d) const { return sums_[d] / static_cast<double>(seen_); }

  /// Of the differences of the first observations.
  void take_variances(std::uint64_t first) {
    const std::size_t n = observer_.designs;
    variances_.assign(n * n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t l = i + 1; l < n; ++l) {
        Tally difference;
        for (std::uint64_t k = 0; k < first; ++k) difference.add(observer_.value(i, k) - observer_.value(l, k));
        variances_[i * n + l] = variances_[l * n + i] = difference.variance();
      }
    }
  }

  bool all_vary() const {
    for (std::size_t i = 0; i < observer_.designs; ++i)
      for (std::size_t l = i + 1; l < observer_.designs; ++l)
        if (variances_[i * observer_.designs + l] == 0) return false;
    return true;
  }

  /// W of the paper: how far i may lie above l and stay.
  double allowance(std::size_t i, std::size_t l) const {
    const double r = static_cast<double>(seen_);
    const double delta = options_.indifference;
    return std::max(0.0, delta / (2 * r) * (squared_h_ * variances_[i * observer_.designs + l] / (delta * delta) - r));
  }

  void screen() {
    const std::vector<std::size_t> old = result_.survivors;
    std::erase_if(result_.survivors, [&](std::size_t i) {
      return std::any_of(old.begin(), old.end(),
                         [&](std::size_t l) { return l != i && mean(i) > mean(l) + allowance(i, l); });
    });
    // Equal means without allowance would stay for ever: the first of them is as good as the others.
    if (result_.survivors.size() > 1 && std::all_of(result_.survivors.begin() + 1, result_.survivors.end(), [&](std::size_t l) {
          return allowance(result_.survivors.front(), l) == 0 && mean(result_.survivors.front()) == mean(l);
        }))
      result_.survivors.resize(1);
  }

  Selection finish(SelectionEnd end) {
    result_.end = end;
    if (seen_ > 0)
      result_.best = *std::min_element(result_.survivors.begin(), result_.survivors.end(),
                                       [&](std::size_t a, std::size_t b) { return mean(a) < mean(b); });
    result_.replications = wanted_;
    result_.probability = end == SelectionEnd::decided ? options_.probability : 0;
    return result_;
  }

  const Observer& observer_;
  const SelectionOptions& options_;
  double squared_h_ = 0;
  std::vector<std::uint64_t> wanted_;
  std::vector<double> sums_;
  std::vector<double> variances_;
  std::uint64_t seen_ = 0;
  Selection result_;
};

}  // namespace

Selection select_kn(const Observer& observer, const SelectionOptions& options) {
  invariant(observer.designs > 0, "a selection has a design");
  invariant(options.indifference > 0 && options.first >= 2, "KN has an indifference zone and two replications or more");
  if (observer.designs == 1) {
    Selection only{.survivors = {0}, .replications = {0}, .probability = 1};
    return only;
  }
  return Kn(observer, options).run();
}

}  // namespace fleetsim::experiment
