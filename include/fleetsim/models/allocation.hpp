#pragma once
/// Allocation strategies: into which capacity pools a number of units is launched. Plain functions: pools in, launches
/// out. Auto Scaling groups and EC2 Fleets both follow them.
///
/// Truth:      launches x weights cover the units asked for, or every pool that may be used has been emptied, or the
///             next launch would exceed the budget; without the last instance launched they would not.
/// Leaves out: EC2's own measure of a pool's depth, which it does not publish; see docs/models/allocation.md.
/// Source:     [1] Amazon EC2 user guide, allocation strategies for Spot Instances; [2] the same, instance weighting;
///             [3] the same, control spending; [4] the same, Spot placement score. The depth and the score's formula
///             are ours.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

enum class AllocationStrategy : std::uint8_t {
  lowest_price,                    ///< the cheapest pool with capacity; or evenly over the cheapest few
  diversified,                     ///< evenly over all pools whose price is below that on demand
  capacity_optimized,              ///< the deepest pool
  capacity_optimized_prioritized,  ///< of the pools nearly as deep as the deepest, the one of the best priority
  price_capacity_optimized,        ///< of the pools nearly as deep as the deepest, the cheapest
  prioritized                      ///< by priority alone: for instances on demand
};

struct AllocationRules {
  AllocationStrategy strategy = AllocationStrategy::lowest_price;
  std::int64_t pools_to_use = 1;        ///< of lowest_price: evenly over so many of the cheapest; > 0
  /// How far below the deepest pool one still counts as nearly as deep; each in [0, 1].
  Ratio depth_tolerance_prioritized{0.10};  ///< of capacity_optimized_prioritized
  Ratio depth_tolerance_price{0.20};        ///< of price_capacity_optimized
};

/// A pool as a strategy sees it.
struct PoolView {
  UsdPerHour price;               ///< of an instance now
  UsdPerHour on_demand_price;     ///< of an instance
  std::int64_t free = 0;          ///< instances it could launch now
  double hazard = 0;              ///< reclaims of an instance per hour
  std::int64_t weight = 1;        ///< units that an instance counts; > 0
  int priority = 0;               ///< lower is better
  std::int64_t held = 0;          ///< units held there already
};

/// How good a pool is for a batch of so many units, from 0 to 10:
/// clamp(free units / batch, 0, 10) x max(0, 1 - hazard x 1 h). Requires: units > 0.
double pool_depth(const PoolView& pool, std::int64_t units);

/// Whether a unit of `a` costs less than one of `b`; exact.
bool cheaper_per_unit(const PoolView& a, const PoolView& b);

/// Pools in the order in which a strategy wants them. Those it never uses are missing.
struct PoolRanking {
  std::vector<std::size_t> order;
  std::size_t shared = 1;         ///< so many of the first divide the units evenly; the rest follow in order

  struct ByDepth {
    std::size_t pool = 0;
    double depth = 0;
    std::uint64_t tie = 0;        ///< of equal depths the lower one goes first
  };
  std::vector<ByDepth> by_depth;  ///< room to work in
};

/// Ranks the pools for a batch of so many units. Equal depths are told apart by `ties`, drawn from once a pool;
/// equal prices and priorities by the order of `pools`. `out` is reused. Requires: units > 0.
void rank_pools(std::span<const PoolView> pools, std::int64_t units, const AllocationRules& rules, Stream& ties,
                PoolRanking& out);

/// The pool for the next launch: of the shared ones that `usable(pool)` names, the one with the fewest units held, then
/// the first in order; if there is none, the first usable one of the rest. Empty if no pool is usable.
template <class Usable>
Maybe<std::size_t> next_pool(const PoolRanking& ranking, std::span<const PoolView> pools, const Usable& usable) {
  Maybe<std::size_t> best;
  for (std::size_t i = 0; i < ranking.order.size(); ++i) {
    if (best && i >= ranking.shared) break;
    const std::size_t pool = ranking.order[i];
    if (!usable(pool)) continue;
    if (!best || pools[pool].held < pools[*best].held) best = pool;
    if (i >= ranking.shared) break;
  }
  return best;
}

/// The Spot placement score of a request that finds all its units with this probability: 1 + 9 x probability, rounded, so
/// from 1 to 10; at most 3 for one or two instance types, which AWS scores low [4]. Requires: probability in [0, 1].
int placement_score(double probability, std::size_t instance_types);

/// How a group chooses, as its scenario says it.
struct AllocationConfig {
  AllocationRules spot;
  AllocationRules on_demand;             ///< lowest_price or prioritized
  std::vector<std::int64_t> weights;     ///< by instance type
  std::vector<int> priorities;           ///< by instance type
  bool weighted = false;                 ///< the scenario gives weights
};
/// Reads the keys allocation_strategy, weights, priorities and their like of a group with these instance types.
AllocationConfig read_allocation(config::Section& group, const std::vector<config::Located<std::string>>& types,
                                 bool buys_spot, bool buys_on_demand);

/// What bounds the money spent.
struct AllocationLimits {
  std::optional<UsdPerHour> unit_price_max;  ///< pools where a unit costs more are not used
  std::optional<UsdPerHour> budget;          ///< the launches' prices together stay at most at this
};

struct Allocation {
  std::vector<std::int64_t> launches;        ///< by pool
  std::int64_t units = 0;                    ///< launches x weights
  UsdPerHour price;                          ///< of all launches together
  bool budget_reached = false;               ///< the next launch would have exceeded the budget
  bool priced_out = false;                   ///< a pool with capacity was left out for its price

  std::vector<PoolView> left;                ///< room to work in, as the next
  PoolRanking ranking;
};

/// Plans the launches for `units` units. The last instance may overshoot, by less than its weight [2]. Where the next
/// launch by the strategy would exceed the budget launching stops, though another pool might be cheaper [3]. `out` is
/// reused.
void allocate(std::span<const PoolView> pools, std::int64_t units, const AllocationRules& rules,
              const AllocationLimits& limits, Stream& ties, Allocation& out);

}  // namespace fleetsim
