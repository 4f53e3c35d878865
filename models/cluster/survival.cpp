// What losses leave of a cluster, for all nodes whose vote may go at once.

#include <algorithm>
#include <map>
#include <tuple>

#include "fleetsim/models/cluster.hpp"

namespace fleetsim {

namespace {

/// One set of losses a day.
class DailyLosses final : public ClusterContacts {
 public:
  explicit DailyLosses(const std::vector<ClusterLoss>& losses, bool witness) : losses_(losses), witness_(witness) {}
  bool up(std::size_t node, Time at) const override {
    return !lost(at, [&](const ClusterLoss& loss) { return std::find(loss.nodes.begin(), loss.nodes.end(), node) != loss.nodes.end(); });
  }
  bool in_contact(std::size_t, std::size_t, Time) const override { return true; }
  bool reaches_witness(std::size_t, Time at) const override {
    return witness_ && !lost(at, [](const ClusterLoss& loss) { return loss.witness; });
  }
  std::optional<Time> next_change(Time at) const override {
    for (std::size_t l = 0; l < losses_.size(); ++l) {
      if (instant(l) > at) return instant(l);
    }
    return std::nullopt;
  }
  static Time instant(std::size_t loss) { return Time{} + 2_d * static_cast<std::int64_t>(loss + 1); }

 private:
  bool lost(Time at, auto which) const {
    for (std::size_t l = 0; l < losses_.size(); ++l) {
      if (instant(l) <= at && which(losses_[l])) return true;
    }
    return false;
  }
  const std::vector<ClusterLoss>& losses_;
  const bool witness_;
};

}  // namespace

/// Each choice of a vote with all its outcomes. What follows from a state is worked out once: at any time no more states differ
/// than there are nodes whose vote may have gone.
class SurvivalTree {
 public:
  SurvivalTree(const FailoverClusterConfig& config, const ClusterContacts& contacts, Time at)
      : config_(config), contacts_(contacts), at_(at) {}

  ClusterSurvival all() {
    return over_choices([&](const ChooseVote& choose) {
      ClusterCourse course(config_, contacts_, choose, Time{});
      return after(course.states_.back());
    }).survival;
  }

 private:
  struct Found {
    ClusterSurvival survival;
    bool owners_differ = false;
  };
  using Key = std::tuple<Time, std::vector<bool>, std::vector<bool>, std::vector<bool>, std::size_t, bool, bool, bool,
                         std::optional<Time>>;

  /// Averages what `follow` gives for each outcome of the one choice that it may ask for.
  template <class Follow>
  Found over_choices(Follow follow) {
    std::size_t outcomes = 1;
    Found sum;
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      add(sum, follow([&](std::size_t count) {
            outcomes = count;
            return outcome;
          }), outcome == 0);
    }
    sum.survival.probability /= static_cast<double>(outcomes);
    return sum;
  }

  static void add(Found& sum, const Found& one, bool first) {
    // Least is left where most is missing to half of the votes.
    const auto over_half = [](const ClusterSurvival& s) { return 2 * s.votes_left - s.votes_all; };
    if (first) {
      sum = one;
      return;
    }
    ClusterSurvival& survival = sum.survival;
    survival.probability += one.survival.probability;
    if (over_half(one.survival) < over_half(survival)) {
      survival.votes_left = one.survival.votes_left;
      survival.votes_all = one.survival.votes_all;
    }
    const bool differ = survival.owner && one.survival.owner && *survival.owner != *one.survival.owner;
    sum.owners_differ = sum.owners_differ || one.owners_differ || differ;
    if (!survival.owner) survival.owner = one.survival.owner;
    if (sum.owners_differ) survival.owner.reset();
  }

  Found after(const ClusterState& state) {
    const Key key{state.since, state.votes, state.members, state.given_to, state.owner, state.witness_votes,
                  state.given_with_witness, state.quorum, state.given_anew_at};
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    const ClusterCourse here(config_, contacts_, {}, state);
    const std::optional<Time> next = here.next_event();
    Found found;
    if (!next || *next > at_) {
      found.survival = {.probability = state.quorum ? 1.0 : 0.0, .votes_left = state.votes_left, .votes_all = state.votes_all,
                        .owner = state.quorum ? std::optional(state.owner) : std::nullopt};
    } else {
      found = over_choices([&](const ChooseVote& choose) {
        ClusterCourse course(config_, contacts_, choose, state);
        course.extend(*next);
        return after(course.states_.back());
      });
    }
    known_.emplace(key, found);
    return found;
  }

  const FailoverClusterConfig& config_;
  const ClusterContacts& contacts_;
  const Time at_;
  std::map<Key, Found> known_;
};

ClusterSurvival survival(const FailoverClusterConfig& config, const ClusterContacts& contacts, Time at) {
  return SurvivalTree(config, contacts, at).all();
}

ClusterSurvival survival(const FailoverClusterConfig& config, const std::vector<ClusterLoss>& losses) {
  const DailyLosses contacts(losses, config.witness.has_value());
  return survival(config, contacts, losses.empty() ? Time{} : DailyLosses::instant(losses.size() - 1));
}

}  // namespace fleetsim
