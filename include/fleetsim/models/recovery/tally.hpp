#pragma once
/// What the disasters, or the drills, of one replication come to.
///
/// Disasters that share a past are no independent sample: a replication's metric is their mean, quantile or share, and
/// intervals are taken over replications.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/recovery/execution.hpp"
#include "fleetsim/models/recovery/failback.hpp"
#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/statistics.hpp"

namespace fleetsim {

/// Values of which some were not observed: infinite where the worst happened (data lost for good, never back).
class ObservedValues {
 public:
  void add(std::optional<double> value);
  void reserve(std::size_t count) { values_.reserve(count); }
  /// Of those observed; empty if none was.
  std::optional<double> mean() const;
  /// Of all: an unobserved value counts as the largest. Empty if the quantile falls on one, or there is no value.
  std::optional<double> quantile(double p) const;
  std::optional<double> max() const { return quantile(1); }

 private:
  std::vector<double> values_;
  std::uint64_t unobserved_ = 0;
};

class PlanTally {
 public:
  explicit PlanTally(const RecoveryPlan& plan);
  /// `outage_cost` of a disaster, and the band that it was drawn from.
  void add(const RecoveryOutcome& outcome, std::optional<Usd> outage_cost = {}, std::optional<std::size_t> band = {});
  /// What became of the way back of a disaster that was added.
  void add_failback(const FailbackOutcome& failback);
  /// What was paid for at the target from a disaster until the application was back.
  void add_failover_cost(Usd cost) { failover_cost_.add(to_usd(cost)); }
  std::uint64_t count() const { return count_; }
  std::uint64_t objectives_met() const { return both_met_; }
  std::uint64_t unnoticed() const { return unnoticed_; }
  std::uint64_t went_on() const { return went_on_; }
  std::uint64_t quorum_lost() const { return quorum_lost_; }
  /// Names begin with `prefix`, such as "recovery.orders."; see docs/metrics.md. All are absent while nothing was added.
  void report(MetricSink& sink, const std::string& prefix) const;

 private:
  struct Step {
    Tally time;
    double critical_s = 0;
    std::uint64_t critical = 0, attempts = 0, failed_attempts = 0, denied = 0, cut_off = 0;
  };
  struct Resource {
    ObservedValues rpa, rta, full_speed;
    std::uint64_t lost = 0, rpo_missed = 0, rto_missed = 0;
  };
  std::optional<double> share(std::uint64_t of) const;

  const RecoveryPlan* plan_;
  std::uint64_t count_ = 0, rpo_missed_ = 0, rto_missed_ = 0, both_met_ = 0, failed_ = 0, unnoticed_ = 0, went_on_ = 0, quorum_lost_ = 0, total_losses_ = 0, strikes_ = 0,
                fallbacks_ = 0, shut_down_ = 0, double_serving_ = 0, never_in_sync_ = 0, failbacks_ = 0, standing_lost_ = 0;
  ObservedValues rpa_, rta_, full_speed_, ready_again_;
  Tally degraded_, lost_, failback_data_, failback_outage_, failover_cost_, outage_cost_, vcpus_share_, target_price_;
  std::vector<std::uint64_t> bands_;
  std::vector<Step> steps_;
  std::vector<Resource> resources_;
};

/// Whether an outcome meets the plan's objectives; empty without one.
std::optional<bool> meets_rpo(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome);
std::optional<bool> meets_rto(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome);

/// One draw of the cost of an outage: a band by its share, then log-uniform within; plus the time that the service was down.
struct OutageCost {
  Usd cost;
  std::optional<std::size_t> band;
};
/// Until users are served. A plan that fails leaves them without for `gives_up_after`, at least.
Duration outage_of(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome);
OutageCost draw_outage_cost(const OutageCostConfig& config, Duration down, Stream& stream);

/// When a recovery point can be used.
struct PointLife {
  Time point, usable, gone;  ///< gone: Time::max() while it is kept
};
/// Age of the newest usable point by the hour of the week of the instant, averaged exactly over all instants from `from` to
/// `to`: the age is linear between changes. With several resources the age is that of the one that is furthest behind.
/// An hour without a usable point throughout, or never reached, is empty; instants without one are left out, as are those of
/// the spans [begin, end) of `left_out`.
std::vector<std::optional<double>> age_by_hour_of_week(std::span<const std::vector<PointLife>> resources, Time from, Time to,
                                                       config::UtcTime run_start,
                                                       std::span<const std::pair<Time, Time>> left_out = {});

}  // namespace fleetsim
