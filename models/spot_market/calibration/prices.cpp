#include "models/spot_market/calibration/prices.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::calibration {
namespace {

struct Piece {
  double hours;
  double log_price;
};

/// The logarithm of the price over time.
std::vector<Piece> pieces_of(const std::vector<spot_market::PriceRecord>& records) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i + 1 < records.size(); ++i) {
    const auto seconds = static_cast<double>(records[i + 1].at.seconds_since_1970 - records[i].at.seconds_since_1970);
    pieces.push_back({seconds / 3600, std::log(to_usd_per_hour(records[i].price))});
  }
  return pieces;
}

/// Correlation of the logarithm with itself a day later, on a grid of six hours.
std::optional<double> day_correlation(const std::vector<Piece>& pieces, double mean, double span_hours) {
  constexpr double step = 6;
  constexpr std::size_t lag = 4;
  // Below three weeks the mean itself moves with the price, and the correlation says little.
  if (span_hours < 21 * 24) return std::nullopt;
  std::vector<double> grid;
  double at = 0;
  for (const Piece& piece : pieces) {
    while (step * static_cast<double>(grid.size()) < at + piece.hours) grid.push_back(piece.log_price - mean);
    at += piece.hours;
  }
  double products = 0, squares = 0;
  for (std::size_t i = 0; i + lag < grid.size(); ++i) {
    products += grid[i] * grid[i + lag];
    squares += (grid[i] * grid[i] + grid[i + lag] * grid[i + lag]) / 2;
  }
  if (!(squares > 0)) return std::nullopt;
  return products / squares;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

PriceReport price_report(const spot_market::PriceHistoryKey& key, const std::vector<spot_market::PriceRecord>& records,
                         const std::string& source, const Request& request) {
  PriceReport report{.pool = key.az + "/" + key.instance_type,
                     .zone = key.az,
                     .instance_type = key.instance_type,
                     .region = region_of(key.az),
                     .source = source,
                     .records = records.size(),
                     .first = records.front().at,
                     .last = records.back().at,
                     .lowest = records.front().price,
                     .highest = records.front().price,
                     .of_bids = records.front().at < spot_market::first_day_without_bids};
  std::vector<double> changes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    report.lowest = std::min(report.lowest, records[i].price);
    report.highest = std::max(report.highest, records[i].price);
    if (i > 0 && records[i].price != records[i - 1].price) {
      changes.push_back(std::abs(records[i].price / records[i - 1].price - 1));
    }
  }
  report.changes = changes.size();
  report.change_median = median(std::move(changes));

  const std::vector<Piece> pieces = pieces_of(records);
  double hours = 0, sum = 0, squares = 0, dollars = 0;
  for (const Piece& piece : pieces) {
    hours += piece.hours;
    sum += piece.hours * piece.log_price;
    dollars += piece.hours * std::exp(piece.log_price);
  }
  // A single record holds until another comes, so it is the mean.
  const double mean = hours > 0 ? sum / hours : std::log(to_usd_per_hour(records.front().price));
  report.mean_usd_per_hour = hours > 0 ? dollars / hours : to_usd_per_hour(records.front().price);
  if (request.on_demand_price) {
    report.on_demand = request.on_demand_price(report.region, key.instance_type, key.product);
  }
  if (report.on_demand && hours > 0) {
    double hours_below = 0, dollars_below = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (records[i].price > *report.on_demand) continue;
      hours_below += pieces[i].hours;
      dollars_below += pieces[i].hours * to_usd_per_hour(records[i].price);
    }
    report.share_above_on_demand = 1 - hours_below / hours;
    if (hours_below > 0) report.mean_up_to_on_demand = dollars_below / hours_below;
  }
  for (const Piece& piece : pieces) squares += piece.hours * (piece.log_price - mean) * (piece.log_price - mean);
  if (hours > 0) report.sd = std::sqrt(squares / hours);
  if (const auto correlation = day_correlation(pieces, mean, hours);
      correlation && *correlation > 0 && *correlation < 1) {
    report.half_life_days = -std::log(2.0) / std::log(*correlation);
  }
  if (report.on_demand && *report.on_demand > UsdPerHour{}) {
    report.ratio = std::exp(mean) / to_usd_per_hour(*report.on_demand);
  }
  return report;
}

}  // namespace fleetsim::calibration
