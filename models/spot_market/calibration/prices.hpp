#pragma once

#include "models/spot_market/calibration/inputs.hpp"

namespace fleetsim::calibration {

/// One pool's history as a process. Requires: there is a record.
PriceReport price_report(const spot_market::PriceHistoryKey& key, const std::vector<spot_market::PriceRecord>& records,
                         const std::string& source, const Request& request);

}  // namespace fleetsim::calibration
