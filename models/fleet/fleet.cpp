#include "fleetsim/models/fleet.hpp"

#include <algorithm>
#include <utility>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Group;
using fleet::Instance;
using fleet::Placement;

namespace {
constexpr std::size_t series_buckets = 720;  // an hour each over a month
}

Fleet::Fleet(Simulation& sim, FleetConfig config, std::vector<std::string> groups, GroupId first_group,
             Duration run_length, InstanceOwner& owner, FleetScaling& scaling)
    : EventHandler(sim),
      state_(std::make_unique<State>(sim, std::move(config), first_group, owner, scaling)) {
  for (std::string& name : groups) {
    Group group;
    group.name = std::move(name);
    group.series = StepSeries(run_length, series_buckets);
    group.series.set(sim.now(), 0);
    state_->groups.push_back(std::move(group));
  }
}

Fleet::~Fleet() = default;

PlacementId Fleet::add_placement(PlacementConfig config) {
  State& s = *state_;
  const PlacementId id{static_cast<std::uint32_t>(s.placements.size())};
  const double capacity =
      to_requests_per_second(s.config.capacity_per_vcpu) * config.vcpus * config.performance_factor;
  invariant(capacity > 0, "an instance serves something");
  s.hosts.push_back({.capacity = requests_per_second(capacity),
                     .admitted_max = requests_per_second(capacity * s.config.utilization_max.value),
                     .vcpus = config.vcpus,
                     .budget = to_seconds(s.config.deadline - config.home_round_trip * s.config.home_round_trips)});
  const std::string stream_name =
      "fleet/" + s.config.name + "/" + s.groups[config.group.index - s.first_group.index].name + "/" + config.zone +
      "/" + config.instance_type + "/boot";
  const std::size_t group = config.group.index - s.first_group.index;
  s.placements.push_back({.config = std::move(config), .group = group, .counts = {}, .totals = {},
                          .boot = s.sim.stream(stream_name)});
  s.serving.push_back(0);
  s.flows.emplace_back();
  s.instances.add_placement();
  return id;
}

const PlacementConfig& Fleet::placement(PlacementId id) const { return state_->placements[id.index].config; }
PlacementId Fleet::placement_of(InstanceId instance) const { return state_->instances[instance].placement; }

void Fleet::start() {
  State& s = *state_;
  const auto periods_on_their_way = static_cast<std::size_t>(
      s.config.metric_lag.count() / s.config.metric_period.count() + 1);
  s.seen_later.resize(periods_on_their_way * s.groups.size());
  for (Group& group : s.groups) group.capacity_min = group.capacity_max = group.capacity;
  s.sim.schedule(*this, s.config.metric_period, MetricPeriodClosed{});
}

void Fleet::demand_changed(RequestRate offered) {
  state_->integrate();
  state_->offered_rate = offered;
  state_->flows_stale = true;
}

// --- the life of an instance

namespace {
void change_capacity(Time now, Placement& placement, Group& group, std::int64_t change) {
  placement.counts.capacity += change;
  group.capacity += change;
  group.capacity_min = std::min(group.capacity_min, group.capacity);
  group.capacity_max = std::max(group.capacity_max, group.capacity);
  group.series.set(now, static_cast<double>(group.capacity));
}
}  // namespace

InstanceId Fleet::launch(PlacementId id) {
  State& s = *state_;
  s.integrate();
  Placement& placement = s.placements[id.index];
  const InstanceId instance = s.instances.add(id);
  ++s.launched;
  change_capacity(s.sim.now(), placement, s.groups[placement.group], +1);
  Duration pending = s.config.pending_time.sample(placement.boot);
  if (placement.config.purchase == Purchase::spot) pending += s.config.spot_fulfilment_time.sample(placement.boot);
  s.instances[instance].next_event = s.sim.schedule(*this, pending, InstanceRunning{instance});
  return instance;
}

InstanceId Fleet::launch_in_service(PlacementId id) {
  State& s = *state_;
  s.integrate();
  Placement& placement = s.placements[id.index];
  const InstanceId instance = s.instances.add(id);
  ++s.launched;
  change_capacity(s.sim.now(), placement, s.groups[placement.group], +1);
  begin_running(instance);
  begin_serving(instance);
  become_warm(instance);
  return instance;
}

void Fleet::begin_running(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  instance.running = true;
  instance.state = InstanceState::booting;
  ++s.placement_of(id).counts.running;
  s.owner.instance_running(id, instance.placement);
}

void Fleet::begin_serving(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  instance.serving = true;
  instance.state = InstanceState::in_service;
  ++s.serving[instance.placement.index];
  s.flows_stale = true;
}

void Fleet::become_warm(InstanceId id) {
  State& s = *state_;
  Placement& placement = s.placement_of(id);
  s.instances[id].warm = true;
  ++placement.counts.warm;
  ++s.groups[placement.group].warm;
}

void Fleet::stop_serving(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  Placement& placement = s.placement_of(id);
  if (instance.warm) {
    instance.warm = false;
    --placement.counts.warm;
    --s.groups[placement.group].warm;
  }
  if (instance.serving) {
    instance.serving = false;
    --s.serving[instance.placement.index];
    s.flows_stale = true;
  }
}

void Fleet::end(InstanceId id, EndedBy ended_by) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  if (instance.running) --s.placement_of(id).counts.running;
  ++s.ended;
  const PlacementId placement = instance.placement;
  const bool was_running = instance.running;
  s.instances.remove(id);
  s.owner.instance_ended(id, placement, was_running, ended_by);
}

void Fleet::on(const InstanceRunning& event) {
  State& s = *state_;
  s.integrate();
  begin_running(event.instance);
  Placement& placement = s.placement_of(event.instance);
  const Duration boot = s.config.boot_time.sample(placement.boot) + s.config.start_time.sample(placement.boot);
  s.instances[event.instance].next_event = s.sim.schedule(*this, boot, InstanceInService{event.instance});
}

void Fleet::on(const InstanceInService& event) {
  State& s = *state_;
  s.integrate();
  begin_serving(event.instance);
  s.instances[event.instance].next_event =
      s.sim.schedule(*this, s.placement_of(event.instance).config.instance_warmup, InstanceWarmed{event.instance});
}

void Fleet::on(const InstanceWarmed& event) {
  state_->integrate();
  become_warm(event.instance);
}

void Fleet::terminate(InstanceId id) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state == InstanceState::pending || instance.state == InstanceState::booting ||
                instance.state == InstanceState::in_service,
            "only an instance that is pending, booting or in service is terminated");
  const bool served = instance.serving;
  s.sim.cancel(instance.next_event);
  Placement& placement = s.placement_of(id);
  stop_serving(id);
  s.instances.unlist(id);
  change_capacity(s.sim.now(), placement, s.groups[placement.group], -1);
  if (served && s.config.drain_time > Duration{}) {
    instance.state = InstanceState::draining;
    instance.next_event = s.sim.schedule(*this, s.config.drain_time, InstanceDrained{id});
  } else {
    end(id, EndedBy::owner);
  }
}

void Fleet::on(const InstanceDrained& event) {
  state_->integrate();
  end(event.instance, EndedBy::owner);
}

void Fleet::interruption_noticed(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  if (instance.state == InstanceState::draining) return;  // it ends anyway, at the latest with the interruption
  s.integrate();
  // An instance that does not serve yet will not serve before it is gone; one that serves may go on.
  const bool keeps_serving = instance.serving && !s.config.deregister_on_notice;
  if (!keeps_serving) {
    s.sim.cancel(instance.next_event);
    stop_serving(id);
  }
  s.instances.unlist(id);
  instance.state = InstanceState::noticed;
  if (!instance.serving) ++s.groups[s.placement_of(id).group].leaving;
}

void Fleet::interrupted(InstanceId id) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  const bool draining = instance.state == InstanceState::draining;
  s.sim.cancel(instance.next_event);
  Placement& placement = s.placement_of(id);
  Group& group = s.groups[placement.group];
  if (instance.state == InstanceState::noticed && !instance.serving) --group.leaving;
  stop_serving(id);
  if (!draining) {
    if (instance.state != InstanceState::noticed) s.instances.unlist(id);
    change_capacity(s.sim.now(), placement, group, -1);
  }
  ++group.interruptions;
  const GroupId group_id = placement.config.group;
  end(id, EndedBy::interruption);
  if (!draining) s.scaling.instance_interrupted(group_id);
}

std::uint32_t Fleet::instances_max() const { return state_->instances.size(); }

std::optional<InstanceId> Fleet::oldest(PlacementId placement) const { return state_->instances.oldest(placement); }

std::int64_t Fleet::capacity(GroupId group) const {
  return state_->groups[group.index - state_->first_group.index].capacity;
}
std::int64_t Fleet::capacity(PlacementId placement) const {
  return state_->placements[placement.index].counts.capacity;
}
std::int64_t Fleet::warming(GroupId id) const {
  const Group& group = state_->groups[id.index - state_->first_group.index];
  return group.capacity - group.warm - group.leaving;
}

// --- the metric

void Fleet::on(const MetricPeriodClosed&) {
  State& s = *state_;
  s.integrate();
  std::optional<double>* row = s.seen_later.data() + s.rows_on_their_way * s.groups.size();
  for (std::size_t g = 0; g < s.groups.size(); ++g) {
    Group& group = s.groups[g];
    row[g] = group.warm_time > 0 ? std::optional(group.metric_time / group.warm_time) : std::nullopt;
    if (row[g]) {
      group.metric_sum += *row[g];
      ++group.metric_periods;
    }
    group.metric_time = 0;
    group.warm_time = 0;
  }
  s.sim.schedule(*this, s.config.metric_period, MetricPeriodClosed{});
  ++s.rows_on_their_way;
  if (s.config.metric_lag == Duration{}) on(MetricSeen{});
  else s.sim.schedule(*this, s.config.metric_lag, MetricSeen{});
}

void Fleet::on(const MetricSeen&) {
  State& s = *state_;
  const auto groups = static_cast<std::ptrdiff_t>(s.groups.size());
  for (std::size_t g = 0; g < s.groups.size(); ++g) {
    s.scaling.metric_published({s.first_group.index + static_cast<std::uint32_t>(g)}, s.seen_later[g]);
  }
  std::rotate(s.seen_later.begin(), s.seen_later.begin() + groups, s.seen_later.end());
  --s.rows_on_their_way;
}

}  // namespace fleetsim
