#include <cmath>

#include <nlohmann/json.hpp>

#include "tools/cli/output/calibration.hpp"

namespace fleetsim::cli {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no word for NaN and infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json parameters_of(const Distribution& distribution) {
  const DistributionForm& form = distribution.form();
  if (const auto* f = std::get_if<Exponential>(&form)) return {{"mean_s", f->mean}};
  if (const auto* f = std::get_if<Weibull>(&form)) return {{"shape", f->shape}, {"scale_s", f->scale}};
  if (const auto* f = std::get_if<LogNormal>(&form)) return {{"median_s", f->median}, {"sigma", f->sigma}};
  const auto& f = std::get<HyperExponential>(form);
  return {{"weights", f.weights}, {"means_s", f.means}};
}

Json to_json(const calibration::Durations& durations) {
  Json json{{"ended", durations.seconds.ended.size()}, {"censored", durations.seconds.censored.size()}};
  if (durations.models.empty()) return json;
  json["mean_s"] = durations.mean_hours() * 3600;
  json["cv"] = durations.cv();
  json["ks_allowed"] = durations.ks_allowed;
  json["chosen"] = durations.chosen ? Json(durations.models[*durations.chosen].name) : Json(nullptr);
  json["models"] = Json::array();
  for (const calibration::ModelFit& model : durations.models) {
    json["models"].push_back({{"name", model.name},
                              {"parameters", parameters_of(model.fit.distribution)},
                              {"log_likelihood", number(model.fit.log_likelihood)},
                              {"aic", number(model.fit.aic())},
                              {"ks", model.ks},
                              {"ks_on_grid", model.ks_on_grid},
                              {"rejected", model.rejected}});
  }
  json["kaplan_meier"] = Json::array();
  for (const fit::SurvivalPoint& point : durations.survival) {
    json["kaplan_meier"].push_back({{"t_s", point.time},
                                    {"survival", point.survival},
                                    {"standard_error", point.standard_error},
                                    {"at_risk", point.at_risk}});
  }
  return json;
}

Json to_json(const calibration::PoolReport& pool) {
  Json json{{"pool", pool.pool},
            {"source", pool.source},
            {"start", pool.start ? Json(config::to_text(*pool.start)) : Json(nullptr)},
            {"span_s", to_seconds(pool.span)},
            {"tick_s", to_seconds(pool.tick)},
            {"resolution_s", to_seconds(pool.resolution)},
            {"availability", pool.availability},
            {"up", to_json(pool.up)},
            {"down", to_json(pool.down)}};
  if (pool.lives) json["lives"] = to_json(*pool.lives);
  if (pool.hold_out) {
    const auto& rest = *pool.hold_out;
    json["hold_out"] = {{"span_s", to_seconds(rest.span)},
                        {"availability_predicted", rest.availability_predicted},
                        {"availability_seen", rest.availability_seen},
                        {"mean_up_s_predicted", rest.mean_up_hours_predicted * 3600},
                        {"mean_up_s_seen", rest.mean_up_hours_seen * 3600},
                        {"mean_up_s_standard_error", rest.mean_up_hours_error * 3600},
                        {"runs", rest.runs}};
  }
  if (pool.reclaims) {
    const auto& lost = *pool.reclaims;
    json["reclaims"] = {{"bursts", lost.bursts},
                        {"instances_lost", lost.lost},
                        {"mean_size", lost.mean_size()},
                        {"largest", lost.largest},
                        {"whole_share", lost.whole_share()},
                        {"mean_share_lost", lost.mean_share_lost},
                        {"lost_with_others", lost.lost_with_others}};
  }
  return json;
}

Json to_json(const calibration::RegionReport& region) {
  Json json{{"region", region.region},
            {"pools", region.pools},
            {"correlation", region.correlation},
            {"any_open", region.any_open},
            {"any_open_if_independent", region.any_open_if_independent},
            {"pairs", Json::array()}};
  for (const calibration::ZonePair& pair : region.pairs) {
    json["pairs"].push_back({{"first", pair.first}, {"second", pair.second}, {"correlation", pair.correlation}});
  }
  if (!region.latent) return json;
  const calibration::LatentFit& latent = *region.latent;
  json["latent"] = {{"correlation", latent.parameters.correlation},  {"fast_s", latent.parameters.fast_hours * 3600},
                    {"slow_s", latent.parameters.slow_hours * 3600}, {"slow_weight", latent.parameters.slow_weight},
                    {"hysteresis", latent.parameters.hysteresis},    {"step_s", to_seconds(latent.step)},
                    {"simulated_s", to_seconds(latent.simulated)},   {"simulated_correlation", latent.correlation},
                    {"simulated_any_open", latent.any_open},         {"simulated_pools", Json::array()}};
  for (const calibration::LatentPool& pool : latent.pools) {
    json["latent"]["simulated_pools"].push_back({{"pool", pool.pool},
                                                 {"availability", pool.availability},
                                                 {"mean_up_s", pool.mean_up_hours * 3600},
                                                 {"mean_down_s", pool.mean_down_hours * 3600},
                                                 {"cv_up", pool.cv_up},
                                                 {"cv_down", pool.cv_down}});
  }
  return json;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const calibration::PriceReport& price) {
  return {{"pool", price.pool},
          {"source", price.source},
          {"records", price.records},
          {"changes", price.changes},
          {"first", config::to_text(price.first)},
          {"last", config::to_text(price.last)},
          {"mean_usd_per_hour", price.mean_usd_per_hour},
          {"lowest_usd_per_hour", to_usd_per_hour(price.lowest)},
          {"highest_usd_per_hour", to_usd_per_hour(price.highest)},
          {"change_median", price.change_median},
          {"on_demand_usd_per_hour", price.on_demand ? Json(to_usd_per_hour(*price.on_demand)) : Json(nullptr)},
          {"ratio", or_null(price.ratio)},
          {"log_sd", price.sd},
          {"half_life_days", or_null(price.half_life_days)},
          {"of_bids", price.of_bids},
          {"share_above_on_demand", price.share_above_on_demand}};
}

Json to_json(const calibration::AdvisorReport& row) {
  return {{"region", row.region},       {"instance_type", row.instance_type},
          {"source", row.source},       {"range", row.range},
          {"frequency", row.frequency}, {"mean_life_s", to_seconds(row.mean_life)},
          {"saving", row.saving},       {"pools", row.pools}};
}

template <class Items>
Json list_of(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

std::string to_json(const calibration::Report& report) {
  const Json json{{"product", report.product},          {"pools", list_of(report.pools)},
                  {"regions", list_of(report.regions)}, {"prices", list_of(report.prices)},
                  {"advisor", list_of(report.advisor)}, {"findings", calibration::findings(report)}};
  return json.dump(2) + "\n";
}

}  // namespace fleetsim::cli
