#pragma once
/// The Spot market: capacity pools (instance type x zone), what each has to give over time and at what price, who gets
/// a unit, and who loses it with which notice.
///
/// Truth:      a pool never runs more than it has, except during notices; an instance that is taken back hears of it
///             `notice` before; while a pool is closed every launch in it fails; price and capacity are separate
///             processes, because since 2017-11-28 price says little about interruptions [1].
/// Leaves out: rebalance recommendations, maximum prices, stop and hibernate; see docs/models/spot_market.md.
/// Source:     [1] AWS Compute blog, new Amazon EC2 Spot pricing (2018-03); [2] Amazon EC2 user guide, Spot
///             interruption notices: two minutes.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

inline constexpr std::int64_t unlimited_units = std::numeric_limits<std::int32_t>::max();

/// A step function of time given by its changes: value `values[i]` from `times[i]` (since the trace's start) on.
/// Requires: times[0] is zero, times rise strictly; every time is before `span`.
template <class Value>
struct StepTrace {
  std::vector<Duration> times;
  std::vector<Value> values;
  Duration span;
  config::UtcTime start;  ///< of the recording; zero when its source does not say
};

/// Where in a trace a run begins.
enum class ReplayStart : std::uint8_t {
  beginning,
  random_day  ///< a whole number of days, drawn for each replication, the same for all zones, so that the hour of the
              ///< day and the correlation between zones are kept; only days that leave the run inside the trace
};

/// Capacity as recorded: units available are trace value x units_for_each.
struct ReplayedCapacity {
  std::shared_ptr<const StepTrace<std::int64_t>> trace;
  std::int64_t units_for_each = unlimited_units;  ///< unlimited: any value above zero opens the pool
  ReplayStart start = ReplayStart::beginning;
  bool repeat = false;                            ///< start again when the trace ends before the run
};
/// Open and closed in turn, durations drawn independently; starts in the stationary phase (open with probability
/// mean up / (mean up + mean down); the first duration is drawn whole, not as a residual).
struct OnOffCapacity {
  DurationDistribution up;
  DurationDistribution down;
  std::int64_t units = unlimited_units;
};
/// A fixed number of units that the fleet's own launches drain.
struct FixedCapacity { std::int64_t units = unlimited_units; };
using CapacityProcess = std::variant<FixedCapacity, OnOffCapacity, ReplayedCapacity>;

struct ConstantPrice { UsdPerHour price; };
struct ReplayedPrice {
  std::shared_ptr<const StepTrace<UsdPerHour>> trace;
  ReplayStart start = ReplayStart::beginning;
  bool repeat = false;
};
using PriceProcess = std::variant<ConstantPrice, ReplayedPrice>;

struct SpotPoolConfig {
  std::string instance_type;
  std::string zone;
  CapacityProcess capacity;
  PriceProcess price;
};

/// Takes a share of the running instances of some pools and keeps the pools closed for a while.
struct SpotOutage {
  Duration at;                      ///< since the start of the run; the first notices go out then
  Duration duration;                ///< launches fail from `at` to `at + duration`
  Ratio share{1.0};                 ///< of the instances that run in each pool at that moment
  std::vector<PoolId> pools;
};

struct SpotMarketConfig {
  Duration notice = Duration::of(120 * nanoseconds_per_second);  ///< from notice to the end of the instance [2]
  /// A closing pool gives its notices at instants drawn uniformly over this span.
  Duration reclaim_spread = Duration::of(180 * nanoseconds_per_second);
  Ratio launch_failure{0};          ///< probability that a launch fails though the pool has a unit
  std::vector<SpotPoolConfig> pools;
  std::vector<SpotOutage> outages;
};

/// Port: whoever holds Spot instances. `holder` is the number given with `launch`.
struct SpotHolder {
  virtual ~SpotHolder() = default;
  /// EC2 will take the instance back after the notice.
  virtual void interruption_noticed(std::uint32_t holder) = 0;
  /// The instance is gone; its lease has ended.
  virtual void interrupted(std::uint32_t holder) = 0;
};
/// Port: whoever bills by the Spot price.
struct SpotPriceListener {
  virtual ~SpotPriceListener() = default;
  virtual void spot_price_changed(PoolId pool, UsdPerHour price) = 0;
};

/// One unit of a pool while an instance holds it.
using LeaseId = Id<struct LeaseTag>;

struct CapacityChanged { static constexpr std::string_view name = "spot_market.capacity_changed"; PoolId pool; };
struct PriceChanged { static constexpr std::string_view name = "spot_market.price_changed"; PoolId pool; };
struct OutageBegan { static constexpr std::string_view name = "spot_market.outage_began"; std::uint32_t outage; };
struct OutageEnded { static constexpr std::string_view name = "spot_market.outage_ended"; std::uint32_t outage; };
struct NoticeGiven { static constexpr std::string_view name = "spot_market.notice_given"; LeaseId lease; };
struct UnitReclaimed { static constexpr std::string_view name = "spot_market.unit_reclaimed"; LeaseId lease; };

class SpotMarket : public EventHandler<SpotMarket, CapacityChanged, PriceChanged, OutageBegan, OutageEnded,
                                       NoticeGiven, UnitReclaimed> {
 public:
  /// `run_length` bounds where a random day may begin.
  SpotMarket(Simulation& sim, SpotMarketConfig config, Duration run_length, SpotHolder& holder,
             SpotPriceListener& prices);
  ~SpotMarket();

  /// Sets capacities and prices at the start of the run and schedules their changes. Prices are announced.
  void start();

  std::size_t pool_count() const;
  UsdPerHour price(PoolId pool) const;
  /// Units that could be launched now; unlimited_units if there is no bound, 0 while the pool is closed.
  std::int64_t free_units(PoolId pool) const;
  /// Takes a unit for `holder`; empty if the pool has none to give or the launch fails.
  std::optional<LeaseId> launch(PoolId pool, std::uint32_t holder);
  /// The holder ended the instance itself. Requires: the lease has not ended.
  void release(LeaseId lease);

  /// Drops what was counted so far (end of the warm-up).
  void begin_measurement();
  /// spot.interruptions, spot.launches, spot.launch_failures and, a pool, open_fraction and interruptions.
  void report(MetricSink& sink) const;

  void on(const CapacityChanged&);
  void on(const PriceChanged&);
  void on(const OutageBegan&);
  void on(const OutageEnded&);
  void on(const NoticeGiven&);
  void on(const UnitReclaimed&);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
