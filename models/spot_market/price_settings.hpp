#pragma once
/// From what a scenario says about a pool's price to the process that the price follows.

#include <cstdint>
#include <optional>
#include <string>

#include "fleetsim/models/spot_market/settings.hpp"

namespace fleetsim::spot_market {

/// Lets the more specific settings win, key by key; another kind of price drops what belonged to the kind before it.
void override_with(SpotPriceSettings& base, const SpotPriceSettings& specific);

/// The pool whose price is made.
struct PricedPool {
  const SpotMarketSettings& market;
  const std::string& zone;
  const std::string& instance_type;
  OperatingSystem os;
  std::optional<UsdPerHour> on_demand;  // with that system
  std::int64_t units;                   // that the pool has at most
  Duration run_length;
};
/// Reports what is wrong with the settings and with the files that they name. A history's prices above on demand are
/// held at it from 2017-11-28 on, with a warning.
PriceProcess make_price(const PricedPool& pool, const SpotPriceSettings& settings, config::Diagnostics& diagnostics);

}  // namespace fleetsim::spot_market
