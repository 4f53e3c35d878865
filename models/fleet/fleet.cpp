#include "fleetsim/models/fleet.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Group;
using fleet::Instance;
using fleet::InstanceState;
using fleet::Placement;

namespace {
constexpr std::size_t series_buckets = 720;  // an hour each over a month
}

Fleet::Fleet(Simulation& sim, FleetConfig config, std::vector<std::string> groups, GroupId first_group,
             InstanceOwner& owner, FleetScaling& scaling)
    : EventHandler(sim),
      state_(std::make_unique<State>(*this, sim, std::move(config), first_group, owner, scaling)) {
  for (std::string& name : groups) {
    Group group;
    group.name = std::move(name);
    state_->groups.push_back(std::move(group));
    state_->period_sums.emplace_back();
  }
  if (state_->config.target_metrics) state_->services.resize(state_->groups.size());
}

Fleet::~Fleet() = default;

void Fleet::keep_series(Duration span) {
  for (Group& group : state_->groups) {
    group.series = StepSeries(span, series_buckets);
    group.series.set(state_->sim.now(), 0);
  }
}

PlacementId Fleet::add_placement(PlacementConfig config) {
  State& s = *state_;
  const PlacementId id{static_cast<std::uint32_t>(s.placements.size())};
  const std::size_t group = s.index_of(config.group);
  const double capacity =
      to_requests_per_second(s.config.capacity_per_vcpu) * config.vcpus * config.performance_factor;
  const auto first_host = static_cast<std::uint32_t>(s.hosts.size());
  s.hosts.push_back({.capacity = requests_per_second(capacity),
                     .admitted_max = requests_per_second(capacity * s.config.utilization_max.value),
                     .vcpus = config.vcpus,
                     .nominal = requests_per_second(capacity),
                     .budget = to_seconds(s.config.deadline - config.home_round_trip * s.config.home_round_trips)});
  if (config.cpu_credits) {
    // Without credits an instance does what it earns them for.
    fleet::HostClass slow = s.hosts.back();
    const double baseline = static_cast<double>(config.cpu_credits->earned_per_hour) / (config.vcpus * 60 * 1e6);
    slow.admitted_max = requests_per_second(capacity * baseline);
    // What it admits it serves at the utilization that it admits up to; a queue of limited length may be full for ever.
    slow.capacity =
        s.config.requests ? slow.admitted_max : requests_per_second(capacity * baseline / s.config.utilization_max.value);
    s.hosts.push_back(slow);
    s.burstable = true;
  }
  invariant(s.hosts.back().capacity > RequestRate{}, "an instance serves something");
  std::string stream = "fleet/" + s.config.name + "/" + s.groups[group].name + "/" + config.zone + "/" +
                       config.instance_type + "/";
  stream += to_name(config.purchase);
  auto own_boot_time = config.boot_time ? std::make_unique<const DurationDistribution>(*config.boot_time) : nullptr;
  s.placements.push_back({.group = static_cast<std::uint32_t>(group), .host = first_host,
                          .spot = config.purchase == Purchase::spot,
                          .instance_warmup = config.instance_warmup, .counts = {}, .running = {},
                          .times = s.draw_times(own_boot_time ? *own_boot_time : s.config.boot_time, stream), .totals = {},
                          .failures = s.sim.stream(stream + "/failures"),
                          .own_boot_time = std::move(own_boot_time),
                          .config = std::move(config)});
  s.placement_of_host.resize(s.hosts.size(), id.index);
  s.serving.resize(s.hosts.size());
  s.warm.resize(s.hosts.size(), {.instances = 0,
                                 .group = static_cast<std::uint32_t>(group),
                                 .units = static_cast<double>(s.placements.back().config.units),
                                 .nominal = to_requests_per_second(s.hosts.back().nominal)});
  if (s.even) {
    for (std::size_t h = first_host; h < s.hosts.size(); ++h) s.even->add_host(s.hosts[h]);
  }
  if (s.targets) {
    s.flows.resize(s.hosts.size());
    const PlacementConfig& added = s.placements.back().config;
    const auto zone = std::find(s.zones.begin(), s.zones.end(), added.zone) - s.zones.begin();
    if (static_cast<std::size_t>(zone) == s.zones.size()) s.zones.push_back(added.zone);
    const Duration travel = added.home_round_trip * s.config.home_round_trips;
    for (std::size_t h = first_host; h < s.hosts.size(); ++h) {
      s.targets->add_host(s.hosts[h], static_cast<std::size_t>(zone), to_seconds(travel));
    }
    if (s.requests) {
      s.requests->add_host({.servers = added.vcpus, .service_seconds = added.vcpus / capacity, .travel = travel,
                            .zone = static_cast<std::size_t>(zone), .group = group, .capacity = capacity});
    }
  }
  return id;
}

const PlacementConfig& Fleet::placement(PlacementId id) const { return state_->placements[id.index].config; }
PlacementId Fleet::placement_of(InstanceId instance) const { return state_->instances[instance].placement; }

void Fleet::start() {
  state_->own_clock.emplace(state_->sim);
  start(*state_->own_clock);
}

void Fleet::start(PeriodClock& clock) {
  State& s = *state_;
  const auto periods_on_their_way = static_cast<std::size_t>(
      s.config.metric_lag.count() / s.config.metric_period.count() + 1);
  s.seen_later.resize(periods_on_their_way * s.groups.size());
  for (Group& group : s.groups) group.capacity_min = group.capacity_max = group.capacity.count();
  if (s.even) s.even->begin_periods(s.sim.now());
  clock.add(s, s.config.metric_period);
}

void Fleet::demand_changed(RequestRate offered) {
  State& s = *state_;
  s.flows_change();
  s.offered = s.offered_now();
  s.offered_since = s.sim.now();
  s.offered_rate = offered;
  if (s.even) s.even->set_rate(offered);
  if (s.requests) s.requests->set_rate(offered);
}

void Fleet::set_errors(PlacementId id, Ratio share) {
  State& s = *state_;
  s.flows_change();
  for (std::size_t h = s.placements[id.index].host; h < s.hosts.size() && s.placement_of_host[h] == id.index; ++h) {
    s.hosts[h].errors = share.value;
    if (s.even) s.even->set_errors(h, share.value);
    if (s.targets) s.targets->set_errors(h, share.value);
    if (s.requests) s.requests->set_errors(h, share.value);
  }
}

// --- the life of an instance

InstanceId Fleet::add_instance(PlacementId id) {
  State& s = *state_;
  s.integrate();
  const InstanceId instance = s.instances.add(id);
  s.instances[instance].host = s.placements[id.index].host;
  ++s.launched;
  Placement& placement = s.placements[id.index];
  s.change_capacity(placement, +1);
  return instance;
}

InstanceId Fleet::launch(PlacementId id) {
  const InstanceId instance = add_instance(id);
  become_pending(instance);
  return instance;
}

void Fleet::become_pending(InstanceId id) {
  State& s = *state_;
  Placement& placement = s.placement_of(id);
  Duration pending = placement.times.pending.next();
  if (placement.spot) pending += placement.times.fulfilment.next();
  // Scaling launches while an instant is observed, so the launch must take effect in a later one.
  pending = std::max(pending, 1_ns);
  s.instances[id].next_event = s.sim.schedule(*this, pending, InstanceRunning{id});
}

InstanceId Fleet::launch_in_service(PlacementId id) {
  const InstanceId instance = add_instance(id);
  begin_running(instance);
  begin_serving(instance, true);
  become_warm(instance);
  return instance;
}

void Fleet::begin_running(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  instance.state = InstanceState::booting;
  s.placement_of(id).running.change(s.sim.now(), +1);
  if (s.burstable) s.open_balance(id);
  s.owner.instance_running(id, instance.placement);
}

void Fleet::begin_serving(InstanceId id, bool at_full_share) {
  State& s = *state_;
  s.flows_change();
  Instance& instance = s.instances[id];
  instance.state = InstanceState::in_service;
  instance.booted = true;
  s.change_serving(instance.host, +1);
  if (s.targets) register_target(id, at_full_share);
}

void Fleet::become_warm(InstanceId id) {
  State& s = *state_;
  s.instances[id].warm = true;
  s.change_warm(s.instances[id].host, +1);
  s.target_warms(id);
  ++s.placement_of(id).counts.warm;
  ++s.group_of(id).warm;
}

void Fleet::leave_service(InstanceId id, InstanceState next) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  if (instance.warm) {
    instance.warm = false;
    s.change_warm(instance.host, -1);
    s.target_warms(id);
    --s.placement_of(id).counts.warm;
    --s.group_of(id).warm;
  }
  if (instance.state == InstanceState::in_service) {
    if (s.targets) deregister_target(id);
    s.flows_change();
    s.change_serving(instance.host, -1);
  }
  instance.state = next;
}

void Fleet::end(InstanceId id, bool was_running, EndedBy ended_by) {
  State& s = *state_;
  const PlacementId placement = s.instances[id].placement;
  if (s.targets && id.index < s.standings.size()) s.standings[id.index] = {};
  if (was_running) s.placement_of(id).running.change(s.sim.now(), -1);
  if (s.burstable) s.close_balance(id, false, false);
  ++s.ended;
  s.instances.remove(id);
  s.owner.instance_ended(id, placement, was_running, ended_by);
}

void Fleet::on(const InstanceRunning& event) {
  State& s = *state_;
  s.integrate();
  begin_running(event.instance);
  Instance& instance = s.instances[event.instance];
  if (s.leaves(instance)) {
    instance.state = InstanceState::leaving;
    return;
  }
  Placement& placement = s.placement_of(event.instance);
  Duration boot;
  if (instance.memory_kept) {
    boot = placement.times.resume.next();
  } else {
    // The application of an instance from a warm pool has been set up.
    if (!instance.booted) boot = placement.times.start.next();
    boot += placement.times.boot.next();
  }
  instance.asked = false;
  if (s.targets) s.add_standing(event.instance).booted_after = boot;
  instance.next_event = s.sim.schedule(*this, boot, InstanceInService{event.instance});
}

Duration Fleet::first_checks(Duration booted_after, Duration hold) const {
  const HealthCheckConfig& check = state_->config.load_balancer->health_check;
  if (hold > Duration{}) return check.interval * check.first_healthy_count;
  const std::int64_t failed = (booted_after.count() + check.interval.count() - 1) / check.interval.count();
  return check.interval * (failed + check.first_healthy_count - 1) - booted_after;
}

void Fleet::on(const InstanceInService& event) {
  State& s = *state_;
  Instance& instance = s.instances[event.instance];
  if (!instance.asked) {
    instance.asked = true;
    Duration hold = s.scaling.boot_finished(instance.placement, event.instance);
    instance.next_event = {};
    if (hold == Duration::max()) return;
    if (s.targets && !instance.in_pool) {
      hold += first_checks(s.standings[event.instance.index].booted_after, hold);
    }
    if (hold > Duration{}) {
      instance.next_event = s.sim.schedule(*this, hold, event);
      return;
    }
  }
  s.integrate();
  if (instance.in_pool) {
    enter_pool(event.instance);
    return;
  }
  begin_serving(event.instance, false);
  const Duration warmup = s.placement_of(event.instance).instance_warmup;
  // As by an event without delay, where nothing comes before it.
  const bool warms_at_once = warmup == Duration{} && !s.sim.more_now();
  if (!warms_at_once) {
    s.instances[event.instance].next_event = s.sim.schedule(*this, warmup, InstanceWarmed{event.instance});
  }
  s.scaling.instance_in_service(s.instances[event.instance].placement, event.instance);
  // What scaling has ended by now does not become warm.
  const Instance& served = s.instances[event.instance];
  if (warms_at_once && served.state == InstanceState::in_service && !served.warm) become_warm(event.instance);
}

void Fleet::on(const InstanceWarmed& event) {
  state_->integrate();
  become_warm(event.instance);
}

Duration Fleet::terminate(InstanceId id, Duration hold) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  const bool served = instance.state == InstanceState::in_service;
  const bool was_running = instance.running();
  invariant(!instance.noticed && (served || instance.failed() || instance.state == InstanceState::pending ||
                                  instance.state == InstanceState::booting),
            "only an instance that is pending, booting, in service or failed, and not under notice, is terminated");
  s.sim.cancel(instance.next_event);
  leave_capacity(id);
  leave_service(id, InstanceState::draining);
  const Duration drain_time = (served ? s.drain_time_of(id) : Duration{}) + hold;
  if (was_running && drain_time > Duration{}) {
    instance.next_event = s.sim.schedule(*this, drain_time, InstanceDrained{id});
    return drain_time;
  }
  cut_requests(id);
  end(id, was_running, EndedBy::owner);
  return {};
}

bool Fleet::terminate_unless_noticed(InstanceId id) {
  if (state_->instances[id].noticed) return false;
  terminate(id);
  return true;
}

void Fleet::on(const InstanceDrained& event) {
  state_->integrate();
  cut_requests(event.instance);
  end(event.instance, true, EndedBy::owner);
}

void Fleet::interruption_noticed(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  invariant(instance.state != InstanceState::none, "an instance under notice exists");
  // A draining instance ends anyway, at the latest with the interruption.
  if (instance.noticed || instance.state == InstanceState::draining) return;
  s.integrate();
  const bool counted = s.counts_as_leaving(instance);
  instance.noticed = true;
  if (instance.in_pool) return;  // it serves nothing anyway
  if (!s.config.deregister_on_notice) return;
  if (!counted) s.count_leaving(id, +1);
  if (instance.failed()) return;
  if (instance.state == InstanceState::pending) return;  // it will run, and be billed, but never serve
  s.sim.cancel(instance.next_event);
  leave_service(id, InstanceState::leaving);
}

void Fleet::interrupted(InstanceId id) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state != InstanceState::none, "an instance that is taken back exists");
  const bool was_running = instance.running();
  const bool in_pool = instance.in_pool;
  const bool counted = !in_pool && instance.state != InstanceState::draining &&
                       instance.state != InstanceState::stopped && instance.state != InstanceState::hibernating;
  s.sim.cancel(instance.next_event);
  if (counted) leave_capacity(id);
  leave_service(id, InstanceState::leaving);
  ++s.group_of(id).interruptions;
  const PlacementId placement_id = instance.placement;
  cut_requests(id);
  end(id, was_running, EndedBy::interruption);
  if (counted || in_pool) s.scaling.instance_interrupted(placement_id, id);
}

void Fleet::leave_capacity(InstanceId id) {
  State& s = *state_;
  const Instance& instance = s.instances[id];
  Placement& placement = s.placement_of(id);
  if (s.counts_as_leaving(instance)) s.count_leaving(id, -1);
  s.change_capacity(placement, -1);
}

void Fleet::stop(InstanceId id, bool hibernates) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state == InstanceState::pending || instance.state == InstanceState::booting ||
                instance.state == InstanceState::in_service || instance.state == InstanceState::leaving,
            "an instance that stops is pending, booting, in service or leaving it");
  s.sim.cancel(instance.next_event);
  const bool was_running = instance.running();
  leave_capacity(id);
  leave_service(id, InstanceState::hibernating);
  cut_requests(id);
  instance.noticed = false;
  ++s.group_of(id).interruptions;
  if (!was_running) instance.state = InstanceState::stopped;
  else if (!hibernates) hibernated(id);
}

void Fleet::hibernated(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  if (instance.state == InstanceState::stopped) return;  // it had not begun to run
  invariant(instance.state == InstanceState::hibernating, "an instance that has hibernated was hibernating");
  s.integrate();
  instance.state = InstanceState::stopped;
  s.placement_of(id).running.change(s.sim.now(), -1);
  s.close_balance(id, false, true);
  s.owner.instance_stopped(id, instance.placement, EndedBy::interruption);
}

void Fleet::resume(InstanceId id, bool memory_kept) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state == InstanceState::stopped, "only an instance that is stopped resumes");
  instance.state = InstanceState::pending;
  instance.memory_kept = memory_kept && instance.booted;
  instance.booted = instance.memory_kept;
  Placement& placement = s.placement_of(id);
  s.change_capacity(placement, +1);
  become_pending(id);
}

InstanceId Fleet::next_instance() const { return state_->instances.next(); }

void Fleet::all_interrupted(PlacementId placement) {
  State& s = *state_;
  for (std::uint32_t i = 0; i < s.instances.size(); ++i) {
    const Instance& instance = s.instances[{i}];
    if (instance.state != InstanceState::none && instance.placement == placement) interrupted({i});
  }
}

std::int64_t Fleet::capacity(GroupId group) const {
  return state_->groups[state_->index_of(group)].capacity.count();
}
std::int64_t Fleet::capacity(PlacementId placement) const {
  return state_->placements[placement.index].counts.capacity;
}
std::int64_t Fleet::warming(GroupId id) const {
  const Group& group = state_->groups[state_->index_of(id)];
  return group.capacity.count() - group.warm - group.leaving;
}
std::int64_t Fleet::warming(PlacementId placement) const {
  const fleet::Counts& counts = state_->placements[placement.index].counts;
  return counts.capacity - counts.warm - counts.leaving;
}

}  // namespace fleetsim
