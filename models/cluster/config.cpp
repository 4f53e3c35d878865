#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/cluster.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

constexpr std::size_t nodes_max = 64;  // of a Windows Server failover cluster

void read_witness(Section& in, FailoverClusterConfig& cluster) {
  in.optional_section("witness", "what votes and runs nothing", [&](Section& section) {
    WitnessConfig witness;
    section
        .optional_choice<WitnessKind>("kind", witness.kind, {{"file_share", WitnessKind::file_share}, {"cloud", WitnessKind::cloud}})
        .doc("a file share, or a blob in a cloud");
    section.optional("zone", witness.zone).default_is("none").doc("where it lies, if it is lost with a zone");
    section.optional("region", witness.region)
        .default_is("none; of a cloud witness outside of all Regions")
        .doc("where it lies, if it is lost with its Region only");
    section.at_most_one_of({"zone", "region"});
    if (section.describing()) return;
    witness.where = section.where();
    if (witness.kind == WitnessKind::file_share && !section.has("zone") && !section.has("region")) {
      section.error_at(witness.where, fmt::format("the witness of cluster '{}' lies nowhere", cluster.name.value),
                       "add zone: or region: with the place of its file share");
    }
    cluster.witness = std::move(witness);
  });
}

void read_heartbeats(Section& in, HeartbeatConfig& heartbeats) {
  in.optional_section("heartbeats", "how soon the others find a node lost", [&](Section& section) {
    const auto delay = [&](std::string_view key, Duration& value) {
      section.optional(key, value).positive().at_most(120_s).doc("from one heartbeat to the next");
    };
    const auto threshold = [&](std::string_view key, std::int64_t& value) {
      section.optional(key, value).between(std::int64_t{1}, std::int64_t{120}).doc("heartbeats that did not come, in a row");
    };
    delay("same_subnet_delay", heartbeats.same_subnet_delay);
    threshold("same_subnet_threshold", heartbeats.same_subnet_threshold);
    delay("cross_subnet_delay", heartbeats.cross_subnet_delay);
    threshold("cross_subnet_threshold", heartbeats.cross_subnet_threshold);
  });
}

void check_nodes(Section& in, const FailoverClusterConfig& cluster) {
  const std::string& name = cluster.name.value;
  const auto& nodes = cluster.nodes;
  if (nodes.empty() && in.has("nodes")) {
    in.error_at(in.where("nodes"), fmt::format("cluster '{}' has no nodes", name), "name two nodes or more, as environment/instances");
  } else if (nodes.size() == 1) {
    in.error_at(nodes.front().where, fmt::format("cluster '{}' has one node, which nobody takes over from", name),
                "name two nodes or more, as environment/instances");
  } else if (nodes.size() > nodes_max) {
    in.error_at(nodes[nodes_max].where, fmt::format("cluster '{}' has {} nodes, more than {}", name, nodes.size(), nodes_max),
                "a Windows Server failover cluster has no more: make two of it");
  }
  const auto listed = [&](std::string_view node, std::size_t before) {
    return std::any_of(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(before),
                       [&](const auto& other) { return other.value == node; });
  };
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (!listed(nodes[n].value, n)) continue;
    in.error_at(nodes[n].where, fmt::format("cluster '{}' names node '{}' twice", name, nodes[n].value),
                "name it once: a node has one vote");
  }
  if (cluster.low_priority && !listed(cluster.low_priority->value, nodes.size())) {
    std::vector<std::string> names;
    for (const auto& node : nodes) names.push_back(node.value);
    in.error_at(cluster.low_priority->where, fmt::format("cluster '{}' has no node '{}'", name, cluster.low_priority->value),
                config::name_help("node", cluster.low_priority->value, names));
  }
}

}  // namespace

std::string_view to_name(WitnessKind kind) { return kind == WitnessKind::cloud ? "cloud" : "file_share"; }

std::vector<FailoverClusterConfig> read_failover_clusters(Section& scenario) {
  std::vector<FailoverClusterConfig> clusters;
  scenario.named("failover_clusters", "cluster", "nodes of which a majority keeps an application running",
                 [&](const Located<std::string>& name, Section& in) {
    FailoverClusterConfig cluster;
    cluster.name = name;
    in.required("nodes", cluster.nodes)
        .doc("instances that run all the time, as environment/instances; the first runs the application to begin with");
    read_witness(in, cluster);
    in.optional("dynamic_quorum", cluster.dynamic_quorum).doc("votes are given anew among those that are left");
    in.when(cluster.dynamic_quorum, "dynamic_quorum is true", [&](Section& own) {
      own.optional("dynamic_witness", cluster.dynamic_witness).doc("the witness votes while the number of node votes is even");
      own.optional("votes_recomputed_after", cluster.votes_recomputed_after)
          .not_negative()
          .at_most(24_h)
          .doc("from a loss that it survives until votes are given anew: losses closer together count as one");
      own.optional("low_priority", cluster.low_priority)
          .default_is("any, drawn at random")
          .doc("the node without a vote where an even number of votes is made odd");
    });
    if (!in.describing() && !cluster.dynamic_quorum) cluster.dynamic_witness = false;
    read_heartbeats(in, cluster.heartbeats);
    in.optional("regroup", cluster.regroup).doc("from the last heartbeat that did not come until the others have agreed");
    in.optional("bring_online", cluster.bring_online)
        .doc("disks, addresses and names, and the start of the application on the node that takes over");
    if (in.describing()) return;
    check_nodes(in, cluster);
    clusters.push_back(std::move(cluster));
  });
  return clusters;
}

}  // namespace fleetsim
