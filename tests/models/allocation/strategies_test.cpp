/// Which pools each strategy takes. The vectors named [1] to [3] are those of the Amazon EC2 user guide, as in the page
/// docs/models/allocation.md.

#include <vector>

#include "fleetsim/models/allocation.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Launches = std::vector<std::int64_t>;
constexpr std::int64_t plenty = 1'000'000;

PoolView pool(UsdPerHour price, std::int64_t free = plenty) {
  return {.price = price, .on_demand_price = 1.0_usd_per_h, .free = free};
}

Allocation plan(const std::vector<PoolView>& pools, std::int64_t units, const AllocationRules& rules,
                const AllocationLimits& limits = {}, std::uint64_t replication = 0) {
  Stream ties(1, replication, "allocation/test");
  Allocation result;
  allocate(pools, units, rules, limits, ties, result);
  return result;
}

TEST_CASE("allocation: lowest-price takes the cheapest pool, and the next when it is empty", "[allocation][table]") {
  const std::vector<PoolView> pools = {pool(0.30_usd_per_h), pool(0.10_usd_per_h, 6), pool(0.20_usd_per_h)};
  CHECK(plan(pools, 5, {}).launches == Launches{0, 5, 0});
  CHECK(plan(pools, 10, {}).launches == Launches{0, 6, 4});
}

TEST_CASE("allocation: lowest-price over k pools divides evenly over the k cheapest that have capacity",
          "[allocation][table]") {
  const AllocationRules two{.strategy = AllocationStrategy::lowest_price, .pools_to_use = 2};
  const std::vector<PoolView> pools = {pool(0.30_usd_per_h), pool(0.10_usd_per_h), pool(0.20_usd_per_h),
                                       pool(0.05_usd_per_h, 0)};
  CHECK(plan(pools, 10, two).launches == Launches{0, 5, 5, 0});
  CHECK(plan(pools, 11, two).launches == Launches{0, 6, 5, 0});  // the odd one goes to the cheapest
}

TEST_CASE("allocation: where one of the k cheapest runs out the others take its part, then further pools",
          "[allocation][table]") {
  const AllocationRules two{.strategy = AllocationStrategy::lowest_price, .pools_to_use = 2};
  CHECK(plan({pool(0.1_usd_per_h, 2), pool(0.2_usd_per_h), pool(0.3_usd_per_h)}, 10, two).launches ==
        Launches{2, 8, 0});
  CHECK(plan({pool(0.1_usd_per_h, 2), pool(0.2_usd_per_h, 3), pool(0.3_usd_per_h)}, 10, two).launches ==
        Launches{2, 3, 5});
  CHECK(plan({pool(0.1_usd_per_h), pool(0.2_usd_per_h, 0)}, 10, two).launches == Launches{10, 0});
}

TEST_CASE("allocation: diversified puts 100 units over ten pools as ten each [1]", "[allocation][table]") {
  const std::vector<PoolView> pools(10, pool(0.1_usd_per_h));
  CHECK(plan(pools, 100, {.strategy = AllocationStrategy::diversified}).launches == Launches(10, 10));
}

TEST_CASE("allocation: diversified spreads what a lost pool held over the others [1]", "[allocation][table]") {
  std::vector<PoolView> pools(10, pool(0.1_usd_per_h));
  for (PoolView& p : pools) p.held = 10;
  pools[3].held = 0;
  pools[3].free = 0;
  const Launches launches = plan(pools, 10, {.strategy = AllocationStrategy::diversified}).launches;
  CHECK(launches == Launches{2, 1, 1, 0, 1, 1, 1, 1, 1, 1});  // nine pools: one each, and the tenth anywhere
}

TEST_CASE("allocation: diversified skips a pool whose Spot price reaches the price on demand [1]",
          "[allocation][table]") {
  std::vector<PoolView> pools(3, pool(0.1_usd_per_h));
  pools[0].on_demand_price = 0.1_usd_per_h;
  CHECK(plan(pools, 10, {.strategy = AllocationStrategy::diversified}).launches == Launches{0, 5, 5});
  pools[1].price = 0.2_usd_per_h;
  pools[1].on_demand_price = 0.1_usd_per_h;
  CHECK(plan(pools, 10, {.strategy = AllocationStrategy::diversified}).launches == Launches{0, 0, 10});
  pools[2].on_demand_price = 0.05_usd_per_h;
  CHECK(plan(pools, 10, {.strategy = AllocationStrategy::diversified}).units == 0);
  CHECK(plan(pools, 10, {.strategy = AllocationStrategy::lowest_price}).units == 10);  // only diversified minds
}

TEST_CASE("allocation: a pool's depth is its free units over the batch, up to ten, less an hour's hazard",
          "[allocation][table]") {
  PoolView p = pool(0.1_usd_per_h, 30);
  CHECK(pool_depth(p, 10) == 3.0);
  CHECK(pool_depth(p, 3) == 10.0);
  CHECK(pool_depth(p, 1) == 10.0);
  CHECK(pool_depth(p, 60) == 0.5);
  p.weight = 2;
  CHECK(pool_depth(p, 60) == 1.0);
  p.hazard = 0.25;
  CHECK(pool_depth(p, 60) == 0.75);
  p.hazard = 1.7;
  CHECK(pool_depth(p, 60) == 0.0);
  p.free = 0;
  p.hazard = 0;
  CHECK(pool_depth(p, 60) == 0.0);
}

TEST_CASE("allocation: capacity-optimized takes the deepest pool at any price, then the next deepest",
          "[allocation][table]") {
  const AllocationRules rules{.strategy = AllocationStrategy::capacity_optimized};
  const std::vector<PoolView> pools = {pool(0.1_usd_per_h, 20), pool(0.9_usd_per_h, 50), pool(0.2_usd_per_h, 30)};
  CHECK(plan(pools, 40, rules).launches == Launches{0, 40, 0});
  CHECK(plan(pools, 60, rules).launches == Launches{0, 50, 10});
  std::vector<PoolView> risky = pools;
  risky[1].hazard = 0.5;
  // For ten units: 20/10 = 2, 50/10 x 0.5 = 2.5, 30/10 = 3.
  CHECK(plan(risky, 10, rules).launches == Launches{0, 0, 10});
}

TEST_CASE("allocation: equal depths are told apart by chance, one pool for the whole batch",
          "[allocation][stochastic]") {
  const std::vector<PoolView> pools(4, pool(0.1_usd_per_h));
  const AllocationRules rules{.strategy = AllocationStrategy::capacity_optimized};
  constexpr int runs = 1000;
  std::vector<int> chosen(4, 0);
  for (std::uint64_t r = 0; r < runs; ++r) {
    const Launches launches = plan(pools, 7, rules, {}, r).launches;
    for (std::size_t p = 0; p < 4; ++p) {
      if (launches[p] == 0) continue;
      CHECK(launches[p] == 7);
      ++chosen[p];
    }
  }
  // Each is binomial with n = 1000 and p = 1/4: 250 with a standard deviation of 13.7; four of them are 55.
  for (const int count : chosen) CHECK(std::abs(count - 250) < 55);
}

TEST_CASE("allocation: capacity-optimized-prioritized takes the best priority among pools within 10 % of the deepest",
          "[allocation][table]") {
  const AllocationRules rules{.strategy = AllocationStrategy::capacity_optimized_prioritized};
  std::vector<PoolView> pools = {pool(0.1_usd_per_h, 100), pool(0.1_usd_per_h, 90), pool(0.1_usd_per_h, 89)};
  pools[0].priority = 2;
  pools[1].priority = 1;
  pools[2].priority = 0;
  CHECK(plan(pools, 20, rules).launches == Launches{0, 20, 0});   // 89 is below 90 % of 100
  CHECK(plan(pools, 120, rules).launches == Launches{30, 90, 0});
  pools[2].free = 95;
  CHECK(plan(pools, 20, rules).launches == Launches{0, 0, 20});
}

TEST_CASE("allocation: price-capacity-optimized takes the cheapest among pools within 20 % of the deepest",
          "[allocation][table]") {
  const AllocationRules rules{.strategy = AllocationStrategy::price_capacity_optimized};
  const std::vector<PoolView> pools = {pool(0.3_usd_per_h, 100), pool(0.2_usd_per_h, 80), pool(0.1_usd_per_h, 79)};
  CHECK(plan(pools, 20, rules).launches == Launches{0, 20, 0});
  CHECK(plan(pools, 150, rules).launches == Launches{70, 80, 0});
  CHECK(plan(pools, 200, rules).launches == Launches{100, 80, 20});
  AllocationRules wider = rules;
  wider.depth_tolerance_price = 30_percent;
  CHECK(plan(pools, 20, wider).launches == Launches{0, 0, 20});
}

TEST_CASE("allocation: prioritized goes by priority alone, of equal ones by price", "[allocation][table]") {
  const AllocationRules rules{.strategy = AllocationStrategy::prioritized};
  std::vector<PoolView> pools = {pool(0.1_usd_per_h), pool(0.3_usd_per_h, 4), pool(0.2_usd_per_h, 4)};
  pools[0].priority = 1;
  CHECK(plan(pools, 10, rules).launches == Launches{2, 4, 4});
  CHECK(plan(pools, 4, rules).launches == Launches{0, 0, 4});
}

TEST_CASE("placement score: from 1 to 10 with the probability, at most 3 for one or two types", "[allocation][table]") {
  struct Row {
    double probability;
    int score, of_two_types;
  };
  for (const Row row : {Row{0, 1, 1}, Row{0.05, 1, 1}, Row{0.06, 2, 2}, Row{0.2, 3, 3}, Row{0.5, 6, 3}, Row{1, 10, 3}}) {
    CAPTURE(row.probability);
    CHECK(placement_score(row.probability, 3) == row.score);
    CHECK(placement_score(row.probability, 2) == row.of_two_types);
    CHECK(placement_score(row.probability, 1) == row.of_two_types);
  }
}

TEST_CASE("allocation: the batch is the number that depth is measured for", "[allocation][table]") {
  // For one unit both pools are ten times deep enough, so the cheaper is taken; for 100 only the larger is.
  const AllocationRules rules{.strategy = AllocationStrategy::price_capacity_optimized};
  const std::vector<PoolView> pools = {pool(0.1_usd_per_h, 10), pool(0.2_usd_per_h, 1000)};
  CHECK(plan(pools, 1, rules).launches == Launches{1, 0});
  CHECK(plan(pools, 100, rules).launches == Launches{0, 100});
}

}  // namespace
}  // namespace fleetsim
