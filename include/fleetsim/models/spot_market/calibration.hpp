#pragma once
/// From recordings of real Spot pools to the settings of a simulated market, with the evidence for them.
///
///   calibration::Request request;
///   request.inputs.push_back({.pool = "us-west-2a/p3.2xlarge", .file = {"us-west-2a_v100_1.json", …}});
///   if (const auto report = calibration::calibrate(request, diagnostics)) std::cout << calibration::to_yaml(*report, calibration::World::latent);
///
/// Truth:      docs/models/calibration.md states each estimate, its equation and what it was checked against.
/// Leaves out: changes of a pool's behaviour over the recording, hours of the day, counts of a pool with more than one
///             instance but for how much of it a reclaim takes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/sim/fit.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::calibration {

/// A file, plain or compressed (.gz, .xz), whose kind is told from what is in it:
///   availability   {"metadata": {"gap_seconds"}, "data": […]}, or a CSV of pool, t_s, count with a pools.csv beside it
///   fleet events   a CSV without a header: milliseconds, add or remove, node
///   prices         an answer of describe-spot-price-history, or a CSV of timestamp_utc, az, instance_type,
///                  price_usd_per_hour
///   Advisor        the Spot Instance Advisor's JSON, or a CSV of region, os, instance_type, savings_pct,
///                  interruption_range
struct Input {
  std::string pool;  ///< "<zone>/<type>", for a file that does not say whose it is; else empty
  config::FilePath file;
};

struct Request {
  std::vector<Input> inputs;
  /// "<zone>/<type>": only these are calibrated; empty: all that the recordings and histories have. The Advisor knows
  /// Regions and no zones, so of it only pools are taken that are named here or in another file.
  std::vector<std::string> pools;
  std::string product = "Linux/UNIX";  ///< whose prices
  std::int64_t needed = 1;             ///< instances without which a pool counts as closed; > 0
  double hold_out = 0.2;               ///< share of each recording kept for the check; from 0 to 0.5
  std::uint64_t seed = 1;              ///< of the simulation that the latent factor is fitted by
  /// What a price is compared with; empty if there is none.
  std::function<std::optional<UsdPerHour>(const std::string& region, const std::string& type,
                                          const std::string& product)>
      on_demand_price;
};

/// One form fitted to durations in seconds.
struct ModelFit {
  std::string_view name{};   ///< as in a scenario: "hyperexponential"
  fit::Fit fit{};
  double ks = 0;             ///< distance to the Kaplan-Meier estimate
  double ks_on_grid = 0;     ///< the same half a step of the recording's resolution off; `ks` where it has none
  bool rejected = false;     ///< `ks_on_grid` is over the distance that chance exceeds with 5 %
};

/// Durations of one kind: open, closed, or an instance's life.
struct Durations {
  fit::Sample seconds;
  std::vector<fit::SurvivalPoint> survival;
  std::vector<ModelFit> models;        ///< exponential, weibull, hyperexponential, lognormal; those that can be fitted
  double ks_allowed = 0;               ///< chance exceeds it with 5 %
  std::optional<std::size_t> chosen;   ///< among `models`: what is written; empty if none could be fitted

  double mean_hours() const { return fit::mean(seconds) / 3600; }
  double cv() const { return fit::coefficient_of_variation(seconds); }
  const ModelFit* model(std::string_view name) const;
};

/// What the first part of a recording foretold of the rest.
struct HoldOut {
  Duration span;                       ///< of the rest
  double availability_predicted = 0, availability_seen = 0;
  double mean_up_hours_predicted = 0, mean_up_hours_seen = 0;
  std::size_t runs = 0;                ///< open and over, in the rest
  double mean_up_hours_error = 0;      ///< standard error of the mean seen
};

/// How much of a pool goes at once, for recordings of more than one instance. Losses at most three minutes apart are
/// one burst.
struct Reclaims {
  std::size_t bursts = 0;
  std::int64_t lost = 0;               ///< instances
  std::int64_t largest = 0;
  std::size_t whole = 0;               ///< bursts that left nothing
  double mean_share_lost = 0;
  std::int64_t lost_with_others = 0;   ///< in bursts of more than one

  double mean_size() const { return static_cast<double>(lost) / static_cast<double>(bursts); }
  double whole_share() const { return static_cast<double>(whole) / static_cast<double>(bursts); }
};

struct PoolReport {
  std::string pool{}, zone{}, instance_type{}, region{};
  std::string source{};                ///< the file as given
  std::optional<config::UtcTime> start{};
  Duration span{};
  Duration tick{};                     ///< of the recording's grid; zero for events
  Duration resolution{};               ///< of its runs: the tick, or the shortest run where that is longer
  StepTrace<std::int64_t> trace{};
  std::int64_t most = 0;               ///< largest count
  double availability = 0;             ///< share of the time with as many as needed
  Durations up{}, down{};
  std::optional<Durations> lives{};    ///< of instances, where the recording names them
  std::optional<HoldOut> hold_out{};
  std::optional<Reclaims> reclaims{};
};

struct ZonePair {
  std::string first, second;           ///< pools
  double correlation = 0;              ///< of open (1) and closed (0) over their common time
};

/// The generator of docs/models/spot_market.md, "latent factor".
struct LatentParameters {
  double correlation = 0;
  double fast_hours = 0, slow_hours = 0;
  double slow_weight = 0;
  double hysteresis = 0;
};

/// A pool as the fitted generator has it.
struct LatentPool {
  std::string pool;
  double availability = 0, mean_up_hours = 0, mean_down_hours = 0, cv_up = 0, cv_down = 0;
};

struct LatentFit {
  LatentParameters parameters{};
  Duration step{};                      ///< of the simulation it was fitted by
  Duration simulated{};                 ///< its length
  std::vector<LatentPool> pools{};
  double correlation = 0;              ///< mean over pairs, simulated
  double any_open = 0;                 ///< share of the time that some pool is open, simulated; no part of the fit
};

/// The pools of one Region that were recorded together.
struct RegionReport {
  std::string region{};
  std::vector<std::string> pools{};
  std::vector<ZonePair> pairs{};       ///< at least one
  double correlation = 0;              ///< mean over pairs
  double any_open = 0;
  double any_open_if_independent = 0;
  std::optional<LatentFit> latent{};
};

/// The price of a pool in its history: a time-weighted mean, and the process of its logarithm.
struct PriceReport {
  std::string pool{}, zone{}, instance_type{}, region{}, source{};
  std::size_t records = 0;
  std::size_t changes = 0;
  config::UtcTime first{}, last{};
  double mean_usd_per_hour = 0;
  UsdPerHour lowest{}, highest{};
  double change_median = 0;            ///< of |relative change|
  std::optional<UsdPerHour> on_demand{};
  std::optional<double> ratio{};       ///< to on-demand, of the geometric mean over time
  double sd = 0;                       ///< of the logarithm, time-weighted
  std::optional<double> half_life_days{};  ///< of the logarithm's correlation; empty for a short history
  bool of_bids = false;                ///< it begins before 2017-11-28, when bids set the price
  double share_above_on_demand = 0;    ///< of the time; 0 if on-demand is not known
  double mean_up_to_on_demand = 0;     ///< USD/h, while it was not above on-demand; 0 if it always was
};

/// A type in a Region, as the Advisor has it.
struct AdvisorReport {
  std::string region{}, instance_type{}, source{};
  std::string range{};                 ///< "15-20%"
  double frequency = 0;                ///< share taken back in a month: the range's middle, 36 % for the last
  double saving = 0;                   ///< off on-demand
  Duration mean_life{};                ///< 730 h / -ln(1 - frequency)
  std::vector<std::string> pools{};    ///< of those asked for
};

struct Report {
  std::vector<PoolReport> pools;       ///< by name
  std::vector<RegionReport> regions;
  std::vector<PriceReport> prices;
  std::vector<AdvisorReport> advisor;
  std::string product;
};

/// Empty after an error: a file that is missing, of no known kind or malformed, a recording without a pool's name, a
/// pool recorded twice, a product or pool that no file has.
std::optional<Report> calibrate(const Request& request, config::Diagnostics& diagnostics);

/// Plain sentences on what fits and what does not, one for each finding.
std::vector<std::string> findings(const Report& report);

/// How the pools of one Region hang together.
enum class World {
  latent,      ///< by its latent factor, where one was fitted
  independent  ///< not at all, each with its own open and closed times
};

/// `spot_market:` with the settings of all pools, to be included by a scenario; the evidence, and the other world, stand in
/// comments.
std::string to_yaml(const Report& report, World world);

/// "us-east-1" for "us-east-1a"; a name of another form is its own Region.
std::string region_of(std::string_view zone);

}  // namespace fleetsim::calibration
