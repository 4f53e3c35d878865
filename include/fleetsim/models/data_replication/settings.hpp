#pragma once
/// The section `protection` of a scenario as it is written: names not looked up yet.

#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/data_replication/config.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

using LocatedName = config::Located<std::string>;

/// Where something lies, by names; empty ones are the first or those of what is protected.
struct PlaceSettings {
  std::optional<LocatedName> region, zone, account;
};

/// The volume of `storage` that the data lie on.
struct AttachmentSettings {
  LocatedName machine, volume;
  bool through_instance = true;  ///< snapshots are read through the instance
};

struct StoreSettings {
  StoreConfig config;  ///< its home is looked up
  std::optional<AttachmentSettings> attached_to;
  PlaceSettings place;
  std::optional<LocatedName> follows;  ///< a demand
  Bytes bytes_per_request;
  std::optional<UsdPerHour> instance_price;  ///< of a managed database that is charged for
  config::Location where;
};

struct SetSettings {
  LocatedName name;
  std::vector<LocatedName> volumes;
};

struct CopySettings {
  CopyConfig config;  ///< its site is looked up
  PlaceSettings place;
  std::optional<PlaceSettings> from;  ///< where the copy lies that this is a copy of
  config::Location from_where;
  config::Location where;
};

struct PolicySettings {
  PolicyConfig config;  ///< what it protects and the sites of its copies are looked up
  std::vector<LocatedName> protects;
  std::vector<CopySettings> copies;
  config::Location where, schedule_where, rpo_where;
};

struct ReplicaSettings {
  ReplicaConfig config;  ///< its data and site are looked up
  LocatedName protects;
  PlaceSettings place;
  std::optional<Duration> latency;  ///< half a round trip if empty
  std::optional<LocatedName> machine, machine_volume;  ///< of `storage`, that its agent runs on
  std::optional<UsdPerHour> instance_price;  ///< of a standby or replica of a database that is charged for
  config::Location where;
};

/// What a time-based copy costs that has so long, or longer, up to the next step.
struct TimeBasedPrice {
  Duration within;
  Usd gib;
};

/// What is charged beside the topology's prices of transfer.
struct ProtectionPrices {
  // Empty: the catalogue's for the Region.
  std::optional<Usd> snapshot_gib_month;     ///< EBS snapshots, standard tier
  std::optional<Usd> archive_gib_month;      ///< EBS snapshots, archive tier; empty: a quarter of the standard tier
  Usd archive_retrieval_gib = 0.03_usd;      ///< of data restored from there
  std::optional<Usd> replica_gib_month;      ///< of a replica's disks, and of restored volumes: gp3
  std::optional<UsdPerHour> fast_restore;    ///< for a snapshot and a zone
  Usd database_gib_month = 0.115_usd;        ///< storage of a database that is charged for, its standbys and replicas
  Usd database_backup_gib_month = 0.095_usd; ///< beyond the size of the database
  Usd time_based_copy_gib = 0.02_usd;        ///< beside the transfer; the price of a completion within 15 minutes
  std::vector<TimeBasedPrice> time_based_copy_steps;  ///< of longer ones, the shortest first
  UsdPerHour recovery_server = 0.028_usd_per_h;  ///< Elastic Disaster Recovery, each source
  UsdPerHour migration_server = 0.042_usd_per_h; ///< Application Migration Service, each source, after its free time

  Usd time_based_copy(Duration within) const {
    Usd price = time_based_copy_gib;
    for (const TimeBasedPrice& step : time_based_copy_steps) {
      if (step.within <= within) price = step.gib;
    }
    return price;
  }
};

struct ProtectionSettings {
  std::vector<StoreSettings> stores;  ///< volumes, then databases
  std::vector<SetSettings> sets;
  std::vector<PolicySettings> policies;
  std::vector<ReplicaSettings> replicas;
  std::vector<InstantConfig> instants;
  ProtectionPrices prices;
  std::int64_t copies_max = 20;
  BytesPerSecond time_based_pair_rate_max = mib_per_second(2000);
};

/// Reads `protection`. Errors: data larger than its volume, a working set larger than the data, a scheduler asked for more than
/// it can do, a schedule that no date fits.
ProtectionSettings read_protection(config::Section& scenario);

}  // namespace fleetsim
