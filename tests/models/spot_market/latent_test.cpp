#include "harness.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/summary.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"
#include "models/spot_market/latent/latent_threshold.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using spot_market::CapacityChange;
using spot_market::CapacityWorld;
using spot_market::CapacityWorldMaker;

namespace {

constexpr Duration step = 195_s;

SpotPoolConfig latent_pool(const LatentRegion& region, std::string zone, double availability,
                           std::string type = "p3.2xlarge") {
  return make_pool(LatentCapacity{.region = region, .availability = availability, .spread = {}},
                   ConstantPrice{}, std::move(zone), std::move(type));
}

/// Units at each step of a run.
std::vector<std::int64_t> units_by_step(CapacityWorld& world, std::size_t steps) {
  std::vector<std::int64_t> units;
  std::int64_t now = world.initial_units();
  while (const auto change = world.next()) {
    while (units.size() < static_cast<std::size_t>(change->at.since_start() / step + 0.5)) units.push_back(now);
    now = change->units;
  }
  units.resize(steps, now);
  return units;
}

/// Open (1) or closed (0) of each pool at each step.
std::vector<std::vector<int>> simulate(const std::vector<SpotPoolConfig>& pools, std::size_t steps,
                                       std::uint64_t replication) {
  Simulation sim({.seed = 1, .replication = replication, .fingerprint = false});
  CapacityWorldMaker worlds(sim, step * static_cast<std::int64_t>(steps));
  std::vector<std::vector<int>> open;
  for (const SpotPoolConfig& pool : pools) {
    std::vector<int> series;
    for (const std::int64_t units : units_by_step(*worlds.make(pool, {}, {}), steps)) series.push_back(units > 0 ? 1 : 0);
    open.push_back(std::move(series));
  }
  return open;
}

double mean(const std::vector<int>& series) {
  double sum = 0;
  for (const int value : series) sum += value;
  return sum / static_cast<double>(series.size());
}

/// Mean length in hours of the runs of `value`, without the first and the last run of all, which are cut off.
double mean_run_hours(const std::vector<int>& series, int value) {
  Tally lengths;
  std::size_t begin = 0;
  bool first = true;
  for (std::size_t i = 1; i < series.size(); ++i) {
    if (series[i] == series[i - 1]) continue;
    if (!first && series[i - 1] == value) lengths.add(static_cast<double>(i - begin) * to_seconds(step) / 3'600);
    first = false;
    begin = i;
  }
  return lengths.mean();
}

double correlation(const std::vector<int>& a, const std::vector<int>& b) {
  const double p = mean(a), q = mean(b);
  double both = 0;
  for (std::size_t i = 0; i < a.size(); ++i) both += a[i] * b[i];
  return (both / static_cast<double>(a.size()) - p * q) / std::sqrt(p * (1 - p) * q * (1 - q));
}

struct Published {
  LatentRegion region;
  std::string name;
  std::vector<double> availability;      // of the zones, measured
  std::vector<double> up_h, down_h;      // simulated by the reference
  double correlation_low, correlation_high;
  double any_open;
};

}  // namespace

TEST_CASE("latent pools: the table of the reference comes out: mean up, mean down, correlation, any zone open",
          "[spot_market][latent][stochastic]") {
  const Published row = GENERATE(
      Published{{.correlation = 0.7, .fast = 2_h, .slow = 24_h, .slow_weight = 0.3, .hysteresis = 0.15}, "us-west-2",
                {0.883, 0.905, 0.891}, {6.1, 7.5, 7.3}, {0.84, 0.80, 0.93}, 0.39, 0.43, 0.968},
      Published{{.correlation = 0.8, .fast = 2_h, .slow = 48_h, .slow_weight = 0.5, .hysteresis = 0.17}, "us-east-2",
                {0.759, 0.682}, {5.5, 4.3}, {1.6, 1.8}, 0.55, 0.55, 0.829},
      Published{{.correlation = 0.6, .fast = 90_min, .slow = 48_h, .slow_weight = 0.4, .hysteresis = 0.12}, "us-east-1",
                {0.167, 0.467, 0.447, 0.591}, {0.73, 1.35, 1.35, 1.65}, {4.1, 1.8, 1.8, 1.4}, 0.31, 0.42, 0.698});
  std::vector<SpotPoolConfig> pools;
  for (std::size_t z = 0; z < row.availability.size(); ++z) {
    pools.push_back(latent_pool(row.region, row.name + static_cast<char>('a' + z), row.availability[z]));
  }
  constexpr std::size_t steps = 160'000;
  constexpr std::uint64_t replications = 12;
  std::vector<Tally> availability(pools.size()), up(pools.size()), down(pools.size());
  Tally any;
  std::vector<Tally> correlations(pools.size() * pools.size());
  for (std::uint64_t replication = 0; replication < replications; ++replication) {
    const auto open = simulate(pools, steps, replication);
    std::vector<int> some(steps);
    for (std::size_t z = 0; z < pools.size(); ++z) {
      availability[z].add(mean(open[z]));
      up[z].add(mean_run_hours(open[z], 1));
      down[z].add(mean_run_hours(open[z], 0));
      for (std::size_t i = 0; i < steps; ++i) some[i] |= open[z][i];
      for (std::size_t y = 0; y < z; ++y) correlations[z * pools.size() + y].add(correlation(open[z], open[y]));
    }
    any.add(mean(some));
  }
  // The tolerances are those that the reference states for its figures, of one run as long as one of these 12.
  for (std::size_t z = 0; z < pools.size(); ++z) {
    INFO(pools[z].zone);
    CHECK_THAT(availability[z].mean(), WithinAbs(row.availability[z], 0.03));
    CHECK_THAT(up[z].mean(), WithinRel(row.up_h[z], 0.15));
    CHECK_THAT(down[z].mean(), WithinRel(row.down_h[z], 0.15));
    for (std::size_t y = 0; y < z; ++y) {
      const double found = correlations[z * pools.size() + y].mean();
      INFO("correlation with " << pools[y].zone);
      CHECK(found > row.correlation_low * 0.85);
      CHECK(found < row.correlation_high * 1.15);
    }
  }
  CHECK_THAT(any.mean(), WithinRel(row.any_open, 0.15));
  for (std::size_t z = 0; z < pools.size(); ++z) {
    UNSCOPED_INFO(pools[z].zone << ": open " << availability[z].mean() << ", up " << up[z].mean() << " h (one run's sd "
                                << up[z].standard_deviation() << "), down " << down[z].mean() << " h");
  }
  CHECK(any.count() == replications);  // with -s: prints the lines above
}

TEST_CASE("latent pools: another pool or Region leaves a pool as it was", "[spot_market][latent][property]") {
  const LatentRegion region;
  const std::vector<SpotPoolConfig> alone{latent_pool(region, "us-west-2a", 0.8), latent_pool(region, "us-west-2b", 0.8)};
  const std::vector<SpotPoolConfig> among{
      latent_pool(region, "us-east-1a", 0.5), latent_pool(region, "us-west-2c", 0.8), latent_pool(region, "us-west-2a", 0.8),
      latent_pool(region, "us-west-2a", 0.8, "c5.large"), latent_pool(region, "us-west-2b", 0.8)};
  const auto without = simulate(alone, 5'000, 0);
  const auto with = simulate(among, 5'000, 0);
  CHECK(with[2] == without[0]);
  CHECK(with[4] == without[1]);
  CHECK(with[3] != with[2]);
  CHECK(with[1] != with[2]);
  CHECK(simulate(alone, 5'000, 1)[0] != without[0]);
}

TEST_CASE("latent pools: of correlation one and no hysteresis all zones are one; of correlation zero they are independent",
          "[spot_market][latent][analytic]") {
  LatentRegion region{.correlation = 1, .hysteresis = 0};
  auto open = simulate({latent_pool(region, "us-west-2a", 0.8), latent_pool(region, "us-west-2b", 0.8)}, 20'000, 0);
  CHECK(open[0] == open[1]);
  region.correlation = 0;
  Tally correlations;
  for (std::uint64_t replication = 0; replication < 30; ++replication) {
    open = simulate({latent_pool(region, "us-west-2a", 0.8), latent_pool(region, "us-west-2b", 0.8)}, 20'000, replication);
    correlations.add(correlation(open[0], open[1]));
  }
  CHECK_THAT(correlations.mean(), WithinAbs(0, 4 * correlations.standard_error()));
}

TEST_CASE("latent pools: the steps are exact: the state at a given time is distributed alike whatever the step",
          "[spot_market][latent][stochastic]") {
  // Open now and open two hours later, without hysteresis: a bivariate normal orthant probability. With both weights
  // in the fast factor its correlation is e^-1 whatever the step; for a threshold of 0 the probability is
  // 1/4 + asin(e^-1) / (2 pi).
  const double expected = 0.25 + std::asin(std::exp(-1)) / (2 * std::numbers::pi);
  for (const Duration length : {195_s, 30_min, 2_h}) {
    const LatentRegion region{.correlation = 0.5, .fast = 2_h, .slow_weight = 0, .hysteresis = 0, .step = length};
    constexpr int replications = 4'000;
    int both = 0;
    for (int replication = 0; replication < replications; ++replication) {
      Simulation sim({.seed = 7, .replication = static_cast<std::uint64_t>(replication), .fingerprint = false});
      CapacityWorldMaker worlds(sim, 3_h);
      const auto world = worlds.make(latent_pool(region, "us-west-2a", 0.5), {}, {});
      const bool first = world->initial_units() > 0;
      bool later = first;
      // 37 steps of 195 s are 2 h and 15 s, which changes the probability by 0.0002.
      while (const auto change = world->next()) {
        if (change->at <= Time::at(2_h + 15_s)) later = change->units > 0;
      }
      both += first && later ? 1 : 0;
    }
    INFO("step " << to_seconds(length) << " s");
    CHECK_THAT(both / double{replications},
               WithinAbs(expected, 4 * std::sqrt(expected * (1 - expected) / replications) + 0.0002));
  }
}

TEST_CASE("latent pools: the threshold keeps the availability whatever the swing of the day",
          "[spot_market][latent][analytic]") {
  using spot_market::latent_threshold;
  CHECK_THAT(latent_threshold(0.975, 0), WithinAbs(1.959963985, 1e-9));
  CHECK_THAT(latent_threshold(0.5, 0.8), WithinAbs(0, 1e-12));  // by symmetry
  // A swing far larger than the state: open while cos < threshold / amplitude, so for a quarter of the day of
  // threshold amplitude * cos(3 pi / 4).
  CHECK_THAT(latent_threshold(0.25, 1e3) / 1e3, WithinAbs(std::cos(0.75 * std::numbers::pi), 0.03));
}

TEST_CASE("latent pools: capacity is scarcest at the peak of the day and plentiful twelve hours from it",
          "[spot_market][latent][stochastic]") {
  // X is normal of variance 1, so at the peak a pool is open with probability Phi(threshold - a), and at the other
  // end of the day with Phi(threshold + a).
  const LatentRegion region{.fast = 30_min, .slow_weight = 0, .hysteresis = 0, .diurnal_amplitude = 0.6,
                            .diurnal_peak = 14_h, .step = 10_min};
  constexpr std::int64_t days = 3'000;
  Simulation sim;
  CapacityWorldMaker worlds(sim, 24_h * days);
  const auto world = worlds.make(latent_pool(region, "us-west-2a", 0.75), {}, {});
  std::array<int, 2> open{};
  bool now = world->initial_units() > 0;
  std::int64_t half_days = 0;  // those of 2, 14, 26 h, … that have passed
  const auto pass = [&](Time until) {
    for (; half_days < 2 * days && Time::at(2_h + 12_h * half_days) < until; ++half_days) {
      open[static_cast<std::size_t>(half_days % 2)] += now ? 1 : 0;
    }
  };
  while (const auto change = world->next()) {
    pass(change->at);
    now = change->units > 0;
  }
  pass(Time::at(24_h * days));
  const Distribution normal = Normal{};
  const double threshold = spot_market::latent_threshold(0.75, 0.6);
  const auto check = [&](int count, double expected) {  // 24 h are 48 time constants, so days are independent
    CHECK_THAT(count / double{days}, WithinAbs(expected, 4 * std::sqrt(expected * (1 - expected) / days)));
  };
  check(open[0], normal.cdf(threshold + 0.6));
  check(open[1], normal.cdf(threshold - 0.6));
}

TEST_CASE("latent pools: with a spread the units rise evenly with the state, and there is one whenever it is open",
          "[spot_market][latent][stochastic]") {
  // The state is normal: P(units >= n) = P(X < threshold - (n - 1) s / N).
  const LatentRegion region{.fast = 30_min, .slow_weight = 0, .step = 10_min};
  constexpr std::size_t runs = 20'000;
  constexpr std::int64_t most = 10;
  std::array<int, most + 1> at_least{};
  for (std::size_t replication = 0; replication < runs; ++replication) {
    Simulation sim({.seed = 3, .replication = replication, .fingerprint = false});
    CapacityWorldMaker worlds(sim, 1_h);
    const auto world = worlds.make(
        make_pool(LatentCapacity{.region = region, .availability = 0.75, .spread = 1.0, .units = most}), {}, {});
    REQUIRE(world->initial_units() <= most);
    for (std::int64_t n = 1; n <= world->initial_units(); ++n) ++at_least[static_cast<std::size_t>(n)];
  }
  const Distribution normal = Normal{};
  const double threshold = normal.quantile(0.75);
  for (const std::size_t n : {1U, 2U, 5U, 10U}) {
    const double expected = normal.cdf(threshold - (static_cast<double>(n) - 1) / most);
    CHECK_THAT(at_least[n] / double{runs}, WithinAbs(expected, 4 * std::sqrt(expected * (1 - expected) / runs)));
  }
}
