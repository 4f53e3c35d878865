#include "harness.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

std::vector<std::pair<Duration, std::int64_t>> random_steps(Stream& stream, Duration span) {
  std::vector<std::pair<Duration, std::int64_t>> steps{{0_s, static_cast<std::int64_t>(stream.below(12))}};
  for (;;) {
    const Duration at = steps.back().first + 1_s * (1 + stream.below(400));
    if (at >= span) return steps;
    steps.emplace_back(at, static_cast<std::int64_t>(stream.below(12)));
  }
}

/// The largest capacity at any instant of [from, to].
std::int64_t greatest(const std::vector<std::pair<Duration, std::int64_t>>& steps, Duration from, Duration to) {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool ends_before = i + 1 < steps.size() && steps[i + 1].first <= from;
    if (!ends_before && steps[i].first <= to) most = std::max(most, steps[i].second);
  }
  return most;
}

}  // namespace

TEST_CASE("spot market: whatever the capacity and the holder do, no unit is made or lost, and none is held longer "
          "than a notice after its pool has no room for it", "[spot_market][property]") {
  const auto round = GENERATE(range(0, 30));
  Stream stream{static_cast<std::uint64_t>(round) + 1, 0, "property_test"};
  const Duration spread = round % 3 == 0 ? 0_s : 180_s;
  const Duration span = 10_h;
  const auto steps = random_steps(stream, span);
  MarketRun run{make_config({make_pool(replay(steps, span))}, spread), span};
  const PoolId pool{0};

  std::size_t launched = 0;
  std::size_t released = 0;
  for (Duration at; at < span; at += 1_s * (1 + stream.below(60))) {
    run.run_to(at);
    if (stream.chance(0.5)) {
      const std::int64_t room = run.market.free_units(pool);
      const bool granted = run.launch().has_value();
      CHECK(granted == (room > 0));
      launched += granted ? 1 : 0;
    } else if (!run.held.empty() && stream.chance(0.3)) {
      run.release(std::next(run.held.begin(), static_cast<std::ptrdiff_t>(stream.below(run.held.size())))->first);
      ++released;
    }
    const auto in_use = run.market.units_in_use(pool);
    REQUIRE(in_use == static_cast<std::int64_t>(run.held.size()));
    REQUIRE(launched == released + run.lost.size() + run.held.size());
    REQUIRE(run.market.free_units(pool) == std::max<std::int64_t>(0, greatest(steps, at, at) - in_use));
    // What is held has had room at some moment of the last notice and its spread.
    REQUIRE(in_use <= greatest(steps, at - 120_s - spread, at));
  }
  // Who is lost was noticed two minutes before.
  for (const Heard& lost : run.lost) {
    CHECK(std::find(run.noticed.begin(), run.noticed.end(), Heard{lost.at - 120_s, lost.holder}) != run.noticed.end());
  }
  CHECK(run.metric("spot.launches") == static_cast<double>(launched));
  CHECK(run.metric("spot.interruptions") == static_cast<double>(run.lost.size()));
}

TEST_CASE("spot market: the victims of a shrinking pool are drawn uniformly without replacement",
          "[spot_market][stochastic]") {
  constexpr int held = 20, taken = 5, rounds = 2'000;
  std::vector<int> times_taken(held);
  for (int round = 0; round < rounds; ++round) {
    MarketRun run{make_config({make_pool(replay({{0_s, held}, {1_h, held - taken}}, 24_h))}), 24_h,
                  {.seed = 1, .replication = static_cast<std::uint64_t>(round), .fingerprint = true}};
    run.launch_many(held);
    run.run_to(2_h);
    REQUIRE(run.lost.size() == taken);
    for (const Heard& lost : run.lost) ++times_taken[lost.holder];
  }
  // A count has mean R p and variance R p (1 - p), and two counts covary by -R p (1 - p) / (n - 1), because each round
  // takes 5 in all. So this sum is chi-square with n - 1 degrees of freedom.
  const double p = double{taken} / held;
  double chi_square = 0;
  for (const int count : times_taken) {
    chi_square += (count - rounds * p) * (count - rounds * p) / (rounds * p * (1 - p)) * (held - 1) / held;
  }
  // Below 4.4 and above 51 with 19 degrees of freedom lie one in ten thousand each.
  CHECK(chi_square > 4.4);
  CHECK(chi_square < 51);
}

TEST_CASE("spot market: after other releases the victims are still drawn from all that remain",
          "[spot_market][stochastic]") {
  // Holders 0, 3 and 7 of ten let go, five remain of the seven: each of the seven is as likely to be taken.
  constexpr int rounds = 3'500;
  std::vector<int> times_taken(10);
  for (int round = 0; round < rounds; ++round) {
    MarketRun run{make_config({make_pool(replay({{0_s, 10}, {1_h, 5}}, 24_h))}), 24_h,
                  {.seed = 2, .replication = static_cast<std::uint64_t>(round), .fingerprint = true}};
    run.launch_many(10);
    for (const std::uint32_t holder : {7U, 0U, 3U}) run.release(holder);
    run.run_to(2_h);
    REQUIRE(run.lost.size() == 2);
    for (const Heard& lost : run.lost) ++times_taken[lost.holder];
  }
  const double p = 2.0 / 7;
  for (const std::uint32_t holder : {1U, 2U, 4U, 5U, 6U, 8U, 9U}) {
    CHECK_THAT(times_taken[holder], Catch::Matchers::WithinAbs(rounds * p, 4 * std::sqrt(rounds * p * (1 - p))));
  }
}

namespace {

/// A day of two scarce pools whose holder replaces what it loses, and perhaps a third pool beside them.
struct Day {
  std::vector<Heard> noticed, lost;
  std::vector<std::pair<Time, UsdPerHour>> prices;
  std::uint64_t fingerprint = 0;
  bool operator==(const Day&) const = default;
};

Day run_day(std::uint64_t seed, bool third_pool) {
  const OnOffCapacity process{DurationDistribution{Distribution{Exponential{3'600}}},
                              DurationDistribution{Distribution{Exponential{1'200}}}};
  std::vector<SpotPoolConfig> pools{make_pool(process), make_pool(process, ConstantPrice{}, "us-east-1b")};
  if (third_pool) pools.push_back(make_pool(process, ConstantPrice{}, "us-east-1c"));
  SpotMarketConfig config = make_config(std::move(pools), 180_s);
  config.launch_failure = Ratio{0.1};
  MarketRun run{config, 24_h, {.seed = seed, .replication = 0, .fingerprint = true}};
  for (Duration at; at < 24_h; at += 10_min) {
    run.run_to(at);
    for (const std::uint32_t pool : {0U, 1U}) {
      while (run.market.free_units(PoolId{pool}) > 0 && run.market.units_in_use(PoolId{pool}) < 5) run.launch(pool);
    }
  }
  return {run.noticed, run.lost, run.heard_prices, run.sim.fingerprint()};
}

}  // namespace

TEST_CASE("spot market: a run is a function of its seed", "[spot_market][property]") {
  const Day day = run_day(1, false);
  CHECK(day == run_day(1, false));
  CHECK_FALSE(day == run_day(2, false));
}

TEST_CASE("spot market: another pool leaves what happens in the others as it was", "[spot_market][property]") {
  const Day without = run_day(1, false);
  const Day with = run_day(1, true);
  CHECK(with.noticed == without.noticed);
  CHECK(with.lost == without.lost);
  REQUIRE(!without.lost.empty());
}
