#pragma once
/// EC2 Fleets: a target in units of capacity, launched once (instant, request) or held (maintain), by an allocation
/// strategy over many pools, with limits on price and, on request, replacements ahead of interruptions.
///
/// Truth:      units launched in one batch exceed what was missing by less than the weight of one instance; what runs
///             never exceeds twice the target by a replacement ahead of its interruption; an instant or request fleet
///             launches in one instant only; a maintain fleet that is short tries again until it is not.
/// Leaves out: the life of a request other than its launches; see docs/models/ec2_fleet.md.
/// Source:     [1] Amazon EC2 user guide, EC2 Fleet request types; [2] the same, capacity rebalancing; [3] the same,
///             control spending; [4] the same, fleet quotas;
///             [5] Amazon EC2 API, SpotMarketOptions; [6] Amazon EC2 user guide, stop interrupted Spot Instances.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

using Ec2FleetId = Id<struct Ec2FleetTag>;

enum class Ec2FleetType : std::uint8_t {
  instant,   ///< one attempt; where a pool fails the others take its part at once
  request,   ///< one attempt; where a pool fails its part stays missing
  maintain   ///< attempts until the target is held, and again when instances are lost
};

/// What a maintain fleet does about an instance that is recommended for rebalancing [2].
enum class CapacityRebalance : std::uint8_t {
  none,
  launch,                  ///< launches a replacement; the instance runs on until EC2 takes it
  launch_before_terminate  ///< and ends the instance a while after the replacement was launched
};

/// What EC2 does to an instance of a maintain fleet that it takes back [6].
enum class Ec2FleetInterruption : std::uint8_t {
  terminate,
  stop,      ///< after the notice; started again only where the strategy leads back to its pool
  hibernate  ///< the same at once, its memory kept
};

/// EC2 refuses a maximum price for Spot that is not above this [5].
inline constexpr UsdPerHour spot_max_price_above = usd_per_hour(0.001);

struct Ec2FleetConfig {
  Ec2FleetType type = Ec2FleetType::maintain;
  std::int64_t target = 0;                   ///< units; > 0
  std::int64_t on_demand = 0;                ///< of them; what is left is Spot
  std::optional<UsdPerHour> unit_price_max;  ///< Spot pools where a unit costs more are not used
  std::optional<UsdPerHour> total_price_max; ///< launching stops when the next launch would exceed it [3]
  CapacityRebalance rebalance = CapacityRebalance::none;
  Duration termination_delay = Duration::of(120 * nanoseconds_per_second);  ///< of launch_before_terminate
  Ec2FleetInterruption interruption = Ec2FleetInterruption::terminate;
  Duration stop_time = Duration::of(60 * nanoseconds_per_second);         ///< stopping until stopped
  Duration hibernation_time = Duration::of(60 * nanoseconds_per_second);  ///< the same, memory written
  /// From a loss until the fleet replaces it.
  Duration replacement_delay = Duration::of(60 * nanoseconds_per_second);
  /// After an attempt that left something missing: the first wait, then twice the wait before, up to the longest.
  Duration retry_initial = Duration::of(15 * nanoseconds_per_second);
  Duration retry_max = Duration::of(600 * nanoseconds_per_second);
};
/// Reads the section `ec2_fleet` of a group that launches into so many pools.
Ec2FleetConfig read_ec2_fleet(config::Section& in, bool buys_spot, bool buys_on_demand, std::size_t pools);

/// A pool that a fleet launches into, in the order of the fleet's list.
struct Ec2FleetPool {
  bool spot = true;
  std::int64_t weight = 1;  ///< units that an instance counts; > 0
};

/// What a batch of launches is to come to.
struct Ec2FleetBatch {
  bool spot = true;
  std::int64_t units = 0;
  std::optional<UsdPerHour> unit_price_max;
  std::optional<UsdPerHour> budget;          ///< the prices of its launches together stay at most at this
  const std::vector<bool>& left_out;         ///< by pool
};
/// How far a plan covers its batch, and why no further.
enum class Ec2FleetCover : std::uint8_t { whole, short_of_capacity, short_of_price, short_of_budget };

/// Port: where a fleet gets its instances, and by which strategy it chooses.
struct Ec2FleetCapacity {
  virtual ~Ec2FleetCapacity() = default;
  /// Launches by pool for the batch, by the fleet's strategy now.
  virtual Ec2FleetCover plan(Ec2FleetId fleet, const Ec2FleetBatch& batch, std::vector<std::int64_t>& launches) = 0;
  /// Tries to launch one instance; with `in_service` it is in service and warm at once.
  virtual Maybe<InstanceId> launch(Ec2FleetId fleet, std::size_t pool, bool in_service) = 0;
  /// Starts an instance that EC2 stopped or hibernated; false if its pool has no unit.
  virtual bool start(Ec2FleetId fleet, std::size_t pool, InstanceId instance, bool memory_kept) = 0;
  /// The memory of an instance that EC2 hibernates is written; it is charged no longer.
  virtual void hibernated(Ec2FleetId fleet, InstanceId instance) = 0;
  /// Ends an instance; false if it is under notice and ends by itself.
  virtual bool terminate(Ec2FleetId fleet, InstanceId instance) = 0;
  /// Of an instance now.
  virtual UsdPerHour price(Ec2FleetId fleet, std::size_t pool) const = 0;
  /// Whether `pool` offers the same or a better availability than `than` for an instance.
  virtual bool as_available(Ec2FleetId fleet, std::size_t pool, std::size_t than) const = 0;
};

struct FleetAttemptDue { static constexpr std::string_view name = "ec2_fleet.attempt_due"; Ec2FleetId fleet; };
struct FleetTerminationDue {
  static constexpr std::string_view name = "ec2_fleet.termination_due";
  Ec2FleetId fleet;
  InstanceId instance;
};

struct FleetInstanceStopped {
  static constexpr std::string_view name = "ec2_fleet.instance_stopped";
  Ec2FleetId fleet;
};

class Ec2Fleets : public EventHandler<Ec2Fleets, FleetAttemptDue, FleetTerminationDue, FleetInstanceStopped> {
 public:
  Ec2Fleets(Simulation& sim, Ec2FleetCapacity& capacity);
  ~Ec2Fleets();

  /// Fleets get consecutive ids. `metrics` begins the names of its metrics.
  Ec2FleetId add_fleet(std::string metrics, Ec2FleetConfig config, std::vector<Ec2FleetPool> pools);
  /// The first attempt of every fleet; what it gets is in service at once.
  void start();

  /// Another target; a maintain fleet launches what is missing and ends what is too much, the others do nothing.
  void set_target(Ec2FleetId fleet, std::int64_t units);
  /// The instance is at risk: it no longer counts toward the target of a fleet that rebalances.
  void rebalance_recommended(Ec2FleetId fleet, std::size_t pool, InstanceId instance);
  /// An instance of the pool is gone that the fleet did not end itself.
  void instance_lost(Ec2FleetId fleet, std::size_t pool, InstanceId instance);
  /// The same of an instance that EC2 begins to stop or to hibernate. Requires: the fleet says so, and holds it.
  void instance_stopping(Ec2FleetId fleet, std::size_t pool, InstanceId instance);
  /// Whether the fleet counts on the instance, as it does until it ends it or loses it.
  bool holds(Ec2FleetId fleet, std::size_t pool, InstanceId instance) const;

  /// Units that run, and those of them that count toward the target.
  std::int64_t units(Ec2FleetId fleet) const;
  std::int64_t fulfilled(Ec2FleetId fleet) const;

  void begin_measurement();
  /// A fleet: target_units, fulfilled_units_mean, shortfall_time, launches, launch_failures, attempts_short_of_capacity,
  /// attempts_short_of_price, attempts_short_of_budget, rebalance_launches; if EC2 stops its instances also stops and
  /// resumes, which are launches of instances that were stopped.
  void report(MetricSink& sink) const;

  void on(const FleetAttemptDue&);
  void on(const FleetTerminationDue&);
  void on(const FleetInstanceStopped&);

 private:
  struct State;
  void attempt(Ec2FleetId fleet, bool in_service);
  void schedule_attempt(Ec2FleetId fleet, Duration wait);

  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
