#pragma once
/// A failover cluster: nodes and a witness that vote, and what is left of their votes when some are lost, one after the
/// other or at once, or when a link is cut.
///
/// Truth:      at most one side has more than half of all votes, so the application never runs twice; with dynamic quorum a
///             cluster of n nodes and a witness outlives n - 1 losses, if there is time between them.
/// Leaves out: see docs/models/cluster.md.
/// Source:     [1] Microsoft, Windows Server documentation, understand-quorum.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

enum class WitnessKind : std::uint8_t { file_share, cloud };
std::string_view to_name(WitnessKind kind);

/// Votes, and runs nothing.
struct WitnessConfig {
  WitnessKind kind = WitnessKind::file_share;
  std::optional<config::Located<std::string>> zone, region;  ///< at most one; of a cloud witness none: outside of all Regions
  config::Location where;
};

/// How nodes notice that one is lost: so many heartbeats in a row that did not come.
struct HeartbeatConfig {
  Duration same_subnet_delay = 1_s, cross_subnet_delay = 1_s;
  std::int64_t same_subnet_threshold = 10, cross_subnet_threshold = 20;
  Duration same_subnet() const { return same_subnet_delay * same_subnet_threshold; }
  Duration cross_subnet() const { return cross_subnet_delay * cross_subnet_threshold; }
};

struct FailoverClusterConfig {
  config::Located<std::string> name;
  std::vector<config::Located<std::string>> nodes;  ///< "environment/instances"; the first runs the application to begin with
  std::optional<WitnessConfig> witness;
  bool dynamic_quorum = true;    ///< votes are given anew after each change
  bool dynamic_witness = true;   ///< the witness votes while the number of node votes is even
  std::optional<config::Located<std::string>> low_priority;  ///< the node that has no vote where an even number must be odd
  Duration votes_recomputed_after = 10_s;
  HeartbeatConfig heartbeats;
  DurationDistribution regroup{Distribution(Uniform{.low = 1, .high = 5})};
  DurationDistribution bring_online{Distribution(Uniform{.low = 8, .high = 30})};
};
/// Reads `failover_clusters` of the scenario. Errors: less than two nodes or more than 64, a node twice, a witness in two
/// places, what needs dynamic quorum without it.
std::vector<FailoverClusterConfig> read_failover_clusters(config::Section& scenario);

/// Port: what nodes reach. Pure functions of the instant.
struct ClusterContacts {
  virtual ~ClusterContacts() = default;
  virtual bool up(std::size_t node, Time at) const = 0;
  /// Of two nodes that are up.
  virtual bool in_contact(std::size_t node, std::size_t other, Time at) const = 0;
  /// Whether the witness is up, and a node that is up reaches it.
  virtual bool reaches_witness(std::size_t node, Time at) const = 0;
  /// The first instant after `at` at which any of the above may change; empty if there is none.
  virtual std::optional<Time> next_change(Time at) const = 0;
};

/// A cluster from an instant to the next change.
struct ClusterState {
  Time since;
  std::vector<bool> votes;      ///< by node: has one
  bool witness_votes = false;
  bool quorum = false;          ///< a side has more than half of all votes: the cluster runs there, and nowhere else
  std::vector<bool> members;    ///< by node: on the side that runs, or that has most votes
  std::int64_t votes_left = 0;  ///< of that side, its witness with them
  std::int64_t votes_all = 0;
  std::size_t owner = 0;        ///< the node where the application runs; without quorum where it did
  std::vector<bool> given_to;   ///< by node: was a member when votes were last given
  bool given_with_witness = false;    ///< which was reached then
  std::optional<Time> given_anew_at;  ///< as far as is known now: votes follow what has changed
};

/// Chooses one of so many: whose vote goes. Draws at random in a run.
using ChooseVote = std::function<std::size_t(std::size_t count)>;

/// A cluster over time, as losses alone make it: nobody forces quorum. Worked out as far as it is asked for.
class ClusterCourse {
 public:
  /// Before `from` everything was up for long. Requires: what `contacts` refers to outlives this.
  ClusterCourse(const FailoverClusterConfig& config, const ClusterContacts& contacts, ChooseVote choose, Time from);
  /// Goes on from `at` as `before` was then, with other contacts.
  ClusterCourse(ClusterCourse& before, const ClusterContacts& contacts, ChooseVote choose, Time at);

  /// Requires: not before the beginning.
  const ClusterState& at(Time at);
  /// When the state after that of `at` begins; empty if there is none.
  std::optional<Time> next_change(Time at);
  /// People move the application at `at`, to a member of the side with quorum; does nothing if the node is none. What has been
  /// worked out of later times is worked out anew.
  void move_owner(std::size_t node, Time at);

 private:
  friend class SurvivalTree;
  /// Goes on from a state.
  ClusterCourse(const FailoverClusterConfig& config, const ClusterContacts& contacts, ChooseVote choose, ClusterState state)
      : config_(&config), contacts_(&contacts), choose_(std::move(choose)), states_{std::move(state)} {}
  std::optional<Time> next_event() const;
  void extend(Time at);
  bool witness_reached(const ClusterState& state) const;
  void look_around(ClusterState& state) const;
  void give_votes(ClusterState& state);
  bool votes_are_old(const ClusterState& state) const;

  const FailoverClusterConfig* config_;
  const ClusterContacts* contacts_;
  ChooseVote choose_;
  std::vector<ClusterState> states_;
};

/// What a cluster of which all is up loses at once.
struct ClusterLoss {
  std::vector<std::size_t> nodes;
  bool witness = false;
};
struct ClusterSurvival {
  double probability = 1;                  ///< that it has quorum after the last loss; between 0 and 1 if whose vote went matters
  std::int64_t votes_left = 0, votes_all = 0;  ///< after the last loss, where least is left
  std::optional<std::size_t> owner;        ///< where the application runs then, if that is the same wherever it does
};
/// At an instant, of a cluster that began at 0: exact, over all nodes whose vote may go.
ClusterSurvival survival(const FailoverClusterConfig& config, const ClusterContacts& contacts, Time at);
/// After losses, with time to recompute votes between them.
ClusterSurvival survival(const FailoverClusterConfig& config, const std::vector<ClusterLoss>& losses);

}  // namespace fleetsim
