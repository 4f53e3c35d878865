/// Which stores have a timeline of their own, and its steps.

#include "models/data_replication/timeline.hpp"

#include <algorithm>
#include <numeric>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

/// One for each group of stores that sets connect.
void Engine::find_timelines() {
  std::vector<std::uint32_t> first(stores_.size());
  std::iota(first.begin(), first.end(), 0U);
  const auto first_of = [&](std::uint32_t store) {
    while (first[store] != store) store = first[store];
    return store;
  };
  for (const Series& series : series_) {
    const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
    for (const std::uint32_t s : members) {
      const std::uint32_t a = first_of(members.front()), b = first_of(s);
      first[std::max(a, b)] = std::min(a, b);
    }
  }
  for (std::uint32_t s = 0; s < stores_.size(); ++s) {
    stores_[s].timeline = first[s] == s ? static_cast<std::uint32_t>(timelines_.size()) : stores_[first_of(s)].timeline;
    if (first[s] == s) timelines_.emplace_back();
  }
  for (Series& series : series_) series.timeline = stores_[config_.data[series.data.index].stores.front()].timeline;
  for (Lane& lane : lanes_) lane.timeline = stores_[lane.store].timeline;
}

/// Those that nothing else is concerned with: their stores are on no machine, their copies share no line and no quota, and the
/// lanes to a site are no more than the copies that it takes at once. Failures are drawn in the order in which the snapshots
/// of a policy end, so all that it protects would have to be looked at together.
void Engine::find_own_timelines() {
  for (Timeline& timeline : timelines_) timeline.own = true;
  for (const Store& store : stores_) {
    if (store.host != nullptr) timelines_[store.timeline].own = false;
  }
  for (const Series& series : series_) {
    const PolicyConfig& policy = config_.policies[series.policy];
    const bool timed = std::any_of(policy.copies.begin(), policy.copies.end(),
                                   [](const CopyConfig& copy) { return copy.complete_within.has_value(); });
    if (timed || (policy.failure.value > 0 && policy.protects.size() > 1)) timelines_[series.timeline].own = false;
  }
  std::vector<std::int64_t> lanes_to(destinations_.size());
  for (const Lane& lane : lanes_) ++lanes_to[lane.to.index];
  for (const Lane& lane : lanes_) {
    if (links_.shared(lane.flow) || lanes_to[lane.to.index] > config_.copies_max) timelines_[lane.timeline].own = false;
  }
}

void Engine::catch_up(std::uint32_t id, Time until) {
  Timeline& timeline = timelines_[id];
  while (timeline.due(until)) {
    const Timeline::Step step = timeline.steps.back();
    timeline.steps.pop_back();
    step_ = step.at;
    std::visit([this](const auto& event) { on(event); }, step.event);
  }
  step_.reset();
}

void Engine::catch_up(Time until) {
  for (std::uint32_t t = 0; t < timelines_.size(); ++t) catch_up(t, until);
}

}  // namespace fleetsim
