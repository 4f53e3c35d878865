#include "models/spot_market/price_settings.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/spot_market/four_decimals.hpp"
#include "models/spot_market/trace_files.hpp"

namespace fleetsim::spot_market {

namespace {

/// On this day EC2 gave bids up; since then a Spot price is never above on demand.

class PriceMaker {
 public:
  PriceMaker(const PricedPool& pool, const SpotPriceSettings& settings, config::Diagnostics& diagnostics)
      : pool_(pool), settings_(settings), diagnostics_(diagnostics) {}

  PriceProcess make() const {
    if (settings_.history || settings_.trace) return replayed();
    refuse_without_records(settings_.product, "product");
    refuse_without_records(settings_.az, "az");
    refuse_without_records(settings_.instance_type, "type");
    refuse_without_records(settings_.repeat, "repeat");
    refuse_without_records(settings_.recorded_on_demand, "recorded_on_demand");
    if (settings_.constant) return ConstantPrice{settings_.constant->value};
    const UsdPerHour on_demand = pool_.on_demand.value_or(UsdPerHour{});
    if (settings_.generated) {
      GeneratedPrice price = *settings_.generated;
      price.on_demand = on_demand;
      return price;
    }
    if (settings_.bidding) return bidding(on_demand);
    const Ratio discount = settings_.discount ? settings_.discount->value : spot_discount_default;
    return ConstantPrice{usd_per_hour(to_usd_per_hour(on_demand) * (1 - discount.value))};
  }

 private:
  const config::Located<config::FilePath>& file() const { return settings_.history ? *settings_.history : *settings_.trace; }

  PriceProcess bidding(UsdPerHour on_demand) const {
    BiddingPrice price = settings_.bidding->value;
    price.on_demand = on_demand;
    price.units = pool_.units;
    if (pool_.units == unlimited_units) {
      diagnostics_.error(settings_.bidding->where, "'bidding' is given for a pool that has no bound of units",
                         "say with `units` how many the pool has for all bidders together");
      return ConstantPrice{};
    }
    return price;
  }

  PriceProcess replayed() const {
    const PriceTraces* traces = pool_.market.files->prices(file().value, diagnostics_);
    if (traces == nullptr) return ConstantPrice{};
    const PriceHistoryKey wanted{settings_.az ? settings_.az->value : pool_.zone,
                                 settings_.instance_type ? settings_.instance_type->value : pool_.instance_type,
                                 std::string(product_name(pool_.os))};
    if (settings_.product && settings_.product->value != wanted.product) {
      diagnostics_.error(settings_.product->where,
                         fmt::format("product '{}' is not the fleet's: its instances in {}/{} run {}, which is '{}'",
                                     settings_.product->value, pool_.zone, pool_.instance_type, to_name(pool_.os),
                                     wanted.product),
                         "leave the key out, or give the group another `operating_system`");
      return ConstantPrice{};
    }
    const auto found = traces->find(wanted);
    if (found == traces->end()) {
      report_missing(wanted, *traces);
      return ConstantPrice{};
    }
    const bool repeat = settings_.repeat && settings_.repeat->value;
    if (!check_length(file(), "the file", found->second->span, repeat, pool_.run_length, diagnostics_)) {
      return ConstantPrice{};
    }
    const Trace recorded = scaled(found->second);
    return ReplayedPrice{.trace = settings_.history ? held_at_on_demand(recorded, wanted) : recorded,
                         .start = pool_.market.replay_start, .repeat = repeat};
  }

  using Trace = std::shared_ptr<const StepTrace<UsdPerHour>>;
  /// The same shares of the pool's on-demand price, if the scenario says what they were shares of.
  Trace scaled(const Trace& trace) const {
    if (!settings_.recorded_on_demand || !pool_.on_demand) return trace;
    const double factor = to_usd_per_hour(*pool_.on_demand) / to_usd_per_hour(settings_.recorded_on_demand->value);
    auto scaled = std::make_shared<StepTrace<UsdPerHour>>(*trace);
    for (UsdPerHour& price : scaled->values) {
      price = std::max(price_step, to_four_decimals(usd_per_hour(to_usd_per_hour(price) * factor)));
    }
    return scaled;
  }

  Trace held_at_on_demand(const Trace& trace, const PriceHistoryKey& key) const {
    if (!pool_.on_demand) return trace;  // reported by whoever asked
    const auto above = [&](std::size_t i) {
      const std::int64_t at = trace->start.seconds_since_1970 + trace->times[i].count() / nanoseconds_per_second;
      return at >= first_day_without_bids.seconds_since_1970 && trace->values[i] > *pool_.on_demand;
    };
    std::size_t count = 0;
    for (std::size_t i = 0; i < trace->values.size(); ++i) {
      if (above(i)) ++count;
    }
    if (count == 0) return trace;
    diagnostics_.warning(file().where,
                         fmt::format("{}: {} of {} prices of {} in {} are above on demand ({}) after 2017-11-28; they are "
                                     "held at it",
                                     file().value.as_given, count, trace->values.size(), key.instance_type, key.az,
                                     to_text(*pool_.on_demand)),
                         "since that day a Spot price is never above on demand; see whether the catalogue has the price of "
                         "the type, Region, product and time that the file is of, or give the file as `trace`");
    auto held = std::make_shared<StepTrace<UsdPerHour>>(*trace);
    for (std::size_t i = 0; i < held->values.size(); ++i) {
      if (above(i)) held->values[i] = *pool_.on_demand;
    }
    return held;
  }

  /// Names the first of zone, type and product that the file does not have.
  void report_missing(const PriceHistoryKey& wanted, const PriceTraces& traces) const {
    std::vector<std::string> zones, types, products;
    const auto add = [](std::vector<std::string>& names, const std::string& name) {
      if (names.empty() || names.back() != name) names.push_back(name);
    };
    for (const auto& [key, trace] : traces) {
      add(zones, key.az);
      if (key.az == wanted.az) add(types, key.instance_type);
      if (key.az == wanted.az && key.instance_type == wanted.instance_type) add(products, key.product);
    }
    const auto report = [&](const std::optional<config::Located<std::string>>& key, const std::string& what,
                            const std::string& help, std::string_view borrow) {
      diagnostics_.error(key ? key->where : file().where, fmt::format("{} has no price {}", file().value.as_given, what),
                         fmt::format("{}{}{}", help, help.empty() ? "" : "; ", borrow));
    };
    if (types.empty()) {
      report(settings_.az, fmt::format("in zone '{}'", wanted.az), config::name_help("zone", wanted.az, zones),
             "`az` and `type` name the records to use");
    } else if (products.empty()) {
      report(settings_.instance_type, fmt::format("of '{}' in zone '{}'", wanted.instance_type, wanted.az),
             config::name_help("type", wanted.instance_type, types), "`az` and `type` name the records to use");
    } else {
      report(settings_.product,
             fmt::format("of product '{}' for '{}' in zone '{}'", wanted.product, wanted.instance_type, wanted.az),
             config::name_help("product", wanted.product, products), "the group's `operating_system` says which is used");
    }
  }

  template <class T>
  void refuse_without_records(const std::optional<config::Located<T>>& field, std::string_view key) const {
    if (!field) return;
    // Of the setting, not of the pool: one error for all pools that it holds for.
    diagnostics_.error(field->where, fmt::format("'{}' belongs to a history, and this price has none", key),
                       "name the `history` beside it or where it is more general, or leave the key out");
  }

  const PricedPool& pool_;
  const SpotPriceSettings& settings_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

void override_with(SpotPriceSettings& base, const SpotPriceSettings& specific) {
  const bool records = specific.history || specific.trace;
  if (specific.constant || specific.discount || specific.generated || specific.bidding) base = {};
  if (records) {
    base.constant.reset(), base.discount.reset(), base.generated.reset(), base.bidding.reset();
    base.history = specific.history;
    base.trace = specific.trace;
  }
  const auto take = [](auto& general, const auto& own) {
    if (own) general = own;
  };
  take(base.constant, specific.constant);
  take(base.discount, specific.discount);
  take(base.generated, specific.generated);
  take(base.bidding, specific.bidding);
  take(base.product, specific.product);
  take(base.az, specific.az);
  take(base.instance_type, specific.instance_type);
  take(base.repeat, specific.repeat);
  take(base.recorded_on_demand, specific.recorded_on_demand);
}

PriceProcess make_price(const PricedPool& pool, const SpotPriceSettings& settings, config::Diagnostics& diagnostics) {
  return PriceMaker(pool, settings, diagnostics).make();
}

}  // namespace fleetsim::spot_market
