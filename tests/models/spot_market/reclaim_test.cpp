#include "harness.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/summary.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;

namespace {

SpotMarketConfig with_reclaims(std::vector<SpotPoolConfig> pools, double whole, ReclaimOrder order) {
  SpotMarketConfig config = make_config(std::move(pools));
  config.reclaim_whole = Ratio{whole};
  config.reclaim_order = order;
  return config;
}

std::vector<std::uint32_t> holders(const std::vector<Heard>& heard) {
  std::vector<std::uint32_t> result;
  for (const Heard& one : heard) result.push_back(one.holder);
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

TEST_CASE("spot market: the oldest or the newest instances are taken back first, whoever was released before",
          "[spot_market][reclaim][table]") {
  // Eight, of which 0, 3 and 7 are released and 8 comes after them; three remain of the six.
  struct Row { ReclaimOrder order; std::vector<std::uint32_t> lost; };
  const Row row = GENERATE(Row{ReclaimOrder::oldest, {1, 2, 4}}, Row{ReclaimOrder::newest, {5, 6, 8}});
  MarketRun run{with_reclaims({make_pool(replay({{0_s, 8}, {1_h, 3}}, 24_h))}, 1, row.order)};
  REQUIRE(run.launch_many(8) == 8);
  for (const std::uint32_t holder : {3U, 0U, 7U}) run.release(holder);
  REQUIRE(run.launch() == 8U);
  run.run_to(2_h);
  CHECK(holders(run.lost) == row.lost);
  run.release(row.order == ReclaimOrder::oldest ? 5 : 2);
  run.run_to(3_h);
  CHECK(run.market.units_in_use(PoolId{0}) == 2);
}

TEST_CASE("spot market: the order decides within a pool, and outages and lives keep it", "[spot_market][reclaim][table]") {
  SpotPoolConfig pool = make_pool(FixedCapacity{});
  SpotMarketConfig config = with_reclaims({pool, pool}, 1, ReclaimOrder::oldest);
  config.pools[1].zone = "us-east-1b";
  config.outages = {{.at = 1_h, .duration = 1_h, .share = Ratio{0.5}, .pools = {PoolId{1}}}};
  MarketRun run{config};
  for (int i = 0; i < 4; ++i) run.launch(0), run.launch(1);
  run.run_to(2_h);
  CHECK(holders(run.lost) == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("spot market: a closing pool takes all or a uniform share, and who is left runs on while no launch succeeds",
          "[spot_market][reclaim][stochastic]") {
  constexpr int held = 1'000, rounds = 2'000;
  int whole = 0;
  Tally parts;
  for (int round = 0; round < rounds; ++round) {
    MarketRun run{with_reclaims({make_pool(replay({{0_s, held}, {1_h, 0}, {2_h, held}}, 24_h))}, 0.6,
                                ReclaimOrder::newest),
                  24_h, {.seed = 4, .replication = static_cast<std::uint64_t>(round), .fingerprint = true}};
    REQUIRE(run.launch_many(held) == held);
    run.run_to(90_min);
    REQUIRE_FALSE(run.launch());
    const auto left = static_cast<double>(run.market.units_in_use(PoolId{0}));
    if (left == 0) {
      ++whole;
    } else {
      parts.add(1 - left / held);
    }
    run.run_to(3_h);
    REQUIRE(run.market.units_in_use(PoolId{0}) == static_cast<std::int64_t>(left));
    REQUIRE(run.market.free_units(PoolId{0}) == held - static_cast<std::int64_t>(left));
  }
  // Binomial. A drawn share that rounds to all of a thousand counts as whole: 0.4 * 0.0005, far below the error.
  CHECK_THAT(whole / double{rounds}, WithinAbs(0.6, 4 * std::sqrt(0.6 * 0.4 / rounds)));
  // Uniform: mean 1/2, variance 1/12.
  const double error = 4 * std::sqrt(1.0 / 12 / (0.4 * rounds));
  CHECK_THAT(parts.mean(), WithinAbs(0.5, error));
  CHECK_THAT(parts.standard_deviation(), WithinAbs(std::sqrt(1.0 / 12), error));
}

TEST_CASE("spot market: a pool that shrinks but does not close takes exactly its excess", "[spot_market][reclaim][table]") {
  MarketRun run{with_reclaims({make_pool(replay({{0_s, 10}, {1_h, 4}}, 24_h))}, 0, ReclaimOrder::random)};
  REQUIRE(run.launch_many(10) == 10);
  run.run_to(2_h);
  CHECK(run.lost.size() == 6);
}
