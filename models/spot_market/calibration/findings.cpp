#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {
namespace {

/// "exponential (0.18) and weibull (0.15)".
std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 < items.size() ? ", " : " and ") + items[i];
  return text;
}

std::string days(Duration span) {
  const double hours = to_hours(span);
  return hours < 48 ? fmt::format("{:.1f} hours", hours) : fmt::format("{:.1f} days", hours / 24);
}

/// Which forms stand the test and which do not.
std::string verdict(std::string_view what, const Durations& durations) {
  if (durations.models.empty()) {
    return fmt::format("{}: {} seen whole, too few to fit anything.", what, durations.seconds.ended.size());
  }
  std::vector<std::string> fits, rejected;
  for (const ModelFit& model : durations.models) {
    (model.rejected ? rejected : fits).push_back(fmt::format("{} ({:.2f})", model.name, model.ks_on_grid));
  }
  std::string text = fmt::format("{}: ", what);
  if (fits.empty()) {
    text +=
        fmt::format("every form is rejected: {}, where chance allows {:.2f}", listed(rejected), durations.ks_allowed);
    if (durations.chosen) text += fmt::format("; {} is written all the same", durations.models[*durations.chosen].name);
    return text + ".";
  }
  text += fmt::format("{} {}", listed(fits), fits.size() == 1 ? "fits" : "fit");
  text += rejected.empty()
              ? fmt::format("; none is rejected, {} durations allow a distance of {:.2f}",
                            durations.seconds.ended.size(), durations.ks_allowed)
              : fmt::format("; {} {} rejected: {} durations allow a distance of {:.2f}", listed(rejected),
                            rejected.size() == 1 ? "is" : "are", durations.seconds.ended.size(), durations.ks_allowed);
  return text + ".";
}

void add_pool(const PoolReport& pool, std::vector<std::string>& findings) {
  if (pool.up.seconds.size() + pool.down.seconds.size() == 0) {
    findings.push_back(fmt::format("{} is {} for all of {}: nothing can be said about how it {}.", pool.pool,
                                   pool.availability > 0 ? "open" : "closed", days(pool.span),
                                   pool.availability > 0 ? "closes" : "opens"));
    return;
  }
  findings.push_back(verdict(fmt::format("Open times of {}", pool.pool), pool.up));
  findings.push_back(verdict(fmt::format("Closed times of {}", pool.pool), pool.down));
  if (pool.lives) findings.push_back(verdict(fmt::format("Lives of instances in {}", pool.pool), *pool.lives));
  if (pool.hold_out) {
    const HoldOut& rest = *pool.hold_out;
    const double off = std::abs(rest.mean_up_hours_seen - rest.mean_up_hours_predicted);
    const bool far = rest.runs > 1 && off > 2 * rest.mean_up_hours_error;
    findings.push_back(fmt::format(
        "Held out, the last {} of {}: open {:.1f} % of the time where {:.1f} % was foretold, {:.2f} h at a time where "
        "{:.2f} h was{}.",
        days(rest.span), pool.pool, 100 * rest.availability_seen, 100 * rest.availability_predicted,
        rest.mean_up_hours_seen, rest.mean_up_hours_predicted,
        far ? ", more than two standard errors off: the pool changed, so one set of parameters does not hold for all "
              "of it"
            : ""));
  }
  if (pool.reclaims) {
    const Reclaims& lost = *pool.reclaims;
    findings.push_back(fmt::format(
        "Reclaims in {}: {} bursts of {:.1f} instances on average, {} at most; {:.0f} % of them "
        "left nothing, and {:.0f} % of the instances went on average.",
        pool.pool, lost.bursts, lost.mean_size(), lost.largest, 100 * lost.whole_share(), 100 * lost.mean_share_lost));
  }
}

void add_region(const RegionReport& region, std::vector<std::string>& findings) {
  findings.push_back(
      fmt::format("{}: {} pools recorded together are correlated by {:.2f} on average. Some pool is open {:.1f} % of "
                  "the time; if they "
                  "were independent it would be {:.1f} %.",
                  region.region, region.pools.size(), region.correlation, 100 * region.any_open,
                  100 * region.any_open_if_independent));
  if (!region.latent) return;
  const LatentParameters& p = region.latent->parameters;
  findings.push_back(fmt::format(
      "Latent factor of {}: correlation {:.2f}, time constants {:.1f} h and {:.0f} h, slow weight {:.2f}, hysteresis "
      "{:.2f}. Simulated with it the pools are correlated by {:.2f}, and some pool is open {:.1f} % of the time, which "
      "is "
      "no part of the fit.",
      region.region, p.correlation, p.fast_hours, p.slow_hours, p.slow_weight, p.hysteresis, region.latent->correlation,
      100 * region.latent->any_open));
}

void add_price(const PriceReport& price, std::vector<std::string>& findings) {
  std::string text =
      fmt::format("Price of {}: {:.4f} USD/h on average, from {:.4f} to {:.4f}", price.pool, price.mean_usd_per_hour,
                  to_usd_per_hour(price.lowest), to_usd_per_hour(price.highest));
  if (price.ratio) {
    text += fmt::format(", {:.0f} % of on demand", 100 * price.mean_usd_per_hour / to_usd_per_hour(*price.on_demand));
    if (price.share_above_on_demand > 0) {
      text += fmt::format("; above it {:.1f} % of the time", 100 * price.share_above_on_demand);
    }
  } else {
    text += "; no on-demand price is known to compare it with";
  }
  text += fmt::format(". {} changes, half of them under {:.2f} %.", price.changes, 100 * price.change_median);
  if (price.of_bids) {
    text +=
        " It begins before 2017-11-28, when bids set the price and took instances: neither a discount nor the generated "
        "price of the years since behaves so. Replay it (price: {history: FILE}) with a max_price in the groups, or let "
        "others bid (units: N, price: {bidding: {}}).";
  } else if (price.share_above_on_demand > 0) {
    text += " Since 2017-11-28 none is above on demand, so the on-demand price compared with is of another time.";
  }
  if (!price.of_bids && !price.half_life_days) text += " The history says nothing about how long a move lasts.";
  findings.push_back(std::move(text));
}

void add_advisor(const AdvisorReport& row, std::vector<std::string>& findings) {
  findings.push_back(
      fmt::format("Advisor: {} in {} is interrupted {} a month, a mean life of {:.0f} h if the hazard is "
                  "constant, and saves {:.0f} %.",
                  row.instance_type, row.region, row.range, to_hours(row.mean_life), 100 * row.saving));
}

}  // namespace

std::vector<std::string> findings(const Report& report) {
  std::vector<std::string> all;
  for (const PoolReport& pool : report.pools) add_pool(pool, all);
  for (const RegionReport& region : report.regions) add_region(region, all);
  for (const PriceReport& price : report.prices) add_price(price, all);
  for (const AdvisorReport& row : report.advisor) add_advisor(row, all);
  return all;
}

}  // namespace fleetsim::calibration
