// The load balancer's view of the instances in service: registration, failures, health checks, slow start, draining.

#include <algorithm>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Standing;
using fleet::TargetKind;

namespace {

/// A target has drained when fewer requests than this are in flight, in the mean.
constexpr double negligible = 1e-3;

/// When the count-th check from `from` on ends, of a target that is checked every interval since it was registered.
Time check_after(const HealthCheckConfig& check, Time registered, Time from, int count) {
  const std::int64_t done = (from - registered).count() / check.interval.count();
  return registered + check.interval * (done + count);
}

}  // namespace

void Fleet::register_target(InstanceId id, bool at_full_share) {
  State& s = *state_;
  s.add_standing(id) = {};
  s.standings[id.index].registered = s.sim.now();
  if (s.requests) s.requests->add(id, s.instances[id].host, fleet::healthy);
  become_healthy(id, at_full_share);
  if (!s.config.failures) return;
  const Duration life = s.config.failures->every.sample(s.placement_of(id).failures);
  s.standings[id.index].failure = s.sim.schedule(*this, std::max(life, 1_ns), InstanceFailed{id});
}

void Fleet::become_healthy(InstanceId id, bool at_full_share) {
  State& s = *state_;
  Standing& standing = s.standings[id.index];
  const Duration slow_start = s.config.load_balancer->slow_start;
  // A new target starts slowly only beside others that take the rest.
  const bool slowly = !at_full_share && slow_start > Duration{} && s.targets->any_at_full_share();
  s.move_target(id, slowly ? TargetKind{} : fleet::healthy);
  if (slowly) {
    standing.slow_start = s.sim.schedule(*this, slow_start / fleet::slow_start_steps, SlowStartStepped{id});
  }
}

void Fleet::on(const SlowStartStepped& event) {
  State& s = *state_;
  s.integrate();
  Standing& standing = s.standings[event.instance.index];
  const auto next = static_cast<TargetKind>(*standing.kind + 1);
  s.move_target(event.instance, next);
  if (next == fleet::healthy) return;
  standing.slow_start = s.sim.schedule(*this, s.config.load_balancer->slow_start / fleet::slow_start_steps,
                                       SlowStartStepped{event.instance});
}

void Fleet::target_fails(InstanceId id) {
  State& s = *state_;
  Standing& standing = s.standings[id.index];
  if (!fleet::answers(*standing.kind)) return;  // it has failed before
  const HealthCheckConfig& check = s.config.load_balancer->health_check;
  if (s.requests) s.requests->lose_requests(id);
  else s.post_lost(id, s.in_flight(id));
  s.sim.cancel(standing.slow_start);
  s.sim.cancel(standing.health);
  if (*standing.kind == fleet::recovered_unnoticed) {
    s.move_target(id, fleet::failed);
    return;
  }
  s.move_target(id, fleet::failed_unnoticed);
  Time noticed = check_after(check, standing.registered, s.sim.now(), check.unhealthy_count);
  if (s.config.failed_answer() == FailedAnswer::nothing) noticed += check.timeout;
  standing.health = s.sim.schedule_at(*this, noticed, TargetHealthChanged{id});
}

void Fleet::on(const InstanceFailed& event) {
  State& s = *state_;
  const InstanceId id = event.instance;
  s.integrate();
  target_fails(id);
  if (!s.config.failures->lasts) return;
  const Duration lasts = s.config.failures->lasts->sample(s.placement_of(id).failures);
  s.standings[id.index].failure = s.sim.schedule(*this, std::max(lasts, 1_ns), InstanceRecovered{id});
}

void Fleet::on(const InstanceRecovered& event) {
  State& s = *state_;
  const InstanceId id = event.instance;
  s.integrate();
  Standing& standing = s.standings[id.index];
  s.sim.cancel(standing.health);
  if (*standing.kind == fleet::failed_unnoticed) {
    s.move_target(id, fleet::healthy);
  } else {
    s.move_target(id, fleet::recovered_unnoticed);
    const HealthCheckConfig& check = s.config.load_balancer->health_check;
    standing.health = s.sim.schedule_at(*this, check_after(check, standing.registered, s.sim.now(), check.healthy_count),
                                        TargetHealthChanged{id});
  }
  const Duration life = s.config.failures->every.sample(s.placement_of(id).failures);
  standing.failure = s.sim.schedule(*this, std::max(life, 1_ns), InstanceFailed{id});
}

void Fleet::on(const TargetHealthChanged& event) {
  State& s = *state_;
  const InstanceId id = event.instance;
  s.integrate();
  const bool is_healthy = *s.standings[id.index].kind == fleet::recovered_unnoticed;
  if (is_healthy) become_healthy(id, false);
  else s.move_target(id, fleet::failed);
  s.scaling.target_health_changed(s.instances[id].placement, id, is_healthy);
}

void Fleet::deregister_target(InstanceId id) {
  State& s = *state_;
  Standing& standing = s.standings[id.index];
  standing.in_flight = s.in_flight(id);
  standing.stuck = !fleet::answers(*standing.kind) && s.config.failed_answer() == FailedAnswer::nothing;
  standing.deregistered = s.sim.now();
  s.sim.cancel(standing.health);
  s.sim.cancel(standing.slow_start);
  s.sim.cancel(standing.failure);
  s.move_target(id, std::nullopt);
}

void Fleet::cut_requests(InstanceId id) {
  State& s = *state_;
  if (s.requests) return s.requests->lose_requests(id);
  if (!s.targets || s.standings.size() <= id.index) return;  // it was never a target
  Standing& standing = s.standings[id.index];
  s.post_lost(id, standing.in_flight * s.in_flight_tail(id, s.sim.now() - standing.deregistered));
  standing.in_flight = 0;
}

Standing& Fleet::State::add_standing(InstanceId id) {
  if (standings.size() <= id.index) standings.resize(instances.size());
  return standings[id.index];
}

void Fleet::State::move_target(InstanceId id, std::optional<TargetKind> to) {
  flows_change();
  Standing& standing = standings[id.index];
  targets->move(instances[id].host, standing.kind, to, instances[id].warm);
  standing.kind = to;
  if (requests) requests->set_kind(id, to);
}

void Fleet::State::set_target_warm(InstanceId id) {
  const bool is_warm = instances[id].warm;
  targets->set_warm(instances[id].host, *standings[id.index].kind, is_warm);
  if (requests) requests->set_warm(id, is_warm);
  flows_known = false;  // the flows are the same; the means over those that are warm are not
}

double Fleet::State::in_flight(InstanceId id) {
  const Standing& standing = standings[id.index];
  if (requests || !standing.kind || !fleet::answers(*standing.kind)) return 0;
  refresh_flows();
  return targets->in_flight(instances[id].host, *standing.kind);
}

double Fleet::State::in_flight_tail(InstanceId id, Duration later) const {
  const fleet::HostClass& host = hosts[instances[id].host];
  return fleet::residual_service_tail(config.service_time_cv, host.vcpus / to_requests_per_second(host.capacity),
                                      to_seconds(later));
}

Duration Fleet::State::target_drain_time(InstanceId id) {
  const Duration delay = config.load_balancer->deregistration_delay;
  if (requests) return standings[id.index].stuck ? delay : std::min(delay, requests->busy_for(id));
  const double in_flight = standings[id.index].in_flight;
  if (standings[id.index].stuck || in_flight * in_flight_tail(id, delay) >= negligible) return delay;
  Duration low, high = delay;
  if (in_flight < negligible) return low;
  while (high - low > 1_ms) {
    const Duration middle = low + (high - low) / 2;
    (in_flight * in_flight_tail(id, middle) >= negligible ? low : high) = middle;
  }
  return high;
}

void Fleet::State::post_lost(InstanceId id, double count) {
  flows_change();
  if (config.target_metrics) services[placement_of(id).group].failed += count;
  fleet::Totals& totals = placement_of(id).totals;
  const Requests lost = Requests::of(static_cast<Int128>(count * 1e15));
  // What was admitted before the warm-up ended is not measured.
  totals.cut += std::min(lost, totals.admitted - totals.late - totals.cut);
}

}  // namespace fleetsim
