#include "models/catalog/price_list.hpp"

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"

namespace fleetsim::catalog {
namespace {

/// A column of prices. An empty cell is a price that is not known.
struct PriceColumn {
  std::size_t index;
  std::string name;

  void read(config::CsvReader& csv, std::optional<UsdPerHour>& out) const {
    UsdPerHour price;
    if (csv.empty(index) || !csv.read(index, usd_per_hour(1), price)) return;
    if (price < UsdPerHour{}) {
      csv.error(index, fmt::format("{}: {} is below zero", name, csv.text(index)));
      return;
    }
    out = price;
  }
};

}  // namespace

std::map<PriceKey, Prices> read_price_list(const config::FilePath& file, config::Diagnostics& diagnostics) {
  const PriceColumn on_demand{3, "on_demand_usd_per_hour"};
  const PriceColumn reserved_1y{4, "ri_1y_no_upfront_usd_per_hour"};
  const PriceColumn reserved_3y{5, "ri_3y_no_upfront_usd_per_hour"};
  config::CsvReader csv(
      file, {"region", "instance_type", "os", on_demand.name, reserved_1y.name, reserved_3y.name}, diagnostics);
  std::map<PriceKey, Prices> prices;
  while (csv.next()) {
    const PriceKey key{std::string(csv.text(0)), std::string(csv.text(1)), std::string(csv.text(2))};
    const auto [row, added] = prices.try_emplace(key);
    if (!added) {
      csv.error(0, fmt::format("the price of {} with {} in {} is given twice", key.instance_type, key.os, key.region));
      continue;
    }
    on_demand.read(csv, row->second.on_demand);
    reserved_1y.read(csv, row->second.reserved_1y);
    reserved_3y.read(csv, row->second.reserved_3y);
  }
  return prices;
}

}  // namespace fleetsim::catalog
