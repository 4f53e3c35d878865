#include "models/scenario/region_prices.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim::scenario {

bool report_unpriced_region(const TopologyConfig& topology, const Catalog& catalog, const std::string& region,
                            config::Diagnostics& diagnostics) {
  if (catalog.prices_in(region)) return false;
  const auto named = std::find_if(topology.regions.begin(), topology.regions.end(),
                                  [&](const RegionConfig& config) { return config.name.value == region; });
  if (named == topology.regions.end()) return false;
  const std::vector<std::string> priced = catalog.regions();
  const std::string similar = config::nearest_name(region, priced);
  diagnostics.error(named->name.where, fmt::format("nothing has a price in Region '{}'", region),
                    similar.empty()
                        ? fmt::format("write one of {}, or state prices of its own under catalog", fmt::join(priced, ", "))
                        : fmt::format("a Region with a similar name exists: {}", similar));
  return true;
}

}  // namespace fleetsim::scenario
