#include "models/scenario/data_planner.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/data_replication/terms.hpp"
#include "fleetsim/models/demand/profile.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/copy_checks.hpp"
#include "models/scenario/data_names.hpp"
#include "models/scenario/machine_loads.hpp"

namespace fleetsim::scenario {
namespace {

class Planner {
 public:
  Planner(const ProtectionSettings& settings, ScenarioData& data, const Catalog& catalog, const std::vector<std::string>& demands_given,
          const std::vector<std::string>& regions_given, config::Diagnostics& diagnostics)
      : settings_(settings), data_(data), catalog_(catalog), topology_(data.topology), demands_given_(demands_given),
        diagnostics_(diagnostics), regions_known_(topology_.region_names() == regions_given), loads_(data, diagnostics) {}

  ProtectionPlan plan() {
    DataReplicationConfig& config = plan_.config;
    config.run_start = data_.run.start;
    config.run_length = data_.run.duration;
    config.instants = settings_.instants;
    config.copies_max = settings_.copies_max;
    config.time_based_pair_rate_max = settings_.time_based_pair_rate_max;
    plan_.prices = settings_.prices;
    describe_sites();
    price_sites();
    for (const StoreSettings& store : settings_.stores) add_store(store);
    for (const SetSettings& set : settings_.sets) add_set(set);
    for (const PolicySettings& policy : settings_.policies) add_policy(policy);
    for (const ReplicaSettings& replica : settings_.replicas) add_replica(replica);
    check_data_names(settings_, config.site_names, diagnostics_);
    check_fast_restore();
    return std::move(plan_);
  }

 private:
  void describe_sites() {
    DataReplicationConfig& config = plan_.config;
    for (std::uint32_t s = 0; s < topology_.site_count(); ++s) {
      config.site_region.push_back(topology_.region_of(SiteId{s}));
      config.site_account.push_back(static_cast<std::uint32_t>(topology_.account_of(SiteId{s})));
      config.site_names.push_back(topology_.name(SiteId{s}));
    }
    for (std::uint32_t z = 0; z < topology_.zone_count(); ++z) config.zone_region.push_back(topology_.region_of(ZoneId{z}));
    for (std::uint32_t a = 0; a < topology_.region_count(); ++a) {
      for (std::uint32_t b = 0; b < topology_.region_count(); ++b) {
        if (a != b) config.links.push_back({RegionId{a}, RegionId{b}, topology_.bandwidth(RegionId{a}, RegionId{b})});
      }
    }
  }

  /// A Region of the scenario's own that no table has costs what us-east-1 does.
  void price_sites() {
    for (const RegionId region : plan_.config.site_region) {
      const std::string name = topology_.name(region);
      const ProtectionPrices& given = settings_.prices;
      const auto snapshots = catalog_.snapshot_prices(name) ? catalog_.snapshot_prices(name) : catalog_.snapshot_prices("us-east-1");
      const auto volumes = catalog_.volume_prices(name, "gp3") ? catalog_.volume_prices(name, "gp3") : catalog_.volume_prices("us-east-1", "gp3");
      const Usd standard = given.snapshot_gib_month.value_or(snapshots->per_gib);
      plan_.site_prices.push_back({.snapshot_gib_month = standard,
                                   .archive_gib_month = given.archive_gib_month.value_or(Usd::of(standard.count() / 4)),
                                   .volume_gib_month = given.replica_gib_month.value_or(volumes->per_gib),
                                   .fast_restore = given.fast_restore.value_or(snapshots->fast_restore)});
    }
  }

  std::optional<ZoneId> find_zone(const std::optional<LocatedName>& name) {
    if (!name) return std::nullopt;
    const std::optional<ZoneId> zone = topology_.zone(name->value);
    if (!zone && regions_known_) {
      std::vector<std::string> zones;
      for (std::uint32_t z = 0; z < topology_.zone_count(); ++z) zones.push_back(topology_.name(ZoneId{z}));
      diagnostics_.error(name->where, fmt::format("there is no zone '{}'", name->value), config::name_help("zone", name->value, zones));
    }
    return zone;
  }

  /// `home`: where it lies if nothing is said.
  std::optional<SiteId> find_site(const PlaceSettings& place, std::optional<ZoneId> zone, std::optional<SiteId> home) {
    std::optional<RegionId> region = home ? topology_.region_of(*home) : topology_.region_count() > 0 ? std::optional{RegionId{0}} : std::nullopt;
    if (zone) region = topology_.region_of(*zone);
    if (place.region) {
      const std::optional<RegionId> named = topology_.region(place.region->value);
      if (!named) {
        if (regions_known_) {
          diagnostics_.error(place.region->where, fmt::format("there is no Region '{}'", place.region->value),
                             config::name_help("Region", place.region->value, topology_.region_names()));
        }
        return std::nullopt;
      }
      if (zone && *named != topology_.region_of(*zone)) {
        diagnostics_.error(place.region->where, fmt::format("zone '{}' is not in Region '{}'", topology_.name(*zone), place.region->value));
        return std::nullopt;
      }
      region = named;
    }
    if (!region) return std::nullopt;
    std::size_t account = home ? topology_.account_of(*home) : 0;
    if (place.account) {
      const std::vector<std::string>& accounts = topology_.accounts();
      const auto found = std::find(accounts.begin(), accounts.end(), place.account->value);
      if (found == accounts.end()) {
        diagnostics_.error(place.account->where, fmt::format("there is no account '{}'", place.account->value),
                           config::name_help("account", place.account->value, accounts));
        return std::nullopt;
      }
      account = static_cast<std::size_t>(found - accounts.begin());
    }
    return topology_.site(*region, account);
  }

  void name_data(const std::string& name, const config::Location& where, std::vector<std::uint32_t> stores) {
    if (plan_.config.find(name)) {
      diagnostics_.error(where, fmt::format("'{}' names two of the volumes, databases and sets", name), "give one of them another name");
      return;
    }
    plan_.config.data.push_back({name, std::move(stores)});
  }

  void add_store(const StoreSettings& given) {
    StoreConfig store = given.config;
    store.zone = find_zone(given.place.zone);
    const std::optional<SiteId> home = find_site(given.place, store.zone, std::nullopt);
    if (home) store.home = *home;
    attached_.push_back(home ? find_attachment(given, store) : std::nullopt);
    plan_.snapshots.emplace_back();
    std::optional<std::size_t> demand;
    if (given.follows) {
      for (std::size_t d = 0; d < data_.demands.size(); ++d) {
        if (data_.demands[d].name == given.follows->value) demand = d;
      }
      if (!demand && std::find(demands_given_.begin(), demands_given_.end(), given.follows->value) == demands_given_.end()) {
        diagnostics_.error(given.follows->where, fmt::format("there is no demand '{}'", given.follows->value),
                           config::name_help("demand", given.follows->value, demands_given_));
      }
    }
    store.write_rate_mean = store.write_rate;
    if (demand && !diagnostics_.has_errors()) store.write_rate_mean += mean_rate(*demand, given.bytes_per_request);
    plan_.follows.push_back({demand, given.bytes_per_request});
    name_data(store.name, given.where, {static_cast<std::uint32_t>(plan_.config.stores.size())});
    plan_.config.stores.push_back(std::move(store));
    plan_.database_hour.push_back(given.instance_price);
  }

  BytesPerSecond mean_rate(std::size_t demand, Bytes per_request) const {
    const DemandRun run{.start = data_.run.start, .length = data_.run.duration};
    const DemandConfig& config = data_.demands[demand];
    const DemandProfile profile(config, run, demand_beginnings(config, run).first);
    Requests all;
    for (Duration t; t < run.length;) {
      const DemandProfile::Piece piece = profile.at(t);
      const Duration end = std::min(piece.end, run.length);
      all += piece.rate * (end - t);
      t = end;
    }
    return BytesPerSecond::of(detail::nearest(to_double(all) * static_cast<double>(per_request.count()) / to_seconds(run.length)));
  }

  std::optional<DataId> find_data(const LocatedName& name) {
    const std::optional<DataId> found = plan_.config.find(name.value);
    if (!found && !name.value.empty()) {
      std::vector<std::string> names;
      for (const DataConfig& data : plan_.config.data) names.push_back(data.name);
      diagnostics_.error(name.where, fmt::format("there is no volume, database or set '{}'", name.value),
                         config::name_help("volume", name.value, names));
    }
    return found;
  }

  void add_set(const SetSettings& set) {
    std::vector<std::uint32_t> stores;
    for (const LocatedName& name : set.volumes) {
      const std::optional<DataId> found = find_data(name);
      if (!found) continue;
      const std::uint32_t store = plan_.config.data[found->index].stores.front();
      if (std::find(stores.begin(), stores.end(), store) != stores.end()) {
        diagnostics_.error(name.where, fmt::format("volume '{}' is named twice", name.value));
      } else if (!stores.empty() && plan_.config.stores[store].home != plan_.config.stores[stores.front()].home) {
        diagnostics_.error(name.where, fmt::format("volume '{}' lies elsewhere than the others of its set", name.value),
                           "the volumes of a multi-volume snapshot are those of one instance");
      } else {
        stores.push_back(store);
      }
    }
    if (!stores.empty()) name_data(set.name.value, set.name.where, std::move(stores));
  }

  SiteId home_of(DataId data) const { return plan_.config.stores[plan_.config.data[data.index].stores.front()].home; }

  void add_policy(const PolicySettings& given) {
    PolicyConfig policy = given.config;
    for (const LocatedName& name : given.protects) {
      const std::optional<DataId> data = find_data(name);
      if (!data) continue;
      if (std::find(policy.protects.begin(), policy.protects.end(), *data) != policy.protects.end()) {
        diagnostics_.error(name.where, fmt::format("policy '{}' protects '{}' twice", policy.name, name.value));
        continue;
      }
      policy.protects.push_back(*data);
    }
    std::optional<SiteId> home;
    if (!policy.protects.empty()) home = home_of(policy.protects.front());
    for (const DataId data : policy.protects) {
      if (home_of(data) == *home) continue;
      diagnostics_.error(given.where, fmt::format("policy '{}' protects data in {} and in {}", policy.name, topology_.name(*home), topology_.name(home_of(data))),
                         "make a policy for each, as AWS does");
      break;
    }
    for (const CopySettings& copied : given.copies) {
      CopyConfig copy = copied.config;
      const std::optional<SiteId> site = find_site(copied.place, std::nullopt, home);
      if (!site) continue;
      copy.site = *site;
      std::optional<SiteId> from = home;
      if (copied.from) {
        from = find_site(*copied.from, std::nullopt, home);
        if (from) copy.from = find_source(copied, policy, *from, topology_, diagnostics_);
        if (!copy.from) continue;
      }
      if (from && *site == *from && !copy.encrypted_with_own_key) {
        diagnostics_.error(copied.where, fmt::format("a copy to {} is one to where its snapshot lies", topology_.name(*site)),
                           "name another region or account, or write other_key: true");
        continue;
      }
      if (from) check_encryption(copied, policy, plan_.config, *from, *site, topology_, diagnostics_);
      policy.copies.push_back(std::move(copy));
    }
    if (policy.archive) {
      for (const DataId data : policy.protects) {
        const StoreConfig& store = plan_.config.stores[plan_.config.data[data.index].stores.front()];
        if (!store.database) continue;
        diagnostics_.error(given.where, fmt::format("policy '{}' archives snapshots of database '{}', and the archive tier takes those of volumes only",
                                                    policy.name, store.name), "leave archive out, or protect it with another policy");
      }
    }
    if (policy.schedule.text().empty() || policy.protects.empty()) return;
    const ScheduleClock clock(policy.schedule, policy.time_zone, data_.run.start);
    const std::optional<Time> first = clock.first();
    if (!policy.schedule.never_fires() && (!first || *first > Time::at(data_.run.duration))) {
      diagnostics_.error(given.schedule_where, fmt::format("schedule: {} does not fire in this run", policy.schedule.text()),
                         fmt::format("the run is {} long from {}", to_text(data_.run.duration), config::to_text(data_.run.start)));
    }
    check_interval(given, policy, clock);
    read_on_machines(policy);
    plan_.config.policies.push_back(std::move(policy));
    check_objective(given);
  }

  void check_interval(const PolicySettings& given, const PolicyConfig& policy, const ScheduleClock& clock) {
    if (policy.scheduler != Scheduler::dlm && policy.scheduler != Scheduler::aws_backup) return;
    if (policy.schedule.every() > Duration{}) return;  // the reader has looked
    constexpr int looked_at = 2000;
    std::optional<Time> at = clock.first();
    for (int i = 0; at && i < looked_at; ++i) {
      const std::optional<Time> next = clock.next(*at);
      if (next && *next - *at < 1_h) {
        diagnostics_.error(given.schedule_where,
                           fmt::format("schedule: {} fires {} apart, and {} starts no more often than each hour", policy.schedule.text(),
                                       to_text(*next - *at), policy.scheduler == Scheduler::dlm ? "Data Lifecycle Manager" : "AWS Backup"),
                           "write an hourly schedule, or scheduler: api");
        return;
      }
      at = next;
    }
  }

  /// The objective against what the schedule gives with the fastest snapshots and copies.
  void check_objective(const PolicySettings& given) {
    const PolicyConfig& policy = plan_.config.policies.back();
    if (!policy.rpo) return;
    std::vector<SiteId> sites;
    for (const CopyConfig& copy : policy.copies) sites.push_back(copy.site);
    if (sites.empty()) sites.push_back(home_of(policy.protects.front()));
    for (const SiteId site : sites) {
      const auto all = protection_terms(plan_.config, policy.protects.front(), site);
      const bool kept = std::any_of(all.begin(), all.end(), [&](const ProtectionTerms& t) { return t.worst_at_best() <= *policy.rpo; });
      const auto own = std::find_if(all.begin(), all.end(), [&](const ProtectionTerms& t) { return t.name == policy.name; });
      if (kept || own == all.end()) continue;
      diagnostics_.warning(
          given.rpo_where,
          fmt::format("rpo: {} cannot be kept at {}: with interval {}, a snapshot of {} and a copy of {} at the least the newest point "
                      "is {} old before the next is usable",
                      to_text(*policy.rpo), topology_.name(site), to_text(own->interval), to_text(own->snapshot.least),
                      to_text(own->copy.least), to_text(own->worst_at_best())),
          "take snapshots more often, or let the objective be longer");
    }
  }

  void add_replica(const ReplicaSettings& given) {
    ReplicaConfig replica = given.config;
    const std::optional<DataId> data = find_data(given.protects);
    if (!data) return;
    replica.data = *data;
    const SiteId home = home_of(*data);
    replica.zone = find_zone(given.place.zone);
    if (given.place.zone && !replica.zone) return;
    const std::optional<SiteId> site = find_site(given.place, replica.zone, home);
    if (!site) return;
    replica.site = *site;
    const RegionId from = topology_.region_of(home), to = topology_.region_of(*site);
    const StoreConfig& store = plan_.config.stores[plan_.config.data[data->index].stores.front()];
    if (*site == home && (!replica.zone || replica.zone == store.zone)) {
      diagnostics_.error(given.where, fmt::format("'{}' keeps its data where {} lies", replica.name, given.protects.value),
                         "name another region, or another zone and the zone of what it protects");
      return;
    }
    if (from != to) {
      replica.round_trip = topology_.round_trip(from, to);
    } else if (store.zone && replica.zone) {
      replica.round_trip = topology_.round_trip(*store.zone, *replica.zone);
    }
    replica.latency = replica.kind == ReplicaKind::mirror ? Duration{} : given.latency.value_or(replica.round_trip / 2);
    const auto same = [&](const ReplicaConfig& other) { return other.name == replica.name; };
    if (std::any_of(plan_.config.replicas.begin(), plan_.config.replicas.end(), same)) {
      diagnostics_.error(given.where, fmt::format("'{}' names two streams or mirrors", replica.name), "give one of them another name");
    }
    plan_.agents.push_back(add_agent(given, replica));
    plan_.config.replicas.push_back(std::move(replica));
    plan_.replica_hour.push_back(given.instance_price);
  }

  /// Its agent, on the machine that it names or that its one volume is attached to.
  std::optional<MachineLoad> add_agent(const ReplicaSettings& given, const ReplicaConfig& replica) {
    std::optional<VolumeOfMachine> of;
    if (given.machine && given.machine_volume) {
      of = loads_.find(*given.machine, *given.machine_volume);
    } else if (const auto& stores = plan_.config.data[replica.data.index].stores; stores.size() == 1) {
      of = attached_[stores.front()];
    }
    if (!of) return std::nullopt;
    const bool same = topology_.region_of(home_of(replica.data)) == topology_.region_of(replica.site);
    // What is written in the mean is what it sends in the end.
    BytesPerSecond written = BytesPerSecond::of(1);
    for (const std::uint32_t s : plan_.config.data[replica.data.index].stores) written += plan_.config.stores[s].write_rate_mean;
    return loads_.add_agent(*of, {replica.name, given.where}, same ? NetworkPeer::same_region : NetworkPeer::other_region, written);
  }

  /// The volume of a machine that the data lie on, which must agree with what is said of both.
  std::optional<VolumeOfMachine> find_attachment(const StoreSettings& given, StoreConfig& store) {
    if (!given.attached_to) return std::nullopt;
    const std::optional<VolumeOfMachine> of = loads_.find(given.attached_to->machine, given.attached_to->volume);
    if (!of) return std::nullopt;
    const VolumeSettings& volume = loads_.settings(*of);
    const config::Location& where = given.attached_to->volume.where;
    for (std::size_t s = 0; s < attached_.size(); ++s) {
      if (!attached_[s] || attached_[s]->machine != of->machine || attached_[s]->volume != of->volume) continue;
      diagnostics_.error(where, fmt::format("volume '{}' of machine '{}' holds {} already", volume.name,
                                            given.attached_to->machine.value, plan_.config.stores[s].name),
                         "attach one thing to it");
      return std::nullopt;
    }
    if (volume.request.type == VolumeType::instance_store) {
      diagnostics_.error(where, fmt::format("volume '{}' is an instance store, of which there are no snapshots", volume.name),
                         "name an EBS volume");
      return std::nullopt;
    }
    const Bytes size = 1_GiB * (volume.request.size_gib * volume.stripes);
    if (size != store.blocks.size) {
      diagnostics_.error(where, fmt::format("volume '{}' has {}, and {} has {}", volume.name, to_text(size), store.name,
                                            to_text(store.blocks.size)),
                         fmt::format("write size: {}", to_text(size)));
    }
    const std::string region = topology_.region_names()[topology_.region_of(store.home).index];
    const std::string& there = loads_.plan(*of).region;
    if (!there.empty() && there != region) {
      diagnostics_.error(given.attached_to->machine.where,
                         fmt::format("machine '{}' is in {}, and {} in {}", given.attached_to->machine.value, there, store.name, region),
                         "let both be in one Region");
    }
    if (volume.request.type == VolumeType::st1 || volume.request.type == VolumeType::sc1) store.snapshots_pending_max = 1;
    return of;
  }

  /// Lets the snapshots of a policy be read on the machines that its volumes are attached to.
  void read_on_machines(const PolicyConfig& policy) {
    for (const DataId data : policy.protects) {
      for (const std::uint32_t s : plan_.config.data[data.index].stores) {
        if (!attached_[s]) continue;
        std::optional<MachineLoad>& load = plan_.snapshots[s];
        const BytesPerSecond pace = policy.timing.rate.median;
        if (load) {
          loads_.raise_pace(*load, pace);
        } else {
          const AttachmentSettings& attached = *settings_.stores[s].attached_to;
          load = loads_.add_snapshots(*attached_[s], {"snapshots-of-" + plan_.config.stores[s].name, attached.volume.where},
                                      attached.through_instance, pace);
        }
      }
    }
  }

  /// Fifty snapshots of a Region can have fast restore, five from the guide of 16 September 2022 on.
  void check_fast_restore() {
    constexpr config::UtcTime five_from{1'663'286'400};
    const std::int64_t most = data_.run.start < five_from ? 50 : 5;
    std::vector<std::int64_t> enabled(topology_.region_count());
    for (std::size_t p = 0; p < plan_.config.policies.size(); ++p) {
      const PolicyConfig& policy = plan_.config.policies[p];
      const auto add = [&](SiteId site, std::int64_t zones) {
        if (zones == 0) return;
        for (const DataId data : policy.protects) {
          enabled[topology_.region_of(site).index] += static_cast<std::int64_t>(plan_.config.data[data.index].stores.size());
        }
      };
      add(home_of(policy.protects.front()), policy.fast_restore_zones);
      for (const CopyConfig& copy : policy.copies) add(copy.site, copy.fast_restore_zones);
      for (std::size_t r = 0; r < enabled.size(); ++r) {
        if (enabled[r] <= most) continue;
        const auto given = std::find_if(settings_.policies.begin(), settings_.policies.end(),
                                        [&](const PolicySettings& s) { return s.config.name == policy.name; });
        diagnostics_.error(given->where,
                           fmt::format("{} snapshots have fast restore in {}, where {} can", enabled[r], topology_.region_names()[r], most),
                           "leave fast_restore_zones away, or let fewer volumes have it");
        return;
      }
    }
  }

  const ProtectionSettings& settings_;
  ScenarioData& data_;
  const Catalog& catalog_;
  const Topology topology_;
  const std::vector<std::string>& demands_given_;
  config::Diagnostics& diagnostics_;
  bool regions_known_;
  MachineLoads loads_;
  std::vector<std::optional<VolumeOfMachine>> attached_;  // by store
  ProtectionPlan plan_;
};

}  // namespace

std::optional<ProtectionPlan> plan_protection(const ProtectionSettings& settings, ScenarioData& data, const Catalog& catalog,
                                              const std::vector<std::string>& demands_given,
                                              const std::vector<std::string>& regions_given,
                                              config::Diagnostics& diagnostics) {
  if (settings.stores.empty()) return std::nullopt;
  return Planner(settings, data, catalog, demands_given, regions_given, diagnostics).plan();
}

}  // namespace fleetsim::scenario
