#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/text.hpp"
#include "models/spot_market/price_settings.hpp"
#include "models/spot_market/trace_files.hpp"
#include "models/spot_market/worlds/block_cursor.hpp"

namespace fleetsim {

namespace {

template <class T>
void override_with(std::optional<T>& base, const std::optional<T>& specific) {
  if (specific) base = specific;
}

void override_with(SpotAvailabilitySettings& base, const SpotAvailabilitySettings& specific) {
  if (specific.always || specific.on_off || specific.advisor || (specific.latent && !base.latent)) base = {};
  if (specific.trace) base.always.reset(), base.on_off.reset(), base.latent.reset(), base.advisor.reset();
  if (specific.latent) {
    if (!base.latent) base.latent.emplace();
    override_with(base.latent->availability, specific.latent->availability);
    override_with(base.latent->spread, specific.latent->spread);
    base.latent->where = specific.latent->where;
  }
  override_with(base.trace, specific.trace);
  override_with(base.always, specific.always);
  override_with(base.on_off, specific.on_off);
  override_with(base.advisor, specific.advisor);
  override_with(base.pool, specific.pool);
  override_with(base.units_for_each, specific.units_for_each);
  override_with(base.repeat, specific.repeat);
}

void override_with(SpotPoolSettings& base, const SpotPoolSettings& specific) {
  override_with(base.availability, specific.availability);
  override_with(base.units, specific.units);
  override_with(base.life, specific.life);
  spot_market::override_with(base.price, specific.price);
}

/// Turns what is said about one pool into what it does.
class PoolMaker {
 public:
  PoolMaker(const SpotMarketSettings& market, std::string zone, std::string type, Duration run_length,
            config::Diagnostics& diagnostics)
      : market_(market), zone_(std::move(zone)), type_(std::move(type)), name_(zone_ + "/" + type_),
        run_length_(run_length), diagnostics_(diagnostics) {}

  SpotPoolConfig make(std::optional<UsdPerHour> on_demand_price, OperatingSystem os) const {
    SpotPoolSettings settings = market_.defaults;
    for (const auto& zone : market_.zones) {
      if (zone.name.value == zone_) override_with(settings, zone.settings);
    }
    for (const auto& pool : market_.pools) {
      if (pool.name.value == name_) override_with(settings, pool.settings);
    }
    return {.instance_type = type_, .zone = zone_,
            .capacity = capacity(settings.availability, settings.units.value_or(unlimited_units)),
            .price = spot_market::make_price({.market = market_, .zone = zone_, .instance_type = type_,
                                              .os = os, .on_demand = on_demand_price,
                                              .units = settings.units.value_or(unlimited_units),
                                              .run_length = run_length_},
                                             settings.price, diagnostics_),
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
    if (settings.latent) return latent_capacity(*settings.latent, units);
    if (settings.on_off) return OnOffCapacity{settings.on_off->up, settings.on_off->down, units};
    return FixedCapacity{units};
  }

  CapacityProcess latent_capacity(const SpotAvailabilitySettings::Latent& settings, std::int64_t units) const {
    if (!settings.availability) {
      diagnostics_.error(settings.where, "key 'availability' is missing in latent", "write such as availability: 75%");
    }
    if (settings.spread && units == unlimited_units) {
      diagnostics_.error(settings.where, "'spread' is given for a pool that has no bound of units",
                         "say with `units` how many the pool has at most");
    }
    LatentRegion shared;
    bool said = false;
    for (const SpotRegionSettings& region : market_.regions) {
      if (region.name.value != region_of(zone_)) continue;
      shared = region.latent;
      said = true;
    }
    if (!said && !diagnostics_.has_errors()) {
      diagnostics_.warning(settings.where,
                           fmt::format("spot_market.regions says nothing of Region '{}', so its latent pools share what was "
                                       "fitted to scarce pools of us-west-2",
                                       region_of(zone_)),
                           fmt::format("add `regions: {{{}: {{latent: {{correlation: 70%}}}}}}`, with values of the Region's "
                                       "own if you have recordings to calibrate",
                                       region_of(zone_)));
    }
    return LatentCapacity{.region = shared, .availability = settings.availability.value_or(Ratio{0.5}).value,
                          .spread = settings.spread, .units = units};
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
    const Duration span = found->second->span;
    if (market_.replay_start == ReplayStart::block_bootstrap) {
      if (const Duration needed = spot_market::room_needed(market_.block.value); span < needed) {
        diagnostics_.error(settings.trace->where,
                           fmt::format("{}: pool {} is {} long; blocks of {} at every hour of the day need {}",
                                       file.as_given, wanted, to_text(span), to_text(market_.block.value),
                                       to_text(needed)),
                           "give spot_market a shorter `block`, or another `replay_start`");
        return FixedCapacity{units};
      }
    } else if (!spot_market::check_length(*settings.trace, "pool " + wanted, span, repeat, run_length_, diagnostics_)) {
      return FixedCapacity{units};
    }
    return ReplayedCapacity{
        .trace = found->second,
        .units_for_each = settings.units_for_each ? settings.units_for_each->value : unlimited_units,
        .start = market_.replay_start, .repeat = repeat, .units = units, .block = market_.block.value};
  }

  template <class T>
  void refuse_without_trace(const std::optional<config::Located<T>>& field, std::string_view key,
                            std::string_view section) const {
    if (!field) return;
    // Of the setting, not of the pool: one error for all pools that it holds for.
    diagnostics_.error(field->where, fmt::format("'{}' belongs to a trace, and this {} has none", key, section),
                       "name the `trace` beside it or where it is more general, or leave the key out");
  }

  const SpotMarketSettings& market_;
  std::string zone_, type_, name_;
  Duration run_length_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

SpotPoolConfig make_spot_pool(const SpotMarketSettings& settings, const std::string& zone,
                              const std::string& instance_type, std::optional<UsdPerHour> on_demand_price,
                              Duration run_length, config::Diagnostics& diagnostics,
                              OperatingSystem os) {
  return PoolMaker(settings, zone, instance_type, run_length, diagnostics).make(on_demand_price, os);
}

}  // namespace fleetsim
