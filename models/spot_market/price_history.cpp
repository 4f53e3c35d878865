#include "models/spot_market/price_history.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/sim/config/json.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::spot_market {
namespace {

using config::Diagnostics;
using config::FilePath;
using config::Location;

constexpr std::array<std::string_view, 4> products = {"Linux/UNIX", "Red Hat Enterprise Linux", "SUSE Linux",
                                                      "Windows"};
constexpr int errors_max = 20;

/// Takes records one by one, and stops to complain after the twentieth error.
class HistoryBuilder {
 public:
  HistoryBuilder(std::string file, Diagnostics& diagnostics) : file_(std::move(file)), diagnostics_(diagnostics) {}

  bool empty() const { return history_.empty(); }
  void add(PriceHistoryKey key, const PriceRecord& record) { history_[std::move(key)].push_back(record); }

  /// Notes `count` errors that were reported elsewhere; false once there are too many.
  bool failed(int count = 1) {
    if (errors_ < errors_max && errors_ + count >= errors_max) {
      diagnostics_.error({file_, 0, 0},
                         fmt::format("has {} errors or more: the rest of the file is not read", errors_max));
    }
    errors_ += count;
    return errors_ < errors_max;
  }

  /// Sorts and checks the whole; empty after an error.
  std::optional<PriceHistory> finish() {
    if (history_.empty() && errors_ == 0) {
      diagnostics_.error({file_, 0, 0}, "has no price",
                         "the answer is empty when the period, the zone or the type asked for has none");
      return std::nullopt;
    }
    for (auto& [key, records] : history_) {
      std::stable_sort(records.begin(), records.end(),
                       [](const PriceRecord& a, const PriceRecord& b) { return a.at < b.at; });
      for (std::size_t i = 1; i < records.size(); ++i) {
        const PriceRecord& earlier = records[i - 1];
        const PriceRecord& later = records[i];
        if (later.at != earlier.at) continue;
        const auto [first, second] = std::minmax(earlier.line, later.line);
        const PriceRecord& place = earlier.line == second ? earlier : later;
        diagnostics_.error({file_, place.line, place.column},
                           fmt::format("{} of {} in {} has two prices at {}, the other in line {}", key.product,
                                       key.instance_type, key.az, config::to_text(place.at), first),
                           "keep one of them; answers that overlap repeat each other's records");
        if (!failed()) return std::nullopt;
      }
    }
    if (errors_ > 0) return std::nullopt;
    return std::move(history_);
  }

 private:
  std::string file_;
  Diagnostics& diagnostics_;
  PriceHistory history_;
  int errors_ = 0;
};

/// The product without its suffix; empty after an error.
std::string known_product(std::string_view text, Location where, Diagnostics& diagnostics) {
  constexpr std::string_view suffix = " (Amazon VPC)";
  std::string_view name = text;
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  if (std::find(products.begin(), products.end(), name) != products.end()) return std::string(name);
  diagnostics.error(std::move(where), fmt::format("product '{}' is none that has a price", text),
                    config::name_help("product", name, {products.begin(), products.end()}));
  return {};
}

bool check_price(UsdPerHour price, Location where, Diagnostics& diagnostics) {
  if (price > UsdPerHour{}) return true;
  diagnostics.error(std::move(where), fmt::format("the price is {}, and must be above 0", to_text(price)));
  return false;
}

bool read_record(const config::JsonValue& item, HistoryBuilder& history, Diagnostics& diagnostics) {
  if (item.kind() != config::JsonKind::object) {
    diagnostics.error(item.where(), "a record of a price history is an object with SpotPrice and Timestamp");
    return false;
  }
  PriceHistoryKey key;
  PriceRecord record;
  const config::JsonValue product = item["ProductDescription"];
  const config::JsonValue price = item["SpotPrice"];
  const config::JsonValue time = item["Timestamp"];
  bool ok = read_json(item["AvailabilityZone"], "AvailabilityZone", key.az, diagnostics);
  ok = read_json(item["InstanceType"], "InstanceType", key.instance_type, diagnostics) && ok;
  ok = read_json(time, "Timestamp", record.at, diagnostics) && ok;
  if (read_json(price, "SpotPrice", usd_per_hour(1), record.price, diagnostics)) {
    ok = check_price(record.price, price.where(), diagnostics) && ok;
  } else {
    ok = false;
  }
  std::string product_name;
  ok = read_json(product, "ProductDescription", product_name, diagnostics) && ok;
  if (!product_name.empty()) key.product = known_product(product_name, product.where(), diagnostics);
  if (!ok || key.product.empty()) return false;
  const Location where = time.where();
  record.line = where.line;
  record.column = where.column;
  history.add(std::move(key), record);
  return true;
}

std::optional<PriceHistory> read_json_history(const FilePath& file, Diagnostics& diagnostics) {
  const auto json = config::JsonDocument::read(file, diagnostics);
  if (!json) return std::nullopt;
  config::JsonValue records = json->root();
  if (records.kind() == config::JsonKind::object) records = records["SpotPriceHistory"];
  if (records.kind() != config::JsonKind::list) {
    diagnostics.error(records.where(), "is no price history: there is no list SpotPriceHistory",
                      "save the whole answer of aws ec2 describe-spot-price-history --output json");
    return std::nullopt;
  }
  HistoryBuilder history(file.path, diagnostics);
  for (const config::JsonValue& item : records.items()) {
    if (!read_record(item, history, diagnostics) && !history.failed()) return std::nullopt;
  }
  return history.finish();
}

/// Whether the first line that is no comment names the column `product`.
bool names_product(const FilePath& file) {
  // A file that cannot be read is reported when it is read for its rows.
  Diagnostics ignored;
  config::CsvReader header(file, {"product"}, ignored);
  return header.ok();
}

std::optional<PriceHistory> read_csv_history(const FilePath& file, Diagnostics& diagnostics) {
  std::vector<std::string> columns = {"timestamp_utc", "az", "instance_type", "price_usd_per_hour"};
  const bool with_product = names_product(file);
  if (with_product) columns.emplace_back("product");
  config::CsvReader csv(file, std::move(columns), diagnostics);
  HistoryBuilder history(file.path, diagnostics);
  std::map<PriceHistoryKey, config::UtcTime> last;
  while (csv.next()) {
    PriceHistoryKey key{std::string(csv.text(1)), std::string(csv.text(2)), std::string(product_default)};
    PriceRecord record{.at = {}, .price = {}, .line = csv.line(), .column = csv.where(0).column};
    bool ok = csv.read(0, record.at);
    if (csv.read(3, usd_per_hour(1), record.price)) {
      if (record.price <= UsdPerHour{}) {
        csv.error(3, fmt::format("price_usd_per_hour: is {}, and must be above 0", csv.text(3)));
        ok = false;
      }
    } else {
      ok = false;
    }
    if (with_product) {
      key.product = known_product(csv.text(4), csv.where(4), diagnostics);
      if (key.product.empty()) {
        if (!history.failed()) return std::nullopt;
        continue;
      }
    }
    if (!ok) continue;
    const auto [entry, added] = last.try_emplace(key, record.at);
    if (!added && record.at < entry->second) {
      csv.error(0,
                fmt::format("timestamp_utc: {} is before {}, the time of an earlier row", csv.text(0),
                            config::to_text(entry->second)),
                "sort the rows by time");
      continue;
    }
    entry->second = record.at;
    history.add(std::move(key), record);
  }
  if (!csv.ok() && history.empty()) return std::nullopt;
  std::optional<PriceHistory> whole = history.finish();  // what it finds wrong is told beside what the rows say
  return csv.ok() ? std::move(whole) : std::nullopt;
}

}  // namespace

std::optional<PriceHistory> read_price_history(const FilePath& file, Diagnostics& diagnostics) {
  std::string_view name = file.path;
  for (const std::string_view compressed : {".gz", ".xz"}) {
    if (name.ends_with(compressed)) name.remove_suffix(compressed.size());
  }
  if (name.ends_with(".json")) return read_json_history(file, diagnostics);
  if (name.ends_with(".csv")) return read_csv_history(file, diagnostics);
  diagnostics.error({file.path, 0, 0}, "is neither .json nor .csv, so it is no price history that can be read",
                    "give it the ending of what it holds; .gz or .xz may follow");
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
