#include "models/scenario/failover_bill.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/topology.hpp"

namespace fleetsim::scenario {

FailoverBill::FailoverBill(Billing& billing, const ScenarioData& data, const RecoveryPlanData& plan, std::string_view what)
    : billing_(billing), plan_(plan) {
  const Topology topology(data.topology);
  const RecoveryPlan& recovery = *plan.plan;
  const std::string region = topology.name(topology.region_of(recovery.resources().front().target));
  const auto account = [&](std::string_view things, std::string unit) {
    return billing.add_account({.region = region, .zone = {}, .fleet = {}, .group = {},
                                .resource = fmt::format("{} of {}: {}", what, recovery.config().name.value, things),
                                .purchase = Purchase::on_demand, .unit = std::move(unit)});
  };
  instances_ = account("instances launched", "instance-hours");
  volumes_ = account("volumes restored", "GiB-months");
  std::vector<bool> restored(recovery.resources().size());
  for (const PlanTask& task : recovery.tasks()) {
    if (task.resource && recovery.steps()[task.step].kind == StepKind::restore) restored[*task.resource] = true;
  }
  for (std::size_t r = 0; r < restored.size(); ++r) {
    Bytes& size = volume_sizes_.emplace_back();
    const std::optional<DataId>& id = recovery.resources()[r].data;
    if (!id || !restored[r]) continue;
    const DataReplicationConfig& config = data.protection->config;
    for (const std::uint32_t store : config.data[id->index].stores) size += config.stores[store].blocks.size;
  }
  if (data.protection) {
    gib_month_ = data.protection->site_prices[recovery.resources().front().target.index].volume_gib_month;
  }
}

template <class Instances, class Volume>
void FailoverBill::visit(const RecoveryOutcome& outcome, Duration from, Duration until, Instances instances, Volume volume) const {
  for (std::size_t r = 0; r < outcome.resources.size(); ++r) {
    const ResourceOutcome& own = outcome.resources[r];
    if (!own.up_after) continue;
    const Duration ran = until - std::max(from, *own.up_after);
    if (ran <= Duration{}) continue;
    if (own.launched > 0) instances(own.launched, ran, own.launched_price);
    if (volume_sizes_[r] > Bytes{}) volume(static_cast<Int128>(volume_sizes_[r].count()) * ran.count());
  }
}

void FailoverBill::charge(const RecoveryOutcome& outcome, Duration from, Duration until) {
  visit(
      outcome, from, until,
      [&](std::int64_t count, Duration ran, UsdPerHour price) { billing_.charge_instances(instances_, count, ran, price); },
      [&](Int128 byte_nanoseconds) { billing_.charge_stored(volumes_, byte_nanoseconds, gib_month_); });
}

Usd FailoverBill::cost_of_use(const RecoveryOutcome& outcome, Duration until) const {
  Usd sum;
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  visit(
      outcome, Duration{}, until,
      [&](std::int64_t count, Duration ran, UsdPerHour price) { sum += cost_of(PriceIntegral::of((price * ran).count() * count)); },
      [&](Int128 byte_nanoseconds) {
        sum += usd(static_cast<double>(byte_nanoseconds) / gib / static_cast<double>(billing_month.count()) * to_usd(gib_month_));
      });
  return sum;
}

Usd FailoverBill::cost() const { return billing_.cost(instances_) + billing_.cost(volumes_); }

}  // namespace fleetsim::scenario
