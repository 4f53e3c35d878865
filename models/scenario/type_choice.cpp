#include "models/scenario/type_choice.hpp"

namespace fleetsim::scenario {

void TypeChoice::begin(std::int64_t units, const AllocationRules& rules) {
  rules_ = rules;
  // Zones are balanced, so each gets its part of the round.
  const auto zones = static_cast<std::int64_t>(zones_.size());
  units_in_zone_ = (units + zones - 1) / zones;
  for (Zone& zone : zones_) zone.ranked = false;
}

void TypeChoice::launched(std::size_t zone, std::size_t type, std::int64_t units) {
  // The initial capacity of a run may be launched without a choice.
  if (zones_[zone].ranked) zones_[zone].views[type].held += units;
}

}  // namespace fleetsim::scenario
