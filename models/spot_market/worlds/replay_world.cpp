#include "models/spot_market/worlds/replay_world.hpp"

#include <algorithm>

namespace fleetsim::spot_market {

ReplayWorld::ReplayWorld(const ReplayedCapacity& process, Duration offset, Duration run_length)
    : units_for_each_(process.units_for_each),
      units_max_(process.units),
      cursor_(process.trace, offset, process.repeat, run_length),
      initial_units_(units(cursor_.value())),
      units_(initial_units_) {}

std::int64_t ReplayWorld::units(std::int64_t recorded) const {
  if (recorded <= 0) return 0;
  // The bound is compared by division, so that no product overflows.
  if (units_for_each_ == unlimited_units || recorded > units_max_ / units_for_each_) return units_max_;
  return recorded * units_for_each_;
}

std::optional<CapacityChange> ReplayWorld::next() {
  while (const auto at = cursor_.advance()) {
    const std::int64_t next_units = units(cursor_.value());
    if (next_units == units_) continue;
    units_ = next_units;
    return CapacityChange{*at, units_};
  }
  return std::nullopt;
}

PriceWorld::PriceWorld(const PriceProcess& process, Duration offset, Duration run_length) {
  if (const auto* replayed = std::get_if<ReplayedPrice>(&process)) {
    cursor_.emplace(replayed->trace, offset, replayed->repeat, run_length);
    initial_price_ = cursor_->value();
  } else {
    initial_price_ = std::get<ConstantPrice>(process).price;
  }
  price_ = initial_price_;
}

std::optional<PriceStep> PriceWorld::next() {
  while (const auto at = cursor_ ? cursor_->advance() : std::nullopt) {
    if (cursor_->value() == price_) continue;
    price_ = cursor_->value();
    return PriceStep{*at, price_};
  }
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
