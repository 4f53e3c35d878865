#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "tools/cli/output/advice.hpp"

namespace fleetsim::cli {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const Summary& summary) {
  Json json{{"mean", number(summary.mean)}, {"ci95", nullptr}, {"n", summary.n}};
  if (summary.ci95) json["ci95"] = {number(summary.ci95->low), number(summary.ci95->high)};
  return json;
}

Json to_json(const Alternative& found) {
  Json json{{"verdict", to_name(found.verdict)}, {"change", found.change}, {"reason", found.reason},
            {"instance_type", found.instance_type}, {"volumes", found.volumes}};
  json["monthly_usd"] = found.monthly_usd ? number(*found.monthly_usd) : Json(nullptr);
  json["monthly_volumes_usd"] = found.monthly_usd ? number(found.monthly_volumes_usd) : Json(nullptr);
  json["held_back"] = found.held_back ? to_json(*found.held_back) : Json(nullptr);
  json["loads"] = Json::array();
  for (const AdvisedLoad& load : found.loads) {
    json["loads"].push_back({{"name", load.name}, {"wanted_iops", number(load.offered_iops)},
                             {"iops", number(load.done_iops)}, {"throughput_mib_per_s", number(load.throughput_mibps)},
                             {"latency_mean_s", number(load.latency_mean_s)}, {"held_back", to_json(load.held_back)},
                             {"limited_by", load.limit}});
  }
  return json;
}

}  // namespace

std::string advice_json(const Advice& advice) {
  Json json{{"fleetsim", advice.version}, {"scenario", advice.scenario}, {"seed", advice.seed},
            {"replications", advice.replications}, {"held_back_max", advice.held_back_max}};
  json["latency_max_s"] = advice.latency_max ? number(to_seconds(*advice.latency_max)) : Json(nullptr);
  json["considered"] = advice.considered;
  json["simulated"] = advice.simulated;
  json["machines"] = Json::array();
  for (const MachineAdvice& machine : advice.machines) {
    Json of{{"machine", machine.machine}, {"today", to_json(machine.today)}};
    of["chosen"] = machine.chosen ? to_json(*machine.chosen) : Json(nullptr);
    of["others"] = Json::array();
    for (const Alternative& other : machine.others) of["others"].push_back(to_json(other));
    of["notes"] = machine.notes;
    json["machines"].push_back(std::move(of));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fleetsim::cli
