#pragma once
/// What a Spot capacity pool has to give over time, and its price: plain descriptions, independent of each other.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
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
  /// A whole number of days, drawn for each replication, the same for all pools that were recorded from the same
  /// instant on, so that the hour of the day and the correlation between zones are kept; of the days that leave the run
  /// inside their traces, each is as likely. Where there is none the run begins with the trace.
  random_day,
  /// The run is put together from blocks of the recording of capacities, each beginning at the hour of the day that the
  /// run has reached, on a day that is drawn; all pools recorded from the same instant on take the same blocks. Traces may
  /// be shorter than the run. A pool's prices take the blocks of its capacity if they were recorded all that time;
  /// others, which move over weeks, begin on a random day.
  block_bootstrap
};

/// Capacity as recorded: the pool has (trace value x units_for_each) units, at most `units`.
struct ReplayedCapacity {
  std::shared_ptr<const StepTrace<std::int64_t>> trace;
  std::int64_t units_for_each = unlimited_units;  ///< unlimited: any value above zero opens the pool
  ReplayStart start = ReplayStart::beginning;
  bool repeat = false;                            ///< start again when the trace ends before the run
  std::int64_t units = unlimited_units;
  Duration block = Duration::of(24 * nanoseconds_per_hour);  ///< of a block bootstrap; > 0
};
/// Open and closed in turn, durations drawn independently; starts in the stationary phase (open with probability
/// mean up / (mean up + mean down); the first duration is drawn whole, not as a residual).
/// Requires: both means and `units` are above zero.
struct OnOffCapacity {
  DurationDistribution up;
  DurationDistribution down;
  std::int64_t units = unlimited_units;
};
/// What the pools of a Region share in the latent-factor generator. For pool p of Region R
///   X_p = sqrt(correlation) L_R + sqrt(1 - correlation) L_p + amplitude cos(2 pi (t - peak) / 24 h),
/// each L = sqrt(slow_weight) S + sqrt(1 - slow_weight) F of independent unit Ornstein-Uhlenbeck processes. The defaults
/// are those fitted to three zones of us-west-2 in 2023; see docs/models/spot_market.md.
struct LatentRegion {
  double correlation = 0.7;              ///< 0 to 1
  Duration fast = Duration::of(2 * nanoseconds_per_hour);    ///< time constant of F; > 0
  Duration slow = Duration::of(24 * nanoseconds_per_hour);   ///< of S; > 0
  double slow_weight = 0.3;              ///< 0 to 1
  double hysteresis = 0.15;              ///< >= 0; of pools without a spread
  double diurnal_amplitude = 0;          ///< >= 0
  Duration diurnal_peak{};               ///< the time of the day when capacity is scarcest
  Duration step = Duration::of(195 * nanoseconds_per_second);  ///< from one look at the state to the next; > 0
};
/// Closes when X rises above threshold + hysteresis, opens when it falls below threshold - hysteresis; the threshold
/// is such that X lies below it for the share `availability` of the time. With a spread s the pool has
/// ceil(units * clamp((threshold - X) / s, 0, 1)) units instead.
/// Requires: 0 < availability < 1; spread, if given, > 0, and then `units` is bounded. Pools of one Region, that is of
/// zones with the same region_of, have the same `region`.
struct LatentCapacity {
  LatentRegion region;
  double availability = 0.5;
  std::optional<double> spread;
  std::int64_t units = unlimited_units;
};
/// A fixed number of units that the fleet's own launches drain.
struct FixedCapacity { std::int64_t units = unlimited_units; };
using CapacityProcess = std::variant<FixedCapacity, OnOffCapacity, ReplayedCapacity, LatentCapacity>;

struct ConstantPrice { UsdPerHour price; };
struct ReplayedPrice {
  std::shared_ptr<const StepTrace<UsdPerHour>> trace;
  ReplayStart start = ReplayStart::beginning;
  bool repeat = false;
};
/// A price of the era without bids. x = ln(price / on demand) is an Ornstein-Uhlenbeck process about ln(ratio), begun in
/// its stationary law; every `sampled_every` the price on_demand * exp(x), held between the shares `least` and `most` of
/// on demand and rounded to four decimals, is published if it differs from the published one by more than
/// `publish_above` of it.
/// Requires: on_demand, ratio, half_life and sampled_every are above zero, sd >= 0, 0 <= least <= most.
/// Source: assumptions, as EC2 publishes no law; docs/models/spot_market.md says where each default comes from.
struct GeneratedPrice {
  UsdPerHour on_demand;
  Ratio ratio{0.35};
  Duration half_life = Duration::of(10 * 24 * nanoseconds_per_hour);  ///< of a deviation from the mean of x
  double sd = 0.10;                                                   ///< of x in the long run
  Duration sampled_every = Duration::of(6 * nanoseconds_per_hour);
  Ratio publish_above{0.01};
  Ratio least{0.10};
  Ratio most{1.0};
};
/// Customers of one kind who bid for units of a pool: they arrive in a Poisson process, bid, and leave after their stay,
/// whether they were served or not.
/// Requires: demand and units are above zero, as is the mean stay; 0 < bid_lowest <= bid_highest.
struct BidderClass {
  double demand = 0;        ///< units that they bid for at a time, in the mean, over the pool's units
  Ratio size{0};            ///< share of the pool's units that each of them bids for, rounded; one unit at least
  DurationDistribution stay{Exponential{.mean = 3 * 3600}};
  /// Shares of on demand; the logarithm of a bid is uniform between theirs.
  Ratio bid_lowest{0.10};
  Ratio bid_highest{1};
};
/// The price of the years before 2017-11-28, which clears the pool's capacity: the units go to the highest bids, and the
/// price is the lowest bid that is served, or `floor` while there are units for all. No bid counts for more than `cap`.
/// Requires: on_demand and units are above zero, units is bounded, 0 < floor <= cap.
/// Source: docs/models/spot_market.md.
struct BiddingPrice {
  UsdPerHour on_demand;
  std::int64_t units = 0;   ///< that the pool has when nothing is taken from it; what `demand` refers to
  Ratio floor{0.092};       ///< of on demand
  Ratio cap{10};            ///< of on demand
  std::vector<BidderClass> competitors;
};
using PriceProcess = std::variant<ConstantPrice, ReplayedPrice, GeneratedPrice, BiddingPrice>;

/// How long each instance of a pool keeps running until EC2 takes it back, whatever the pool's capacity does.
struct SpotLife {
  /// From the launch to the end. The notice comes before it; an instance whose life is shorter than a notice has its
  /// notice at launch.
  DurationDistribution life;
  /// From such a notice on launches in the pool fail for so long; where some of these times overlap, until the last
  /// ends. Empty: the pool stays open.
  std::optional<DurationDistribution> closed_after{};
};

/// The Region of a zone, whose name is the Region's and a letter.
inline std::string_view region_of(std::string_view zone) { return zone.substr(0, zone.empty() ? 0 : zone.size() - 1); }

struct SpotPoolConfig {
  std::string instance_type;
  std::string zone;
  CapacityProcess capacity;
  PriceProcess price;
  std::optional<SpotLife> life{};  ///< empty: an instance runs until its pool or its owner ends it
};

}  // namespace fleetsim
