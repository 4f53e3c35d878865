#pragma once
/// Regions, their Availability Zones and the links between them: what a gigabyte costs on its way, how many fit through a
/// second, and how long a question waits for its answer; accounts, and the sites that are a Region in an account.
///
/// Truth:      inside a zone data moves for nothing; between two zones of a Region each side pays its own price [1],
///             so a gigabyte that crosses costs the sum; a round trip takes the same time in both directions.
/// Leaves out: Local Zones, bandwidth between zones, VPCs; see docs/models/topology.md.
/// Source:     [1] us-east-1, 0.01 USD/GB out and 0.01 USD/GB in:
///             lastweekinaws.com/blog/aws-cross-az-data-transfer-costs-more-than-aws-says; [2] 0.25 to 3.4 ms,
///             typically 0.5 to 1.5 ms: xkyle.com/Measuring-AWS-Region-and-AZ-Latency; [3] Amazon EC2 on-demand pricing, data
///             transfer from us-east-1 to other Regions: 0.02 USD/GB, 0.01 USD/GB to us-east-2; nothing for what arrives.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Far above any price there is, and small enough for exact sums.
inline constexpr UsdPerGb transfer_price_max = usd_per_gb(1000);

/// What differs between one pair of zones and the rest of their Region.
struct ZoneLinkConfig {
  std::vector<config::Located<std::string>> between;  ///< two zones of the Region
  std::optional<UsdPerGb> transfer;                   ///< paid by each side; the Region's if empty
  std::optional<Duration> round_trip;                 ///< the Region's if empty
};

struct RegionConfig {
  config::Located<std::string> name;
  std::vector<config::Located<std::string>> zones;  ///< at least one; each is the Region's name and a letter
  UsdPerGb cross_zone_transfer = 0.01_usd_per_gb;   ///< paid by the sending and again by the receiving side [1]
  Duration cross_zone_round_trip = 1_ms;            ///< network time of a question and its answer [2]
  std::vector<ZoneLinkConfig> links;
};

/// Two Regions and what lies between them, the same in both directions.
struct RegionLinkConfig {
  std::vector<config::Located<std::string>> between;  ///< two Regions of the scenario
  std::optional<BytesPerSecond> bandwidth;            ///< each direction; empty: never full
  Duration round_trip = 70_ms;                        ///< our choice: 12 ms between neighbours, 70 to 200 ms over an ocean
  UsdPerGb transfer = 0.02_usd_per_gb;                ///< paid by the sending side [3]
};

struct TopologyConfig {
  std::vector<RegionConfig> regions;
  std::vector<RegionLinkConfig> region_links;         ///< pairs without one have the defaults
  std::vector<std::string> accounts = {"main"};       ///< AWS accounts; what names none is in the first
};

/// Reads `regions`, `region_links` and `accounts` of the scenario. Errors: no zone, a zone that does not belong to its Region
/// or is named twice, a link that is not between two different zones of the Region, or two Regions, or is given twice.
TopologyConfig read_topology(config::Section& scenario);

/// Immutable once built. Ids follow the order of the file: Regions, and zones within them.
class Topology {
 public:
  /// Requires: `config` has passed `read_topology` without errors.
  explicit Topology(const TopologyConfig& config);
  ~Topology();
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;

  std::size_t region_count() const;
  std::size_t zone_count() const;
  /// Empty if there is no such Region or zone.
  std::optional<RegionId> region(std::string_view name) const;
  std::optional<ZoneId> zone(std::string_view name) const;
  const std::string& name(RegionId region) const;
  const std::string& name(ZoneId zone) const;
  RegionId region_of(ZoneId zone) const;
  const std::vector<ZoneId>& zones_of(RegionId region) const;
  /// For an error's help.
  std::vector<std::string> region_names() const;
  std::vector<std::string> zone_names(RegionId region) const;

  /// Price of moving data from one zone to another: the part that the sender pays, the part that the receiver pays,
  /// and their sum. Zero within a zone. Requires: both zones lie in one Region.
  UsdPerGb transfer_price_out(ZoneId from, ZoneId to) const;
  UsdPerGb transfer_price_in(ZoneId from, ZoneId to) const;
  UsdPerGb transfer_price(ZoneId from, ZoneId to) const {
    return transfer_price_out(from, to) + transfer_price_in(from, to);
  }
  /// Network time of a question and its answer. Zero within a zone. Requires: both zones lie in one Region.
  Duration round_trip(ZoneId from, ZoneId to) const;

  /// Between two different Regions, in either direction.
  std::optional<BytesPerSecond> bandwidth(RegionId from, RegionId to) const;
  UsdPerGb transfer_price(RegionId from, RegionId to) const;
  Duration round_trip(RegionId from, RegionId to) const;

  /// Accounts in the order of the file; sites are all Regions of the first account, then those of the next.
  const std::vector<std::string>& accounts() const;
  std::size_t site_count() const;
  SiteId site(RegionId region, std::size_t account) const;
  /// Without an account the first; empty if one of the names names nothing.
  std::optional<SiteId> site(std::string_view region, std::string_view account = {}) const;
  RegionId region_of(SiteId site) const;
  std::size_t account_of(SiteId site) const;
  /// "us-west-2" in the first account, "vault/us-west-2" in another.
  std::string name(SiteId site) const;

 private:
  struct Map;
  std::unique_ptr<const Map> map_;
};

}  // namespace fleetsim
