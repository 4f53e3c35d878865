// Votes of failover clusters: the published table of what survives, partitions, losses close together and far apart.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/cluster.hpp"
#include "support/catch.hpp"
#include "support/property.hpp"

using namespace fleetsim;

namespace {

FailoverClusterConfig cluster(std::size_t nodes, bool witness) {
  FailoverClusterConfig config;
  config.name.value = "sql";
  for (std::size_t n = 0; n < nodes; ++n) config.nodes.push_back({"production/" + std::string(1, static_cast<char>('a' + n)), {}});
  if (witness) config.witness.emplace();
  return config;
}

/// Whose vote goes where one must is any node's alike: so which nodes are lost does not matter, only how many.
double survives(const FailoverClusterConfig& config, const std::vector<std::vector<std::size_t>>& losses) {
  std::vector<ClusterLoss> all;
  for (const auto& nodes : losses) all.push_back({.nodes = nodes});
  return survival(config, all).probability;
}

/// Nodes in places, and which places and pairs of them are cut when.
struct Places final : ClusterContacts {
  std::vector<int> node_in;
  int witness_in = -1;
  struct Change {
    Time from, to;
    int place, other = -1;  // with another: the link between them
  };
  std::vector<Change> changes;

  bool lost(int place, Time at) const {
    for (const Change& c : changes) {
      if (c.other < 0 && c.place == place && c.from <= at && at < c.to) return true;
    }
    return false;
  }
  bool cut(int a, int b, Time at) const {
    for (const Change& c : changes) {
      const bool both = (c.place == a && c.other == b) || (c.place == b && c.other == a);
      if (c.other >= 0 && both && c.from <= at && at < c.to) return true;
    }
    return false;
  }
  bool up(std::size_t node, Time at) const override { return !lost(node_in[node], at); }
  bool in_contact(std::size_t a, std::size_t b, Time at) const override { return !cut(node_in[a], node_in[b], at); }
  bool reaches_witness(std::size_t node, Time at) const override {
    return witness_in >= 0 && !lost(witness_in, at) && !cut(node_in[node], witness_in, at);
  }
  std::optional<Time> next_change(Time at) const override {
    std::optional<Time> next;
    for (const Change& c : changes) {
      for (const Time t : {c.from, c.to}) {
        if (t > at && t < Time::max() && (!next || t < *next)) next = t;
      }
    }
    return next;
  }
};

std::size_t first_of(std::size_t) { return 0; }
std::size_t never_asked(std::size_t) {
  FAIL("no vote had to be chosen");
  return 0;
}
Time at(Duration since) { return Time::at(since); }

}  // namespace

TEST_CASE("quorum: what survives one loss, then another, and two at once, as published", "[cluster][table]") {
  struct Row {
    std::size_t nodes;
    bool witness;
    double one, then_another, two_at_once;
  };
  // "50/50" of the table is the chance that the node without a vote was not the one that is left.
  for (const Row& row : {Row{2, false, 0.5, 0, 0}, Row{2, true, 1, 0, 0}, Row{3, false, 1, 0.5, 0}, Row{3, true, 1, 1, 0},
                         Row{4, false, 1, 1, 0.5}, Row{4, true, 1, 1, 1}}) {
    INFO(row.nodes << " nodes, witness " << row.witness);
    const FailoverClusterConfig config = cluster(row.nodes, row.witness);
    CHECK(survives(config, {{0}}) == row.one);
    CHECK(survives(config, {{0}, {1}}) == row.then_another);
    CHECK(survives(config, {{0, 1}}) == row.two_at_once);
  }
}

TEST_CASE("quorum: with dynamic quorum a witness carries any number of nodes down to the last one", "[cluster][analytic]") {
  for (std::size_t nodes = 2; nodes <= 9; ++nodes) {
    std::vector<std::vector<std::size_t>> losses;
    for (std::size_t n = 0; n + 1 < nodes; ++n) {
      losses.push_back({n});
      CHECK(survives(cluster(nodes, true), losses) == 1);
    }
    losses.push_back({nodes - 1});
    CHECK(survives(cluster(nodes, true), losses) == 0);
  }
}

TEST_CASE("quorum: without a witness half of the chances are lost with the last but one node, however many there were",
          "[cluster][analytic]") {
  for (const std::size_t nodes : {2U, 3U, 8U, 20U}) {
    std::vector<std::vector<std::size_t>> losses;
    for (std::size_t n = 0; n + 2 < nodes; ++n) losses.push_back({n});
    CHECK(survives(cluster(nodes, false), losses) == 1);
    losses.push_back({nodes - 2});
    CHECK_THAT(survives(cluster(nodes, false), losses), Catch::Matchers::WithinAbs(0.5, 1e-12));
  }
}

TEST_CASE("quorum: people move the application to a member, and it stays there", "[cluster][table]") {
  const FailoverClusterConfig config = cluster(3, true);
  Places places;
  places.node_in = {0, 1, 2};
  places.witness_in = 3;
  places.changes = {{at(1_h), at(2_h), 0}, {at(5_h), at(6_h), 0}, {at(8_h), at(9_h), 2}};
  ClusterCourse course(config, places, never_asked, Time{});
  CHECK(course.at(at(10_h)).owner == 1);  // looked ahead
  course.move_owner(2, at(3_h));
  CHECK(course.at(at(3_h) - 1_ms).owner == 1);
  CHECK(course.at(at(3_h)).owner == 2);
  CHECK(course.at(at(7_h)).owner == 2);
  CHECK(course.at(at(10_h)).owner == 0);
  course.move_owner(2, at(8_h + 30_s));  // which is not up
  CHECK(course.at(at(8_h + 30_s)).owner == 0);
}

TEST_CASE("quorum: votes left are counted, the witness with them", "[cluster][table]") {
  // Three nodes vote, the witness does not: one of three is left.
  const ClusterSurvival at_once = survival(cluster(3, true), {{.nodes = {0, 1}}});
  CHECK(at_once.votes_left == 1);
  CHECK(at_once.votes_all == 3);
  // After one loss two nodes and the witness vote.
  const ClusterSurvival later = survival(cluster(3, true), {{.nodes = {0}}, {.nodes = {1}}});
  CHECK(later.votes_left == 2);
  CHECK(later.votes_all == 3);
  const ClusterSurvival with_witness = survival(cluster(3, true), {{.nodes = {0}}, {.nodes = {1}, .witness = true}});
  CHECK(with_witness.probability == 0);
  CHECK(with_witness.votes_left == 1);
  CHECK(with_witness.votes_all == 3);
  // A witness that is lost alone takes no quorum, and a vote goes with it.
  CHECK(survival(cluster(2, true), {{.nodes = {}, .witness = true}}).probability == 1);
  CHECK(survival(cluster(2, true), {{.nodes = {}, .witness = true}, {.nodes = {0}}}).probability == 0.5);
}

TEST_CASE("quorum: fixed votes are a majority of all nodes and the witness, whatever came before", "[cluster][analytic]") {
  for (std::size_t nodes = 2; nodes <= 8; ++nodes) {
    for (const bool witness : {false, true}) {
      FailoverClusterConfig config = cluster(nodes, witness);
      config.dynamic_quorum = config.dynamic_witness = false;
      const std::size_t all = nodes + (witness ? 1 : 0);
      std::vector<std::vector<std::size_t>> losses;
      for (std::size_t lost = 1; lost <= nodes; ++lost) {
        losses.push_back({lost - 1});
        CHECK(survives(config, losses) == (2 * (all - lost) > all ? 1 : 0));
      }
    }
  }
}

TEST_CASE("quorum: a witness that votes always makes an even number of votes with odd nodes", "[cluster][table]") {
  FailoverClusterConfig config = cluster(3, true);
  config.dynamic_witness = false;
  CHECK(survives(config, {{0, 1}}) == 0);  // 2 of 4
  CHECK(survives(config, {{0}}) == 1);     // 3 of 4
  CHECK(survives(config, {{0}, {1}}) == 1);
}

TEST_CASE("quorum: of two nodes the one with low priority has no vote", "[cluster][table]") {
  FailoverClusterConfig config = cluster(2, false);
  config.low_priority = config.nodes[1];
  CHECK(survives(config, {{1}}) == 1);
  CHECK(survives(config, {{0}}) == 0);
}

TEST_CASE("quorum: losses sooner than votes are recomputed count as one", "[cluster][table]") {
  // Two of three nodes, the second so long after the first.
  const auto quorum_after = [](Duration between) {
    const FailoverClusterConfig config = cluster(3, true);
    Places places;
    places.node_in = {0, 1, 2};
    places.witness_in = 3;
    places.changes = {{at(1_h), Time::max(), 0}, {at(1_h + between), Time::max(), 1}};
    ClusterCourse course(config, places, never_asked, Time{});
    return course.at(at(2_h)).quorum;
  };
  CHECK_FALSE(quorum_after(Duration{}));
  CHECK_FALSE(quorum_after(9_s + 999_ms));
  CHECK_FALSE(quorum_after(10_s));  // votes are not given to what has just gone
  CHECK(quorum_after(10_s + 1_ms));
}

TEST_CASE("quorum: a Region that takes two of three nodes and the witness takes quorum, until it returns", "[cluster][table]") {
  const FailoverClusterConfig config = cluster(3, true);
  Places places;
  places.node_in = {0, 0, 1};
  places.witness_in = 0;
  places.changes = {{at(1_h), at(5_h), 0}};
  ClusterCourse course(config, places, never_asked, Time{});
  CHECK(course.at(at(1_h) - 1_ms).quorum);
  const ClusterState lost = course.at(at(1_h));
  CHECK_FALSE(lost.quorum);
  CHECK(lost.votes_left == 1);
  CHECK(lost.votes_all == 3);
  CHECK(lost.owner == 0);
  CHECK(course.next_change(at(1_h)) == at(5_h));
  CHECK(course.at(at(5_h)).quorum);
  CHECK(course.at(at(5_h)).owner == 0);
}

TEST_CASE("quorum: in a partition the side with most votes stays and the other goes offline", "[cluster][table]") {
  struct Case {
    std::vector<int> node_in;
    int witness_in;
    std::vector<bool> stays;
    std::size_t owner;
  };
  for (const Case& c : {Case{{0, 0, 1}, 0, {true, true, false}, 0},         // 2 of 3
                        Case{{0, 0, 1}, 1, {true, true, false}, 0},         // three nodes vote, the witness does not
                        Case{{0, 1}, 1, {false, true}, 1},                  // with the witness 2 of 3: the application moves
                        Case{{0, 1}, 0, {true, false}, 0},
                        Case{{0, 1}, 2, {true, false}, 0},                  // both reach it: the side of the owner holds it
                        Case{{1, 0, 0, 1}, 0, {false, true, true, false}, 1}}) {
    const FailoverClusterConfig config = cluster(c.node_in.size(), true);
    Places places;
    places.node_in = c.node_in;
    places.witness_in = c.witness_in;
    places.changes = {{at(1_h), Time::max(), 0, 1}};
    ClusterCourse course(config, places, never_asked, Time{});
    const ClusterState state = course.at(at(1_h));
    CHECK(state.quorum);
    CHECK(state.members == c.stays);
    CHECK(state.owner == c.owner);
  }
  // Fixed votes, two against two: no side has more than half.
  FailoverClusterConfig config = cluster(4, false);
  config.dynamic_quorum = config.dynamic_witness = false;
  Places places;
  places.node_in = {0, 0, 1, 1};
  places.changes = {{at(1_h), at(2_h), 0, 1}};
  ClusterCourse course(config, places, never_asked, Time{});
  CHECK_FALSE(course.at(at(1_h)).quorum);
  CHECK(course.at(at(1_h)).votes_left == 2);
  CHECK(course.at(at(2_h)).quorum);
}

TEST_CASE("quorum: the application goes to the first node that is left, and stays there", "[cluster][table]") {
  const FailoverClusterConfig config = cluster(3, false);
  Places places;
  places.node_in = {0, 1, 2};
  places.changes = {{at(1_h), at(2_h), 0}, {at(5_h), at(6_h), 1}};
  ClusterCourse course(config, places, first_of, Time{});
  CHECK(course.at(at(1_h)).owner == 1);
  CHECK(course.at(at(3_h)).owner == 1);  // back does not mean moved back
  CHECK(course.at(at(3_h)).votes_all == 3);
  CHECK(course.at(at(5_h)).owner == 0);
}

TEST_CASE("quorum: a branch goes on from where the run was", "[cluster][table]") {
  const FailoverClusterConfig config = cluster(3, true);
  Places run;
  run.node_in = {0, 1, 2};
  run.witness_in = 3;
  run.changes = {{at(1_h), Time::max(), 0}};
  ClusterCourse course(config, run, never_asked, Time{});
  (void)course.at(at(10_h));
  Places branch = run;
  branch.changes.push_back({at(4_h), Time::max(), 1});
  ClusterCourse later(course, branch, never_asked, at(4_h));
  CHECK(later.at(at(4_h)).quorum);  // the last node and the witness
  CHECK(course.at(at(4_h)).votes_left == 3);
  // Five seconds after the first loss votes are as they were.
  Places sooner = run;
  sooner.changes.push_back({at(1_h + 5_s), Time::max(), 1});
  CHECK_FALSE(ClusterCourse(course, sooner, never_asked, at(1_h + 5_s)).at(at(2_h)).quorum);
}

TEST_CASE("quorum: whatever happens, the side that runs has more than half of the votes and all its nodes are up",
          "[cluster][property]") {
  test::check_property(7, 300, [] {
    const auto nodes = 2 + test::pick_below<std::size_t>(5);
    FailoverClusterConfig config = cluster(nodes, test::pick_below(2) == 1);
    config.dynamic_quorum = test::pick_below(2) == 1;
    config.dynamic_witness = config.dynamic_quorum;
    Places places;
    for (std::size_t n = 0; n < nodes; ++n) places.node_in.push_back(test::pick_below(4));
    places.witness_in = config.witness ? test::pick_below(5) : -1;
    for (int c = test::pick_below(12); c > 0; --c) {
      const Time from = at(1_s * (1 + test::pick_below(300)));
      const int place = test::pick_below(5);
      const int other = test::pick_below(6) - 1;
      places.changes.push_back({from, from + 1_s * (1 + test::pick_below(200)), place, other == place ? -1 : other});
    }
    ClusterCourse course(config, places, first_of, Time{});
    for (std::optional<Time> t = Time{}; t; t = course.next_change(*t)) {
      const ClusterState& state = course.at(*t);
      HOLDS(state.quorum == (2 * state.votes_left > state.votes_all));
      if (!state.quorum) continue;
      HOLDS(state.members[state.owner]);
      for (std::size_t a = 0; a < nodes; ++a) {
        for (std::size_t b = 0; b < nodes; ++b) {
          if (!state.members[a] || !state.members[b]) continue;
          HOLDS(places.up(a, *t) && places.in_contact(a, b, *t));
        }
      }
    }
  });
}
