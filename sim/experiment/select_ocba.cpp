#include <algorithm>
#include <cmath>
#include <limits>

#include "fleetsim/sim/experiment/selection.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim::experiment {
namespace {

class Ocba {
 public:
  Ocba(const Observer& observer, const SelectionOptions& options)
      : observer_(observer), options_(options), wanted_(observer.designs, options.first), tallies_(observer.designs) {}

  Selection run() {
    const std::uint64_t step = std::max<std::uint64_t>(observer_.designs, 8);
    while (true) {
      if (!observer_.bring_to(wanted_)) return finish(SelectionEnd::interrupted);
      for (std::size_t d = 0; d < observer_.designs; ++d)
        while (tallies_[d].count() < wanted_[d]) tallies_[d].add(observer_.value(d, tallies_[d].count()));
      if (probability() >= options_.probability) return finish(SelectionEnd::decided);
      if (!allocate(step)) return finish(SelectionEnd::budget);
    }
  }

 private:
  std::size_t best() const {
    return static_cast<std::size_t>(
        std::min_element(tallies_.begin(), tallies_.end(),
                         [](const Tally& a, const Tally& b) { return a.mean() < b.mean(); }) -
        tallies_.begin());
  }
  double distance(std::size_t d, std::size_t b) const {
    return tallies_[d].mean() - tallies_[b].mean() + options_.indifference;
  }

  /// 1 - the sum over the others of P(the other's mean is the smaller), their means normal.
  double probability() const {
    const std::size_t b = best();
    double wrong = 0;
    for (std::size_t d = 0; d < observer_.designs; ++d) {
      if (d == b) continue;
      const double error = std::hypot(tallies_[d].standard_error(), tallies_[b].standard_error());
      if (error > 0) wrong += special::normal_cdf(-distance(d, b) / error);
      else if (!(distance(d, b) > 0)) wrong += 0.5;
    }
    return std::max(0.0, 1 - wrong);
  }

  /// Spreads `step` more replications in OCBA's ratios; false where all that want some are at the cap.
  bool allocate(std::uint64_t step) {
    const std::size_t b = best();
    std::vector<double> ratio(observer_.designs, 0);
    double of_best = 0;
    for (std::size_t d = 0; d < observer_.designs; ++d) {
      if (d == b) continue;
      // A design that equals the best would take everything: what can't be told apart is not told apart by more.
      const double apart = std::max(distance(d, b), 1e-3 * tallies_[d].standard_deviation());
      ratio[d] = apart > 0 ? tallies_[d].variance() / (apart * apart) : 0;
      if (tallies_[d].variance() > 0) of_best += ratio[d] * ratio[d] / tallies_[d].variance();
    }
    ratio[b] = std::sqrt(tallies_[b].variance() * of_best);
    double sum = 0;
    std::uint64_t total = step;
    for (std::size_t d = 0; d < observer_.designs; ++d) {
      sum += ratio[d];
      total += wanted_[d];
    }
    bool more = false;
    for (std::size_t d = 0; d < observer_.designs && sum > 0; ++d) {
      const auto share = static_cast<std::uint64_t>(std::ceil(ratio[d] / sum * static_cast<double>(total)));
      const std::uint64_t next = std::min({std::max(share, wanted_[d]), wanted_[d] + step, options_.at_most});
      more = more || next > wanted_[d];
      wanted_[d] = next;
    }
    return more;
  }

  Selection finish(SelectionEnd end) const {
    Selection result{.end = end, .replications = wanted_};
    if (tallies_.front().count() > 1) {
      result.best = best();
      result.probability = probability();
    }
    for (std::size_t d = 0; d < observer_.designs; ++d)
      if (end != SelectionEnd::decided || d == result.best) result.survivors.push_back(d);
    return result;
  }

  const Observer& observer_;
  const SelectionOptions& options_;
  std::vector<std::uint64_t> wanted_;
  std::vector<Tally> tallies_;
};

}  // namespace

Selection select_ocba(const Observer& observer, const SelectionOptions& options) {
  invariant(observer.designs > 0 && options.first >= 2, "OCBA has a design and two replications or more");
  if (observer.designs == 1) return {.survivors = {0}, .replications = {0}, .probability = 1};
  return Ocba(observer, options).run();
}

}  // namespace fleetsim::experiment
