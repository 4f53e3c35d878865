#pragma once
/// What a plan in execution asks of the world: the data that survives, and what is up when.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fleetsim/divergence.hpp"
#include "fleetsim/ids.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Where something is. A zone names its Region too, which `site` must agree with.
struct Place {
  SiteId site;
  std::optional<ZoneId> zone;
};

/// The newest data that can be used at a site.
struct UsablePoint {
  Time point;
  Bytes restored;  ///< written blocks, to be loaded after a restore
  Bytes lost;      ///< written after the point
  Duration retrieval = {};  ///< before a restore can begin: from an archive
  std::optional<Time> fast_from = {};  ///< a volume made from then on has all blocks from the start, in the first `fast_zones`
  std::int64_t fast_zones = 0;         ///< of the target's zones
};

/// Port: the recovery points of what is protected, for any instant up to the clock.
struct RecoveryPoints {
  virtual ~RecoveryPoints() = default;
  /// Usable at the site at `at`, whether or not the site is up, with no data later than `not_after`; empty if there is none.
  virtual std::optional<UsablePoint> newest(DataId data, SiteId site, Time at, Time not_after) const = 0;
};

/// Port: replication in reverse, which shares its way with whatever else moves there.
struct WayBack {
  virtual ~WayBack() = default;
  /// Sends all that was written (`full`), or the blocks in which the two sides differ, no faster than `most`, while writing goes on.
  /// Returns how much that is now. When it is in sync whoever asked is told; with writes as fast as the way it never is.
  virtual Bytes send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& since, BytesPerSecond most) = 0;
};

/// Port: what faults have done to the world. Pure functions of the instant: faults do not depend on the plan.
struct Surroundings {
  virtual ~Surroundings() = default;
  /// Neither its zone, its Region nor its account is struck at the instant.
  virtual bool up(const Place& place, Time at) const = 0;
  /// What was kept there just before `from` is gone for good at `at`: since then its account was compromised or its volume
  /// lost, or its site is lost for ever.
  virtual bool destroyed(const Place& place, std::string_view resource, Time from, Time at) const = 0;
  virtual bool control_plane_up(SiteId site, Time at) const = 0;
  /// Whether a launch of instances of the type, few or many, finds capacity.
  virtual bool has_capacity(const Place& place, std::string_view instance_type, Time at) const = 0;
  /// The first instant after `at` at which something is struck; empty if there is none.
  virtual std::optional<Time> next_strike(Time at) const = 0;
  /// When the place, struck by a disaster at `at`, is back; empty: never.
  virtual std::optional<Time> back(const Place& place, Time at) const = 0;
};

/// A failover cluster at an instant, as losses alone make it: nobody has forced its quorum.
struct ClusterLook {
  bool quorum = false;
  std::int64_t votes_left = 0, votes_all = 0;  ///< of the side that runs, or has most; given
  std::size_t owner = 0;                       ///< the node where the application runs; without quorum where it did
};

/// Port: failover clusters, by their rows in the scenario. Pure functions of the instant.
struct Clusters {
  virtual ~Clusters() = default;
  virtual ClusterLook look(std::size_t cluster, Time at) const = 0;
  /// The first instant after `at` at which that may change; empty if there is none.
  virtual std::optional<Time> next_change(std::size_t cluster, Time at) const = 0;
  virtual std::string_view name(std::size_t cluster) const = 0;
  virtual std::size_t node_count(std::size_t cluster) const = 0;
  virtual std::string_view node_name(std::size_t cluster, std::size_t node) const = 0;
  virtual Place node_place(std::size_t cluster, std::size_t node) const = 0;
  /// Until the application runs on another node: noticing that `lost` is gone, agreeing, starting; without `lost` the start
  /// alone.
  virtual Duration takeover(std::size_t cluster, std::optional<std::size_t> lost, Time at, Stream& stream) const = 0;
};

}  // namespace fleetsim
