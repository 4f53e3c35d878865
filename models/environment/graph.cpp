#include <algorithm>
#include <map>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>

#include <fmt/format.h>

#include "fleetsim/models/environment.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

/// An edge leads from an item to one that it needs.
using ItemGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

std::string in_words(const Item& item) { return fmt::format("{} {}", to_name(item.kind), item.name); }

/// Instances, volumes and databases have their names apart from those of networks, groups and images.
ItemKind shared_names(ItemKind kind) {
  return kind == ItemKind::volume || kind == ItemKind::database ? ItemKind::instances : kind;
}

bool is_resource(ItemKind kind) {
  return kind == ItemKind::instances || kind == ItemKind::volume || kind == ItemKind::database;
}

bool contains(const std::vector<config::Located<std::string>>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const auto& n) { return n.value == name; });
}

}  // namespace

std::string_view to_name(ItemKind kind) {
  switch (kind) {
    case ItemKind::vpc: return "VPC";
    case ItemKind::subnet: return "subnet";
    case ItemKind::route: return "route";
    case ItemKind::peering: return "peering";
    case ItemKind::security_group: return "security group";
    case ItemKind::image: return "image";
    case ItemKind::instances: return "instances";
    case ItemKind::volume: return "volume";
    case ItemKind::database: return "database";
  }
  return "item";
}

struct EnvironmentGraph::Graph {
  std::vector<Item> items;
  ItemGraph graph;
  std::map<std::pair<ItemKind, std::string>, std::size_t> by_name;  // resources of all kinds share their names
  EnvironmentConfig environment;
  /// Groups of other environments that a rule names: (security group, name, place).
  struct Outside {
    std::size_t group;
    std::string name;
    config::Location where;
  };
  std::vector<Outside> outside;

  std::size_t add(ItemKind kind, std::string name, const config::Location& where) {
    const std::size_t vertex = boost::add_vertex(graph);
    by_name.emplace(std::pair(shared_names(kind), name), vertex);
    items.push_back({.kind = kind, .name = std::move(name), .where = where});
    return vertex;
  }
  std::size_t at(ItemKind kind, const std::string& name) const { return by_name.at({shared_names(kind), name}); }
  void need(std::size_t item, ItemKind kind, const std::string& name) {
    const auto it = by_name.find({shared_names(kind), name});
    if (it != by_name.end() && it->second != item && !boost::edge(item, it->second, graph).second) {
      boost::add_edge(item, it->second, graph);
    }
  }
  void need_all(std::size_t item, ItemKind kind, const std::vector<config::Located<std::string>>& names) {
    for (const auto& name : names) need(item, kind, name.value);
  }
  /// The VPC named, else the only one.
  void need_vpc(std::size_t item, const std::optional<config::Located<std::string>>& vpc) {
    if (vpc) need(item, ItemKind::vpc, vpc->value);
    else if (environment.vpcs.size() == 1) need(item, ItemKind::vpc, environment.vpcs.front().name.value);
  }
};

EnvironmentGraph::EnvironmentGraph(const EnvironmentConfig& environment) : graph_(std::make_unique<Graph>()) {
  Graph& g = *graph_;
  g.environment = environment;
  for (const VpcConfig& vpc : environment.vpcs) {
    g.add(ItemKind::vpc, vpc.name.value, vpc.name.where);
    for (const SubnetConfig& subnet : vpc.subnets) {
      g.need(g.add(ItemKind::subnet, subnet.name.value, subnet.name.where), ItemKind::vpc, vpc.name.value);
    }
  }
  for (const PeeringConfig& peering : environment.peerings) {
    g.need_vpc(g.add(ItemKind::peering, peering.name.value, peering.name.where), peering.vpc);
  }
  for (const VpcConfig& vpc : environment.vpcs) {
    for (const RouteConfig& route : vpc.routes) {
      const std::size_t item =
          g.add(ItemKind::route, fmt::format("{}->{}", vpc.name.value, route.to.value), route.where);
      g.need(item, ItemKind::vpc, vpc.name.value);
      if (route.to.value != "internet") g.need(item, ItemKind::peering, route.to.value);
    }
  }
  for (const auto& group : environment.security_groups) g.add(ItemKind::security_group, group.name.value, group.name.where);
  for (const auto& image : environment.images) g.add(ItemKind::image, image.name.value, image.name.where);
  for (const auto& store : environment.stores) g.add(store.kind, store.name.value, store.name.where);
  for (const auto& all : environment.instances) g.add(ItemKind::instances, all.name.value, all.name.where);

  for (const SecurityGroupConfig& group : environment.security_groups) {
    const std::size_t item = g.at(ItemKind::security_group, group.name.value);
    g.need_vpc(item, group.vpc);
    for (const RuleConfig& rule : group.rules) {
      if (rule.from_group && rule.from_group->value.find('/') != std::string::npos) {
        g.outside.push_back({item, rule.from_group->value, rule.where});
      } else if (rule.from_group) {
        g.need(item, ItemKind::security_group, rule.from_group->value);
      }
      if (!rule.from_tag) continue;
      for (const SecurityGroupConfig& other : environment.security_groups) {
        if (std::find(other.tags.begin(), other.tags.end(), rule.from_tag->value) != other.tags.end()) {
          g.need(item, ItemKind::security_group, other.name.value);
        }
      }
    }
  }
  const auto subnet_of = [&](std::size_t item, const std::optional<config::Located<std::string>>& subnet) {
    if (!subnet) return;
    g.need(item, ItemKind::subnet, subnet->value);
    // What lies in a subnet also needs its VPC's ways out.
    for (const VpcConfig& vpc : environment.vpcs) {
      const bool here = std::any_of(vpc.subnets.begin(), vpc.subnets.end(),
                                    [&](const SubnetConfig& s) { return s.name.value == subnet->value; });
      for (const RouteConfig& route : vpc.routes) {
        if (here) g.need(item, ItemKind::route, fmt::format("{}->{}", vpc.name.value, route.to.value));
      }
    }
  };
  for (const DataStoreConfig& store : environment.stores) {
    const std::size_t item = g.at(store.kind, store.name.value);
    subnet_of(item, store.subnet);
    g.need_all(item, ItemKind::security_group, store.security_groups);
  }
  for (const InstancesConfig& all : environment.instances) {
    const std::size_t item = g.at(ItemKind::instances, all.name.value);
    subnet_of(item, all.subnet);
    if (all.image) g.need(item, ItemKind::image, all.image->value);
    g.need_all(item, ItemKind::security_group, all.security_groups);
    g.need_all(item, ItemKind::instances, all.uses);
  }
}

EnvironmentGraph::~EnvironmentGraph() = default;
EnvironmentGraph::EnvironmentGraph(EnvironmentGraph&&) noexcept = default;

const std::vector<Item>& EnvironmentGraph::items() const { return graph_->items; }

std::vector<std::pair<std::size_t, std::size_t>> EnvironmentGraph::needs() const {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto edge : boost::make_iterator_range(boost::edges(graph_->graph))) {
    pairs.emplace_back(boost::source(edge, graph_->graph), boost::target(edge, graph_->graph));
  }
  return pairs;
}

std::optional<std::size_t> EnvironmentGraph::find(std::string_view name) const {
  for (std::size_t i = graph_->items.size(); i-- > 0;) {
    if (graph_->items[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<std::size_t> EnvironmentGraph::closure(const std::vector<std::size_t>& items) const {
  std::vector<boost::default_color_type> colors(graph_->items.size(), boost::white_color);
  const auto color_map = boost::make_iterator_property_map(colors.begin(), boost::get(boost::vertex_index, graph_->graph));
  boost::queue<std::size_t> queue;
  for (const std::size_t item : items) {
    if (colors[item] == boost::white_color) {
      boost::breadth_first_visit(graph_->graph, item, queue, boost::default_bfs_visitor(), color_map);
    }
  }
  std::vector<std::size_t> reached;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    if (colors[i] != boost::white_color) reached.push_back(i);
  }
  return reached;
}

std::vector<std::size_t> EnvironmentGraph::taken_by(const EnvironmentConfig& clone) const {
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < graph_->items.size(); ++i) {
    if (clone.takes.empty() || contains(clone.takes, graph_->items[i].name)) wanted.push_back(i);
  }
  std::vector<std::size_t> taken = closure(wanted);
  std::erase_if(taken, [&](std::size_t i) { return contains(clone.leaves_out, graph_->items[i].name); });
  return taken;
}

std::vector<MissingItem> EnvironmentGraph::missing_in(const EnvironmentConfig& clone, std::string_view clone_region,
                                                      std::string_view clone_account) const {
  const Graph& g = *graph_;
  const std::vector<std::size_t> taken = taken_by(clone);
  const auto is_taken = [&](std::size_t i) { return std::binary_search(taken.begin(), taken.end(), i); };
  // Resources that need the item, directly or not, within what is taken.
  const auto users_of = [&](std::size_t item) {
    std::vector<std::string> users;
    for (const std::size_t i : taken) {
      if (!is_resource(g.items[i].kind)) continue;
      const std::vector<std::size_t> needed = closure({i});
      if (std::binary_search(needed.begin(), needed.end(), item)) users.push_back(g.items[i].name);
    }
    return users;
  };
  std::vector<MissingItem> missing;
  const auto report = [&](std::size_t item, std::string lacks, std::string reason, const config::Location& where) {
    missing.push_back({.item = in_words(g.items[item]), .lacks = std::move(lacks), .reason = std::move(reason),
                       .where = where, .resources = users_of(item)});
  };
  for (const auto edge : boost::make_iterator_range(boost::edges(g.graph))) {
    const std::size_t item = boost::source(edge, g.graph), needed = boost::target(edge, g.graph);
    if (is_taken(item) && !is_taken(needed)) {
      report(item, in_words(g.items[needed]), "which the clone leaves out", g.items[item].where);
    }
  }
  const bool moves_region = clone_region != g.environment.region.value;
  const bool moves_account = clone_account != g.environment.account.value;
  for (const ImageConfig& image : g.environment.images) {
    const std::size_t item = g.at(ItemKind::image, image.name.value);
    if (!is_taken(item)) continue;
    if (moves_region && !contains(image.copied_to, clone_region)) {
      report(item, "a copy", fmt::format("in Region {}", clone_region), image.name.where);
    }
    if (moves_account && !contains(image.shared_with, clone_account)) {
      report(item, "permission", fmt::format("for account {}", clone_account), image.name.where);
    }
  }
  for (const Graph::Outside& rule : g.outside) {
    // EC2 knows groups of peered VPCs of the same Region only.
    if (is_taken(rule.group) && moves_region) {
      report(rule.group, fmt::format("security group {}", rule.name), fmt::format("which Region {} cannot name", clone_region),
             rule.where);
    }
  }
  return missing;
}

std::vector<std::string> reachable_from(const std::vector<EnvironmentConfig>& environments, std::string_view name) {
  std::map<std::string, std::size_t, std::less<>> numbers;
  for (std::size_t e = 0; e < environments.size(); ++e) numbers.emplace(environments[e].name.value, e);
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> graph(environments.size());
  for (std::size_t e = 0; e < environments.size(); ++e) {
    // A clone has the peerings and routes of its original, unless it leaves them out.
    const EnvironmentConfig& own = environments[e];
    const EnvironmentConfig& like = own.clone_of && numbers.contains(own.clone_of->value)
                                        ? environments[numbers.at(own.clone_of->value)]
                                        : own;
    for (const VpcConfig& vpc : like.vpcs) {
      for (const RouteConfig& route : vpc.routes) {
        const auto peering = std::find_if(like.peerings.begin(), like.peerings.end(),
                                          [&](const PeeringConfig& p) { return p.name.value == route.to.value; });
        if (peering == like.peerings.end() || contains(own.leaves_out, route.to.value)) continue;
        const auto other = numbers.find(peering->with.value.substr(0, peering->with.value.find('/')));
        if (other != numbers.end()) boost::add_edge(e, other->second, graph);
      }
    }
  }
  std::vector<std::string> reached;
  const auto start = numbers.find(name);
  if (start == numbers.end()) return reached;
  std::vector<boost::default_color_type> colors(environments.size(), boost::white_color);
  boost::queue<std::size_t> queue;
  boost::breadth_first_visit(graph, start->second, queue, boost::default_bfs_visitor(),
                             boost::make_iterator_property_map(colors.begin(), boost::get(boost::vertex_index, graph)));
  for (const auto& [key, e] : numbers) {
    if (colors[e] != boost::white_color) reached.push_back(key);
  }
  return reached;
}

std::string to_text(const EnvironmentGraph& graph) {
  std::string text;
  const auto needs = graph.needs();
  for (std::size_t i = 0; i < graph.items().size(); ++i) {
    std::string line = fmt::format("  {}", in_words(graph.items()[i])), needed;
    for (const auto& [item, what] : needs) {
      if (item == i) needed += (needed.empty() ? "" : ", ") + graph.items()[what].name;
    }
    text += line + (needed.empty() ? "" : " needs " + needed) + "\n";
  }
  return text;
}

}  // namespace fleetsim
