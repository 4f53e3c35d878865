// Votes over time: who is in contact with whom, which side has more than half, and when votes are given anew.

#include <algorithm>
#include <utility>

#include "fleetsim/models/cluster.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

ClusterCourse::ClusterCourse(const FailoverClusterConfig& config, const ClusterContacts& contacts, ChooseVote choose, Time from)
    : config_(&config), contacts_(&contacts), choose_(std::move(choose)) {
  ClusterState state;
  state.since = from;
  state.votes.assign(config.nodes.size(), true);
  state.members.assign(config.nodes.size(), true);
  state.witness_votes = config.witness.has_value();
  state.quorum = true;
  if (config.dynamic_quorum) give_votes(state);
  look_around(state);
  if (votes_are_old(state)) state.given_anew_at = from + config.votes_recomputed_after;
  states_.push_back(std::move(state));
}

ClusterCourse::ClusterCourse(ClusterCourse& before, const ClusterContacts& contacts, ChooseVote choose, Time at)
    : config_(before.config_), contacts_(&contacts), choose_(std::move(choose)) {
  const Time last = std::max(before.states_.front().since, at - Duration::of(1));
  states_.push_back(before.at(last));
  states_.back().since = last;
  extend(at);
}

void ClusterCourse::move_owner(std::size_t node, Time at) {
  extend(at);
  while (states_.back().since > at) states_.pop_back();
  ClusterState state = states_.back();
  if (!state.quorum || !state.members[node]) return;
  state.since = at;
  state.owner = node;
  states_.push_back(std::move(state));
}

const ClusterState& ClusterCourse::at(Time at) {
  invariant(at >= states_.front().since, "a cluster is not asked for what was before its beginning");
  extend(at);
  const auto next = std::upper_bound(states_.begin(), states_.end(), at,
                                     [](Time t, const ClusterState& state) { return t < state.since; });
  return *(next - 1);
}

std::optional<Time> ClusterCourse::next_change(Time at) {
  extend(at);
  const auto next = std::upper_bound(states_.begin(), states_.end(), at,
                                     [](Time t, const ClusterState& state) { return t < state.since; });
  return next != states_.end() ? std::optional(next->since) : next_event();
}

std::optional<Time> ClusterCourse::next_event() const {
  const std::optional<Time> contact = contacts_->next_change(states_.back().since);
  const std::optional<Time>& given = states_.back().given_anew_at;
  return !given ? contact : contact ? std::min(*contact, *given) : given;
}

void ClusterCourse::extend(Time at) {
  for (std::optional<Time> next = next_event(); next && *next <= at; next = next_event()) {
    const ClusterState& before = states_.back();
    ClusterState state = before;
    state.since = *next;
    look_around(state);
    if (!votes_are_old(state)) {
      state.given_anew_at.reset();
    } else if (state.members != before.members || !before.quorum || witness_reached(state) != witness_reached(before)) {
      // Of one instant what is lost comes first: votes are not given to what has just gone.
      state.given_anew_at = *next + config_->votes_recomputed_after;
    } else if (state.given_anew_at == next) {
      state.given_anew_at.reset();
      give_votes(state);
      look_around(state);
    }
    states_.push_back(std::move(state));
  }
}

/// Whether votes were given to others than are there now.
bool ClusterCourse::votes_are_old(const ClusterState& state) const {
  return config_->dynamic_quorum && state.quorum &&
         (state.members != state.given_to || witness_reached(state) != state.given_with_witness);
}

bool ClusterCourse::witness_reached(const ClusterState& state) const {
  if (!config_->witness) return false;
  for (std::size_t n = 0; n < state.members.size(); ++n) {
    if (state.members[n] && contacts_->reaches_witness(n, state.since)) return true;
  }
  return false;
}

/// Who is left of whom, with the votes as they were given.
void ClusterCourse::look_around(ClusterState& state) const {
  const std::size_t count = config_->nodes.size();
  const Time at = state.since;
  state.votes_all = std::count(state.votes.begin(), state.votes.end(), true) + (state.witness_votes ? 1 : 0);
  std::vector<bool> best(count);
  std::int64_t most = -1;
  for (std::size_t first = 0; first < count; ++first) {
    if (!contacts_->up(first, at)) continue;
    // All that are in contact with each other, from this node on.
    std::vector<std::size_t> side{first};
    for (std::size_t n = 0; n < count; ++n) {
      if (n == first || !contacts_->up(n, at)) continue;
      const auto reaches = [&](std::size_t other) { return contacts_->in_contact(n, other, at); };
      if (std::all_of(side.begin(), side.end(), reaches)) side.push_back(n);
    }
    std::int64_t votes = std::count_if(side.begin(), side.end(), [&](std::size_t n) { return bool(state.votes[n]); });
    const bool witness = std::any_of(side.begin(), side.end(), [&](std::size_t n) { return contacts_->reaches_witness(n, at); });
    if (witness && state.witness_votes) ++votes;
    // Of two sides with as many votes, which only a witness that both reach can give, that of the owner keeps it.
    const bool owns = std::find(side.begin(), side.end(), state.owner) != side.end();
    if (votes < most || (votes == most && !(owns && !best[state.owner]))) continue;
    most = votes;
    best.assign(count, false);
    for (const std::size_t n : side) best[n] = true;
  }
  state.votes_left = std::max<std::int64_t>(most, 0);
  state.quorum = 2 * state.votes_left > state.votes_all;
  state.members = std::move(best);
  if (state.quorum && !state.members[state.owner]) {
    state.owner = static_cast<std::size_t>(std::find(state.members.begin(), state.members.end(), true) - state.members.begin());
  }
}

/// Each member gets a vote; the witness, or the lack of one member's, makes their number odd.
void ClusterCourse::give_votes(ClusterState& state) {
  state.votes = state.members;
  const auto nodes = static_cast<std::size_t>(std::count(state.members.begin(), state.members.end(), true));
  const bool reached = witness_reached(state);
  state.given_to = state.members;
  state.given_with_witness = reached;
  if (config_->witness && !config_->dynamic_witness) {
    state.witness_votes = true;
    return;
  }
  state.witness_votes = reached && nodes % 2 == 0;
  if (state.witness_votes || nodes % 2 != 0) return;
  std::vector<std::size_t> members;
  for (std::size_t n = 0; n < state.members.size(); ++n) {
    if (!state.members[n]) continue;
    members.push_back(n);
    if (config_->low_priority && config_->nodes[n].value == config_->low_priority->value) {
      state.votes[n] = false;
      return;
    }
  }
  state.votes[members[choose_(members.size())]] = false;
}

}  // namespace fleetsim
