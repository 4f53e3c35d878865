#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim {

namespace {

void check_name(const config::Location& where, std::string_view name, std::string_view what,
                const std::vector<std::string>& names, config::Diagnostics& diagnostics) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  diagnostics.error(where, fmt::format("spot_market: there is no {} '{}'", what, name),
                    config::name_help(what, name, names));
}

/// The pools in other zones of the Regions that these zones are of.
std::vector<PoolId> elsewhere(const std::vector<config::Located<std::string>>& zones,
                              const std::vector<SpotPoolConfig>& pools) {
  std::vector<PoolId> result;
  for (std::uint32_t i = 0; i < pools.size(); ++i) {
    const std::string& zone = pools[i].zone;
    const bool in_region = std::any_of(zones.begin(), zones.end(),
                                       [&](const auto& out) { return region_of(out.value) == region_of(zone); });
    const bool in_zone = std::any_of(zones.begin(), zones.end(), [&](const auto& out) { return out.value == zone; });
    if (in_region && !in_zone) result.push_back(PoolId{i});
  }
  return result;
}

}  // namespace

void check_spot_market_names(const SpotMarketSettings& settings, const std::vector<std::string>& zones,
                             const std::vector<std::string>& instance_types, config::Diagnostics& diagnostics) {
  std::vector<std::string> regions;
  for (const std::string& zone : zones) {
    if (regions.empty() || regions.back() != region_of(zone)) regions.emplace_back(region_of(zone));
  }
  const auto check_pool = [&](const config::Located<std::string>& pool) {
    const std::string_view name = pool.value;
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return;  // reported when it was read
    check_name(pool.where, name.substr(0, slash), "zone", zones, diagnostics);
    check_name(pool.where, name.substr(slash + 1), "instance type", instance_types, diagnostics);
  };
  for (const auto& region : settings.regions) {
    check_name(region.name.where, region.name.value, "Region", regions, diagnostics);
  }
  for (const auto& zone : settings.zones) check_name(zone.name.where, zone.name.value, "zone", zones, diagnostics);
  for (const auto& pool : settings.pools) check_pool(pool.name);
  for (const auto& outage : settings.outages) {
    for (const auto& region : outage.regions) check_name(region.where, region.value, "Region", regions, diagnostics);
    for (const auto& zone : outage.zones) check_name(zone.where, zone.value, "zone", zones, diagnostics);
    for (const auto& pool : outage.pools) check_pool(pool);
  }
}

SpotMarketConfig make_spot_market(const SpotMarketSettings& settings, std::vector<SpotPoolConfig> pools,
                                  Duration run_length, config::Diagnostics& diagnostics) {
  SpotMarketConfig market = settings.market;
  market.pools = std::move(pools);
  for (const NamedSpotPoolSettings& named : settings.pools) {
    const bool used = std::any_of(market.pools.begin(), market.pools.end(), [&](const SpotPoolConfig& pool) {
      return pool.zone + "/" + pool.instance_type == named.name.value;
    });
    // An error may be why no group uses it; then it is what to mend.
    if (!used && !diagnostics.has_errors()) {
      diagnostics.warning(named.name.where, fmt::format("no group buys from Spot pool '{}'", named.name.value),
                          "its settings have no effect");
    }
  }
  for (const SpotOutageSettings& described : settings.outages) {
    if (!described.every && described.at >= run_length) {
      diagnostics.warning(described.where,
                          fmt::format("the outage at {} comes after the end of the run, which lasts {}", described.at,
                                      run_length),
                          "it has no effect");
    }
    SpotOutage outage{.at = described.at, .duration = described.duration, .share = described.share, .pools = {},
                      .every = described.every, .elsewhere = elsewhere(described.zones, market.pools)};
    const auto add = [&](const std::vector<config::Located<std::string>>& names, std::string_view scope,
                         const auto& name_in_scope) {
      for (const auto& name : names) {
        bool met = false;
        for (std::uint32_t i = 0; i < market.pools.size(); ++i) {
          if (name_in_scope(market.pools[i]) != name.value) continue;
          met = true;
          if (std::find(outage.pools.begin(), outage.pools.end(), PoolId{i}) == outage.pools.end()) {
            outage.pools.push_back(PoolId{i});
          }
        }
        // An error may be why there is no pool; then it is what to mend.
        if (!met && !diagnostics.has_errors()) {
          diagnostics.warning(name.where, fmt::format("the outage meets no Spot pool {} '{}'", scope, name.value));
        }
      }
    };
    add(described.regions, "in Region", [](const SpotPoolConfig& pool) { return std::string(region_of(pool.zone)); });
    add(described.zones, "in zone", [](const SpotPoolConfig& pool) { return pool.zone; });
    add(described.pools, "named", [](const SpotPoolConfig& pool) { return pool.zone + "/" + pool.instance_type; });
    market.outages.push_back(std::move(outage));
  }
  return market;
}

}  // namespace fleetsim
