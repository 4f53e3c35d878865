#pragma once
/// A scenario after reading: plain configs of all models, names resolved and checked, ready to build any number of
/// worlds from.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/allocation.hpp"
#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/billing/commitments.hpp"
#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/data_replication/settings.hpp"
#include "fleetsim/models/demand.hpp"
#include "fleetsim/models/ec2_fleet.hpp"
#include "fleetsim/models/fleet.hpp"
#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/models/spot_market/requests.hpp"
#include "fleetsim/models/storage.hpp"
#include "fleetsim/models/storage/config.hpp"
#include "fleetsim/models/topology.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/objective.hpp"

namespace fleetsim {

namespace scenario {

struct RunSettings {
  config::UtcTime start;
  Duration duration;
  Duration warm_up;
  std::uint64_t seed = 1;
  std::uint64_t replications = 20;
};

/// What a burstable instance does without CPU credits.
enum class CreditMode : std::uint8_t { of_its_family, standard, unlimited };

/// The AWS account that launches into EC2-Classic.
struct ClassicAccount {
  config::UtcTime created;
  bool on_request = false;  ///< enabled by AWS's support
  bool active = true;       ///< has resources in EC2-Classic
  config::Location where;
};
struct GroupNetwork {
  bool efa = false;
  std::optional<ClassicAccount> classic;
};

/// One (group, zone, instance type, purchase option) of a fleet.
struct PlacementPlan {
  PlacementConfig config;                 ///< its group id is set when a world is built
  std::size_t group = 0;                  ///< within the fleet
  std::optional<PoolId> pool;             ///< of a Spot group
  UsdPerHour price;                       ///< on demand or reserved; of a Spot group the price on demand
  UsdPerHour licence;                     ///< of its operating system, beside the price
  UsdPerHour surplus_credits;             ///< of a burstable type, for a vCPU
  std::optional<PowerDraw> power;         ///< of a vCPU, where the scenario asks for energy
  std::vector<std::optional<UsdPerHour>> plan_rates;  ///< by commitment: a Savings Plan's, where it covers the placement
  std::int64_t weight = 1;                ///< units that an instance counts in its group
  OperatingSystem os = OperatingSystem::linux;
  UsdPerHour max_price;                   ///< of a Spot group: most that it pays for the instance
  UsdPerGb transfer_price_out, transfer_price_in;  ///< with the home zone
};

struct FleetPlan {
  FleetConfig config;
  std::vector<GroupConfig> groups;
  std::vector<AllocationConfig> allocations;  ///< by group
  std::vector<std::optional<Ec2FleetConfig>> ec2_fleets;  ///< by group; empty for an Auto Scaling group
  std::vector<OperatingSystem> operating_systems;         ///< by group
  std::vector<CreditMode> credit_modes;                   ///< by group
  std::vector<GroupNetwork> networks;                     ///< by group
  std::vector<std::optional<UsdPerHour>> max_prices;      ///< by group, for a unit of its capacity; empty: on demand
  std::vector<std::optional<SpotRequestsSettings>> spot_requests;  ///< by group; empty for the other two
  std::vector<PlacementPlan> placements;  ///< by group, then zone, type and purchase option
  UsdPerHour balancer_price;              ///< of a fleet with a load balancer
  std::size_t demand = 0;

  /// Whether the group is an Auto Scaling group.
  bool scales(std::size_t group) const { return !ec2_fleets[group] && !spot_requests[group]; }
};

/// A question for placement scores, with the pools of `ScenarioData::placement_market` that could answer it.
struct PlacementQuestion {
  std::string target;                ///< in words
  std::int64_t amount = 0;           ///< of instances, vCPUs or MiB; > 0
  std::size_t instance_types = 0;
  std::string instance_types_in_words;
  struct Pool {
    PoolId pool;
    std::int64_t each = 0;           ///< what an instance counts of the amount
    std::string place;               ///< a Region, or a zone
  };
  std::vector<Pool> pools;           ///< those of a place one after another
};

/// What a volume costs while it is as it is: so many units for a month.
struct VolumeCharge {
  std::string resource;
  std::string unit;
  std::int64_t units = 0;
  Usd per_month;
  Time from, to;
};
/// What is paid by the hour, such as fast restore of a snapshot.
struct HourlyCharge {
  std::string resource, unit;
  UsdPerHour price;
};
/// What is paid for an amount of data, such as initializing a volume at a paid rate.
struct OnceCharge {
  std::string resource;
  DataVolume data;
  UsdPerGb price;
};
/// One instance with volumes under load.
struct StoragePlan {
  StorageMachineConfig config;
  std::vector<std::shared_ptr<const DemandConfig>> demands;  ///< by load; null for a closed loop and for work
  std::string region, zone;
  std::string instance_type;
  int vcpus = 1;
  InstancePrice price;
  std::vector<std::optional<UsdPerHour>> plan_rates;  ///< by commitment: a Savings Plan's, where it covers the instance
  OperatingSystem operating_system = OperatingSystem::linux;
  std::vector<VolumeCharge> charges;
  std::vector<HourlyCharge> hourly;  ///< from the start to the horizon
  std::vector<OnceCharge> once;      ///< at the start
};

/// A load of a machine, by their orders in the scenario.
struct MachineLoad {
  std::size_t machine = 0, load = 0;
};

/// Protected data, with every name looked up.
struct ProtectionPlan {
  DataReplicationConfig config;
  /// By store: the demand that writes to it.
  struct Follow {
    std::optional<std::size_t> demand;
    Bytes bytes_per_request;
  };
  std::vector<Follow> follows;
  std::vector<std::optional<MachineLoad>> agents;     ///< by replica: what its agent is; empty without one
  std::vector<std::optional<MachineLoad>> snapshots;  ///< by store: what its snapshots are; empty where none are read on a machine
  ProtectionPrices prices;
  /// By SiteId: what the scenario says, or the catalogue.
  struct SitePrices {
    Usd snapshot_gib_month, archive_gib_month, volume_gib_month;
    UsdPerHour fast_restore;
  };
  std::vector<SitePrices> site_prices;
  std::vector<std::optional<UsdPerHour>> database_hour, replica_hour;  ///< by store, by replica; empty: not charged
};

}  // namespace scenario

struct ScenarioData {
  std::string name;
  std::string description;
  scenario::RunSettings run;
  TopologyConfig topology;
  std::vector<DemandConfig> demands;
  SpotMarketConfig spot_market;
  SpotMarketConfig placement_market;  ///< of which only placement scores ask
  std::vector<scenario::PlacementQuestion> placement_questions;
  BillingConfig billing;
  std::vector<CommitmentConfig> commitments;
  std::vector<scenario::FleetPlan> fleets;
  std::vector<scenario::StoragePlan> storages;
  StorageSettings storage;  ///< what the plans were made from
  CatalogConfig catalog;
  std::optional<scenario::ProtectionPlan> protection;
  scenario::DisasterData disasters;
  std::vector<scenario::Objective> objectives;
};

}  // namespace fleetsim
