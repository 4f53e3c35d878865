#include "fleetsim/models/recovery/shared_work.hpp"

#include <algorithm>
#include <array>

namespace fleetsim {

bool SlotQueue::take(TaskOwner& owner, std::size_t task) {
  if (most_ > 0 && taken_ >= most_) {
    line_.push_back({&owner, task});
    return false;
  }
  ++taken_;
  return true;
}

void SlotQueue::give_back() {
  if (line_.empty()) {
    --taken_;
    return;
  }
  const Waiting next = line_.front();
  line_.pop_front();
  next.owner->slot_granted(next.task);
}

void SlotQueue::forget(const TaskOwner& owner, std::size_t task) {
  std::erase_if(line_, [&](const Waiting& waiting) { return waiting.owner == &owner && waiting.task == task; });
}

std::vector<SiteLimits> limits_of(std::span<const RecoveryPlan* const> plans) {
  std::vector<SiteLimits> all;
  for (const RecoveryPlan* plan : plans) {
    const RecoveryPlanConfig& config = plan->config();
    for (const PlanResource& resource : plan->resources()) {
      auto own = std::find_if(all.begin(), all.end(), [&](const SiteLimits& limits) { return limits.site == resource.target; });
      if (own == all.end()) own = all.insert(all.end(), SiteLimits{.site = resource.target});
      if (config.api_rate && (!own->api_rate || *config.api_rate < *own->api_rate)) {
        own->api_rate = config.api_rate;
        own->api_burst = config.api_burst;
      }
      if (config.restores_max > 0 && (own->restores_max == 0 || config.restores_max < own->restores_max)) {
        own->restores_max = config.restores_max;
      }
      if (config.restore_bandwidth && (!own->restore_bandwidth || *config.restore_bandwidth < *own->restore_bandwidth)) {
        own->restore_bandwidth = config.restore_bandwidth;
      }
    }
  }
  return all;
}

SharedWork::SharedWork(Simulation& sim, const std::vector<PeopleConfig>& people, config::UtcTime run_start,
                       const std::vector<SiteLimits>& limits)
    : EventHandler(sim), sim_(sim) {
  for (const PeopleConfig& team : people) {
    teams_.emplace_back(team.count);
    rosters_.emplace_back(team, run_start);
  }
  for (const SiteLimits& site : limits) {
    Site& added = sites_.emplace_back(Site{.limits = site, .restores = SlotQueue(site.restores_max), .calls_busy_until_ns = 0});
    if (site.restore_bandwidth) added.capacity = sharing_.add_capacity(site.restore_bandwidth->count());
  }
}

SharedWork::Site& SharedWork::site_of(SiteId site) {
  const auto own = std::find_if(sites_.begin(), sites_.end(), [&](const Site& s) { return s.limits.site == site; });
  invariant(own != sites_.end(), "a plan works at the sites where it recovers something");
  return *own;
}

Time SharedWork::calls_let_through(SiteId id, Int128 calls, Time latest) {
  Site& site = site_of(id);
  if (!site.limits.api_rate) return sim_.now();
  // Calls are worked off one after another, and the bucket lets so many of them through early.
  const Int128 call = 1'000'000'000'000'000 / site.limits.api_rate->count(), burst = site.limits.api_burst;
  const Int128 now = sim_.now().since_start().count(), last = latest.since_start().count();
  const Int128 most = (last - now) / call + burst + 1;  // more are not through by the latest time either
  site.calls_busy_until_ns = std::max(site.calls_busy_until_ns, now) + call * std::min(calls, most);
  return Time::at(Duration::of(static_cast<std::int64_t>(std::clamp(site.calls_busy_until_ns - call * burst, now, last))));
}

void SharedWork::load(TaskOwner& owner, std::size_t task, SiteId site, Bytes data, BytesPerSecond most) {
  const auto id = static_cast<std::uint32_t>(loads_.size());
  Load& load = loads_.emplace_back();
  load.owner = &owner;
  load.task = task;
  load.left = static_cast<Int128>(data.count()) * nanoseconds_per_second;
  load.since = sim_.now();
  load.active = true;
  const Site& at = site_of(site);
  if (!at.limits.restore_bandwidth) return set_rate(id, most.count());
  const std::array use{MaxMinSharing::Use{.capacity = at.capacity, .amount = 1}};
  load.flow = sharing_.add_flow(use);
  load_of_flow_.push_back(id);
  sharing_.set_demand(*load.flow, most.count());
  share();
  if (load.rate == 0) set_rate(id, 0);
}

void SharedWork::share() {
  sharing_.solve();
  for (const std::uint32_t flow : sharing_.touched()) {
    const std::uint32_t id = load_of_flow_[flow];
    if (loads_[id].active && loads_[id].rate != sharing_.rate(flow)) set_rate(id, sharing_.rate(flow));
  }
}

/// Brings what is left up to the clock, and schedules the end anew.
void SharedWork::set_rate(std::uint32_t id, std::int64_t rate) {
  Load& load = loads_[id];
  load.left = std::max<Int128>(0, load.left - static_cast<Int128>(load.rate) * (sim_.now() - load.since).count());
  load.since = sim_.now();
  load.rate = rate;
  sim_.cancel(load.end);
  load.end = {};
  if (rate <= 0 && load.left > 0) return;
  const Int128 ns = load.left == 0 ? 0 : (load.left + rate - 1) / rate;
  constexpr Int128 longest = Int128{1} << 61U;
  if (ns < longest) load.end = sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(ns)), BlocksLoaded{id});
}

void SharedWork::end(std::uint32_t id) {
  Load& load = loads_[id];
  load.active = false;
  sim_.cancel(load.end);
  if (!load.flow) return;
  sharing_.set_demand(*load.flow, 0);
  share();
}

void SharedWork::on(const BlocksLoaded& event) {
  end(event.load);
  const Load& load = loads_[event.load];
  load.owner->blocks_loaded(load.task);
}

void SharedWork::stop_loading(const TaskOwner& owner, std::size_t task) {
  for (std::uint32_t l = 0; l < loads_.size(); ++l) {
    if (loads_[l].active && loads_[l].owner == &owner && loads_[l].task == task) end(l);
  }
}

}  // namespace fleetsim
