#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/settings.hpp"

namespace fleetsim {

namespace {

void check_name(const config::Location& where, std::string_view name, std::string_view what,
                const std::vector<std::string>& names, config::Diagnostics& diagnostics) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  diagnostics.error(where, fmt::format("spot_market: there is no {} '{}'", what, name),
                    config::name_help(what, name, names));
}

}  // namespace

void check_spot_market_names(const SpotMarketSettings& settings, const std::vector<std::string>& zones,
                             const std::vector<std::string>& instance_types, config::Diagnostics& diagnostics) {
  for (const auto& zone : settings.zones) check_name(zone.name.where, zone.name.value, "zone", zones, diagnostics);
  for (const auto& pool : settings.pools) {
    const std::string_view name = pool.name.value;
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) continue;  // reported when it was read
    check_name(pool.name.where, name.substr(0, slash), "zone", zones, diagnostics);
    check_name(pool.name.where, name.substr(slash + 1), "instance type", instance_types, diagnostics);
  }
  for (const auto& outage : settings.outages) {
    for (const auto& zone : outage.zones) check_name(zone.where, zone.value, "zone", zones, diagnostics);
  }
}

SpotMarketConfig make_spot_market(const SpotMarketSettings& settings, std::vector<SpotPoolConfig> pools,
                                  config::Diagnostics& diagnostics) {
  SpotMarketConfig market = settings.market;
  market.pools = std::move(pools);
  for (const SpotOutageSettings& described : settings.outages) {
    SpotOutage outage{.at = described.at, .duration = described.duration, .share = described.share, .pools = {}};
    for (const auto& zone : described.zones) {
      const std::size_t before = outage.pools.size();
      for (std::uint32_t i = 0; i < market.pools.size(); ++i) {
        if (market.pools[i].zone == zone.value) outage.pools.push_back(PoolId{i});
      }
      // An error may be why there is no pool; then it is what to mend.
      if (outage.pools.size() == before && !diagnostics.has_errors()) {
        diagnostics.warning(zone.where, fmt::format("the outage meets no Spot pool in zone '{}'", zone.value));
      }
    }
    market.outages.push_back(std::move(outage));
  }
  return market;
}

}  // namespace fleetsim
