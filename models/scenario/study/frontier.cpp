// Which designs of a study nobody would choose, and how sure that is.

#include "fleetsim/sim/experiment/frontier.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/statistics.hpp"
#include "models/scenario/study/answers.hpp"

namespace fleetsim::scenario {

namespace {

double statistic_of(const experiment::Statistics& statistics, Statistic which) {
  switch (which) {
    case Statistic::mean: return statistics.mean;
    case Statistic::p05: return statistics.p05;
    case Statistic::p50: return statistics.p50;
    case Statistic::p95: return statistics.p95;
    case Statistic::min: return statistics.min;
    case Statistic::max: return statistics.max;
  }
  return 0;
}

std::optional<double> quantile_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::p05: return 0.05;
    case Statistic::p50: return 0.50;
    case Statistic::p95: return 0.95;
    case Statistic::mean:
    case Statistic::min:
    case Statistic::max: break;
  }
  return std::nullopt;
}

/// By how much one design is worse than another in each axis of the frontier.
class Axes {
 public:
  explicit Axes(const Evidence& evidence, const std::vector<StudyDesignResult>& results)
      : evidence_(evidence), results_(results) {}

  std::vector<double> values(std::size_t design) const {
    std::vector<double> values;
    for (const FrontierAxis& axis : evidence_.plan.frontier) {
      const double value = statistic_of(results_[design].metrics[axis.metric].plain, axis.statistic);
      values.push_back(axis.larger_is_better ? -value : value);
    }
    return values;
  }

  /// Above zero where `design` is worse than `other`; empty where nothing is known. Of means by paired differences. Of
  /// quantiles from the end of one's interval to the opposite end of the other's, which claims less than a paired one
  /// would. Extremes are facts about these replications and count as they are.
  std::optional<Interval> worse_by(std::size_t design, std::size_t other, const FrontierAxis& axis) const {
    const std::uint64_t both = std::min(evidence_.replications[design], evidence_.replications[other]);
    const std::span<const double> of_design = evidence_.values(design, axis.metric), of_other = evidence_.values(other, axis.metric);
    const std::size_t step = evidence_.plan.antithetic_pairs ? 2 : 1;
    Tally differences;
    for (std::size_t k = 0; k + step <= both; k += step) {
      double sum = 0;
      for (std::size_t i = k; i < k + step; ++i) sum += of_design[i] - of_other[i];
      if (!std::isnan(sum)) differences.add(sum / static_cast<double>(step));
    }
    if (differences.count() == both / step && both > 0 && differences.min() == 0 && differences.max() == 0) return Interval{0, 0};
    std::optional<Interval> interval;
    if (axis.statistic == Statistic::mean) {
      interval = mean_interval(differences);
    } else if (const std::optional<double> quantile = quantile_of(axis.statistic)) {
      const auto interval_of = [&](std::span<const double> values) {
        std::vector<double> sample;  // the members of a pair depend on each other
        for (std::size_t k = 0; k < values.size(); k += step)
          if (!std::isnan(values[k])) sample.push_back(values[k]);
        std::sort(sample.begin(), sample.end());
        return quantile_interval(sample, *quantile);
      };
      const auto a = interval_of(of_design), b = interval_of(of_other);
      if (a && b) interval = Interval{a->low - b->high, a->high - b->low};
    } else {
      const double difference = statistic_of(results_[design].metrics[axis.metric].plain, axis.statistic) -
                                statistic_of(results_[other].metrics[axis.metric].plain, axis.statistic);
      if (std::isfinite(difference)) interval = Interval{difference, difference};
    }
    if (interval && axis.larger_is_better) return Interval{-interval->high, -interval->low};
    return interval;
  }

  bool surely_dominates(std::size_t other, std::size_t design) const {
    bool better = false;
    for (const FrontierAxis& axis : evidence_.plan.frontier) {
      const std::optional<Interval> worse = worse_by(design, other, axis);
      if (!worse || worse->low < 0) return false;
      better = better || worse->low > 0;
    }
    return better;
  }

  bool surely_does_not_dominate(std::size_t other, std::size_t design) const {
    bool same = true;
    for (const FrontierAxis& axis : evidence_.plan.frontier) {
      const std::optional<Interval> worse = worse_by(design, other, axis);
      if (worse && worse->high < 0) return true;
      same = same && worse == Interval{0, 0};
    }
    return same;
  }

 private:
  const Evidence& evidence_;
  const std::vector<StudyDesignResult>& results_;
};

}  // namespace

void mark_frontier(const Evidence& evidence, std::vector<StudyDesignResult>& results) {
  // Within each world: a design is not dominated by one in better circumstances.
  std::vector<std::string> worlds;
  for (const StudyDesignResult& result : results)
    if (std::find(worlds.begin(), worlds.end(), result.world) == worlds.end()) worlds.push_back(result.world);
  const Axes axes(evidence, results);
  for (const std::string& world : worlds) {
    std::vector<std::size_t> here, frontier;
    std::vector<std::vector<double>> values;
    for (std::size_t d = 0; d < results.size(); ++d) {
      if (results[d].world != world || results[d].metrics.empty()) continue;
      here.push_back(d);
      values.push_back(axes.values(d));
    }
    const auto dominated = experiment::dominated_by(values);
    for (std::size_t i = 0; i < here.size(); ++i)
      if (!dominated[i]) frontier.push_back(here[i]);
    for (std::size_t i = 0; i < here.size(); ++i) {
      StudyDesignResult& result = results[here[i]];
      if (dominated[i]) {
        // By whichever of the frontier: the one that dominates by its figures may do so by less.
        result.dominated_by = results[here[*dominated[i]]].name;
        result.domination_decided = std::any_of(frontier.begin(), frontier.end(),
                                                [&](std::size_t other) { return axes.surely_dominates(other, here[i]); });
      } else {
        result.domination_decided = std::all_of(here.begin(), here.end(), [&](std::size_t other) {
          return other == here[i] || axes.surely_does_not_dominate(other, here[i]);
        });
      }
    }
  }
}

}  // namespace fleetsim::scenario
