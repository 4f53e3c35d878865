// The integrals of a fleet over time and what is reported of them.

#include <algorithm>
#include <string>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Group;
using fleet::Placement;
using fleet::to_instance_hours;

void Fleet::State::refresh_flows() {
  if (flows_known || !targets || requests) return;
  targets->spread(offered_rate, flows);
  flows_known = true;
}

void Fleet::State::integrate_targets() {
  const Duration elapsed = sim.now() - integrated_until;
  if (elapsed == Duration{}) return;
  integrated_until = sim.now();
  refresh_flows();
  const double seconds = to_seconds(elapsed);
  targets->record(seconds);
  unhealthy_time += static_cast<double>(targets->unhealthy()) * seconds;
  if (targets->all_unhealthy()) all_unhealthy_time += seconds;
  if (config.target_metrics) integrate_service(seconds);
  const auto ns = static_cast<double>(elapsed.count());
  const fleet::Flow* next_flow = flows.data();
  for (const fleet::WarmHosts& host : warm) {
    const fleet::Flow& flow = *next_flow++;
    if (host.instances == 0) continue;
    fleet::PeriodSums& sums = period_sums[host.group];
    const double warm_time = static_cast<double>(host.instances) * ns;
    sums.units_time += host.units * warm_time;
    sums.metric_time += flow.metric * warm_time;
    sums.warm_time += warm_time;
    if (!config.instance_metrics) continue;
    const double warm_seconds = warm_time / nanoseconds_per_second;
    sums.work.offered += flow.each.offered * warm_seconds;
    sums.work.admitted += flow.each.admitted * warm_seconds;
    sums.work.busy += flow.each.admitted / host.nominal * warm_seconds;
  }
}

void Fleet::State::post_flows() {
  const Time now = sim.now();
  integrate();
  const Duration elapsed = now - flows_since;
  if (elapsed == Duration{}) return;
  flows_since = now;
  for (std::size_t h = 0; h < flows.size(); ++h) {
    const fleet::Flow& flow = flows[h];
    if (flow.offered == RequestRate{}) continue;
    fleet::Totals& totals = placements[placement_of_host[h]].totals;
    // Mostly all is admitted and none late or lost, and a product of 128 bits costs more than to look.
    const Requests of_flow = flow.offered * elapsed;
    totals.offered += of_flow;
    totals.admitted += flow.admitted == flow.offered ? of_flow : flow.admitted * elapsed;
    if (flow.late > RequestRate{}) totals.late += flow.late * elapsed;
    if (flow.lost > RequestRate{}) totals.lost += flow.lost * elapsed;
  }
}

void Fleet::begin_measurement() {
  State& s = *state_;
  s.flows_change();
  s.measured_from = s.sim.now();
  s.offered = {};
  s.offered_since = s.sim.now();
  if (s.even) s.even->restart();
  if (s.targets) s.targets->clear_record();
  if (s.requests) s.requests->begin_measurement();
  s.unhealthy_time = s.all_unhealthy_time = 0;
  for (Placement& placement : s.placements) {
    placement.totals = {};
    placement.running.restart(s.sim.now());
  }
  for (fleet::InstanceLevel& level : s.serving) level.restart(s.sim.now());
  for (fleet::Burst& burst : s.bursts) {
    if (burst.balance) burst.balance->forget_charged(s.sim.now());
  }
  for (Group& group : s.groups) {
    group.interruptions = 0;
    group.capacity.restart(s.sim.now());
    group.capacity_min = group.capacity_max = group.capacity.count();
    group.metric_sum = 0;
    group.metric_periods = 0;
  }
}

void Fleet::State::take_counted_requests() {
  requests->settle();
  constexpr Int128 one = 1'000'000'000'000'000;
  offered = Requests::of(one * static_cast<Int128>(requests->offered()));
  for (std::size_t p = 0; p < placements.size(); ++p) {
    const fleet::RequestsOneByOne::Totals& counted = requests->totals()[p];
    fleet::Totals& totals = placements[p].totals;
    totals.offered = totals.admitted = Requests::of(one * static_cast<Int128>(counted.answered));
    totals.late = Requests::of(one * static_cast<Int128>(counted.late));
  }
}

void Fleet::State::take_even_work() {
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    const fleet::SharedWork work = even->work(h);
    fleet::Totals& totals = placements[placement_of_host[h]].totals;
    totals.offered += work.offered;
    totals.admitted += work.admitted();
    totals.late += work.late;
  }
}

void Fleet::finish() {
  State& s = *state_;
  s.flows_change();
  if (s.requests) s.take_counted_requests();
  if (s.even) s.take_even_work();
  std::uint64_t alive = 0;
  for (std::uint32_t i = 0; i < s.instances.size(); ++i) {
    const InstanceId id{i};
    const fleet::Instance& instance = s.instances[id];
    if (instance.state == fleet::InstanceState::none) continue;
    ++alive;
    s.close_balance(id, true, false);
    if (instance.running()) s.owner.instance_ended(id, instance.placement, true, EndedBy::horizon);
  }
  invariant(s.launched == s.ended + alive, "every instance that was launched has ended or is alive");
  Requests spread;
  for (const Placement& placement : s.placements) spread += placement.totals.offered;
  invariant(spread <= s.offered_now(), "no more requests reach instances than are offered");
}

Requests Fleet::offered() const { return state_->offered_now(); }

double Fleet::balanced() const {
  return state_->requests ? static_cast<double>(state_->requests->attempts()) : to_double(state_->offered_now());
}

Requests Fleet::admitted() const {
  if (state_->even) return state_->even->all().admitted();
  Requests admitted;
  for (const Placement& placement : state_->placements) admitted += placement.totals.admitted;
  return admitted;
}

Requests Fleet::served() const {
  if (state_->even) return state_->even->all().served();
  Requests served;
  for (const Placement& placement : state_->placements) served += placement.totals.served();
  return served;
}

Duration Fleet::measured() const { return state_->sim.now() - state_->measured_from; }

double Fleet::instance_hours() const {
  fleet::InstanceTime running;
  for (const Placement& placement : state_->placements) running += placement.running.total(state_->sim.now());
  return to_instance_hours(running);
}

double Fleet::instance_hours(GroupId group) const {
  fleet::InstanceTime running;
  for (const Placement& placement : state_->placements) {
    if (placement.config.group == group) running += placement.running.total(state_->sim.now());
  }
  return to_instance_hours(running);
}

Fleet::VcpuHours Fleet::vcpu_hours(PlacementId id) const {
  const Placement& placement = state_->placements[id.index];
  const double vcpus = placement.config.vcpus;
  const double per_hour = 3600 * to_requests_per_second(state_->hosts[placement.host].nominal);
  return {.running = vcpus * to_instance_hours(placement.running.total(state_->sim.now())),
          .busy = vcpus * to_double(placement.totals.admitted) / per_hour};
}

VcpuTime Fleet::surplus_vcpu_time(PlacementId id) const {
  // A credit is a vCPU for a minute.
  const fleet::CreditBalance::Level credit = fleet::CreditBalance::level_of_credits(1'000'000);
  constexpr Int128 minute = 60'000'000'000;
  return VcpuTime::of(divide_rounded(state_->placements[id.index].totals.surplus, credit / minute));
}

DataVolume Fleet::home_bytes(PlacementId id) const {
  const Placement& placement = state_->placements[id.index];
  if (placement.config.in_home_zone) return {};
  return placement.totals.admitted * state_->config.home_bytes_per_request;
}

const StepSeries& Fleet::capacity_series(GroupId group) const {
  return state_->groups[state_->index_of(group)].series;
}

void Fleet::report(MetricSink& sink) const {
  const State& s = *state_;
  const std::string fleet = "fleet." + s.config.name + ".";
  const Requests all_offered = s.offered_now();
  const double offered = to_double(all_offered);
  const double measured_hours = to_hours(s.sim.now() - s.measured_from);

  struct Work {
    Requests admitted, late, served, lost;
    fleet::InstanceTime running;
    double capacity = 0;  // requests the instances in service could have served
    double away_hours = 0;
    Work& operator+=(const Work& other) {
      admitted += other.admitted;
      late += other.late;
      served += other.served;
      lost += other.lost;
      running += other.running;
      capacity += other.capacity;
      away_hours += other.away_hours;
      return *this;
    }
  };
  Work total;
  DataVolume away_bytes;
  std::vector<Work> by_group(s.groups.size());
  std::vector<fleet::InstanceTime> serving(s.placements.size());
  for (std::size_t h = 0; h < s.hosts.size(); ++h) serving[s.placement_of_host[h]] += s.serving[h].total(s.sim.now());
  for (std::size_t p = 0; p < s.placements.size(); ++p) {
    const Placement& placement = s.placements[p];
    Work work{.admitted = placement.totals.admitted,
              .late = placement.totals.late,
              .served = placement.totals.served(),
              .lost = placement.totals.lost + placement.totals.cut,
              .running = placement.running.total(s.sim.now()),
              .capacity = to_instance_hours(serving[p]) * 3600 *
                          to_requests_per_second(s.hosts[placement.host].capacity)};
    if (!placement.config.in_home_zone) {
      work.away_hours = to_instance_hours(work.running);
      away_bytes += home_bytes({static_cast<std::uint32_t>(p)});
    }
    by_group[placement.group] += work;
    total += work;
  }
  if (s.even) {  // the parts of the groups are rounded down
    total.admitted = admitted();
    total.late = s.even->all().late;
    total.served = this->served();
  }

  const double served = to_double(total.served);
  const auto share = [](double part, double whole) {
    return whole > 0 ? std::optional(part / whole) : std::nullopt;
  };
  sink.add(fleet + "requests_offered", "requests", offered);
  sink.add(fleet + "requests_served", "requests", served);
  sink.add(fleet + "requests_dropped", "requests", to_double(all_offered - total.served));
  sink.add(fleet + "drop_fraction", "1", share(to_double(all_offered - total.served), offered));
  sink.add(fleet + "late_fraction", "1", share(to_double(total.late), offered));
  // One by one, the time that vCPUs worked says it, for clients that gave up too.
  const double worked = s.requests ? s.requests->worked() : to_double(total.admitted);
  sink.add(fleet + "utilization", "1", share(worked, total.capacity));
  sink.add(fleet + "instance_hours", "h", to_instance_hours(total.running));
  if (s.requests) {
    const fleet::RequestsOneByOne& requests = *s.requests;
    const QuantileSketch& latencies = requests.latencies();
    const auto quantile = [&](double p) {
      return latencies.count() > 0 ? std::optional(latencies.quantile(p)) : std::nullopt;
    };
    sink.add(fleet + "latency_mean", "s", latencies.count() > 0 ? std::optional(requests.latency_mean()) : std::nullopt);
    sink.add(fleet + "latency_p50", "s", quantile(0.50));
    sink.add(fleet + "latency_p95", "s", quantile(0.95));
    sink.add(fleet + "latency_p99", "s", quantile(0.99));
    sink.add(fleet + "requests_lost", "requests", static_cast<double>(requests.lost()));
    sink.add(fleet + "attempts", "1", static_cast<double>(requests.attempts()));
    sink.add(fleet + "attempts_repeated", "1", static_cast<double>(requests.retries()));
    sink.add(fleet + "attempts_refused", "1", static_cast<double>(requests.refused()));
    sink.add(fleet + "attempts_timed_out", "1", static_cast<double>(requests.timed_out()));
  } else if (s.targets) {
    const std::vector<fleet::LatencyRecord::Part> latencies = s.targets->latencies();
    sink.add(fleet + "latency_mean", "s", fleet::mean_latency(latencies));
    sink.add(fleet + "latency_p50", "s", fleet::latency_quantile(latencies, 0.50));
    sink.add(fleet + "latency_p95", "s", fleet::latency_quantile(latencies, 0.95));
    sink.add(fleet + "latency_p99", "s", fleet::latency_quantile(latencies, 0.99));
    sink.add(fleet + "requests_lost", "requests", to_double(total.lost));
  }
  if (s.targets) {
    sink.add(fleet + "unhealthy_hours", "h", s.unhealthy_time / 3600);
    sink.add(fleet + "all_unhealthy_time", "s", s.all_unhealthy_time);
  }
  const double away_gb = static_cast<double>(away_bytes.count()) / static_cast<double>(bytes_per_gb);
  sink.add(fleet + "cross_zone_gb", "GB", away_gb);
  sink.add(fleet + "cross_zone_gb_per_instance_hour", "GB/h", share(away_gb, total.away_hours));
  for (std::size_t g = 0; g < s.groups.size(); ++g) {
    const Group& group = s.groups[g];
    const std::string prefix = fleet + "group." + group.name + ".";
    sink.add(prefix + "instance_hours", "h", to_instance_hours(by_group[g].running));
    sink.add(prefix + "share_of_work", "1", share(to_double(by_group[g].served), served));
    sink.add(prefix + "instances_mean", "1", share(to_instance_hours(group.capacity.total(s.sim.now())), measured_hours));
    sink.add(prefix + "instances_min", "1", static_cast<double>(group.capacity_min));
    sink.add(prefix + "instances_max", "1", static_cast<double>(group.capacity_max));
    sink.add(prefix + "instances_end", "1", static_cast<double>(group.capacity.count()));
    sink.add(prefix + "metric_mean", "%", share(group.metric_sum, static_cast<double>(group.metric_periods)));
    sink.add(prefix + "interruptions", "1", static_cast<double>(group.interruptions));
    if (s.burstable) s.report_credits(g, prefix, sink);
  }
}

}  // namespace fleetsim
