#pragma once
/// Spot price histories as AWS answers them, read into plain records.

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::spot_market {

/// The product of a history that names none, and the one that most are asked for.
inline constexpr std::string_view product_default = "Linux/UNIX";

/// 2017-11-28T00:00:00Z: before it a pool's price was that of the bids which it fulfilled, and from then on none is above
/// on demand.
inline constexpr config::UtcTime first_day_without_bids{1'511'827'200};

/// What a price belongs to. `product` is one of Linux/UNIX, Red Hat Enterprise Linux, SUSE Linux and Windows; the suffix
/// " (Amazon VPC)" is dropped.
struct PriceHistoryKey {
  std::string az;
  std::string instance_type;
  std::string product;
  auto operator<=>(const PriceHistoryKey&) const = default;
};

/// A price holds from `at` until the next record of the same key. `line` and `column` are those of its time in the file.
struct PriceRecord {
  config::UtcTime at;
  UsdPerHour price;
  int line = 0;
  int column = 0;
};

/// Each key's records rise in time.
using PriceHistory = std::map<PriceHistoryKey, std::vector<PriceRecord>>;

/// Reads, by the file's name (plain, .gz or .xz),
///   .json  an answer of `aws ec2 describe-spot-price-history`: {"SpotPriceHistory": [{"AvailabilityZone",
///          "InstanceType", "ProductDescription", "SpotPrice": "0.0350", "Timestamp"}, …]}, or the list alone. The answer
///          has no order that one may rely on, so records are sorted.
///   .csv   columns timestamp_utc, az, instance_type, price_usd_per_hour, and product if there is one (without it all
///          rows are Linux/UNIX). The rows of a key rise in time.
/// Refused: what is neither; no records; a price that is no number or is not above zero; an unknown product; two
/// records of one key and instant. Empty after an error.
std::optional<PriceHistory> read_price_history(const config::FilePath& file, config::Diagnostics& diagnostics);

}  // namespace fleetsim::spot_market
