#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;

namespace {

constexpr const char* open_fraction = "spot.pool.us-east-1a/c5.2xlarge.open_fraction";

struct Estimate {
  double mean = 0;
  double standard_error = 0;
};

Estimate estimate(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  double squares = 0;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  return {sum / n, std::sqrt(squares / (n - 1) / n)};
}

/// Repeats with the period of a day; the capacity in hour h of day d is d for every h, so it tells the day.
StepTrace<std::int64_t> days_trace(std::int64_t days) {
  StepTrace<std::int64_t> trace;
  for (std::int64_t d = 0; d < days; ++d) {
    trace.times.push_back(24_h * d);
    trace.values.push_back(d + 1);
  }
  trace.span = 24_h * days;
  return trace;
}

ReplayedCapacity random_day_of(std::int64_t days) {
  return {.trace = std::make_shared<const StepTrace<std::int64_t>>(days_trace(days)), .units_for_each = 1,
          .start = ReplayStart::random_day, .repeat = false, .units = unlimited_units};
}

}  // namespace

TEST_CASE("spot market: an on/off pool is open for mean up / (mean up + mean down) of the time",
          "[spot_market][stochastic]") {
  const auto up = GENERATE(Distribution{Exponential{3'600}},
                           Distribution{HyperExponential{{0.7, 0.3}, {1'800, 7'800}}},  // mean 3,600
                           Distribution{Weibull{0.7, 3'600}}, Distribution{LogNormal{1'200, 1.0}},
                           Distribution{Gamma{2, 1'800}}, Distribution{Constant{3'600}},
                           Distribution{Uniform{600, 6'600}});
  const Distribution down{LogNormal{1'200, 1.0}};
  std::vector<double> fractions;
  for (std::uint64_t replication = 0; replication < 40; ++replication) {
    MarketRun run{make_config({make_pool(OnOffCapacity{DurationDistribution{up}, DurationDistribution{down}})}),
                  2'000_h, {.seed = 1, .replication = replication, .fingerprint = true}};
    run.run_to(2'000_h);
    fractions.push_back(run.metric(open_fraction).value());
  }
  // A run holds about 1,300 cycles. That the first duration is drawn whole biases it by no more than a few durations of
  // some 2,600, a tenth of the standard error.
  const double expected = up.mean() / (up.mean() + down.mean());
  const Estimate measured = estimate(fractions);
  CHECK_THAT(measured.mean, WithinAbs(expected, 4 * measured.standard_error));
}

TEST_CASE("spot market: an on/off pool starts open as often as it is open", "[spot_market][stochastic]") {
  const OnOffCapacity process{DurationDistribution{Distribution{Exponential{3'000}}},
                              DurationDistribution{Distribution{Exponential{1'000}}}};
  constexpr int replications = 2'000;
  int open = 0;
  for (std::uint64_t replication = 0; replication < replications; ++replication) {
    MarketRun run{make_config({make_pool(process)}), 24_h,
                  {.seed = 1, .replication = replication, .fingerprint = true}};
    open += run.market.free_units(PoolId{0}) > 0 ? 1 : 0;
  }
  const double standard_error = std::sqrt(0.75 * 0.25 / replications);  // binomial
  CHECK_THAT(open / double{replications}, WithinAbs(0.75, 4 * standard_error));
}

TEST_CASE("spot market: a phase that lasts no time changes nothing", "[spot_market][table]") {
  // Open for an hour or not at all, closed for half an hour: never open for a moment only, never two closings in a row
  // without an opening between them.
  const OnOffCapacity process{DurationDistribution{Distribution{Discrete{{1, 1}, {0, 3'600}}}},
                              DurationDistribution{30_min}};
  MarketRun run{make_config({make_pool(process)}), 10'000_h};
  bool open = run.market.free_units(PoolId{0}) > 0;
  std::uint64_t changes = 0;
  for (Duration at; at < 10'000_h; at += 30_min) {
    run.run_to(at + 15_min);
    const bool now_open = run.market.free_units(PoolId{0}) > 0;
    changes += now_open != open ? 1 : 0;
    open = now_open;
  }
  CHECK(run.sim.events_run() == changes);
  // After each half hour closed another follows with probability one half: an hour on average, as long as it is open.
  CHECK_THAT(run.metric(open_fraction).value(), WithinAbs(0.5, 4 * 0.5 / std::sqrt(5'000)));
}

TEST_CASE("spot market: a random day leaves the run inside the trace, is the same for all pools and differs between "
          "replications", "[spot_market][property]") {
  std::set<std::int64_t> days;
  for (std::uint64_t replication = 0; replication < 200; ++replication) {
    // The run of two days may start on days 0 to 3 of the shorter trace.
    MarketRun run{make_config({make_pool(random_day_of(5)), make_pool(random_day_of(9), ConstantPrice{}, "us-east-1b"),
                               make_pool(replay({{0_s, 77}}, 48_h), ConstantPrice{}, "us-east-1c")}),
                  48_h, {.seed = 3, .replication = replication, .fingerprint = true}};
    const std::int64_t day = run.market.free_units(PoolId{0}) - 1;
    REQUIRE((day >= 0 && day <= 3));
    CHECK(run.market.free_units(PoolId{1}) == day + 1);
    CHECK(run.market.free_units(PoolId{2}) == 77);
    run.run_to(24_h);
    CHECK(run.market.free_units(PoolId{0}) == day + 2);
    days.insert(day);
  }
  CHECK(days.size() == 4);  // each is missed by 200 draws with probability 0.75^200 < 10^-24
}

TEST_CASE("spot market: a trace without a day to spare is replayed from its beginning", "[spot_market][table]") {
  for (std::uint64_t replication = 0; replication < 20; ++replication) {
    MarketRun run{make_config({make_pool(random_day_of(2))}), 48_h,
                  {.seed = 3, .replication = replication, .fingerprint = true}};
    CHECK(run.market.free_units(PoolId{0}) == 1);
  }
}

TEST_CASE("spot market: prices start on a day of their own", "[spot_market][property]") {
  StepTrace<UsdPerHour> prices;
  for (int day = 0; day < 10; ++day) {
    prices.times.push_back(24_h * day);
    prices.values.push_back(UsdPerHour::of(day + 1));
  }
  prices.span = 240_h;
  const auto trace = std::make_shared<const StepTrace<UsdPerHour>>(prices);
  int different = 0;
  for (std::uint64_t replication = 0; replication < 50; ++replication) {
    MarketRun run{make_config({make_pool(random_day_of(10), ReplayedPrice{trace, ReplayStart::random_day, false})}),
                  24_h, {.seed = 3, .replication = replication, .fingerprint = true}};
    const std::int64_t day = run.market.price(PoolId{0}).count();
    REQUIRE((day >= 1 && day <= 10));
    different += day != run.market.free_units(PoolId{0}) ? 1 : 0;
  }
  CHECK(different > 0);  // the same in all of 50 with probability 10^-50
}
