#pragma once
/// What a scenario says about the Spot market, before it is known which pools its groups use.
///
/// A pool's availability, units and price come from `default`, from its zone's entry under `zones` and from its own
/// under `pools`; the more specific wins, key by key. Naming another kind of availability or price (a constant instead
/// of a trace) drops what belonged to the kind before it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/operating_system.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// The share off the on-demand price of a pool whose price is not stated: the median of 14,962 Linux pools in the Spot
/// Instance advisor on 2025-06-28; half of them lie between 58 and 72 %.
inline constexpr Ratio spot_discount_default{0.65};

/// At most one of `trace`, `always`, `on_off`, `latent` and `advisor`; the rest belongs to a trace.
struct SpotAvailabilitySettings {
  struct OnOff {
    DurationDistribution up;
    DurationDistribution down;
  };
  struct Latent {
    std::optional<Ratio> availability;  ///< share of the time in which the pool is open; needed
    std::optional<double> spread;       ///< of the state, over which the units fall from all to none
    config::Location where;
  };
  struct Advisor {
    Ratio frequency{0};                ///< share of the instances taken back in a month of 730 h
    /// Of generator G3 of the reference, an assumption: EC2 publishes nothing about it.
    DurationDistribution closed{Distribution{LogNormal{.median = 20 * 60, .sigma = 1}}};
  };
  std::optional<config::Located<config::FilePath>> trace;
  std::optional<config::Located<bool>> always;
  std::optional<OnOff> on_off;
  std::optional<Latent> latent;
  std::optional<config::Located<Advisor>> advisor;
  std::optional<config::Located<std::string>> pool;            ///< name in the trace
  std::optional<config::Located<std::int64_t>> units_for_each;
  std::optional<config::Located<bool>> repeat;
};

/// At most one of `history`, `trace`, `constant`, `discount`, `generated` and `bidding`; the rest belongs to a history or a trace.
struct SpotPriceSettings {
  std::optional<config::Located<config::FilePath>> history;
  std::optional<config::Located<config::FilePath>> trace;
  std::optional<config::Located<UsdPerHour>> constant;
  std::optional<config::Located<Ratio>> discount;              ///< off the on-demand price
  std::optional<GeneratedPrice> generated;                     ///< without its on-demand price
  std::optional<config::Located<BiddingPrice>> bidding;        ///< without its on-demand price and units
  std::optional<config::Located<std::string>> product;         ///< of the records to use
  std::optional<config::Located<std::string>> az;              ///< of the rows to use, if not the pool's own
  std::optional<config::Located<std::string>> instance_type;
  std::optional<config::Located<bool>> repeat;
  /// On-demand price of the type and time that the records are of; prices are scaled to the same share of the pool's own.
  std::optional<config::Located<UsdPerHour>> recorded_on_demand;
};

struct SpotPoolSettings {
  SpotAvailabilitySettings availability;
  std::optional<std::int64_t> units;                           ///< most that the pool has
  std::optional<config::Located<DurationDistribution>> life;
  SpotPriceSettings price;
};

struct NamedSpotPoolSettings {
  config::Located<std::string> name;                           ///< a zone, or "<zone>/<type>"
  SpotPoolSettings settings;
};

struct SpotRegionSettings {
  config::Located<std::string> name;
  LatentRegion latent;
};

struct SpotOutageSettings {
  config::Location where;
  Duration at;
  std::optional<DurationDistribution> every;                   ///< drawn instead of `at`
  DurationDistribution duration;
  /// All pools in the Regions or zones, or pools by name; one of the three.
  std::vector<config::Located<std::string>> regions;
  std::vector<config::Located<std::string>> zones;
  std::vector<config::Located<std::string>> pools;
  Ratio share{1.0};
};

/// What AWS's placement scores are asked for: which places could give so much at once.
struct PlacementQuestionSettings {
  config::Location where;
  std::optional<std::int64_t> instances, vcpus;                ///< one of these two
  std::optional<Bytes> memory;                                 ///< or this
  std::vector<config::Located<std::string>> instance_types;
  std::vector<config::Located<std::string>> regions;           ///< empty: all of the scenario
  bool single_availability_zone = false;                       ///< zones are scored, each alone, not Regions
};

class SpotTraceFiles;  // those read so far, each once

struct SpotMarketSettings {
  SpotMarketSettings();

  SpotMarketConfig market;                                     ///< without pools and outages
  ReplayStart replay_start = ReplayStart::beginning;
  config::Located<Duration> block{24_h, {}};                   ///< of a block bootstrap
  std::vector<SpotRegionSettings> regions;
  SpotPoolSettings defaults;
  std::vector<NamedSpotPoolSettings> zones;
  std::vector<NamedSpotPoolSettings> pools;
  std::vector<SpotOutageSettings> outages;
  std::vector<PlacementQuestionSettings> placement_scores;
  std::shared_ptr<SpotTraceFiles> files;
};

/// On how many days of their recordings runs of this length may begin, for recordings that begin on a day drawn for each
/// replication: the fewest of any of them, zero without one.
struct ReplayDays {
  std::int64_t capacity = 0;
  std::int64_t price = 0;
};
ReplayDays replay_days(const SpotMarketConfig& market, Duration run_length);

/// Reads `spot_market` of the scenario.
SpotMarketSettings read_spot_market(config::Section& scenario);

/// Reports names in `regions`, `zones`, `pools` and `outages` that are none of the scenario's Regions, zones and instance types.
void check_spot_market_names(const SpotMarketSettings& settings, const std::vector<std::string>& zones,
                             const std::vector<std::string>& instance_types, config::Diagnostics& diagnostics);

/// The pool of an instance type in a zone, with its traces read. `on_demand_price` is what a discount is taken off;
/// empty if there is none, which the caller reports; like the price, it is that of instances with this system. Reports what is wrong with the pool's settings and with its
/// traces: empty, malformed, out of order, without the pool or the product, shorter than the run.
SpotPoolConfig make_spot_pool(const SpotMarketSettings& settings, const std::string& zone,
                              const std::string& instance_type, std::optional<UsdPerHour> on_demand_price,
                              Duration run_length, config::Diagnostics& diagnostics,
                              OperatingSystem os = OperatingSystem::linux);

/// The market with these pools, and the outages of their zones. Warns of an outage that meets no pool or begins after
/// the run, and of an entry in `pools` that is none of them.
SpotMarketConfig make_spot_market(const SpotMarketSettings& settings, std::vector<SpotPoolConfig> pools,
                                  Duration run_length, config::Diagnostics& diagnostics);

}  // namespace fleetsim
