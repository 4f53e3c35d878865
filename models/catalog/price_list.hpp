#pragma once
/// A price list that a scenario brings.

#include <map>

#include "fleetsim/models/catalog.hpp"

namespace fleetsim::catalog {

/// Reads a CSV with the columns of scenarios/data/catalogue/prices.csv; `az_ids` and `source` are not needed. A row
/// given twice is an error.
std::map<PriceKey, Prices> read_price_list(const config::FilePath& file, config::Diagnostics& diagnostics);

}  // namespace fleetsim::catalog
