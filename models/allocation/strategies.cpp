// Each strategy is an order of the pools; how units are filled in is the same for all.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fleetsim/models/allocation.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

namespace {

using ByDepth = PoolRanking::ByDepth;

bool deeper(const ByDepth& a, const ByDepth& b) { return a.depth != b.depth ? a.depth > b.depth : a.tie < b.tie; }

/// Deepest first; each run of pools that are within `tolerance` of its deepest is sorted by `before`, then by depth.
template <class Before>
void sort_by_depth(std::vector<ByDepth>& pools, double tolerance, const Before& before) {
  std::sort(pools.begin(), pools.end(), deeper);
  for (auto first = pools.begin(); first != pools.end();) {
    // A depth that lies on the bound belongs to it, whatever the rounding of the product.
    const double bound = first->depth * (1 - tolerance) - 1e-9;
    const auto last = std::find_if(first, pools.end(), [&](const ByDepth& pool) { return pool.depth < bound; });
    std::sort(first, last, [&](const ByDepth& a, const ByDepth& b) {
      if (before(a.pool, b.pool)) return true;
      return !before(b.pool, a.pool) && deeper(a, b);
    });
    first = last;
  }
}

}  // namespace

double pool_depth(const PoolView& pool, std::int64_t units) {
  const double free = static_cast<double>(pool.free) * static_cast<double>(pool.weight);
  return std::clamp(free / static_cast<double>(units), 0.0, 10.0) * std::max(0.0, 1 - pool.hazard);
}

int placement_score(double probability, std::size_t instance_types) {
  const int score = 1 + static_cast<int>(std::lround(9 * probability));
  return instance_types <= 2 ? std::min(score, 3) : score;
}

bool cheaper_per_unit(const PoolView& a, const PoolView& b) {
  return static_cast<Int128>(a.price.count()) * b.weight < static_cast<Int128>(b.price.count()) * a.weight;
}

void rank_pools(std::span<const PoolView> pools, std::int64_t units, const AllocationRules& rules, Stream& ties,
                PoolRanking& out) {
  invariant(units > 0, "a strategy has units to place");
  const auto cheaper = [&](std::size_t a, std::size_t b) { return cheaper_per_unit(pools[a], pools[b]); };
  const auto preferred = [&](std::size_t a, std::size_t b) { return pools[a].priority < pools[b].priority; };
  const auto has_more = [&](std::size_t a, std::size_t b) { return pools[a].free > 0 && pools[b].free == 0; };
  const auto by_price = [&](std::size_t a, std::size_t b) {
    return cheaper(a, b) || (!cheaper(b, a) && a < b);
  };
  out.order.resize(pools.size());
  std::iota(out.order.begin(), out.order.end(), std::size_t{0});
  out.shared = 1;

  switch (rules.strategy) {
    case AllocationStrategy::lowest_price:
      std::sort(out.order.begin(), out.order.end(), [&](std::size_t a, std::size_t b) {
        // Those that share are chosen among the pools that have capacity.
        if (rules.pools_to_use > 1 && has_more(a, b) != has_more(b, a)) return has_more(a, b);
        return by_price(a, b);
      });
      out.shared = static_cast<std::size_t>(rules.pools_to_use);
      return;
    case AllocationStrategy::prioritized:
      std::sort(out.order.begin(), out.order.end(), [&](std::size_t a, std::size_t b) {
        return preferred(a, b) || (!preferred(b, a) && by_price(a, b));
      });
      return;
    case AllocationStrategy::diversified:
      std::erase_if(out.order, [&](std::size_t pool) { return pools[pool].price >= pools[pool].on_demand_price; });
      std::sort(out.order.begin(), out.order.end(), by_price);
      out.shared = out.order.size();
      return;
    case AllocationStrategy::capacity_optimized:
    case AllocationStrategy::capacity_optimized_prioritized:
    case AllocationStrategy::price_capacity_optimized: break;
  }

  out.by_depth.clear();
  for (std::size_t p = 0; p < pools.size(); ++p) {
    out.by_depth.push_back({.pool = p, .depth = pool_depth(pools[p], units), .tie = ties.bits()});
  }
  if (rules.strategy == AllocationStrategy::capacity_optimized) {
    std::sort(out.by_depth.begin(), out.by_depth.end(), deeper);
  } else if (rules.strategy == AllocationStrategy::price_capacity_optimized) {
    sort_by_depth(out.by_depth, rules.depth_tolerance_price.value, cheaper);
  } else {
    sort_by_depth(out.by_depth, rules.depth_tolerance_prioritized.value, preferred);
  }
  std::transform(out.by_depth.begin(), out.by_depth.end(), out.order.begin(),
                 [](const ByDepth& ranked) { return ranked.pool; });
}

}  // namespace fleetsim
