// CPU credits of a fleet's burstable instances: what they spend follows the load, and without credits they slow down or
// pay.

#include <algorithm>
#include <string>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::CreditBalance;

namespace {

/// What so much of all vCPUs spends, in 10^-6 credits/h.
std::int64_t spent_at(double utilization, int vcpus) {
  return detail::nearest(utilization * vcpus * 60 * 1e6);
}

}  // namespace

void Fleet::State::settle_later() {
  if (settling) return;
  // Changes may come while an instant is observed, so the load settles in the next one.
  settling = true;
  sim.schedule(self, 1_ns, LoadsSettled{});
}

void Fleet::on(const LoadsSettled&) {
  State& s = *state_;
  s.integrate();
  s.settle_credits();
  s.settling = false;
}

void Fleet::on(const CreditsRanOut& event) {
  State& s = *state_;
  s.integrate();
  fleet::Burst& burst = s.bursts[event.instance.index];
  burst.balance->set_use(s.sim.now(), burst.use);
  s.settle_credits();
}

void Fleet::State::open_balance(InstanceId id) {
  const fleet::Placement& placement = placement_of(id);
  if (!placement.config.cpu_credits) return;
  if (bursts.size() <= id.index) bursts.resize(instances.size());
  fleet::Burst& burst = bursts[id.index];
  if (burst.balance) return;  // kept while the instance was stopped
  burst.balance.emplace(*placement.config.cpu_credits, sim.now());
  burst.use = 0;
}

void Fleet::State::close_balance(InstanceId id, bool horizon, bool stopped) {
  fleet::Placement& placement = placement_of(id);
  if (!placement.config.cpu_credits || bursts.size() <= id.index || !bursts[id.index].balance) return;
  fleet::Burst& burst = bursts[id.index];
  CreditBalance& balance = *burst.balance;
  sim.cancel(burst.runs_out);
  placement.totals.surplus += balance.charged(sim.now());
  if (horizon) {  // what is owed is not due yet
    placement.totals.credits_end += CreditBalance::to_credits(balance.balance(sim.now()));
    return;
  }
  placement.totals.surplus += balance.owed(sim.now());
  balance.forget_charged(sim.now());
  const bool keeps = stopped && placement.config.cpu_credits->kept_when_stopped && balance.owed(sim.now()) == 0;
  if (keeps) balance.set_use(sim.now(), placement.config.cpu_credits->earned_per_hour);  // stopped, it earns nothing
  else burst.balance.reset();
}

/// Every running instance spends as its load says. One without credits goes to the slow host class of its placement, and
/// back when it is offered no more than it earns.
void Fleet::State::settle_credits() {
  const Time now = sim.now();
  for (bool moved = true; moved;) {
    moved = false;
    refresh_flows();
    for (std::uint32_t i = 0; i < bursts.size(); ++i) {
      const InstanceId id{i};
      fleet::Burst& burst = bursts[i];
      if (!burst.balance || !instances[id].running()) continue;
      const fleet::Placement& placement = placement_of(id);
      const fleet::HostClass& full = hosts[placement.host];
      const fleet::HostClass& slow = hosts[placement.host + 1];
      const bool serves = instances[id].state == fleet::InstanceState::in_service;
      const bool throttled = instances[id].host != placement.host;
      const fleet::EachLoad load = serves ? load_of(id) : fleet::EachLoad{};
      const double baseline = to_requests_per_second(slow.admitted_max);
      // By outstanding requests a slow target gets less than it will when it is fast again.
      const double when_fast = throttled && by_outstanding()
                                   ? load.offered * to_requests_per_second(full.capacity) / to_requests_per_second(slow.capacity)
                                   : load.offered;
      std::int64_t use = spent_at(load.admitted / to_requests_per_second(full.capacity), placement.config.vcpus);
      if (throttled && serves && when_fast > baseline) use = placement.config.cpu_credits->earned_per_hour;
      // Others may run out in this very instant; their own events are still to come.
      const std::optional<Time> runs_out = burst.balance->next_change();
      if (use != burst.use || throttled || (runs_out && *runs_out <= now)) burst.balance->set_use(now, use);
      burst.use = use;
      const bool slow_down = burst.balance->exhausted() && serves && !throttled;
      const bool speed_up = throttled && (!serves || when_fast <= baseline);
      if (slow_down || speed_up) {
        move_host(id, slow_down ? placement.host + 1 : placement.host);
        moved = true;
      }
    }
  }
  for (std::uint32_t i = 0; i < bursts.size(); ++i) {
    fleet::Burst& burst = bursts[i];
    if (!burst.balance || !instances[{i}].running()) continue;
    sim.cancel(burst.runs_out);
    const std::optional<Time> when = burst.balance->next_change();
    burst.runs_out = when ? sim.schedule_at(self, std::max(*when, now + 1_ns), CreditsRanOut{{i}}) : EventHandle{};
  }
}

void Fleet::State::report_credits(std::size_t group, const std::string& prefix, MetricSink& sink) const {
  bool any = false;
  double throttled = 0, surplus = 0, at_end = 0;
  for (std::uint32_t p = 0; p < placements.size(); ++p) {
    const fleet::Placement& placement = placements[p];
    if (placement.group != group || !placement.config.cpu_credits) continue;
    any = true;
    throttled += fleet::to_instance_hours(serving[placement.host + 1].total(sim.now()));
    surplus += static_cast<double>(self.surplus_vcpu_time({p}).count()) / static_cast<double>(nanoseconds_per_hour);
    at_end += placement.totals.credits_end;
  }
  if (!any) return;
  sink.add(prefix + "throttled_hours", "h", throttled);
  sink.add(prefix + "surplus_vcpu_hours", "h", surplus);
  sink.add(prefix + "cpu_credits_end", "1", at_end);
}

bool Fleet::State::by_outstanding() const {
  return config.load_balancer && config.load_balancer->algorithm == BalancingAlgorithm::least_outstanding_requests;
}

fleet::EachLoad Fleet::State::load_of(InstanceId id) {
  const std::uint32_t host = instances[id].host;
  if (targets) {
    const std::optional<fleet::TargetKind> kind = standings[id.index].kind;
    return kind ? targets->load(host, *kind) : fleet::EachLoad{};
  }
  return even->load(host);
}

void Fleet::State::move_host(InstanceId id, std::uint32_t to) {
  flows_change();
  fleet::Instance& instance = instances[id];
  if (instance.state == fleet::InstanceState::in_service) {
    change_serving(instance.host, -1);
    change_serving(to, +1);
    if (targets) {
      targets->move(instance.host, standings[id.index].kind, std::nullopt, instance.warm);
      targets->move(to, std::nullopt, standings[id.index].kind, instance.warm);
    }
  }
  if (instance.warm) {
    change_warm(instance.host, -1);
    change_warm(to, +1);
  }
  instance.host = to;
}

}  // namespace fleetsim
