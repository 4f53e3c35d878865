#include "models/scenario/cluster_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/disaster_words.hpp"

namespace fleetsim::scenario {

namespace {

/// Faults without an end, in the order of their beginnings.
class Strikes final : public ClusterContacts {
 public:
  struct Strike {
    Time at;
    const FaultConfig* fault;
  };
  Strikes(const FailoverCluster& cluster, std::vector<Strike> strikes, const Topology& topology)
      : cluster_(cluster), strikes_(std::move(strikes)), topology_(topology) {}
  bool up(std::size_t node, Time at) const override { return !struck(cluster_.nodes[node].place, at); }
  bool in_contact(std::size_t node, std::size_t other, Time at) const override {
    return !cut(cluster_.nodes[node].place, cluster_.nodes[other].place, at);
  }
  bool reaches_witness(std::size_t node, Time at) const override {
    if (!cluster_.witness) return cluster_.config.witness.has_value();
    return !struck(*cluster_.witness, at) && !cut(cluster_.nodes[node].place, *cluster_.witness, at);
  }
  std::optional<Time> next_change(Time at) const override {
    const auto next = std::find_if(strikes_.begin(), strikes_.end(), [&](const Strike& strike) { return strike.at > at; });
    return next != strikes_.end() ? std::optional(next->at) : std::nullopt;
  }

  StruckCluster result() const {
    const Time at = strikes_.back().at;
    StruckCluster found{.survival = survival(cluster_.config, *this, at), .lost = {}};
    for (std::size_t n = 0; n < cluster_.nodes.size(); ++n) {
      if (!up(n, at)) found.lost.push_back(n);
    }
    found.witness_lost = cluster_.witness && struck(*cluster_.witness, at);
    return found;
  }

 private:
  bool any(Time at, auto which) const {
    return std::any_of(strikes_.begin(), strikes_.end(), [&](const Strike& strike) { return strike.at <= at && which(*strike.fault); });
  }
  bool struck(const Place& place, Time at) const {
    return any(at, [&](const FaultConfig& fault) {
      const bool stops = fault.kind == FaultKind::zone || fault.kind == FaultKind::region || fault.kind == FaultKind::account;
      return stops && strikes(fault, {.region = topology_.region_of(place.site), .zone = place.zone,
                                      .account = topology_.accounts()[topology_.account_of(place.site)], .resource = {}});
    });
  }
  bool cut(const Place& a, const Place& b, Time at) const {
    return any(at, [&](const FaultConfig& fault) {
      const auto has = [&](const Place& place) {
        return std::find(fault.region_ids.begin(), fault.region_ids.end(), topology_.region_of(place.site)) != fault.region_ids.end();
      };
      return fault.kind == FaultKind::link && fault.share.value <= 0 && topology_.region_of(a.site) != topology_.region_of(b.site) &&
             has(a) && has(b);
    });
  }

  const FailoverCluster& cluster_;
  const std::vector<Strike> strikes_;
  const Topology& topology_;
};

std::string place_name(const Place& place, const Topology& topology) {
  return place.zone ? topology.name(*place.zone) : topology.name(topology.region_of(place.site));
}

std::string outcome_in_words(const FailoverCluster& cluster, const ClusterSurvival& survival) {
  const std::string votes = votes_in_words(survival);
  if (survival.probability <= 0) return votes + ", no quorum";
  if (survival.probability < 1) return fmt::format("{} at worst, quorum with {:.3g} %", votes, 100 * survival.probability);
  if (!survival.owner) return votes + ", quorum";
  return fmt::format("{}, quorum, on {}", votes, cluster.config.nodes[*survival.owner].value);
}

/// What the loss of a place leaves, at once and bit by bit.
std::string loss_in_words(const FailoverCluster& cluster, const Topology& topology, const FaultConfig& fault, const std::string& what) {
  const StruckCluster at_once = struck_by_fault(cluster, fault, topology);
  std::string text = fmt::format("  without {}: {}", what, outcome_in_words(cluster, at_once.survival));
  if (at_once.lost.size() < 2) return text;
  std::vector<ClusterLoss> losses;
  for (const std::size_t node : at_once.lost) losses.push_back({.nodes = {node}});
  losses.back().witness = at_once.witness_lost;
  return text + fmt::format("; bit by bit {}", outcome_in_words(cluster, survival(cluster.config, losses)));
}

std::string witness_in_words(const FailoverCluster& cluster, const Topology& topology) {
  if (!cluster.config.witness) return "no witness";
  const char* what = cluster.config.witness->kind == WitnessKind::cloud ? "cloud witness" : "file share witness";
  return cluster.witness ? fmt::format("{} in {}", what, place_name(*cluster.witness, topology))
                         : fmt::format("{} outside of all Regions", what);
}

}  // namespace

bool may_strike_cluster(const FaultConfig& fault) {
  switch (fault.kind) {
    case FaultKind::zone:
    case FaultKind::region:
    case FaultKind::account: return true;
    case FaultKind::link: return fault.share.value <= 0;
    default: return false;
  }
}

StruckCluster struck_by_fault(const FailoverCluster& cluster, const FaultConfig& fault, const Topology& topology) {
  return Strikes(cluster, {{Time::at(1_s), &fault}}, topology).result();
}

StruckCluster struck_by_both(const FailoverCluster& cluster, const FaultConfig& first, Duration after, const FaultConfig& fault,
                             const Topology& topology) {
  return Strikes(cluster, {{Time::at(1_s), &first}, {Time::at(1_s) + after, &fault}}, topology).result();
}

std::string votes_in_words(const ClusterSurvival& survival) {
  return fmt::format("{} of {} vote{}", survival.votes_left, survival.votes_all, survival.votes_all == 1 ? "" : "s");
}

Duration mean_takeover(const FailoverCluster& cluster) {
  const bool same_subnet = std::any_of(cluster.nodes.begin() + 1, cluster.nodes.end(),
                                       [&](const auto& node) { return node.subnet == cluster.nodes.front().subnet; });
  const HeartbeatConfig& heartbeats = cluster.config.heartbeats;
  return (same_subnet ? heartbeats.same_subnet() : heartbeats.cross_subnet()) + cluster.config.regroup.mean() +
         cluster.config.bring_online.mean();
}

std::vector<std::string> in_words(const FailoverCluster& cluster, const Topology& topology) {
  const FailoverClusterConfig& config = cluster.config;
  std::vector<std::string> lines;
  const std::string votes = !config.dynamic_quorum ? "fixed votes"
                                                   : fmt::format("votes given anew {} after a loss", to_text(config.votes_recomputed_after));
  lines.push_back(fmt::format("Failover cluster {}: {} nodes, {}; {}", config.name.value, cluster.nodes.size(),
                              witness_in_words(cluster, topology), votes));
  for (std::size_t n = 0; n < cluster.nodes.size(); ++n) {
    lines.push_back(fmt::format("  {} in {}{}", config.nodes[n].value, place_name(cluster.nodes[n].place, topology),
                                n == 0 ? ", runs the application" : ""));
  }
  const Duration heard = mean_takeover(cluster) - config.regroup.mean() - config.bring_online.mean();
  lines.push_back(fmt::format("  another node takes over after {} in the mean = heartbeats {} + regroup {} + bring online {}",
                              rounded_to_text(mean_takeover(cluster)), rounded_to_text(heard), rounded_to_text(config.regroup.mean()),
                              rounded_to_text(config.bring_online.mean())));
  std::vector<RegionId> regions;
  std::vector<ZoneId> zones;
  const auto add = [&](const Place& place) {
    const RegionId region = topology.region_of(place.site);
    if (std::find(regions.begin(), regions.end(), region) == regions.end()) regions.push_back(region);
    if (place.zone && std::find(zones.begin(), zones.end(), *place.zone) == zones.end()) zones.push_back(*place.zone);
  };
  for (const FailoverCluster::Node& node : cluster.nodes) add(node.place);
  if (cluster.witness) add(*cluster.witness);
  for (const ZoneId zone : zones) {
    FaultConfig fault;
    fault.kind = FaultKind::zone;
    fault.zone_ids = {zone};
    lines.push_back(loss_in_words(cluster, topology, fault, topology.name(zone)));
  }
  for (const RegionId region : regions) {
    const std::vector<ZoneId>& own = topology.zones_of(region);
    if (own.size() == 1 && std::find(zones.begin(), zones.end(), own.front()) != zones.end()) continue;  // the same as its zone
    FaultConfig fault;
    fault.kind = FaultKind::region;
    fault.region_ids = {region};
    lines.push_back(loss_in_words(cluster, topology, fault, topology.name(region)));
  }
  for (std::size_t a = 0; a < regions.size(); ++a) {
    for (std::size_t b = a + 1; b < regions.size(); ++b) {
      FaultConfig fault;
      fault.kind = FaultKind::link;
      fault.share = Ratio{0};
      fault.region_ids = {regions[a], regions[b]};
      lines.push_back(loss_in_words(cluster, topology, fault,
                                    fmt::format("the link of {} and {}", topology.name(regions[a]), topology.name(regions[b]))));
    }
  }
  return lines;
}

std::string in_dot(const FailoverCluster& cluster, const Topology& topology, std::size_t number) {
  const FailoverClusterConfig& config = cluster.config;
  std::string text = fmt::format("  subgraph cluster_failover_{} {{\n    label={};\n", number,
                                 dot_label("failover cluster " + config.name.value, "a line joins those that vote together"));
  for (std::size_t n = 0; n < cluster.nodes.size(); ++n) {
    text += fmt::format("    f{}_{} [shape=box3d, label={}];\n", number, n,
                        dot_label(config.nodes[n].value, place_name(cluster.nodes[n].place, topology) +
                                                             (n == 0 ? ", runs the application" : "")));
  }
  for (std::size_t n = 1; n < cluster.nodes.size(); ++n) {
    text += fmt::format("    f{0}_0 -> f{0}_{1} [dir=none];\n", number, n);
  }
  if (config.witness) {
    text += fmt::format("    f{0}_witness [shape=note, label={1}];\n    f{0}_0 -> f{0}_witness [dir=none, style=dashed];\n", number,
                        dot_label("witness", witness_in_words(cluster, topology)));
  }
  return text + "  }\n";
}

}  // namespace fleetsim::scenario
