#pragma once
/// What is due to the snapshots and copies of some stores, in the order of time; of one instant, in the order in which it
/// became known.
///
/// Stores share a timeline if a set holds them. Where nothing outside of it can change when its snapshots and copies end,
/// and they change nothing outside (no machine, no shared link, no limit that others fill), the timeline is `own`: its steps
/// are no events of the simulation, but are made up for when somebody looks. That is at each firing of a policy, fault
/// and question, so that a run is what it would be with an event for each.

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "fleetsim/units.hpp"

namespace fleetsim {

struct SnapshotEnded {
  static constexpr std::string_view name = "data_replication.snapshot_ended";
  std::uint32_t series;
  std::uint32_t point;
};
struct PointExpired {
  static constexpr std::string_view name = "data_replication.point_expired";
  std::uint32_t series;
  std::uint32_t place;
};
struct CopyEnded { static constexpr std::string_view name = "data_replication.copy_ended"; std::uint32_t lane; };

struct Timeline {
  struct Step {
    Time at;
    std::variant<SnapshotEnded, PointExpired, CopyEnded> event;
  };
  bool own = false;
  std::vector<Step> steps;  ///< the next one last

  bool due(Time until) const { return !steps.empty() && steps.back().at <= until; }
  template <class Event>
  void add(Time at, const Event& event) {
    auto place = steps.end();
    while (place != steps.begin() && (place - 1)->at <= at) --place;
    steps.insert(place, Step{at, event});
  }
  void forget_copy(std::uint32_t lane) {
    std::erase_if(steps, [lane](const Step& step) {
      const auto* const copy = std::get_if<CopyEnded>(&step.event);
      return copy != nullptr && copy->lane == lane;
    });
  }
};

}  // namespace fleetsim
