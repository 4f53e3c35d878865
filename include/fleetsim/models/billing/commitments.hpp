#pragma once
/// Reserved Instances and Savings Plans: paid every hour, used or not, and settled hour by hour against the on-demand
/// instances that ran in that hour.
///
/// Truth:      what a commitment covers in an hour is at most what it pays for and at most what ran; every instance-second
///             is covered once; a commitment's fee does not depend on its use.
/// Leaves out: upfront payment, exchange and sale of reservations, capacity that a zonal reservation keeps, accounts that
///             share; see docs/models/billing.md.
/// Source:     Amazon EC2 user guide, how Reserved Instances are applied; Savings Plans user guide, how Savings Plans apply
///             (docs/models/billing.md, [5], [6]).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

enum class CommitmentKind : std::uint8_t { reserved_instances, instance_savings_plan, compute_savings_plan };
enum class CommitmentTerm : std::uint8_t { one_year, three_years };

struct CommitmentConfig {
  std::string name;
  CommitmentKind kind = CommitmentKind::reserved_instances;
  CommitmentTerm term = CommitmentTerm::one_year;
  std::string region;                 ///< empty for a compute Savings Plan
  std::string zone;                   ///< of a zonal reservation; empty: of its Region
  std::string instance_type;          ///< of reserved instances
  OperatingSystem os = OperatingSystem::linux;  ///< of reserved instances
  std::int64_t vcpus = 1;             ///< of one
  std::string family;                 ///< of reserved instances and an instance Savings Plan: "m5"
  std::int64_t count = 0;             ///< reserved instances
  UsdPerHour hourly;                  ///< of one reserved instance; of a Savings Plan the commitment
  std::optional<Ratio> discount;      ///< of a Savings Plan, off on demand
};

/// A commitment as a scenario states it; its names and price are still to be found.
struct CommitmentSettings {
  config::Located<std::string> name;
  CommitmentKind kind = CommitmentKind::reserved_instances;
  CommitmentTerm term = CommitmentTerm::one_year;
  config::Located<std::string> region;         ///< empty: the only one of the scenario
  config::Located<std::string> zone;           ///< may be empty
  config::Located<std::string> instance_type;  ///< of reserved instances
  OperatingSystem os = OperatingSystem::linux;  ///< of reserved instances
  config::Located<std::string> family;         ///< of an instance Savings Plan
  std::int64_t count = 0;
  std::optional<UsdPerHour> price;             ///< of one reserved instance; empty: the catalogue's
  UsdPerHour commitment;                       ///< of a Savings Plan
  std::optional<Ratio> discount;               ///< of a Savings Plan
};
/// Reads `commitments` of the scenario.
std::vector<CommitmentSettings> read_commitments(config::Section& scenario);

/// A kind of instance whose hours commitments may cover.
struct CommittedUse {
  std::string region, zone, instance_type;
  OperatingSystem os = OperatingSystem::linux;
  std::int64_t vcpus = 1;
  UsdPerHour on_demand;               ///< without its licence, which no commitment covers
  /// Rate of a Savings Plan by commitment, empty where the plan does not cover it.
  std::vector<std::optional<UsdPerHour>> plan_rates;
};

/// Instances times nanoseconds.
using InstanceNanoseconds = Int128;

/// Size of a type in quarters of a normalized unit: nano 1, micro 2, small 4, medium 8, large 16, xlarge 32, n xlarge 32 n;
/// others by their vCPUs, 8 each [5].
std::int64_t normalized_size(std::string_view instance_type, std::int64_t vcpus);

/// What a period settles to.
struct Settlement {
  /// By use and commitment.
  std::vector<std::vector<InstanceNanoseconds>> covered;
  /// By commitment: what was used of what it pays for, 0 to 1.
  std::vector<double> used;
};
/// Settles what ran during `period` (at most an hour), by use. Zonal reservations come first, then regional ones, each for
/// its operating system; those of Linux cover all sizes of their family, the smallest size first. Then come instance Savings Plans and compute Savings Plans, each
/// where it saves the largest share first [5] [6].
Settlement settle(const std::vector<CommitmentConfig>& commitments, const std::vector<CommittedUse>& uses,
                  const std::vector<InstanceNanoseconds>& ran, Duration period);

/// Looks at an instant when all its changes are done.
struct CommitmentHourClosed {
  static constexpr std::string_view name = "billing.commitment_hour_closed";
  static constexpr Phase phase = Phase::observe;
};

/// The commitments of one run: settles each hour of the calendar and posts it.
class Commitments : public EventHandler<Commitments, CommitmentHourClosed> {
 public:
  Commitments(Simulation& sim, Billing& billing, std::vector<CommitmentConfig> configs, config::UtcTime run_start);

  bool empty() const { return configs_.empty(); }
  /// An account whose instances commitments may cover; its instances are billed on demand. Before start().
  void add_use(AccountId account, CommittedUse use);
  void start();
  void begin_measurement();
  /// Settles the last, unfinished hour. Once, before the ledger is read.
  void finish();

  /// All fees.
  Usd cost() const;
  /// The part of the fees that belongs to an account, by the on-demand value of what was covered there; zero if none was.
  Usd share_of(AccountId account) const;
  /// commitment.<name>.cost, .utilization, .unused_cost, .savings.
  void report(MetricSink& sink) const;

  void on(const CommitmentHourClosed&);

 private:
  struct Use {
    AccountId account;
    std::vector<double> covered_value;  // by commitment, USD on demand
  };
  void settle_period();
  void schedule_next();

  Simulation& sim_;
  Billing& billing_;
  const std::vector<CommitmentConfig> configs_;
  const std::int64_t seconds_into_hour_;  // at the run's start
  std::vector<AccountId> fees_;           // by commitment
  std::vector<CommittedUse> uses_;
  std::vector<Use> posted_;               // by use
  std::vector<double> used_, paid_;       // by commitment: shares of hours, hours
  std::vector<InstanceNanoseconds> ran_;  // scratch
  Time settled_until_;
};

}  // namespace fleetsim
