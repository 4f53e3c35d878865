#pragma once
/// An application and what it stands on: instances, volumes, databases, VPCs with subnets, routes and peerings, security
/// groups with rules that name each other, images. A graph says what needs what; a clone in another Region or account
/// takes along all that is needed.
///
/// Truth:      a clone holds, for everything that it takes, everything that this needs, or says what is missing.
/// Leaves out: network ACLs, key pairs, roles, quotas, load balancers as things of their own; rules decide no traffic.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

enum class ItemKind : std::uint8_t { vpc, subnet, route, peering, security_group, image, instances, volume, database };
std::string_view to_name(ItemKind kind);

struct SubnetConfig {
  config::Located<std::string> name, zone;
};
struct RouteConfig {
  config::Located<std::string> to;  ///< a peering's name, or "internet"
  config::Location where;
};
struct VpcConfig {
  config::Located<std::string> name;
  std::vector<SubnetConfig> subnets;
  std::vector<RouteConfig> routes;
};
/// One way in: from a security group by name, from those that carry a tag, or from addresses.
struct RuleConfig {
  std::optional<config::Located<std::string>> from_group, from_tag, from_cidr;
  std::int64_t port = 0;  ///< 0: all
  config::Location where;
};
struct SecurityGroupConfig {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> vpc;
  std::vector<std::string> tags;
  std::vector<RuleConfig> rules;
};
struct ImageConfig {
  config::Located<std::string> name;
  std::vector<config::Located<std::string>> copied_to;    ///< Regions, beside its environment's
  std::vector<config::Located<std::string>> shared_with;  ///< accounts
};
/// A connection with a VPC of another environment.
struct PeeringConfig {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> vpc;
  config::Located<std::string> with;  ///< "environment/vpc"
};
struct InstancesConfig {
  config::Located<std::string> name, instance_type;
  std::int64_t count = 1;
  std::optional<config::Located<std::string>> subnet, image;
  std::vector<config::Located<std::string>> security_groups;
  std::vector<config::Located<std::string>> uses;  ///< volumes, databases, other instances
};
/// A volume or a database.
struct DataStoreConfig {
  config::Located<std::string> name;
  ItemKind kind = ItemKind::volume;
  config::Located<std::string> protected_as;  ///< name under `protection`; its own unless said otherwise
  std::optional<config::Located<std::string>> zone, subnet;
  std::vector<config::Located<std::string>> security_groups;
};
/// How a clone differs from what it was cloned from, for one group of instances.
struct CloneInstancesConfig {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> instance_type;
  std::int64_t standing = 0;  ///< of its instances, running all the time
  bool reserved = false;      ///< launched into capacity reservations, which are paid all the time
};

struct EnvironmentConfig {
  config::Located<std::string> name;
  std::optional<config::Located<std::string>> clone_of;
  config::Located<std::string> region;   ///< of a clone: empty for that of the original
  config::Located<std::string> account;  ///< empty: the first
  std::vector<VpcConfig> vpcs;
  std::vector<SecurityGroupConfig> security_groups;
  std::vector<ImageConfig> images;
  std::vector<PeeringConfig> peerings;
  std::vector<InstancesConfig> instances;
  std::vector<DataStoreConfig> stores;
  // Of a clone:
  std::vector<config::Located<std::string>> takes;      ///< items; empty: all
  std::vector<config::Located<std::string>> leaves_out; ///< items
  bool built = false;                                   ///< its network and groups are there before a disaster
  std::vector<CloneInstancesConfig> changes;
};
/// Reads `environments` of the scenario. Errors: names that name nothing, twice the same name, a clone of a clone.
std::vector<EnvironmentConfig> read_environments(config::Section& scenario);

/// An item of an environment: a node of the graph.
struct Item {
  ItemKind kind = ItemKind::vpc;
  std::string name;      ///< of a route: "vpc -> target"
  config::Location where;
};
/// What a clone lacks.
struct MissingItem {
  std::string item;      ///< "security group web"
  std::string lacks;     ///< "security group lb"
  std::string reason;    ///< "which the clone leaves out"
  config::Location where;
  std::vector<std::string> resources;  ///< instances, volumes and databases that need it
};

/// The dependency graph of one environment. Immutable once built.
class EnvironmentGraph {
 public:
  /// Requires: `read_environments` found no errors; `environment` is no clone.
  explicit EnvironmentGraph(const EnvironmentConfig& environment);
  ~EnvironmentGraph();
  EnvironmentGraph(EnvironmentGraph&&) noexcept;

  const std::vector<Item>& items() const;
  /// Pairs (item, what it needs) of indices into items().
  std::vector<std::pair<std::size_t, std::size_t>> needs() const;
  /// Of several items of one name the resource. Empty if there is none.
  std::optional<std::size_t> find(std::string_view name) const;
  /// The item and all that it needs, directly or not, ascending.
  std::vector<std::size_t> closure(const std::vector<std::size_t>& items) const;

  /// What a clone takes: what it names, or all, with all that this needs, less what it leaves out.
  std::vector<std::size_t> taken_by(const EnvironmentConfig& clone) const;
  /// What the taken items need and do not find in the clone: left out, an image not copied to its Region or not shared
  /// with its account, a peered group in another Region.
  std::vector<MissingItem> missing_in(const EnvironmentConfig& clone, std::string_view clone_region,
                                      std::string_view clone_account) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

/// Environments that the one can reach by peerings with routes, itself among them; by name, sorted. A drill that is to be
/// apart from production must not reach it.
std::vector<std::string> reachable_from(const std::vector<EnvironmentConfig>& environments, std::string_view name);

/// The environment as lines of text, each item with what it needs.
std::string to_text(const EnvironmentGraph& graph);

}  // namespace fleetsim
