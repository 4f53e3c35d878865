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

/// A plain number, a percentage, a duration or an amount of money, as written; empty if the text is none.
std::optional<Bound> parse_bound(const std::string& text);
/// The bound in the unit of a metric; empty if the two do not go together, such as 75% and USD.
std::optional<double> in_unit(const Bound& bound, std::string_view unit);
/// How a bound that does not suit the unit might have been meant: "write 1500 USD".
std::string help_for_bound(const Bound& bound, std::string_view unit);

/// By how much one replication's value misses the objective: the distance beyond the bound, 0 or below where it holds.
/// Where the objective is on a share of the replications or on a quantile, which is one too, a miss is 1 less the share
/// of misses allowed, and a hit is minus that share. So an objective holds if the mean over the replications is at most
/// 0. Empty where has_excess() says so.
/// Requires: check_objectives found nothing in it; the value is finite.
std::optional<double> excess(const Objective& objective, double value, std::string_view unit);
/// False for an ordering, an extreme and a range of a mean, of which no mean over the replications says whether they hold.
bool has_excess(const Objective& objective);
/// The share of replications that may miss it, where the objective is on one; empty where it is on a mean or an extreme.
std::optional<double> misses_allowed(const Objective& objective);

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
