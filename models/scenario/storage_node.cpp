#include "models/scenario/storage_node.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim::scenario {

StorageNode::StorageNode(Simulation& sim, Billing& billing, const ScenarioData& data, const StoragePlan& plan)
    : sim_(sim), billing_(billing), plan_(plan), machine_(sim, plan.config) {
  const DemandRun run{.start = data.run.start, .length = data.run.duration};
  for (std::size_t load = 0; load < plan.demands.size(); ++load) {
    if (!plan.demands[load]) continue;
    listeners_.push_back(std::make_unique<LoadDemand>(machine_, load));
    demands_.push_back(std::make_unique<Demand>(sim, data.demands[*plan.demands[load]], run, *listeners_.back()));
  }
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
  hourly_.push_back({line(fmt::format("instance {}", plan.instance_type), "instance-hours"),
                     billing.add_tariff(plan.price.instance), {}});
  if (plan.price.licence > UsdPerHour{}) {
    hourly_.push_back({line(fmt::format("licence {}", to_name(plan.operating_system)), "instance-hours"),
                       billing.add_tariff(plan.price.licence), {}});
  }
  for (const VolumeCharge& charge : plan.charges) volumes_.push_back(line(charge.resource, charge.unit));
}

void StorageNode::LoadDemand::demand_changed(RequestRate offered) {
  machine.offer(load, offered);
  machine.update();
}

void StorageNode::start() {
  for (Hourly& hourly : hourly_) hourly.meter = billing_.start(hourly.tariff, hourly.account);
  machine_.start();
  for (const auto& demand : demands_) demand->start();
}

void StorageNode::begin_measurement() {
  measured_from_ = sim_.now();
  machine_.begin_measurement();
}

void StorageNode::finish() {
  for (const Hourly& hourly : hourly_) billing_.stop(hourly.meter, EndedBy::horizon);
  for (std::size_t c = 0; c < plan_.charges.size(); ++c) {
    const VolumeCharge& charge = plan_.charges[c];
    const Time from = std::max(charge.from, measured_from_);
    const Time to = std::min(charge.to, sim_.now());
    if (from < to) billing_.charge_provisioned(volumes_[c], charge.units, to - from, charge.per_month);
  }
}

void StorageNode::report(MetricSink& sink) const {
  machine_.report(sink);
  sink.add(fmt::format("storage.{}.cost", plan_.config.name), "USD", to_usd(instance_cost() + volume_cost()));
  if (hourly_.size() > 1) {
    sink.add(fmt::format("storage.{}.licence_cost", plan_.config.name), "USD", to_usd(billing_.cost(hourly_[1].account)));
  }
  sink.add(fmt::format("storage.{}.volume_cost", plan_.config.name), "USD", to_usd(volume_cost()));
}

Usd StorageNode::instance_cost() const {
  Usd sum;
  for (const Hourly& hourly : hourly_) sum += billing_.cost(hourly.account);
  return sum;
}

Usd StorageNode::volume_cost() const {
  Usd sum;
  for (const AccountId account : volumes_) sum += billing_.cost(account);
  return sum;
}

}  // namespace fleetsim::scenario
