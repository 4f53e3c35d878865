/// Weights, which make launches overshoot, and the two limits on price.

#include <vector>

#include "fleetsim/models/allocation.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Launches = std::vector<std::int64_t>;
constexpr std::int64_t plenty = 1'000'000;

PoolView pool(UsdPerHour price, std::int64_t weight = 1, std::int64_t free = plenty) {
  return {.price = price, .on_demand_price = 1.0_usd_per_h, .free = free, .weight = weight};
}

Allocation plan(const std::vector<PoolView>& pools, std::int64_t units, const AllocationRules& rules,
                const AllocationLimits& limits = {}) {
  Stream ties(1, 0, "allocation/test");
  Allocation result;
  allocate(pools, units, rules, limits, ties, result);
  return result;
}

TEST_CASE("allocation: as many instances as cover the units, rounded up [2]", "[allocation][table]") {
  struct Vector {
    std::int64_t target, weight, instances;
  };
  for (const Vector v : {Vector{10, 8, 2}, Vector{24, 5, 5}, Vector{30, 8, 4}, Vector{10, 1, 10}}) {
    CAPTURE(v.target, v.weight);
    const Allocation result = plan({pool(0.1_usd_per_h, v.weight)}, v.target, {});
    CHECK(result.launches == Launches{v.instances});
    CHECK(result.units == v.instances * v.weight);
  }
}

TEST_CASE("allocation: 30 units of weight 8 diversified over three pools: one each and the fourth where a unit is "
          "cheapest [2]",
          "[allocation][table]") {
  const AllocationRules rules{.strategy = AllocationStrategy::diversified};
  const Allocation result =
      plan({pool(0.30_usd_per_h, 8), pool(0.20_usd_per_h, 8), pool(0.25_usd_per_h, 8)}, 30, rules);
  CHECK(result.launches == Launches{1, 2, 1});
  CHECK(result.units == 32);
}

TEST_CASE("allocation: prices are compared for a unit, not for an instance", "[allocation][table]") {
  CHECK(plan({pool(0.10_usd_per_h, 1), pool(0.36_usd_per_h, 4)}, 8, {}).launches == Launches{0, 2});
  CHECK(plan({pool(0.10_usd_per_h, 1), pool(0.40_usd_per_h, 4)}, 8, {}).launches == Launches{8, 0});  // a tie
}

TEST_CASE("allocation: launching stops when the next launch would exceed the budget [3]", "[allocation][table]") {
  const std::vector<PoolView> m4_large = {pool(0.10_usd_per_h)};
  const Allocation roomy = plan(m4_large, 10, {}, {.unit_price_max = {}, .budget = 1.50_usd_per_h});
  CHECK(roomy.launches == Launches{10});
  CHECK_FALSE(roomy.budget_reached);
  const Allocation tight = plan(m4_large, 10, {}, {.unit_price_max = {}, .budget = 0.80_usd_per_h});
  CHECK(tight.launches == Launches{8});
  CHECK(tight.budget_reached);
  CHECK(tight.price == 0.80_usd_per_h);
}

TEST_CASE("allocation: a pool where a unit costs more than the maximum is not used", "[allocation][table]") {
  const AllocationLimits limits{.unit_price_max = 0.10_usd_per_h, .budget = {}};
  CHECK(plan({pool(0.11_usd_per_h), pool(0.40_usd_per_h, 4)}, 8, {}, limits).launches == Launches{0, 2});
  const AllocationRules two{.strategy = AllocationStrategy::lowest_price, .pools_to_use = 2};
  CHECK(plan({pool(0.05_usd_per_h), pool(0.20_usd_per_h), pool(0.10_usd_per_h)}, 8, two, limits).launches ==
        Launches{4, 0, 4});
  CHECK(plan({pool(0.11_usd_per_h)}, 8, {}, limits).units == 0);
}

TEST_CASE("allocation: units are covered, with less than an instance too many, unless every pool is empty",
          "[allocation][property]") {
  Stream random(7, 0, "test/pools");
  Stream ties(7, 0, "test/ties");
  Allocation result;
  for (int round = 0; round < 2000; ++round) {
    std::vector<PoolView> pools(1 + random.below(6));
    std::int64_t all = 0;
    std::int64_t heaviest = 0;
    for (PoolView& p : pools) {
      p = pool(usd_per_hour(0.01 + 0.5 * random.uniform()), 1 + static_cast<std::int64_t>(random.below(9)),
               static_cast<std::int64_t>(random.below(20)));
      p.hazard = 2 * random.uniform();
      p.priority = static_cast<int>(random.below(3));
      all += p.free * p.weight;
      heaviest = std::max(heaviest, p.weight);
    }
    const auto units = static_cast<std::int64_t>(1 + random.below(200));
    const AllocationRules rules{.strategy = static_cast<AllocationStrategy>(random.below(6)),
                                .pools_to_use = static_cast<std::int64_t>(1 + random.below(4))};
    allocate(pools, units, rules, {}, ties, result);
    std::int64_t sum = 0;
    UsdPerHour price;
    for (std::size_t p = 0; p < pools.size(); ++p) {
      CHECK(result.launches[p] <= pools[p].free);
      sum += result.launches[p] * pools[p].weight;
      price = price + pools[p].price * result.launches[p];
    }
    CHECK(sum == result.units);
    CHECK(price == result.price);
    CHECK(result.units < units + heaviest);
    CHECK((result.units >= units || result.units == all));
  }
}

TEST_CASE("allocation: zero units need no pool", "[allocation][table]") {
  const Allocation result = plan({pool(0.1_usd_per_h)}, 0, {});
  CHECK(result.launches == Launches{0});
  CHECK(result.units == 0);
}

}  // namespace
}  // namespace fleetsim
