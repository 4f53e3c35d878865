#pragma once
/// Regions, their Availability Zones and the links between zones: what a gigabyte costs on its way and how long a
/// question waits for its answer.
///
/// Truth:      inside a zone data moves for nothing; between two zones of a Region each side pays its own price [1],
///             so a gigabyte that crosses costs the sum; a round trip takes the same time in both directions.
/// Leaves out: links between Regions, Local Zones, bandwidth, VPCs; see docs/models/topology.md.
/// Source:     [1] us-east-1, 0.01 USD/GB out and 0.01 USD/GB in:
///             lastweekinaws.com/blog/aws-cross-az-data-transfer-costs-more-than-aws-says; [2] 0.25 to 3.4 ms,
///             typically 0.5 to 1.5 ms: xkyle.com/Measuring-AWS-Region-and-AZ-Latency.

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

struct TopologyConfig {
  std::vector<RegionConfig> regions;
};

/// Reads `regions` of the scenario. Errors: no zone, a zone that does not belong to its Region or is named twice, a
/// link that is not between two different zones of the Region or is given twice.
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

 private:
  struct Map;
  std::unique_ptr<const Map> map_;
};

}  // namespace fleetsim
