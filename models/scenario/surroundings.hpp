#pragma once
/// Answers a plan's questions about the world from the timelines of faults.

#include <vector>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/faults.hpp"
#include "fleetsim/models/recovery/ports.hpp"
#include "fleetsim/models/topology.hpp"

namespace fleetsim::scenario {

/// The faults of the run, and those of a branch beside them.
class FaultSurroundings final : public Surroundings, public BranchLinks {
 public:
  FaultSurroundings(const Topology& topology, std::vector<const FaultTimeline*> timelines)
      : topology_(topology), timelines_(std::move(timelines)) {}

  bool up(const Place& place, Time at) const override;
  bool destroyed(const Place& place, std::string_view resource, Time from, Time at) const override;
  bool control_plane_up(SiteId site, Time at) const override;
  bool has_capacity(const Place& place, std::string_view instance_type, Time at) const override;
  std::optional<Time> next_strike(Time at) const override;
  std::optional<Time> back(const Place& place, Time at) const override;

  Ratio left(SiteId from, SiteId to, Time at) const override;
  std::optional<Time> next_change(Time at) const override;

  /// When anything next begins or ends that stops a place or a link.
  std::optional<Time> next_change_of_contact(Time at) const;

  /// Since when the place is gone for good; empty: it is not.
  std::optional<Time> gone_since(const Place& place) const;
  /// Zones that a zone fault strikes at the instant.
  std::vector<ZoneId> zones_down(Time at) const;
  /// Faults that begin at the instant or later, in order.
  struct Beginning {
    Time at;
    const FaultConfig* fault;
  };
  std::vector<Beginning> after(Time at) const;

  FaultPlace place_of(const Place& place, std::string_view resource = {}) const;

 private:
  std::optional<Time> next_change_of(Time at, auto kinds) const;
  template <class Visit>
  bool any_active(Time at, Visit visit) const;

  const Topology& topology_;
  std::vector<const FaultTimeline*> timelines_;
};

}  // namespace fleetsim::scenario
