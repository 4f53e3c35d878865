#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/text.hpp"
#include "models/spot_market/trace_files.hpp"

namespace fleetsim {

namespace {

template <class T>
void override_with(std::optional<T>& base, const std::optional<T>& specific) {
  if (specific) base = specific;
}

void override_with(SpotAvailabilitySettings& base, const SpotAvailabilitySettings& specific) {
  if (specific.always || specific.on_off || specific.advisor) base = {};
  if (specific.trace) base.always.reset(), base.on_off.reset(), base.advisor.reset();
  override_with(base.trace, specific.trace);
  override_with(base.always, specific.always);
  override_with(base.on_off, specific.on_off);
  override_with(base.advisor, specific.advisor);
  override_with(base.pool, specific.pool);
  override_with(base.units_for_each, specific.units_for_each);
  override_with(base.repeat, specific.repeat);
}

void override_with(SpotPriceSettings& base, const SpotPriceSettings& specific) {
  if (specific.constant || specific.discount) base = {};
  if (specific.trace) base.constant.reset(), base.discount.reset();
  override_with(base.trace, specific.trace);
  override_with(base.constant, specific.constant);
  override_with(base.discount, specific.discount);
  override_with(base.az, specific.az);
  override_with(base.instance_type, specific.instance_type);
  override_with(base.repeat, specific.repeat);
}

void override_with(SpotPoolSettings& base, const SpotPoolSettings& specific) {
  override_with(base.availability, specific.availability);
  override_with(base.units, specific.units);
  override_with(base.life, specific.life);
  override_with(base.price, specific.price);
}

/// Turns what is said about one pool into what it does.
class PoolMaker {
 public:
  PoolMaker(const SpotMarketSettings& market, std::string zone, std::string type, Duration run_length,
            config::Diagnostics& diagnostics)
      : market_(market), zone_(std::move(zone)), type_(std::move(type)), name_(zone_ + "/" + type_),
        run_length_(run_length), diagnostics_(diagnostics) {}

  SpotPoolConfig make(std::optional<UsdPerHour> on_demand_price) const {
    SpotPoolSettings settings = market_.defaults;
    for (const auto& zone : market_.zones) {
      if (zone.name.value == zone_) override_with(settings, zone.settings);
    }
    for (const auto& pool : market_.pools) {
      if (pool.name.value == name_) override_with(settings, pool.settings);
    }
    return {.instance_type = type_, .zone = zone_,
            .capacity = capacity(settings.availability, settings.units.value_or(unlimited_units)),
            .price = price(settings.price, on_demand_price),
            .life = life(settings)};
  }

 private:
  std::optional<SpotLife> life(const SpotPoolSettings& settings) const {
    if (const auto& advisor = settings.availability.advisor) {
      if (settings.life) {
        diagnostics_.error(settings.life->where, "'life' is given for a pool whose availability is `advisor`, which says it",
                           "leave the key out, or give the pool another kind of availability");
      }
      // The share taken in an exposure of one month at a constant hazard is 1 - exp(-hazard * month).
      const double mean = to_seconds(730_h) / -std::log1p(-advisor->value.frequency.value);
      return SpotLife{DurationDistribution{Distribution{Exponential{mean}}}, advisor->value.closed};
    }
    if (settings.life) return SpotLife{settings.life->value, std::nullopt};
    return std::nullopt;
  }

  CapacityProcess capacity(const SpotAvailabilitySettings& settings, std::int64_t units) const {
    if (settings.trace) return replayed_capacity(settings, units);
    refuse_without_trace(settings.pool, "pool", "availability");
    refuse_without_trace(settings.units_for_each, "units_for_each", "availability");
    refuse_without_trace(settings.repeat, "repeat", "availability");
    if (settings.on_off) return OnOffCapacity{settings.on_off->up, settings.on_off->down, units};
    return FixedCapacity{units};
  }

  CapacityProcess replayed_capacity(const SpotAvailabilitySettings& settings, std::int64_t units) const {
    const config::FilePath& file = settings.trace->value;
    const auto* traces = market_.files->availability(file, diagnostics_);
    if (traces == nullptr) return FixedCapacity{units};
    const std::string& wanted = settings.pool ? settings.pool->value : name_;
    const auto found = traces->find(wanted);
    if (found == traces->end()) {
      std::vector<std::string> names;
      for (const auto& [name, trace] : *traces) names.push_back(name);
      diagnostics_.error(settings.pool ? settings.pool->where : settings.trace->where,
                         fmt::format("{} has no pool '{}'", file.as_given, wanted),
                         config::name_help("pool", wanted, names));
      return FixedCapacity{units};
    }
    const bool repeat = settings.repeat && settings.repeat->value;
    if (!long_enough(*settings.trace, "pool " + wanted, found->second->span, repeat)) return FixedCapacity{units};
    return ReplayedCapacity{
        .trace = found->second,
        .units_for_each = settings.units_for_each ? settings.units_for_each->value : unlimited_units,
        .start = market_.replay_start, .repeat = repeat, .units = units};
  }

  PriceProcess price(const SpotPriceSettings& settings, std::optional<UsdPerHour> on_demand_price) const {
    if (settings.trace) return replayed_price(settings);
    refuse_without_trace(settings.az, "az", "price");
    refuse_without_trace(settings.instance_type, "type", "price");
    refuse_without_trace(settings.repeat, "repeat", "price");
    if (settings.constant) return ConstantPrice{settings.constant->value};
    const Ratio discount = settings.discount ? settings.discount->value : spot_discount_default;
    return ConstantPrice{usd_per_hour(to_usd_per_hour(on_demand_price.value_or(UsdPerHour{})) * (1 - discount.value))};
  }

  PriceProcess replayed_price(const SpotPriceSettings& settings) const {
    const config::FilePath& file = settings.trace->value;
    const auto* traces = market_.files->prices(file, diagnostics_);
    if (traces == nullptr) return ConstantPrice{};
    const spot_market::PriceKey wanted{settings.az ? settings.az->value : zone_,
                                       settings.instance_type ? settings.instance_type->value : type_};
    const auto found = traces->find(wanted);
    if (found == traces->end()) {
      report_missing_price(settings, wanted, *traces);
      return ConstantPrice{};
    }
    const bool repeat = settings.repeat && settings.repeat->value;
    if (!long_enough(*settings.trace, "the file", found->second->span, repeat)) return ConstantPrice{};
    return ReplayedPrice{.trace = found->second, .start = market_.replay_start, .repeat = repeat};
  }

  void report_missing_price(const SpotPriceSettings& settings, const spot_market::PriceKey& wanted,
                            const spot_market::PriceTraces& traces) const {
    std::vector<std::string> zones, types_in_zone;
    for (const auto& [key, trace] : traces) {
      if (zones.empty() || zones.back() != key.az) zones.push_back(key.az);
      if (key.az == wanted.az) types_in_zone.push_back(key.instance_type);
    }
    const std::string& file = settings.trace->value.as_given;
    const std::string borrow = "`az` and `type` name the rows to use";
    if (types_in_zone.empty()) {
      const std::string help = config::name_help("zone", wanted.az, zones);
      diagnostics_.error(settings.az ? settings.az->where : settings.trace->where,
                         fmt::format("{} has no price in zone '{}'", file, wanted.az),
                         help.empty() ? borrow : help + "; " + borrow);
      return;
    }
    const std::string help = config::name_help("type", wanted.instance_type, types_in_zone);
    diagnostics_.error(settings.instance_type ? settings.instance_type->where : settings.trace->where,
                       fmt::format("{} has no price of '{}' in zone '{}'", file, wanted.instance_type, wanted.az),
                       help.empty() ? borrow : help + "; " + borrow);
  }

  template <class T>
  void refuse_without_trace(const std::optional<config::Located<T>>& field, std::string_view key,
                            std::string_view section) const {
    if (!field) return;
    // Of the setting, not of the pool: one error for all pools that it holds for.
    diagnostics_.error(field->where, fmt::format("'{}' belongs to a trace, and this {} has none", key, section),
                       "name the `trace` beside it or where it is more general, or leave the key out");
  }

  bool long_enough(const config::Located<config::FilePath>& file, const std::string& what, Duration span,
                   bool repeat) const {
    if (repeat || span >= run_length_) return true;
    diagnostics_.error(file.where,
                       fmt::format("{}: {} is {} long, shorter than the run of {}", file.value.as_given, what,
                                   to_text(span), to_text(run_length_)),
                       "add `repeat: true` to start it again when it ends, or shorten the run");
    return false;
  }

  const SpotMarketSettings& market_;
  std::string zone_, type_, name_;
  Duration run_length_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

SpotPoolConfig make_spot_pool(const SpotMarketSettings& settings, const std::string& zone,
                              const std::string& instance_type, std::optional<UsdPerHour> on_demand_price,
                              Duration run_length, config::Diagnostics& diagnostics) {
  return PoolMaker(settings, zone, instance_type, run_length, diagnostics).make(on_demand_price);
}

}  // namespace fleetsim
