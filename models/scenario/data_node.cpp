#include "models/scenario/data_node.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim::scenario {
namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;
/// How prices for a GiB are kept where the ledger counts GB.
UsdPerGb per_gb(Usd per_gib) { return UsdPerGb::of(static_cast<std::int64_t>(divide_rounded(per_gib.count() * bytes_per_gb, Int128{1} << 30U))); }

}  // namespace

DataNode::DataNode(Simulation& sim, Billing& billing, const ScenarioData& data, const ProtectionPlan& plan,
                   const std::vector<std::unique_ptr<StorageNode>>& machines, FailbackListener* failback)
    : sim_(sim), billing_(billing), plan_(plan), topology_(data.topology), model_(sim, plan.config, failback) {
  moves_ = std::any_of(data.disasters.plans.begin(), data.disasters.plans.end(), [](const RecoveryPlanData& each) {
    return each.plan->config().protects.value != each.plan->config().target.value;
  });
  const DemandRun run{.start = data.run.start, .length = data.run.duration};
  for (std::size_t s = 0; s < plan.follows.size(); ++s) {
    const ProtectionPlan::Follow& follow = plan.follows[s];
    if (!follow.demand) continue;
    writers_.push_back(std::make_unique<Writer>(model_, s, plan.config.stores[s].write_rate, follow.bytes_per_request));
    demands_.push_back(std::make_unique<Demand>(sim, data.demands[*follow.demand], run, *writers_.back()));
  }
  for (std::size_t r = 0; r < plan.agents.size(); ++r) {
    if (!plan.agents[r]) continue;
    StorageMachine& machine = machines[plan.agents[r]->machine]->machine();
    Agent& agent = *agents_.emplace_back(std::make_unique<Agent>(model_, machine, plan.agents[r]->load, r));
    machine.listen(agent.load, agent);
    model_.set_host(r, agent);
  }
  for (std::size_t s = 0; s < plan.snapshots.size(); ++s) {
    if (!plan.snapshots[s]) continue;
    StorageMachine& machine = machines[plan.snapshots[s]->machine]->machine();
    Reader& reader = *readers_.emplace_back(std::make_unique<Reader>(model_, machine, plan.snapshots[s]->load, s));
    machine.listen(reader.load, reader);
    model_.set_snapshot_host(s, reader);
  }
}

void DataNode::Reader::read_snapshot(std::size_t, Bytes data, BytesPerSecond rate) {
  machine.set_pace(load, rate);
  machine.give(load, data);
  machine.update();
}

void DataNode::Reader::give_up_snapshot(std::size_t) {
  machine.withdraw(load);
  machine.update();
}

void DataNode::Agent::wants(std::size_t, BytesPerSecond rate) {
  pace = rate;
  machine.set_pace(load, rate);
  if (!working) give();
  machine.update();
}

void DataNode::Agent::give() {
  working = true;
  constexpr std::int64_t lump = 600;  // seconds: what waits as the machine sees it is no longer than this
  machine.give(load, Bytes::of(std::clamp<std::int64_t>(pace.count(), 1 << 20, std::int64_t{1} << 40U) * lump));
}

void DataNode::Agent::work_done(std::size_t) {
  give();
  machine.update();
}

void DataNode::Agent::work_rate_changed(std::size_t, BytesPerSecond rate) { model.host_rate_changed(replica, rate); }

void DataNode::Writer::demand_changed(RequestRate offered) {
  const Int128 bytes = static_cast<Int128>(offered.count()) * per_request.count() / 1'000'000;
  model.set_write_rate(store, always + BytesPerSecond::of(static_cast<std::int64_t>(bytes)));
}

void DataNode::start() {
  model_.start();
  for (const auto& demand : demands_) demand->start();
}

void DataNode::begin_measurement() {
  measured_from_ = sim_.now();
  model_.begin_measurement();
}

AccountId DataNode::line(std::string resource, SiteId site, std::string unit) {
  lines_.push_back(billing_.add_account({.region = topology_.name(topology_.region_of(site)),
                                         .zone = {},
                                         .fleet = {},
                                         .group = {},
                                         .resource = std::move(resource),
                                         .purchase = Purchase::on_demand,
                                         .unit = std::move(unit)}));
  return lines_.back();
}

void DataNode::finish() {
  bill_stored();
  bill_transfers();
  bill_services();
}

void DataNode::bill_stored() {
  const DataReplicationConfig& config = plan_.config;
  const Duration measured = sim_.now() - measured_from_;
  // Backups of databases are free up to the size of the databases of the site: of each its own, then what others leave.
  std::vector<Int128> left(config.site_names.size());
  const auto size_of = [&](std::uint32_t s) { return static_cast<Int128>(config.stores[s].blocks.size.count()) * measured.count(); };
  const auto allowed = [&](std::uint32_t s, SiteId site) {
    return config.stores[s].database && site == config.stores[s].home ? size_of(s) : Int128{0};
  };
  const auto held_at = [&](std::uint32_t s, SiteId site) { return model_.stored(s, site).byte_nanoseconds; };
  for (std::uint32_t s = 0; s < config.stores.size(); ++s) {
    const SiteId home = config.stores[s].home;
    left[home.index] += std::max<Int128>(0, allowed(s, home) - held_at(s, home));
  }
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    // A replica with an instance is a database of its Region; a standby is a part of one.
    if (!plan_.replica_hour[r] || config.replicas[r].kind == ReplicaKind::mirror) continue;
    for (const std::uint32_t s : config.data[config.replicas[r].data.index].stores) left[config.replicas[r].site.index] += size_of(s);
  }
  for (std::uint32_t s = 0; s < config.stores.size(); ++s) {
    const StoreConfig& store = config.stores[s];
    for (std::uint32_t site = 0; site < config.site_names.size(); ++site) {
      Int128 held = held_at(s, SiteId{site});
      if (store.database) {
        held = std::max<Int128>(0, held - allowed(s, SiteId{site}));
        const Int128 free = std::min(held, left[site]);
        held -= free;
        left[site] -= free;
      }
      if (held <= 0) continue;
      billing_.charge_stored(line(fmt::format("snapshots of {} at {}", store.name, config.site_names[site]), SiteId{site}, "GiB-months"),
                             held, store.database ? plan_.prices.database_backup_gib_month : plan_.site_prices[site].snapshot_gib_month);
    }
    if (const Int128 archived = model_.archived(s).byte_nanoseconds; archived > 0) {
      billing_.charge_stored(line(fmt::format("archived snapshots of {} at {}", store.name, config.site_names[store.home.index]), store.home, "GiB-months"),
                             archived, plan_.site_prices[store.home.index].archive_gib_month);
    }
    if (const Int128 early = model_.deleted_early(s); early > 0) {
      billing_.charge_stored(line(fmt::format("early deletion of archived snapshots of {} at {}", store.name, config.site_names[store.home.index]), store.home, "GiB-months"),
                             early, plan_.site_prices[store.home.index].archive_gib_month);
    }
    if (!plan_.database_hour[s]) continue;
    billing_.charge_stored(line(fmt::format("storage of {}", store.name), store.home, "GiB-months"),
                           static_cast<Int128>(store.blocks.size.count()) * measured.count(), plan_.prices.database_gib_month);
    billing_.charge_instances(line(fmt::format("database {}", store.name), store.home, "instance-hours"), 1, measured,
                              *plan_.database_hour[s]);
  }
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    Int128 held = 0;
    for (const std::uint32_t s : config.data[replica.data.index].stores) {
      held += static_cast<Int128>(config.stores[s].blocks.size.count()) * measured.count();
    }
    const std::optional<UsdPerHour>& hour = plan_.replica_hour[r];
    billing_.charge_stored(line(fmt::format("disks of {}", replica.name), replica.site, "GiB-months"), held,
                           hour ? plan_.prices.database_gib_month : plan_.site_prices[replica.site.index].volume_gib_month);
    if (hour) {
      billing_.charge_instances(line(fmt::format("database {}", replica.name), replica.site, "instance-hours"), 1, measured, *hour);
    }
  }
}

/// The time-based copies of a policy from one site to another, by their price.
void DataNode::add_time_based(std::size_t p, SiteId from, SiteId to, std::vector<std::pair<Usd, DataVolume>>& by_price) const {
  const PolicyConfig& policy = plan_.config.policies[p];
  for (std::size_t c = 0; c < policy.copies.size(); ++c) {
    const CopyConfig& copy = policy.copies[c];
    const SiteId begins = copy.from ? policy.copies[*copy.from].site : model_.home(policy.protects.front());
    if (!copy.complete_within || begins != from || copy.site != to) continue;
    const Usd price = plan_.prices.time_based_copy(*copy.complete_within);
    auto known = std::find_if(by_price.begin(), by_price.end(), [&](const auto& each) { return each.first == price; });
    if (known == by_price.end()) known = by_price.insert(known, {price, DataVolume{}});
    known->second += model_.copied_time_based(p, c);
  }
}

void DataNode::bill_transfers() {
  const DataReplicationConfig& config = plan_.config;
  const auto sites = static_cast<std::uint32_t>(config.site_names.size());
  const auto price = [&](SiteId from, SiteId to) {
    const RegionId a = topology_.region_of(from), b = topology_.region_of(to);
    return a == b ? UsdPerGb{} : topology_.transfer_price(a, b);
  };
  const auto charge = [&](const std::string& what, SiteId from, SiteId to, DataVolume data, UsdPerGb at) {
    if (data == DataVolume{} || at == UsdPerGb{}) return;
    billing_.charge(line(fmt::format("{} from {} to {}", what, topology_.name(from), topology_.name(to)), from, "GB"), data, at);
  };
  for (std::uint32_t a = 0; a < sites; ++a) {
    for (std::uint32_t b = 0; b < sites; ++b) {
      const SiteId from{a}, to{b};
      charge("snapshot copies", from, to, model_.transferred(from, to), price(from, to));
      std::vector<std::pair<Usd, DataVolume>> by_price;
      for (std::size_t p = 0; p < config.policies.size(); ++p) add_time_based(p, from, to, by_price);
      for (const auto& [price_of_gib, data] : by_price) charge("time-based copies", from, to, data, per_gb(price_of_gib));
    }
  }
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    const StoreConfig& store = config.stores[config.data[replica.data.index].stores.front()];
    UsdPerGb at = price(store.home, replica.site);
    if (store.home == replica.site && store.zone && replica.zone) at = topology_.transfer_price(*store.zone, *replica.zone);
    // Between the zones of a managed database data moves for nothing.
    if (store.database && store.home == replica.site) at = {};
    charge(fmt::format("replication {}", replica.name), store.home, replica.site, model_.replica_statistics(r).sent, at);
  }
}

void DataNode::bill_services() {
  const DataReplicationConfig& config = plan_.config;
  const auto hours = [&](const std::string& what, SiteId site, std::int64_t units, Duration held, UsdPerHour price) {
    if (units == 0 || held <= Duration{} || price == UsdPerHour{}) return Usd{};
    const AccountId account = line(what, site, "months");
    billing_.charge_provisioned(account, units, held, Usd::of(static_cast<Int128>(price.count()) * 720));
    return billing_.cost(account);
  };
  for (const PolicyConfig& policy : config.policies) {
    for (const DataId data : policy.protects) {
      const auto stores = static_cast<std::int64_t>(config.data[data.index].stores.size());
      const auto fast = [&](SiteId site, std::int64_t zones) {
        if (zones == 0) return;
        for (const PointHistory* history : model_.histories(data, site)) {
          hours(fmt::format("fast restore of {} at {}", config.data[data.index].name, topology_.name(site)), site, zones * stores,
                history->ages(measured_from_, sim_.now()).observed, plan_.site_prices[site.index].fast_restore);
        }
      };
      fast(model_.home(data), policy.fast_restore_zones);
      for (const CopyConfig& copy : policy.copies) fast(copy.site, copy.fast_restore_zones);
    }
  }
  service_costs_.resize(config.replicas.size());
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    if (replica.migration) {
      const Time charged_from = Time::at(replica.migration->free - replica.migration->replicating_for);
      service_costs_[r] = hours(fmt::format("Application Migration Service of {}", replica.name), replica.site, 1,
            sim_.now() - std::max(measured_from_, charged_from), plan_.prices.migration_server);
    }
    if (!replica.points_in_time) continue;
    service_costs_[r] = hours(fmt::format("Elastic Disaster Recovery of {}", replica.name), replica.site, 1, sim_.now() - measured_from_,
          plan_.prices.recovery_server);
  }
}

Usd DataNode::cost() const {
  Usd sum;
  for (const AccountId line : lines_) sum += billing_.cost(line);
  return sum;
}

void DataNode::report_policy(MetricSink& sink, std::size_t p) const {
  const PolicyConfig& policy = plan_.config.policies[p];
  const PolicyStatistics& counted = model_.statistics(p);
  const std::string name = "data." + policy.name;
  const auto count = [&](std::string_view what, std::int64_t n) { sink.add(fmt::format("{}.{}", name, what), "1", static_cast<double>(n)); };
  count("snapshots", counted.snapshots);
  count("snapshots_refused", counted.snapshots_refused);
  count("snapshots_failed", counted.snapshots_failed);
  count("snapshots_skipped", counted.snapshots_skipped);
  if (!policy.copies.empty()) {
    count("copies", counted.copies);
    count("copies_full", counted.copies_full);
    count("copies_refused", counted.copies_refused);
    count("copies_dropped", counted.copies_dropped);
    const bool denied = std::any_of(policy.copies.begin(), policy.copies.end(), [](const CopyConfig& copy) { return !copy.key_denied.empty(); });
    if (denied) count("copies_failed", counted.copies_failed);
    const std::int64_t begun = counted.copies + counted.copies_dropped;
    sink.add(name + ".copy_wait_mean", "s", begun == 0 ? std::nullopt : std::optional{to_seconds(counted.copy_wait) / static_cast<double>(begun)});
  }
  std::vector<SiteId> sites{model_.home(policy.protects.front())};
  std::vector<bool> with_logs{policy.logs.has_value()};
  for (const CopyConfig& copy : policy.copies) {
    // Copies under other keys may lie at one site, which is reported once.
    if (std::find(sites.begin(), sites.end(), copy.site) != sites.end()) continue;
    sites.push_back(copy.site);
    with_logs.push_back(policy.logs && copy.logs);
  }
  const Time end = sim_.now();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const SiteId site = sites[i];
    Duration observed, without, above, longest;
    double integral = 0;
    std::int64_t kept = 0;
    for (const DataId data : policy.protects) {
      const PointHistory& history = model_.history(p, data, site);
      const PointAges ages = history.ages(measured_from_, end, policy.rpo);
      observed += ages.observed;
      without += ages.without_point;
      above += ages.above_objective;
      longest = std::max(longest, ages.age_max);
      integral += ages.age_integral;
      for (const KeptPoint& point : history.points()) kept += point.usable <= end && point.gone > end ? 1 : 0;
    }
    const std::string at = fmt::format("{}.{}", name, plan_.config.site_names[site.index]);
    if (with_logs[i] && observed > Duration{}) {
      // Any instant up to the last log shipped: a saw from `delay` to `every` + `delay`.
      const Duration every = policy.logs->every, delay = policy.logs->delay;
      integral = to_seconds(observed) * to_seconds(every + delay * 2) / 2;
      longest = every + delay;
      const Duration over = std::clamp(longest - policy.rpo.value_or(longest), Duration{}, every);
      above = without + seconds(to_seconds(observed) * (over / every));
    }
    const double all = to_seconds(observed + without);
    sink.add(at + ".rpa_mean", "s", observed == Duration{} ? std::nullopt : std::optional{integral / to_seconds(observed)});
    sink.add(at + ".rpa_max", "s", observed == Duration{} ? std::nullopt : std::optional{to_seconds(longest)});
    sink.add(at + ".without_point", "1", all > 0 ? std::optional{to_seconds(without) / all} : std::nullopt);
    if (policy.rpo) sink.add(at + ".rpo_missed", "1", all > 0 ? std::optional{to_seconds(above) / all} : std::nullopt);
    sink.add(at + ".points", "1", static_cast<double>(kept));
  }
}

void DataNode::report(MetricSink& sink) const {
  const DataReplicationConfig& config = plan_.config;
  for (std::size_t p = 0; p < config.policies.size(); ++p) report_policy(sink, p);
  for (std::size_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    const ReplicaStatistics statistics = model_.replica_statistics(r);
    const std::string name = "data." + replica.name;
    sink.add(name + ".lag_mean", "s", to_seconds(statistics.lag_mean));
    sink.add(name + ".lag_max", "s", to_seconds(statistics.lag_max));
    sink.add(name + ".backlog", "GiB", static_cast<double>(statistics.backlog.count()) / gib);
    sink.add(name + ".backlog_max", "GiB", static_cast<double>(statistics.backlog_max.count()) / gib);
    sink.add(name + ".in_sync", "1", statistics.in_sync ? std::optional{statistics.in_sync->value} : std::nullopt);
    if (moves_) {
      sink.add(name + ".primary", "1", statistics.primary.value);
      sink.add(name + ".copied_anew", "1", static_cast<double>(statistics.copied_anew));
    }
    sink.add(name + ".sent", "GB", static_cast<double>(statistics.sent.count()) / 1e9);
    if (replica.migration || replica.points_in_time) {
      sink.add(name + ".service_cost", "USD", r < service_costs_.size() ? std::optional{to_usd(service_costs_[r])} : std::nullopt);
    }
    if (replica.kind == ReplicaKind::mirror) {
      const MirrorCost cost = mirror_cost(replica);
      sink.add(name + ".write_latency", "s", to_seconds(cost.write));
      sink.add(name + ".writer_writes_max", "1/s", cost.writes_per_second);
    }
  }
  const double measured = to_seconds(sim_.now() - measured_from_) * 1e9;
  for (std::size_t s = 0; s < config.stores.size(); ++s) {
    for (std::uint32_t site = 0; site < config.site_names.size(); ++site) {
      const StoredData stored = model_.stored(s, SiteId{site});
      if (stored.byte_nanoseconds == 0 || measured <= 0) continue;
      sink.add(fmt::format("data.{}.{}.stored", config.stores[s].name, config.site_names[site]), "GiB",
               static_cast<double>(stored.byte_nanoseconds) / measured / gib);
    }
  }
  for (std::size_t s = 0; s < config.stores.size(); ++s) {
    const bool archives = std::any_of(config.policies.begin(), config.policies.end(), [&](const PolicyConfig& policy) {
      return policy.archive && std::any_of(policy.protects.begin(), policy.protects.end(), [&](DataId data) {
        const std::vector<std::uint32_t>& stores = config.data[data.index].stores;
        return std::find(stores.begin(), stores.end(), s) != stores.end();
      });
    });
    if (!archives) continue;
    const double held = static_cast<double>(model_.archived(s).byte_nanoseconds);
    sink.add(fmt::format("data.{}.{}.archived", config.stores[s].name, config.site_names[config.stores[s].home.index]), "GiB",
             measured > 0 ? std::optional{held / measured / gib} : std::nullopt);
  }
  for (const InstantConfig& instant : config.instants) {
    for (std::uint32_t d = 0; d < config.data.size(); ++d) {
      for (const SiteId site : model_.sites(DataId{d})) {
        std::optional<NewestPoint> newest;
        if (instant.at <= sim_.now()) newest = model_.newest(DataId{d}, site, instant.at);
        const std::string name = fmt::format("data.{}.{}", config.data[d].name, config.site_names[site.index]);
        sink.add(fmt::format("{}.rpa.{}", name, instant.name), "s",
                 newest ? std::optional{to_seconds(instant.at - newest->point)} : std::nullopt);
        sink.add(fmt::format("{}.lost.{}", name, instant.name), "GiB",
                 newest ? std::optional{static_cast<double>(newest->lost.count()) / gib} : std::nullopt);
      }
    }
  }
}

}  // namespace fleetsim::scenario
