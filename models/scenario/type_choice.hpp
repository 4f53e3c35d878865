#pragma once
/// Which instance type a group launches in a zone, by its allocation strategy, during one round of launches.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/models/allocation.hpp"
#include "fleetsim/sim/maybe.hpp"

namespace fleetsim::scenario {

/// The types of one group, zone by zone. A zone is ranked when the round first asks for it.
class TypeChoice {
 public:
  TypeChoice(std::size_t zones, Stream ties) : zones_(zones), ties_(ties) {}

  /// A round begins that launches so many units by these rules.
  void begin(std::int64_t units, const AllocationRules& rules);

  /// The next type in the zone that is not in `tried`; `view(type)` shows the pool of a type there.
  template <class View>
  Maybe<std::size_t> next(std::size_t zone, std::size_t types, std::uint64_t tried, const View& view) {
    // Of one type there is nothing to rank, but by the strategy that leaves out what is dear.
    if (types == 1 && rules_.strategy != AllocationStrategy::diversified) {
      return (tried & 1U) == 0 ? Maybe<std::size_t>(0) : std::nullopt;
    }
    Zone& z = zones_[zone];
    if (!z.ranked) {
      z.views.clear();
      for (std::size_t type = 0; type < types; ++type) z.views.push_back(view(type));
      rank_pools(z.views, units_in_zone_, rules_, ties_, z.ranking);
      z.ranked = true;
    }
    return next_pool(z.ranking, z.views, [&](std::size_t type) { return ((tried >> type) & 1U) == 0; });
  }
  /// An instance of the type, which counts so many units, was launched.
  void launched(std::size_t zone, std::size_t type, std::int64_t units);

 private:
  struct Zone {
    std::vector<PoolView> views;  // by type
    PoolRanking ranking;
    bool ranked = false;
  };
  std::vector<Zone> zones_;
  Stream ties_;
  AllocationRules rules_;
  std::int64_t units_in_zone_ = 1;
};

}  // namespace fleetsim::scenario
