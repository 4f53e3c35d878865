// Places that contradict each other, and ways back that lead nowhere.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/disaster_planner.hpp"

namespace fleetsim::scenario {

void DisasterPlanner::check_places() {
  if (!data_.protection || diagnostics_.has_errors()) return;
  const DataReplicationConfig& protection = data_.protection->config;
  for (const EnvironmentConfig& env : *environments_) {
    if (env.clone_of) continue;
    for (const DataStoreConfig& store : env.stores) {
      const std::optional<DataId> data = protection.find(store.protected_as.value);
      if (!data) continue;
      const std::optional<std::string> zone = store.zone ? std::optional(store.zone->value) : zone_of_subnet(env, store.subnet);
      const config::Location where = store.zone ? store.zone->where : store.subnet ? store.subnet->where : store.name.where;
      for (const std::uint32_t s : protection.data[data->index].stores) {
        const StoreConfig& held = protection.stores[s];
        const std::string here = fmt::format("{}, account {}", env.region.value, env.account.value);
        const std::string region = topology_.name(topology_.region_of(held.home));
        const std::string there = fmt::format("{}, account {}", region, topology_.accounts()[topology_.account_of(held.home)]);
        if (here != there) {
          diagnostics_.error(store.name.where,
                             fmt::format("'{}' is in {} as environment '{}' has it, and '{}' in {} under `protection`", store.name.value,
                                         here, env.name.value, held.name, there),
                             "let both name one place");
        } else if (zone && held.zone && topology_.name(*held.zone) != *zone) {
          diagnostics_.error(where, fmt::format("'{}' lies in zone {} here, and '{}' in {} under `protection`", store.name.value, *zone,
                                                held.name, topology_.name(*held.zone)),
                             "let both name one zone");
        }
      }
    }
  }
}

void DisasterPlanner::warn_of_lost_target(const RecoveryPlan& plan, const RecoveryPlanData& result) {
  for (const std::size_t f : result.answers) {
    const FaultConfig& fault = (*faults_)[f];
    const bool closes = fault.kind == FaultKind::zone || fault.kind == FaultKind::region || fault.kind == FaultKind::account;
    if (!closes || fault.duration || fault.replay) continue;
    const auto lost = [&](const PlanResource& resource) {
      const auto struck = [&](std::optional<ZoneId> zone) {
        return strikes(fault, {.region = topology_.region_of(resource.target), .zone = zone,
                               .account = topology_.accounts()[topology_.account_of(resource.target)], .resource = {}});
      };
      if (resource.target_zones.empty()) return struck(std::nullopt);
      return std::all_of(resource.target_zones.begin(), resource.target_zones.end(), struck);
    };
    const auto& resources = plan.resources();
    const auto own = std::find_if(resources.begin(), resources.end(), lost);
    if (own == resources.end()) continue;
    diagnostics_.warning(plan.config().target.where,
                         fmt::format("plan '{}' recovers '{}' in '{}', which fault '{}' takes for good: it can only fail",
                                     plan.config().name.value, own->name, plan.config().target.value, fault.name.value),
                         "recover in another zone, Region or account, give the fault a duration, or leave it out of answers");
  }
}

bool DisasterPlanner::check_way_back(const RecoveryPlan& plan) {
  if (!plan.config().failback || !data_.protection) return false;
  const FailbackConfig& failback = *plan.config().failback;
  const DataReplicationConfig& protection = data_.protection->config;
  bool diverges = false;
  struct Road {
    std::int64_t written = 0;
    std::string names;
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Road> roads;  // by Region, from and to
  for (const PlanResource& resource : plan.resources()) {
    if (!resource.data) continue;
    std::int64_t written = 0;
    Int128 size = 0;
    for (const std::uint32_t s : protection.data[resource.data->index].stores) {
      written += protection.stores[s].write_rate_mean.count();
      size += protection.stores[s].blocks.data.count();
    }
    Road& road = roads[{topology_.region_of(resource.target).index, topology_.region_of(resource.source).index}];
    road.written += written;
    road.names += (road.names.empty() ? "" : ", ") + resource.name;
    const std::int64_t sent = failback.bandwidth.count();
    if (written > 0 && written >= sent) {
      diverges = true;
      diagnostics_.warning(failback.bandwidth_where,
                           fmt::format("the way back of '{}' is never in sync: {} are written in the mean while {} are sent back, so "
                                       "what waits {}",
                                       resource.name, to_text(BytesPerSecond::of(written)), to_text(failback.bandwidth),
                                       written > sent ? fmt::format("grows by {} each second", to_text(Bytes::of(written - sent)))
                                                      : std::string("gets no less")),
                           fmt::format("send back at more than {}, or write less", to_text(BytesPerSecond::of(written))));
    } else if (failback.full_resync) {
      const double takes = static_cast<double>(size) / static_cast<double>(sent - written);
      if (takes <= to_seconds(plan.config().gives_up_after)) continue;
      diagnostics_.warning(failback.bandwidth_where,
                           fmt::format("the way back of '{}' is not in sync before plan '{}' gives up after {}: {} at {} - {} take {}",
                                       resource.name, plan.config().name.value, to_text(plan.config().gives_up_after),
                                       to_text(Bytes::of(static_cast<std::int64_t>(size))), to_text(failback.bandwidth),
                                       to_text(BytesPerSecond::of(written)), to_text(seconds(std::round(takes)))),
                           "send back faster, or give up later");
    }
  }
  for (const auto& [between, road] : roads) {
    for (const RegionPair& link : protection.links) {
      if (link.from.index != between.first || link.to.index != between.second || !link.bandwidth) continue;
      if (road.written < link.bandwidth->count() || road.written == 0) continue;
      diverges = true;
      diagnostics_.warning(failback.where,
                           fmt::format("the way back of {} is never in sync: {} are written in the mean, and the link from {} to {} "
                                       "carries {}",
                                       road.names, to_text(BytesPerSecond::of(road.written)), topology_.name(link.from),
                                       topology_.name(link.to), to_text(*link.bandwidth)),
                           "give the link more bandwidth, or write less");
    }
  }
  return diverges;
}

}  // namespace fleetsim::scenario
