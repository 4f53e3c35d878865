#include <vector>

#include "fleetsim/models/allocation.hpp"

namespace fleetsim {

namespace {

bool within_unit_price(const PoolView& pool, const AllocationLimits& limits) {
  if (!limits.unit_price_max) return true;
  return pool.price.count() <= static_cast<Int128>(limits.unit_price_max->count()) * pool.weight;
}

}  // namespace

void allocate(std::span<const PoolView> pools, std::int64_t units, const AllocationRules& rules,
              const AllocationLimits& limits, Stream& ties, Allocation& out) {
  out.launches.assign(pools.size(), 0);
  out.units = 0;
  out.price = {};
  out.budget_reached = false;
  out.priced_out = false;
  if (units <= 0) return;

  std::vector<PoolView>& left = out.left;
  left.assign(pools.begin(), pools.end());
  // A pool that is too dear has no capacity for this batch, so a strategy does not count it among its few.
  for (PoolView& pool : left) {
    if (within_unit_price(pool, limits)) continue;
    out.priced_out = out.priced_out || pool.free > 0;
    pool.free = 0;
  }
  rank_pools(left, units, rules, ties, out.ranking);
  const auto has_capacity = [&](std::size_t pool) { return left[pool].free > 0; };
  while (out.units < units) {
    const Maybe<std::size_t> next = next_pool(out.ranking, left, has_capacity);
    if (!next) return;
    PoolView& pool = left[*next];
    if (limits.budget && out.price + pool.price > *limits.budget) {
      out.budget_reached = true;
      return;
    }
    --pool.free;
    pool.held += pool.weight;
    ++out.launches[*next];
    out.units += pool.weight;
    out.price = out.price + pool.price;
  }
}

}  // namespace fleetsim
