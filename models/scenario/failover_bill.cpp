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
  if (std::any_of(recovery.resources().begin(), recovery.resources().end(), [](const PlanResource& r) { return r.retrieval > Duration{}; })) {
    retrieved_ = account("retrieved from the archive", "GB");
    // The ledger counts GB, the price is of a GiB.
    const Usd gib_price = data.protection->prices.archive_retrieval_gib;
    retrieval_price_ = UsdPerGb::of(static_cast<std::int64_t>(divide_rounded(gib_price.count() * bytes_per_gb, Int128{1} << 30U)));
  }
  for (std::size_t r = 0; r < restored.size(); ++r) {
    priced_.push_back(price_of(data, recovery.resources()[r], restored[r]));
    if (priced_.back().database_hour && !databases_) databases_ = account("databases", "instance-hours");
  }
}

FailoverBill::Priced FailoverBill::price_of(const ScenarioData& data, const PlanResource& resource, bool restored) const {
  Priced priced;
  if (!resource.data) return priced;
  const ProtectionPlan& protection = *data.protection;
  const DataReplicationConfig& config = protection.config;
  const std::vector<std::uint32_t>& stores = config.data[resource.data->index].stores;
  const std::uint32_t first = stores.front();
  const std::optional<UsdPerHour>& hour = protection.database_hour[first];
  const bool charged = config.stores[first].database && hour;
  for (const std::uint32_t store : stores) {
    if (restored) priced.size += config.stores[store].blocks.size;
  }
  priced.gib_month = charged ? protection.prices.database_gib_month : protection.site_prices[resource.target.index].volume_gib_month;
  if (!charged) return priced;
  // What is promoted stands there before, and if it is a replica with an instance that is charged for all the time.
  bool replica_charged = false;
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    const std::vector<std::uint32_t>& sent = config.data[replica.data.index].stores;
    const bool holds = replica.site == resource.target && std::find(sent.begin(), sent.end(), first) != sent.end();
    replica_charged = replica_charged || (holds && protection.replica_hour[r]);
  }
  if (restored || !replica_charged) priced.database_hour = hour;
  return priced;
}

template <class Instances, class Volume>
void FailoverBill::visit(const RecoveryOutcome& outcome, Duration from, Duration until, Instances instances, Volume volume) const {
  for (std::size_t r = 0; r < outcome.resources.size(); ++r) {
    const ResourceOutcome& own = outcome.resources[r];
    const Priced& priced = priced_[r];
    const auto ran_since = [&](const std::optional<Duration>& since) {
      return since ? std::max(until - std::max(from, *since), Duration{}) : Duration{};
    };
    if (const Duration ran = ran_since(own.up_after); ran > Duration{}) {
      if (own.launched > 0) instances(instances_, own.launched, ran, own.launched_price);
      if (priced.size > Bytes{}) volume(static_cast<Int128>(priced.size.count()) * ran.count(), priced.gib_month);
    }
    if (const Duration ran = ran_since(own.stands_after); ran > Duration{} && priced.database_hour) {
      instances(*databases_, 1, ran, *priced.database_hour);
    }
  }
}

void FailoverBill::charge(const RecoveryOutcome& outcome, Duration from, Duration until) {
  visit(
      outcome, from, until,
      [&](AccountId account, std::int64_t count, Duration ran, UsdPerHour price) { billing_.charge_instances(account, count, ran, price); },
      [&](Int128 byte_nanoseconds, Usd gib_month) { billing_.charge_stored(volumes_, byte_nanoseconds, gib_month); });
}

void FailoverBill::charge_retrieval(const RecoveryOutcome& outcome, Duration from, Duration until) {
  for (const ResourceOutcome& own : outcome.resources) {
    if (!retrieved_ || own.retrieved == Bytes{} || !own.up_after || *own.up_after < from || *own.up_after > until) continue;
    billing_.charge(*retrieved_, volume_of(own.retrieved), retrieval_price_);
  }
}

Usd FailoverBill::cost_of_use(const RecoveryOutcome& outcome, Duration until) const {
  Usd sum;
  for (const ResourceOutcome& own : outcome.resources) sum += fleetsim::cost_of(own.retrieved, retrieval_price_);
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  visit(
      outcome, Duration{}, until,
      [&](AccountId, std::int64_t count, Duration ran, UsdPerHour price) { sum += cost_of(PriceIntegral::of((price * ran).count() * count)); },
      [&](Int128 byte_nanoseconds, Usd gib_month) {
        sum += usd(static_cast<double>(byte_nanoseconds) / gib / static_cast<double>(billing_month.count()) * to_usd(gib_month));
      });
  return sum;
}

Usd FailoverBill::cost() const {
  return billing_.cost(instances_) + billing_.cost(volumes_) + (databases_ ? billing_.cost(*databases_) : Usd{}) +
         (retrieved_ ? billing_.cost(*retrieved_) : Usd{});
}

}  // namespace fleetsim::scenario
