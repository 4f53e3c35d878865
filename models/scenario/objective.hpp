#pragma once
/// Expectations that a scenario states about its own results, and whether they hold.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/metrics.hpp"

namespace fleetsim::scenario {

/// What a bound was written as, which must suit the unit of the metric it is compared with.
enum class BoundKind : std::uint8_t { number, percentage, duration, money };

/// A bound as written: `5.85`, `0.1%`, `45m` or `100 USD`.
struct Bound {
  double value = 0;       ///< a percentage as a fraction, a duration in seconds, money in dollars
  BoundKind kind = BoundKind::number;
  std::string text;
  config::Location where;
};

enum class Relation : std::uint8_t { below, above, between, equals, ordering };

/// What of the replications' values is compared when no probability is asked for.
enum class Statistic : std::uint8_t { mean, p05, p50, p95, min, max };

struct Objective {
  std::string name;                          ///< the expectation in words
  Relation relation = Relation::below;
  std::vector<config::Located<std::string>> metrics;  ///< one; of an ordering, all, in rising order
  std::optional<config::Located<std::string>> relative_to;  ///< the metric is divided by this one, replication by replication
  Statistic statistic = Statistic::mean;
  Bound bound;                               ///< of between: the lower end
  Bound upper;                               ///< of between: the upper end; of equals: the tolerance
  std::optional<double> probability;         ///< wanted share of replications in which the expectation holds
};

Objective read_objective(config::Section& in);
/// "below 0.1%", "between 70% and 75%".
std::string bound_in_words(const Objective& objective);

/// Reports names that no model reports, each with the nearest one that is, and bounds that do not suit the unit of what
/// they are compared with. `reported` is sorted by name.
void check_objectives(const std::vector<Objective>& objectives, const std::vector<MetricValue>& reported,
                      config::Diagnostics& diagnostics);

/// Judges the objective on the replications' values; a metric that no replication observed leaves it undecided.
/// Requires: check_objectives found nothing in it.
ObjectiveResult judge(const Objective& objective, const std::vector<Metric>& metrics);

/// The metric of that name in a list sorted by name; null if there is none.
const Metric* find_metric(const std::vector<Metric>& metrics, std::string_view name);

}  // namespace fleetsim::scenario
