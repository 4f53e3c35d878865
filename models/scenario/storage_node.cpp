#include "models/scenario/storage_node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "models/scenario/commitment_planner.hpp"

namespace fleetsim::scenario {
namespace {

/// As many as the series of groups have, so that pictures share their width.
constexpr std::size_t series_parts = 480;

}  // namespace

StorageNode::StorageNode(Simulation& sim, Billing& billing, Commitments& commitments, const ScenarioData& data,
                         const StoragePlan& plan, DemandProfiles& profiles, bool keep_series)
    : sim_(sim), billing_(billing), commitments_(commitments), plan_(plan), machine_(sim, plan.config), run_length_(data.run.duration) {
  const DemandRun run{.start = data.run.start, .length = data.run.duration};
  for (std::size_t load = 0; load < plan.demands.size(); ++load) {
    if (!plan.demands[load]) continue;
    listeners_.push_back(std::make_unique<LoadDemand>(machine_, load));
    std::shared_ptr<const DemandProfile>& profile = profiles[plan.demands[load].get()];
    if (!profile) profile = demand_profile(*plan.demands[load], run, sim);
    demands_.push_back(std::make_unique<Demand>(sim, profile, run.length, *listeners_.back()));
  }
  machine_.listen(*this);
  if (keep_series) machine_.keep_series(data.run.duration, series_parts);
  const auto line = [&](std::string resource, std::string unit) {
    return billing.add_account({.region = plan.region,
                                .zone = {},
                                .fleet = {},
                                .group = {},
                                .resource = fmt::format("{} of {}", resource, plan.config.name),
                                .purchase = Purchase::on_demand,
                                .unit = std::move(unit)},
                               whole_hours_until(plan.operating_system, data.run.start));
  };
  running_.push_back({line(fmt::format("instance {}", plan.instance_type), "instance-hours"),
                     billing.add_tariff(plan.price.instance), {}});
  commitments.add_use(running_.front().account, committed_use(plan));
  if (plan.price.licence > UsdPerHour{}) {
    running_.push_back({line(fmt::format("licence {}", to_name(plan.operating_system)), "instance-hours"),
                       billing.add_tariff(plan.price.licence), {}});
  }
  for (const HourlyCharge& charge : plan.hourly) {
    always_.push_back({line(charge.resource, charge.unit), billing.add_tariff(charge.price), {}});
  }
  for (const OnceCharge& charge : plan.once) once_.push_back(line(charge.resource, "GB"));
  for (const VolumeCharge& charge : plan.charges) volumes_.push_back(line(charge.resource, charge.unit));
}

void StorageNode::LoadDemand::demand_changed(RequestRate offered) {
  machine.offer(load, offered);
  machine.update();
}

void StorageNode::start() {
  instance_started();
  for (Hourly& hourly : always_) hourly.meter = billing_.start(hourly.tariff, hourly.account);
  for (std::size_t c = 0; c < once_.size(); ++c) billing_.charge(once_[c], plan_.once[c].data, plan_.once[c].price);
  machine_.start();
  for (const auto& demand : demands_) demand->start();
}

void StorageNode::zone_changed(std::string_view zone, bool lost) {
  if (zone != plan_.zone) return;
  lost ? machine_.hold_down() : machine_.let_up();
}

void StorageNode::volume_changed(std::string_view volume, bool lost) {
  for (std::size_t v = 0; v < plan_.config.volumes.size(); ++v) {
    if (volume != plan_.config.name + "/" + plan_.config.volumes[v].name) continue;
    lost ? machine_.lose_volume(v) : machine_.restore_volume(v);
  }
}

void StorageNode::begin_measurement() {
  measured_from_ = sim_.now();
  machine_.begin_measurement();
}

void StorageNode::finish() {
  if (!stopped_) {
    for (const Hourly& hourly : running_) billing_.stop(hourly.meter, EndedBy::horizon);
  }
  for (const Hourly& hourly : always_) billing_.stop(hourly.meter, EndedBy::horizon);
  for (std::size_t c = 0; c < plan_.charges.size(); ++c) {
    const VolumeCharge& charge = plan_.charges[c];
    const Time from = std::max(charge.from, measured_from_);
    const Time to = std::min(charge.to, sim_.now());
    if (from < to) billing_.charge_provisioned(volumes_[c], charge.units, to - from, charge.per_month);
  }
}

void StorageNode::report(MetricSink& sink) const {
  machine_.report(sink);
  sink.add(fmt::format("storage.{}.cost", plan_.config.name), "USD",
           to_usd(instance_cost() + commitments_.share_of(running_.front().account) + volume_cost()));
  if (running_.size() > 1) {
    sink.add(fmt::format("storage.{}.licence_cost", plan_.config.name), "USD", to_usd(billing_.cost(running_[1].account)));
  }
  sink.add(fmt::format("storage.{}.volume_cost", plan_.config.name), "USD", to_usd(volume_cost()));
}

void StorageNode::instance_stopped() {
  stopped_ = true;
  for (const Hourly& hourly : running_) billing_.stop(hourly.meter, EndedBy::owner);
}

void StorageNode::instance_started() {
  stopped_ = false;
  for (Hourly& hourly : running_) hourly.meter = billing_.start(hourly.tariff, hourly.account);
}

void StorageNode::add_series(std::vector<ResultSeries>& all) const {
  for (const LimitSeries& limits : machine_.limit_series()) {
    const std::string of = limits.volume ? "volume." + plan_.config.volumes[*limits.volume].name : "instance";
    ResultSeries& series = all.emplace_back();
    series.name = fmt::format("storage.{}.{}.limited_by.{}", plan_.config.name, of, to_name(limits.limit));
    series.unit = "1";
    series.bucket_width = Duration::of((run_length_.count() + static_cast<std::int64_t>(series_parts) - 1) /
                                       static_cast<std::int64_t>(series_parts));
    for (const double share : limits.shares) series.buckets.push_back({.min = share, .max = share, .last = share});
  }
}

Usd StorageNode::instance_cost() const {
  Usd sum;
  for (const Hourly& hourly : running_) sum += billing_.cost(hourly.account);
  return sum;
}

Usd StorageNode::volume_cost() const {
  Usd sum;
  for (const AccountId account : volumes_) sum += billing_.cost(account);
  for (const AccountId account : once_) sum += billing_.cost(account);
  for (const Hourly& hourly : always_) sum += billing_.cost(hourly.account);
  return sum;
}

}  // namespace fleetsim::scenario
