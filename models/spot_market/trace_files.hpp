#pragma once
/// The trace files of a scenario, each read once however many pools use it.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "models/spot_market/price_history.hpp"

namespace fleetsim {

namespace spot_market {

/// Capacity traces by the name of their pool.
using AvailabilityTraces = std::map<std::string, std::shared_ptr<const StepTrace<std::int64_t>>, std::less<>>;

using PriceTraces = std::map<PriceHistoryKey, std::shared_ptr<const StepTrace<UsdPerHour>>>;

/// Reads a CSV of pool, t_s, count, and how long each pool was recorded from the pools.csv beside it (pool, start_utc,
/// end_s). A pool's first row is at 0, its rows rise in time and lie before its end. Empty after an error.
std::optional<AvailabilityTraces> read_availability_file(const config::FilePath& file,
                                                         config::Diagnostics& diagnostics);

/// Reads a price history. All traces begin at the file's earliest instant and end at its latest; until a key's first
/// record its first price holds. Empty after an error.
std::optional<PriceTraces> read_price_file(const config::FilePath& file, config::Diagnostics& diagnostics);

/// Whether a trace of this span lasts for the run; reports why not. `what` of the file is too short.
bool check_length(const config::Located<config::FilePath>& file, const std::string& what, Duration span, bool repeat,
                  Duration run_length, config::Diagnostics& diagnostics);

}  // namespace spot_market

class SpotTraceFiles {
 public:
  /// Null if the file could not be read; its errors were reported the first time.
  const spot_market::AvailabilityTraces* availability(const config::FilePath& file, config::Diagnostics& diagnostics);
  const spot_market::PriceTraces* prices(const config::FilePath& file, config::Diagnostics& diagnostics);

 private:
  std::map<std::string, std::optional<spot_market::AvailabilityTraces>> availability_;
  std::map<std::string, std::optional<spot_market::PriceTraces>> prices_;
};

}  // namespace fleetsim
