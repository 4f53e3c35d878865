#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/cli/output/heat_map.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::cli {

namespace {

using Json = nlohmann::ordered_json;

/// JSON has no word for NaN and infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const Metric& m, const JsonOptions& options) {
  // Where no replication observed it, there is no number to give.
  const auto number_of = [&m](double value) { return m.n > 0 ? number(value) : Json(nullptr); };
  Json json{{"name", m.name}, {"unit", m.unit}, {"mean", number_of(m.mean)}};
  json["ci95"] = m.ci95_low && m.ci95_high ? Json::array({number(*m.ci95_low), number(*m.ci95_high)}) : Json(nullptr);
  json["stddev"] = number_of(m.stddev);
  json["min"] = number_of(m.min);
  json["p05"] = number_of(m.p05);
  json["p50"] = number_of(m.p50);
  json["p95"] = number_of(m.p95);
  json["max"] = number_of(m.max);
  json["n"] = m.n;
  if (options.values) {
    json["values"] = Json::array();
    for (const double value : m.values) json["values"].push_back(number(value));
  }
  return json;
}

Json to_json(const ObjectiveResult& o) {
  const auto observed = [&o](double value) { return o.n > 0 ? number(value) : Json(nullptr); };
  Json json = {{"name", o.name},
               {"met", o.met},
               {"decided", o.decided},
               {"n", o.n},
               {"probability", observed(o.probability)},
               {"target", number(o.target)},
               {"measured", observed(o.measured)},
               {"unit", o.unit},
               {"bound", o.bound}};
  if (!o.ordering.empty()) json["ordering"] = o.ordering;
  return json;
}

Json to_json(const ResultLedgerLine& line) {
  return {{"region", line.region},     {"zone", line.zone},         {"fleet", line.fleet},
          {"group", line.group},       {"resource", line.resource}, {"purchase", line.purchase},
          {"quantity", number(line.quantity)}, {"unit", line.unit}, {"cost_usd", number(line.cost_usd)}};
}

Json to_json(const ResultSeries& series) {
  Json json{{"name", series.name},
            {"unit", series.unit},
            {"bucket_s", to_seconds(series.bucket_width)},
            {"min", Json::array()},
            {"max", Json::array()},
            {"last", Json::array()}};
  for (const StepSeries::Bucket& bucket : series.buckets) {
    json["min"].push_back(number(bucket.min));
    json["max"].push_back(number(bucket.max));
    json["last"].push_back(number(bucket.last));
  }
  return json;
}

Json to_json(const ResultActivity& activity) {
  return {{"time", activity.time}, {"fleet", activity.fleet}, {"group", activity.group}, {"what", activity.what},
          {"why", activity.why}};
}

Json to_json(const ResultCourse& course) {
  Json json{{"plan", course.plan}, {"fault", course.fault}, {"time", course.time}, {"events", Json::array()}};
  for (const ResultCourse::Entry& entry : course.entries) {
    Json event{{"at_s", number(entry.at_s)}};
    if (!entry.step.empty()) event["step"] = entry.step;
    if (!entry.resource.empty()) event["resource"] = entry.resource;
    event["what"] = entry.what;
    json["events"].push_back(std::move(event));
  }
  return json;
}

Json to_json(const ResultDrill& drill) {
  const auto seconds = [](const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); };
  const auto verdict = [](const std::optional<bool>& met) { return met ? Json(*met) : Json(nullptr); };
  const auto times = [&](const ResultDrill::Times& t) {
    return Json{{"rpa_s", seconds(t.rpa_s)}, {"rta_s", seconds(t.rta_s)}, {"full_speed_s", seconds(t.full_speed_s)}};
  };
  Json json{{"plan", drill.plan}, {"time", drill.time}};
  json.update(times(drill.whole));
  json["rpo_met"] = verdict(drill.rpo_met);
  json["rto_met"] = verdict(drill.rto_met);
  json["passed"] = drill.passed;
  json["resources"] = Json::array();
  for (const auto& [name, own] : drill.resources) {
    Json resource{{"name", name}};
    resource.update(times(own));
    json["resources"].push_back(std::move(resource));
  }
  return json;
}

Json to_json(const std::string& plan, const HeatMap& map) {
  Json json{{"plan", plan}, {"metric", "rpa_s"}, {"days", days_of_week}, {"by_day_and_hour", Json::array()}};
  for (const auto& day : map.hours) {
    Json& hours = json["by_day_and_hour"].emplace_back(Json::array());
    for (const std::optional<double>& age : day) hours.push_back(age ? number(*age) : Json(nullptr));
  }
  return json;
}

/// A name may hold bytes that are not UTF-8; they are replaced, for a result must always be printable.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The members of an object, one a line.
class Members {
 public:
  explicit Members(const TextSink& out) : out_(out) { out_("{"); }
  void add(std::string_view key, const Json& value) {
    begin(key);
    out_(dump(value));
  }
  /// An array with one element a line, so that two results can be compared line by line. Each is written before the next
  /// is made: a result may have more of them than should be in memory as text.
  template <class Items, class ToJson>
  void add_lines(std::string_view key, const Items& items, ToJson to_json_of) {
    begin(key);
    out_("[");
    const char* separator = "\n    ";
    for (const auto& item : items) {
      out_(separator + dump(to_json_of(item)));
      separator = ",\n    ";
    }
    out_(items.empty() ? "]" : "\n  ]");
  }
  void end() { out_("\n}\n"); }

 private:
  void begin(std::string_view key) {
    out_(fmt::format("{}  \"{}\": ", separator_, key));
    separator_ = ",\n";
  }

  const TextSink& out_;
  const char* separator_ = "\n";
};

}  // namespace

void write_json(const TextSink& out, const RunResult& result, const JsonOptions& options) {
  std::vector<std::string> warnings = result.warnings;
  if (result.replications < result.replications_wanted) {
    warnings.push_back(fmt::format("interrupted: {} of {} replications finished, and only these are counted",
                                   result.replications, result.replications_wanted));
  }
  Members members(out);
  members.add("scenario", result.scenario);
  members.add("fleetsim", result.version);
  members.add("seed", result.seed);
  members.add("replications", result.replications);
  members.add("replications_wanted", result.replications_wanted);
  members.add("duration_s", to_seconds(result.duration));
  members.add("warm_up_s", to_seconds(result.warm_up));
  members.add_lines("metrics", result.metrics, [&](const Metric& m) { return to_json(m, options); });
  members.add_lines("objectives", result.objectives, [](const ObjectiveResult& o) { return to_json(o); });
  members.add_lines("ledger", result.ledger, [](const ResultLedgerLine& line) { return to_json(line); });
  members.add_lines("warnings", warnings, [](const std::string& warning) { return Json(warning); });
  members.add_lines("series", result.series, [](const ResultSeries& series) { return to_json(series); });
  if (!result.courses.empty()) {
    members.add_lines("courses", result.courses, [](const ResultCourse& course) { return to_json(course); });
  }
  std::vector<std::pair<std::string, HeatMap>> maps;
  for (const PlanSummary& plan : result.plans) {
    if (const std::optional<HeatMap> map = heat_map_of(result, plan)) maps.emplace_back(plan.name, *map);
  }
  if (!maps.empty()) members.add_lines("heat_maps", maps, [](const auto& map) { return to_json(map.first, map.second); });
  if (!result.drills.empty()) members.add_lines("drills", result.drills, [](const ResultDrill& drill) { return to_json(drill); });
  if (!result.activities.empty()) {
    members.add_lines("activities", result.activities, [](const ResultActivity& activity) { return to_json(activity); });
    members.add("activities_left_out", result.activities_left_out);
  }
  members.add("fingerprint", fmt::format("{:016x}", result.fingerprint));
  members.end();
}

std::string to_json(const RunResult& result, const JsonOptions& options) {
  std::string text;
  write_json([&text](std::string_view piece) { text += piece; }, result, options);
  return text;
}

}  // namespace fleetsim::cli
