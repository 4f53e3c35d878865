#pragma once
/// EC2 instance types with their limits, and what they cost where: the tables built into the program, with a
/// scenario's own rows over them.
///
/// Truth:      a type or price that is not known is empty, never zero; a scenario's row wins over the built-in one.
/// Leaves out: operating systems but Linux (a scenario can bring their prices), Savings Plans, payment upfront, taxes;
///             see docs/models/catalog.md.
/// Source:     scenarios/data/catalogue/README.md; docs/decisions/0006-catalogue-in-the-binary.md.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/catalog/energy.hpp"
#include "fleetsim/models/catalog/generations.hpp"
#include "fleetsim/models/catalog/licence.hpp"
#include "fleetsim/models/catalog/performance.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// CPU credits of a burstable type. One is a vCPU at 100 % for a minute.
struct CpuCredits {
  std::int64_t earned_per_hour = 0;  ///< in 10^-6 credits
  std::int64_t accrued_max = 0;      ///< in 10^-6 credits
  std::int64_t launch = 0;           ///< in 10^-6 credits, of an instance in standard mode
  bool unlimited_by_default = true;
  bool kept_when_stopped = true;
};

/// What an instance of a type can do. A limit that is empty is not published, or the user did not give it.
struct InstanceType {
  std::string name;
  std::int64_t vcpus = 0;                             ///< > 0
  Bytes memory;                                       ///< > 0
  std::string architecture;                           ///< x86_64 or arm64; may be empty for a user's own type
  double performance_factor = 1;                      ///< of one vCPU: requests it serves, against capacity_per_vcpu
  std::optional<BytesPerSecond> network_baseline;     ///< each direction, for as long as wanted
  std::optional<BytesPerSecond> network_burst;        ///< each direction, while credits last
  std::optional<BytesPerSecond> ebs_throughput_baseline;  ///< all volumes together, 128 KiB I/O
  std::optional<BytesPerSecond> ebs_throughput_max;
  std::optional<Iops> ebs_iops_baseline;              ///< all volumes together, 16 KiB I/O
  std::optional<Iops> ebs_iops_max;
  bool ebs_optimized = false;                         ///< volumes have bandwidth of their own, unless asked otherwise
  std::optional<std::int64_t> ebs_volumes_max;
  bool ebs_volumes_share_limit = false;               ///< with network interfaces and NVMe instance-store disks
  Bytes instance_store;                               ///< all disks together; 0: none
  std::optional<Iops> instance_store_read_iops;       ///< all disks together, random reads of 4 KiB
  std::optional<Iops> instance_store_write_iops;
  bool efa = false;                                   ///< takes an Elastic Fabric Adapter, as far as known
  bool nitro = true;                                  ///< the hypervisor, or bare metal; of a user's own type assumed
  bool burstable = false;                             ///< runs on CPU credits
  std::optional<CpuCredits> cpu_credits;              ///< of a burstable type
  bool current_generation = true;
  bool spot_supported = true;
};

/// Price and kind of an instance type that a scenario states itself. What is empty stays as the built-in table has it.
struct InstanceTypeRow {
  config::Located<std::string> name;
  std::optional<std::int64_t> vcpus;
  std::optional<Bytes> memory;
  std::optional<double> performance_factor;
  std::optional<UsdPerHour> on_demand;  ///< in every Region
  std::optional<UsdPerHour> reserved_1y;
  std::optional<UsdPerHour> reserved_3y;
  std::optional<config::UtcTime> offered_since;  ///< in every Region
  std::optional<bool> efa;
  std::optional<double> idle_watts, busy_watts;  ///< of a vCPU
};

/// (Region, instance type, operating system).
struct PriceKey {
  std::string region;
  std::string instance_type;
  std::string os = "linux";
  auto operator<=>(const PriceKey&) const = default;
};
struct Prices {
  std::optional<UsdPerHour> on_demand;
  std::optional<UsdPerHour> reserved_1y;  ///< Standard Reserved Instance, no upfront payment, effective price
  std::optional<UsdPerHour> reserved_3y;
};

/// What a volume type costs for a month in a Region; a price that a type does not have is zero.
struct VolumePrices {
  Usd per_gib;
  std::array<Usd, 3> per_iops{};  ///< provisioned: up to 32,000, from there to 64,000, above; gp3: above 3,000
  Usd per_mibps;                  ///< provisioned: gp3 above 125
};

/// What an instance costs with its operating system, in two parts.
struct InstancePrice {
  UsdPerHour instance;
  UsdPerHour licence;  ///< zero where the listed price includes it
};

/// What snapshots cost in a Region.
struct SnapshotPrices {
  Usd per_gib;              ///< of stored blocks, for a month
  UsdPerHour fast_restore;  ///< of a snapshot in a zone
};

struct CatalogConfig {
  std::map<std::string, InstanceTypeRow> instance_types;
  std::map<PriceKey, Prices> prices;  ///< from a price list of the user's; each row replaces the built-in one
  std::map<std::string, double> performance;    ///< factor of one vCPU by family; a type's own factor replaces it
  std::optional<EnergyConfig> energy;
  bool replace_previous_generation = false;     ///< launch what AWS names instead of types of old generations
  std::optional<UsdPerHour> surplus_credits;    ///< of a vCPU for an hour; empty: AWS's
  std::map<std::string, LicenceFees> licences;  ///< by operating system; each replaces AWS's
};

/// Reads `catalog` of the scenario. Errors: an instance type that is in no table and is not described whole.
CatalogConfig read_catalog(config::Section& scenario);

/// The tables and the scenario's rows as one. Nothing is parsed but the rows asked for.
class Catalog {
 public:
  explicit Catalog(CatalogConfig config = {});

  /// Empty if the type is in no table.
  std::optional<InstanceType> type(std::string_view name) const;
  /// Empty if the type is not priced there that way. Requires: purchase is not Spot, whose price is the market's.
  std::optional<UsdPerHour> price(const PriceKey& key, Purchase purchase) const;
  /// The listed price for the operating system where there is one, else that of Linux and the licence's fee beside it, so
  /// that a reservation takes nothing off the licence. Empty if neither is priced. Requires: as for price.
  std::optional<InstancePrice> price_with_licence(const PriceKey& key, Purchase purchase,
                                                  std::chrono::sys_days as_of) const;
  /// The fees in force: the scenario's, or AWS's at that date.
  LicenceFees licence_fees(OperatingSystem os, std::chrono::sys_days as_of) const;

  /// What surplus CPU credits cost, of a vCPU for an hour. Requires: the type is burstable.
  UsdPerHour surplus_credit_price(std::string_view instance_type, OperatingSystem os) const;

  /// Why the type cannot be launched there on that day: what is wrong, and how to mend it. Empty if it can, as far as known.
  struct Refusal {
    std::string problem, help;
  };
  std::optional<Refusal> refusal(std::string_view instance_type, std::string_view region, std::chrono::sys_days day) const;

  /// What a vCPU of the type draws; empty without `energy`, and for a type that is in no table.
  std::optional<PowerDraw> power(std::string_view instance_type) const;

  /// Of an Application Load Balancer; empty if the table does not have the Region.
  std::optional<UsdPerHour> load_balancer_price(std::string_view region) const;
  /// Empty if the volume type ("gp3", …) is not sold in the Region, or the table does not have the Region.
  std::optional<VolumePrices> volume_prices(std::string_view region, std::string_view volume_type) const;

  /// Empty if the table does not have the Region.
  std::optional<SnapshotPrices> snapshot_prices(std::string_view region) const;

  /// Every type, sorted by name.
  std::vector<std::string> type_names() const;
  /// Regions in which the built-in table or the user's list prices something, sorted.
  std::vector<std::string> regions() const;
  /// Whether anything has a price in the Region: in a table, in the user's list, or as a type with a price of its own.
  bool prices_in(std::string_view region) const;

  /// Help for "instance type '…' is not in the catalogue": the nearest name, or how to describe a type.
  std::string type_help(std::string_view name) const;
  /// Help for "… is not priced in …": a near Region's name, the Regions that price it, or how to state a price.
  std::string price_help(const PriceKey& key, Purchase purchase) const;

 private:
  CatalogConfig config_;
};

}  // namespace fleetsim
