#pragma once
/// What fails, when, and for how long: zones, Regions, accounts, volumes, links, control planes, capacity, Spot markets,
/// and failures that no check sees.
///
/// Truth:      faults come from outside: no draw of theirs depends on what a fleet or a plan does, so that every variant
///             of a scenario meets the same disasters.
/// Leaves out: a fault that another one causes with a probability that depends on load.
/// Source:     docs/models/faults.md names those of the incidents that ship.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

enum class FaultKind : std::uint8_t {
  zone,               ///< all in a zone stops; what it holds is kept, unless the fault has no end
  region,             ///< the same of a Region
  account,            ///< somebody with the rights of an account deletes what that can: points and instances
  volume,             ///< the data of one volume or database is lost where it lives
  link,               ///< between two Regions: `share` of the bandwidth is left
  control_plane,      ///< of a Region: no launches, no restores; what runs goes on
  capacity_shortage,  ///< of Regions: each instance type is short with the probability `share`, drawn for each fault
  grey,               ///< of zones or Regions: it fails for users, health checks stay green
  spot_drought,       ///< of zones or Regions: Spot pools close, `share` of their instances is taken back
};
std::string_view to_name(FaultKind kind);

/// Recorded incidents, at the times of the calendar; each row that matches is one fault.
struct IncidentReplay {
  std::vector<std::string> regions, services, kinds, scopes;  ///< empty: any
  /// Of the rows that match and lie in the run.
  struct Incident {
    Time begin;
    std::optional<Duration> duration;
  };
  std::vector<Incident> incidents;
};

/// A fault that follows this one: a shared cause, or a second strike.
struct BroughtFault {
  config::Located<std::string> fault;
  Ratio probability{1};
  DurationDistribution after;  ///< from the beginning of this one
};

struct FaultConfig {
  config::Located<std::string> name;
  FaultKind kind = FaultKind::region;
  std::vector<config::Located<std::string>> regions, zones, accounts, resources, instance_types;
  std::vector<Duration> at;                            ///< since the start of the run
  std::optional<DurationDistribution> every;           ///< from the beginning of one to that of the next
  std::optional<IncidentReplay> replay;
  std::int64_t what_if = 0;                            ///< instants, each a branch of its own from the same history
  std::optional<DurationDistribution> duration;        ///< empty: it never ends
  Ratio share{1};                                      ///< as the kind says
  std::vector<BroughtFault> brings;
  // Resolved by whoever knows the places:
  std::vector<RegionId> region_ids;
  std::vector<ZoneId> zone_ids;
};
/// Reads `faults` of the scenario. `run_start` and `run_length` place recorded incidents. Errors: a fault without a
/// place, or without a time unless another brings it; faults that bring each other in a circle.
std::vector<FaultConfig> read_faults(config::Section& scenario, config::UtcTime run_start, Duration run_length);

/// One fault as it happens.
struct Fault {
  std::size_t config = 0;      ///< its row
  std::uint64_t number = 0;    ///< among those of its row in the timeline
  Time begin;
  Time end = Time::max();      ///< Time::max(): never
  bool active(Time at) const { return begin <= at && at < end; }
};

/// The faults of one replication, or of one branch of it, in the order of their beginnings. Immutable once drawn.
class FaultTimeline {
 public:
  /// Those that happen in the run itself. Streams are named "faults/<fault>/…".
  static FaultTimeline of_run(const std::vector<FaultConfig>& configs, const Simulation& sim, Duration run_length);
  /// Branch number `branch` of a fault with what-if instants: this fault at its instant, and what it brings.
  /// Instants are drawn uniformly from `from` to `to`.
  static FaultTimeline of_branch(const std::vector<FaultConfig>& configs, std::size_t fault, std::uint64_t branch,
                                 Time instant, std::uint64_t seed, std::uint64_t replication);
  /// The instants of the branches of a fault, in the order in which they were drawn.
  static std::vector<Time> instants(const FaultConfig& config, const Simulation& sim, Time from, Time to);

  const std::vector<Fault>& faults() const { return faults_; }
  const std::vector<FaultConfig>& configs() const { return *configs_; }
  const FaultConfig& config(const Fault& fault) const { return (*configs_)[fault.config]; }
  /// Whether the type is short of capacity for as long as the fault lasts: drawn once for each type.
  bool short_of(const Fault& fault, std::string_view instance_type) const;

 private:
  FaultTimeline(const std::vector<FaultConfig>& configs, std::uint64_t seed, std::uint64_t replication, std::string prefix)
      : configs_(&configs), seed_(seed), replication_(replication), prefix_(std::move(prefix)) {}
  void add(std::size_t config, Time begin, std::optional<Duration> duration, std::uint64_t number);
  void sort();

  const std::vector<FaultConfig>* configs_;
  std::uint64_t seed_, replication_;
  std::string prefix_;
  std::vector<Fault> faults_;
};

/// A place of which one asks whether it is struck. What is empty is not in any of its kind.
struct FaultPlace {
  std::optional<RegionId> region;
  std::optional<ZoneId> zone;
  std::string_view account;
  std::string_view resource;
};
/// Whether a fault of this row strikes what is at the place: a Region all its zones, a zone only what lies in it.
bool strikes(const FaultConfig& config, const FaultPlace& place);
/// Whether such a fault makes what it strikes unavailable: zone, region, account, volume, grey.
bool stops_service(FaultKind kind);

/// Port: whoever faults of the run happen to.
struct FaultListener {
  virtual ~FaultListener() = default;
  virtual void fault_began(const Fault& fault) = 0;
  virtual void fault_ended(const Fault& fault) = 0;
};

/// A fault is due; it strikes when all that was due at the instant has happened, such as the end of a copy.
struct FaultDue { static constexpr std::string_view name = "faults.due"; std::uint32_t fault; };
struct FaultBegan { static constexpr std::string_view name = "faults.began"; std::uint32_t fault; };
struct FaultEnded { static constexpr std::string_view name = "faults.ended"; std::uint32_t fault; };

/// Makes the faults of a timeline happen in a run.
class Faults : public EventHandler<Faults, FaultDue, FaultBegan, FaultEnded> {
 public:
  Faults(Simulation& sim, FaultTimeline timeline, FaultListener& listener);
  void start();
  const FaultTimeline& timeline() const { return timeline_; }
  void on(const FaultDue&);
  void on(const FaultBegan&);
  void on(const FaultEnded&);

 private:
  Simulation& sim_;
  const FaultTimeline timeline_;
  FaultListener& listener_;
};

}  // namespace fleetsim
