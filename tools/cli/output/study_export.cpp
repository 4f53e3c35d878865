#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/cli/output/csv_field.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::cli {

namespace {

using Json = nlohmann::ordered_json;
using experiment::MetricColumn;
using experiment::Statistics;
using experiment::StudyStore;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

struct DesignValues {
  std::uint64_t replications = 0;
  std::vector<std::vector<double>> by_metric;  // by replication, not-a-number where one is missing
};

std::vector<DesignValues> values_of(const StudyStore& store) {
  const std::size_t metrics = store.identity().metrics.size();
  std::vector<DesignValues> values(store.designs().size(), {.replications = 0, .by_metric = std::vector<std::vector<double>>(metrics)});
  store.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> row) {
    ++values[design].replications;
    for (std::size_t m = 0; m < metrics; ++m) {
      values[design].by_metric[m].resize(replication, not_a_number);
      values[design].by_metric[m].push_back(row[m]);
    }
  });
  return values;
}

/// A parameter of the designs: all its values are amounts of one unit, or they are texts.
struct ParameterColumn {
  std::string name;
  std::string unit{};  ///< of the amounts; empty for texts

  Json value(const std::string& text) const { return unit.empty() ? Json(text) : Json(amount_of(text)->value); }
};

/// All parameters, in the order in which designs bring them.
template <class Designs>
std::vector<ParameterColumn> parameters_of(const Designs& designs) {
  std::vector<ParameterColumn> parameters;
  std::map<std::string, std::size_t> places;
  std::set<std::pair<std::string, std::string>> seen;  // the same text again says nothing new
  for (const auto& design : designs) {
    for (const experiment::Setting& setting : design.settings) {
      if (!seen.emplace(setting.name, setting.value).second) continue;
      const std::optional<Amount> amount = setting.name == "design" || setting.name == "world" ? std::nullopt : amount_of(setting.value);
      const auto [place, added] = places.try_emplace(setting.name, parameters.size());
      if (added) parameters.push_back({setting.name, amount ? amount->unit : ""});
      else if (ParameterColumn& column = parameters[place->second]; !amount || amount->unit != column.unit) column.unit.clear();
    }
  }
  return parameters;
}

std::string csv_of(const MetricColumn& metric, const Statistics& s) {
  std::optional<double> low, high, p95_low, p95_high;
  if (s.interval) std::tie(low, high) = std::pair{s.interval->first, s.interval->second};
  if (s.p95_interval) std::tie(p95_low, p95_high) = std::pair{s.p95_interval->first, s.p95_interval->second};
  return fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_field(metric.unit), s.n, csv_field(s.mean), csv_field(low), csv_field(high),
                     csv_field(s.stddev), csv_field(s.min), csv_field(s.p05), csv_field(s.p50), csv_field(s.p95), csv_field(s.max),
                     csv_field(p95_low), csv_field(p95_high));
}

constexpr const char* statistics_names[] = {"n",   "mean", "low", "high", "stddev",  "min",
                                            "p05", "p50",  "p95", "max",  "p95_low", "p95_high"};

/// ",first,first_unit,second,second_unit"
std::string parameter_header(const std::vector<ParameterColumn>& parameters) {
  std::string header;
  for (const ParameterColumn& column : parameters) {
    if (column.name == "design") continue;
    header += "," + csv_field(column.name);
    if (!column.unit.empty()) header += "," + csv_field(column.name + "_unit");
  }
  return header;
}

std::string header_of(const std::vector<ParameterColumn>& parameters, const std::vector<MetricColumn>& metrics) {
  std::string header = "design,replications" + parameter_header(parameters);
  for (const MetricColumn& metric : metrics) {
    header += fmt::format(",{}_unit", metric.name);
    for (const char* statistic : statistics_names) header += fmt::format(",{}_{}", metric.name, statistic);
  }
  return header + "\n";
}

std::string settings_csv(const std::vector<experiment::Setting>& settings, const std::vector<ParameterColumn>& parameters) {
  std::string text;
  for (const ParameterColumn& column : parameters) {
    if (column.name == "design") continue;
    const auto setting = std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == column.name; });
    const bool given = setting != settings.end();  // a store may hold designs of several questions
    if (column.unit.empty()) text += "," + (given ? csv_field(setting->value) : "");
    else text += given ? fmt::format(",{},{}", csv_field(amount_of(setting->value)->value), csv_field(column.unit)) : ",,";
  }
  return text;
}

Json to_json(const std::optional<std::pair<double, double>>& interval) {
  return interval ? Json::array({interval->first, interval->second}) : Json(nullptr);
}

Json to_json(const MetricColumn& metric, const Statistics& s) {
  return {{"name", metric.name}, {"unit", metric.unit}, {"n", s.n}, {"mean", s.mean}, {"ci95", to_json(s.interval)},
          {"stddev", s.stddev}, {"min", s.min}, {"p05", s.p05}, {"p50", s.p50}, {"p95", s.p95},
          {"p95_ci95", to_json(s.p95_interval)}, {"max", s.max}};
}

Json to_json(const std::vector<experiment::Setting>& settings, const std::vector<ParameterColumn>& parameters = {}) {
  Json json = Json::object();
  for (const experiment::Setting& setting : settings) {
    const auto column = std::find_if(parameters.begin(), parameters.end(), [&](const auto& c) { return c.name == setting.name; });
    json[setting.name] = column == parameters.end() ? Json(setting.value) : column->value(setting.value);
  }
  return json;
}

/// Units of the parameters whose values are numbers.
Json units_of(const std::vector<ParameterColumn>& parameters) {
  Json json = Json::object();
  for (const ParameterColumn& column : parameters)
    if (!column.unit.empty()) json[column.name] = column.unit;
  return json;
}

}  // namespace

std::string export_summary_csv(const StudyStore& store) {
  const std::vector<ParameterColumn> parameters = parameters_of(store.designs());
  const auto values = values_of(store);
  std::string csv = header_of(parameters, store.identity().metrics);
  for (std::size_t d = 0; d < values.size(); ++d) {
    std::string row;
    for (std::size_t m = 0; m < values[d].by_metric.size(); ++m)
      row += csv_of(store.identity().metrics[m], experiment::statistics_of(values[d].by_metric[m], store.identity().antithetic_pairs));
    csv += csv_field(store.designs()[d].name) + fmt::format(",{}", values[d].replications) + settings_csv(store.designs()[d].settings, parameters) + row + "\n";
  }
  return csv;
}

std::string export_replications_csv(const StudyStore& store) {
  const std::vector<ParameterColumn> parameters = parameters_of(store.designs());
  std::string csv = "design,replication" + parameter_header(parameters);
  for (const MetricColumn& metric : store.identity().metrics) csv += "," + metric.name;
  csv += "\n";
  store.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> row) {
    csv += csv_field(store.designs()[design].name) + fmt::format(",{}", replication) + settings_csv(store.designs()[design].settings, parameters);
    for (const double value : row) csv += "," + csv_field(value);
    csv += "\n";
  });
  return csv;
}

std::string export_json(const StudyStore& store, bool replications) {
  const experiment::StudyIdentity& identity = store.identity();
  const auto values = values_of(store);
  const std::vector<ParameterColumn> parameters = parameters_of(store.designs());
  std::string designs;  // one a line, so that two exports can be compared line by line
  for (std::size_t d = 0; d < values.size(); ++d) {
    Json json{{"design", store.designs()[d].name}, {"settings", to_json(store.designs()[d].settings, parameters)},
              {"replications", values[d].replications}};
    Json metrics = Json::array();
    for (std::size_t m = 0; m < values[d].by_metric.size(); ++m) {
      const std::vector<double>& of_metric = values[d].by_metric[m];
      metrics.push_back(to_json(identity.metrics[m], experiment::statistics_of(of_metric, identity.antithetic_pairs)));
      if (replications) metrics.back()["values"] = of_metric;
    }
    json["metrics"] = std::move(metrics);
    designs += (designs.empty() ? "\n    " : ",\n    ") + dump(json);
  }
  std::string inputs;
  for (const experiment::InputFile& input : identity.inputs)
    inputs += (inputs.empty() ? "\n    " : ",\n    ") + dump({{"file", input.name}, {"digest", input.digest}, {"bytes", input.bytes}});
  return fmt::format("{{\n  \"study\": {},\n  \"seed\": {},\n  \"settings\": {},\n  \"units\": {},\n  \"inputs\": [{}\n  ],\n  \"designs\": [{}\n  ]\n}}\n",
                     dump(identity.name), identity.seed, dump(to_json(identity.settings)), dump(units_of(parameters)), inputs, designs);
}

namespace {

/// Without those of other questions on the same store.
std::vector<StudyDesignResult> shown_designs(const StudyResult& result) {
  std::vector<StudyDesignResult> designs;
  std::copy_if(result.designs.begin(), result.designs.end(), std::back_inserter(designs),
               [](const StudyDesignResult& design) { return !design.metrics.empty(); });
  return designs;
}

}  // namespace

std::string study_csv(const StudyResult& result) {
  const std::vector<ParameterColumn> parameters = parameters_of(shown_designs(result));
  std::string csv = header_of(parameters, result.metrics);
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty()) continue;
    csv += csv_field(design.name) + fmt::format(",{}", design.replications) + settings_csv(design.settings, parameters);
    for (std::size_t m = 0; m < design.metrics.size(); ++m) csv += csv_of(result.metrics[m], design.metrics[m].plain);
    csv += "\n";
  }
  return csv;
}

std::string study_json(const StudyResult& result) {
  const auto interval = [](const std::optional<Interval>& of) { return of ? Json::array({of->low, of->high}) : Json(nullptr); };
  const auto name_of = [&](std::size_t design) { return Json(result.designs.at(design).name); };
  const std::vector<ParameterColumn> parameters = parameters_of(shown_designs(result));
  Json designs = Json::array();
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty()) continue;
    Json json{{"design", design.name}, {"settings", to_json(design.settings, parameters)}, {"replications", design.replications}};
    json["metrics"] = Json::array();
    for (std::size_t m = 0; m < design.metrics.size(); ++m) {
      const StudyMetricResult& metric = design.metrics[m];
      Json of = to_json(result.metrics[m], metric.plain);
      of["estimate"] = {{"mean", metric.estimate.mean}, {"ci95", interval(metric.estimate.interval)}, {"gain", metric.estimate.gain}};
      if (metric.against_first) {
        const PairedComparison& against = *metric.against_first;
        of["difference"] = {{"mean", against.difference.mean}, {"ci95", interval(against.interval)}};
        of["change"] = {{"mean", against.relative.mean}, {"ci95", interval(against.relative.interval)}};
      }
      if (metric.against_chosen) {
        const PairedComparison& against = *metric.against_chosen;
        of["difference_to_chosen"] = {{"mean", against.difference.mean}, {"ci95", interval(against.interval)}};
      }
      json["metrics"].push_back(std::move(of));
    }
    json["objectives"] = Json::array();
    for (const ObjectiveResult& objective : design.objectives)
      json["objectives"].push_back({{"name", objective.name}, {"met", objective.met}, {"decided", objective.decided}});
    if (!result.frontier.empty()) {
      json["dominated_by"] = design.dominated_by ? Json(*design.dominated_by) : Json(nullptr);
      json["domination_decided"] = design.domination_decided;
    }
    designs.push_back(std::move(json));
  }
  Json json{{"study", result.name}, {"scenario", result.scenario}, {"seed", result.seed}, {"replications", result.replications}};
  json["units"] = units_of(parameters);
  json["precision"] = Json::array();
  for (const PrecisionResult& item : result.precision)
    json["precision"].push_back({{"wanted", item.what}, {"reached", item.reached}, {"farthest", item.worst}, {"half_width", item.half_width},
                                 {"replications_needed", item.needed ? Json(*item.needed) : Json(nullptr)}});
  if (result.search) {
    const SearchResult& search = *result.search;
    constexpr const char* ends[] = {"decided", "not decided at this budget", "interrupted"};
    json["search"] = {{"method", search.method}, {"end", ends[static_cast<int>(search.end)]},
                      {"best", search.best ? name_of(*search.best) : Json(nullptr)}, {"probability", search.probability > 0 ? Json(search.probability) : Json(nullptr)}};
    if (!search.indifference.empty()) json["search"]["indifference"] = search.indifference;
    json["search"]["survivors"] = Json::array();
    for (const std::size_t design : search.survivors) json["search"]["survivors"].push_back(name_of(design));
  }
  json["sensitivity"] = Json::array();
  for (const SensitivityResult& sensitivity : result.sensitivity) {
    Json rows = Json::array();
    for (const SensitivityRow& row : sensitivity.rows) {
      Json ends = Json::array();
      for (const SensitivityEnd& end : row.ends)
        ends.push_back({{"value", end.value}, {"is_base", end.is_base}, {"change", end.change}, {"ci95", interval(end.interval)}});
      if (sensitivity.method == "tornado")
        rows.push_back({{"parameter", row.parameter}, {"base", row.base}, {"low", row.low}, {"low_ci95", interval(row.low_interval)}, {"low_value", row.low_value},
                        {"high", row.high}, {"high_ci95", interval(row.high_interval)}, {"high_value", row.high_value}, {"ends", ends}});
      else if (sensitivity.method == "Morris")
        rows.push_back({{"parameter", row.parameter}, {"mu", row.low}, {"mu_star", row.high}, {"mu_star_ci95", interval(row.high_interval)},
                        {"sigma", row.spread}});
      else
        rows.push_back({{"parameter", row.parameter}, {"first", row.low}, {"first_ci95", interval(row.low_interval)}, {"total", row.high},
                        {"total_ci95", interval(row.high_interval)}});
    }
    json["sensitivity"].push_back({{"method", sensitivity.method}, {"metric", result.metrics[sensitivity.metric].name}, {"most_is_decided", sensitivity.rivals.empty()}, {"rows", rows}});
    for (const std::size_t row : sensitivity.rivals)
      json["sensitivity"].back()["may_be_most_too"].push_back(sensitivity.rows[row].parameter);
  }
  json["worlds"] = Json::array();
  for (const WorldResult& world : result.worlds)
    json["worlds"].push_back({{"world", world.world}, {"best", name_of(world.best)},
                              {"second", world.second ? name_of(*world.second) : Json(nullptr)}, {"gap", world.gap},
                              {"gap_ci95", interval(world.gap_interval)}, {"decided", world.decided}});
  json["warnings"] = result.warnings;
  if (result.best) json["best"] = name_of(*result.best);
  json["designs"] = std::move(designs);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fleetsim::cli
