#include <cmath>

#include <nlohmann/json.hpp>

#include "fleetsim/version.hpp"
#include "tools/cli/output/bench.hpp"

namespace fleetsim::cli::bench {

namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

const char* to_word(Outcome outcome) {
  switch (outcome) {
    case Outcome::same: return "same";
    case Outcome::within_tolerance: return "within_tolerance";
    case Outcome::moved: return "moved";
    case Outcome::settings_differ: return "settings_differ";
    case Outcome::not_recorded: return "not_recorded";
    case Outcome::not_deterministic: return "not_deterministic";
  }
  return "";
}

/// `judged`: false if the baseline has just been made of it.
Json to_json(const Cost& cost, bool judged) {
  return {{"is", number(cost.is)},
          {"was", number(cost.was)},
          {"change", number(cost.change())},
          {"regressed", judged && cost.regressed}};
}

Json to_json(const Verdict& verdict, bool judged) {
  Json json{{"name", verdict.name},
            {"regressed", judged && verdict.regressed()},
            {"result", to_word(verdict.outcome)},
            {"fingerprint", verdict.fingerprint},
            {"recorded_fingerprint",
             verdict.recorded_fingerprint.empty() ? Json(nullptr) : Json(verdict.recorded_fingerprint)}};
  json["moved"] = Json::array();
  for (const MovedMetric& metric : verdict.moved) {
    json["moved"].push_back({{"metric", metric.name},
                             {"unit", metric.unit},
                             {"was", number(metric.was)},
                             {"is", number(metric.is)},
                             {"tolerance", metric.tolerance.value},
                             {"within", metric.within}});
  }
  json["loops"] = verdict.speed ? to_json(*verdict.speed, judged) : Json(nullptr);
  json["instructions"] = verdict.instructions ? to_json(*verdict.instructions, judged) : Json(nullptr);
  json["counted_by"] = verdict.counted_by.empty() ? Json(nullptr) : Json(verdict.counted_by);
  json["rounds"] = verdict.rounds;
  return json;
}

}  // namespace

std::string to_json(const Report& report) {
  Json json{{"suite", report.suite},          {"fleetsim", version},
            {"build", report.build},          {"processor", report.processor},
            {"baseline", report.baseline},    {"baseline_fleetsim", report.baseline_version},
            {"baseline_build", report.baseline_build}, {"baseline_processor", report.baseline_processor},
            {"rounds", report.rounds},        {"calibration_s", report.calibration_seconds > 0 ? Json(report.calibration_seconds) : Json(nullptr)},
            {"slower_allowed", report.slower_allowed.value},
            {"instructions_allowed", report.instructions_allowed.value},
            {"regressed", report.regressed()}, {"renewed", report.renewed}};
  json["cases"] = Json::array();
  for (const Verdict& verdict : report.verdicts) json["cases"].push_back(to_json(verdict, !report.renewed));
  json["left_over"] = report.left_over;
  json["notes"] = report.notes;
  return json.dump(2) + "\n";
}

}  // namespace fleetsim::cli::bench
