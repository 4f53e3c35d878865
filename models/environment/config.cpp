#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/environment.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

void read_network(Section& in, EnvironmentConfig& env) {
  in.named("vpcs", "VPC", "virtual networks", [&](const Located<std::string>& name, Section& section) {
    VpcConfig vpc;
    vpc.name = name;
    section.named_values("subnets", "subnet", "zone of each subnet", [&](const Located<std::string>& subnet, Section& all) {
      Located<std::string> zone;
      all.required(subnet.value, zone).doc("the zone that it lies in");
      vpc.subnets.push_back({subnet, zone});
    });
    section.list("routes", vpc.routes, [](Section& item, RouteConfig& route) {
        item.required("to", route.to).doc("a peering of the environment, or internet");
        route.where = item.where();
      }).doc("ways out of the VPC");
    if (!section.describing()) env.vpcs.push_back(std::move(vpc));
  });
  in.named("peerings", "peering", "connections with VPCs of other environments",
           [&](const Located<std::string>& name, Section& section) {
             PeeringConfig peering;
             peering.name = name;
             section.optional("vpc", peering.vpc).default_is("its only one").doc("the VPC of this environment");
             section.required("with", peering.with).doc("the other end, <environment>/<vpc>");
             if (!section.describing()) env.peerings.push_back(std::move(peering));
           });
  in.named("security_groups", "security group", "what may reach the instances that are in it",
           [&](const Located<std::string>& name, Section& section) {
             SecurityGroupConfig group;
             group.name = name;
             section.optional("vpc", group.vpc).default_is("its only one").doc("the VPC that it belongs to");
             section.optional("tags", group.tags).doc("by which rules may name it, such as tier=web");
             section.list("rules", group.rules, [](Section& item, RuleConfig& rule) {
                 rule.where = item.where();
                 item.exactly_one_of({"from", "from_tag", "from_cidr"});
                 item.optional("from", rule.from_group)
                     .default_is("")
                     .doc("a security group, of a peered VPC as <environment>/<group>");
                 item.optional("from_tag", rule.from_tag).default_is("").doc("every security group that carries the tag");
                 item.optional("from_cidr", rule.from_cidr).default_is("").doc("addresses, such as 10.0.0.0/16");
                 item.optional("port", rule.port)
                     .between(std::int64_t{0}, std::int64_t{65'535})
                     .doc("0 stands for all ports");
               }).doc("what may come in");
             if (!section.describing()) env.security_groups.push_back(std::move(group));
           });
}

void read_images(Section& in, EnvironmentConfig& env) {
  in.named("images", "image", "machine images that instances start from",
           [&](const Located<std::string>& name, Section& section) {
             ImageConfig image;
             image.name = name;
             section.optional("copied_to", image.copied_to).doc("Regions with a copy, beside the environment's own");
             section.optional("shared_with", image.shared_with).doc("accounts that may use it, beside the environment's");
             if (!section.describing()) env.images.push_back(std::move(image));
           });
}

void read_stores(Section& in, EnvironmentConfig& env, const char* key, const char* what, ItemKind kind, const char* doc) {
  in.named(key, what, doc, [&](const Located<std::string>& name, Section& section) {
    DataStoreConfig store;
    store.name = name;
    store.kind = kind;
    store.protected_as = name;
    section.optional("protected_as", store.protected_as)
        .default_is("its own name")
        .doc("its name under `protection`");
    section.at_most_one_of({"zone", "subnet"});
    section.optional("zone", store.zone).default_is("the whole Region").doc("where it is");
    section.optional("subnet", store.subnet).default_is("none").doc("where it is");
    section.optional("security_groups", store.security_groups).doc("that it is in");
    if (!section.describing()) env.stores.push_back(std::move(store));
  });
}

void read_instances(Section& in, EnvironmentConfig& env) {
  in.named("instances", "group of instances", "instances that do the same work",
           [&](const Located<std::string>& name, Section& section) {
             InstancesConfig instances;
             instances.name = name;
             section.required("instance_type", instances.instance_type).doc("of each");
             section.optional("count", instances.count)
                 .between(std::int64_t{1}, std::int64_t{1'000'000})
                 .doc("how many");
             section.optional("subnet", instances.subnet).default_is("none").doc("where they are");
             section.optional("image", instances.image).default_is("one that is in every Region").doc("that they start from");
             section.optional("security_groups", instances.security_groups).doc("that they are in");
             section.optional("uses", instances.uses).doc("volumes, databases and other instances that they need");
             if (!section.describing()) env.instances.push_back(std::move(instances));
           });
}

void read_clone(Section& in, EnvironmentConfig& env) {
  in.optional("takes", env.takes).default_is("all").doc("items that the clone takes, with all that they need");
  in.optional("leaves_out", env.leaves_out).doc("items that it does not take, needed or not");
  in.optional("built", env.built)
      .doc("its VPCs, subnets and groups are there before a disaster, so that provision steps have nothing to do");
  in.named("standing", "group of instances", "instances of the clone that differ from the original's",
           [&](const Located<std::string>& name, Section& section) {
             CloneInstancesConfig change;
             change.name = name;
             section.optional("instance_type", change.instance_type).default_is("the original's").doc("of each");
             section.optional("count", change.standing)
                 .between(std::int64_t{0}, std::int64_t{1'000'000})
                 .doc("of them run all the time; the others are launched after a disaster");
             section.optional("reserved", change.reserved)
                 .doc("the others are launched into capacity reservations, which are paid all the time");
             if (!section.describing()) env.changes.push_back(std::move(change));
           });
}

/// Reports names of an environment that name nothing in it.
class NameCheck {
 public:
  NameCheck(Section& in, const EnvironmentConfig& env) : in_(in), env_(env) {
    for (const VpcConfig& vpc : env.vpcs) {
      add(vpc.name, vpcs_);
      for (const SubnetConfig& subnet : vpc.subnets) add(subnet.name, subnets_);
    }
    for (const auto& group : env.security_groups) add(group.name, groups_);
    for (const auto& image : env.images) add(image.name, images_);
    for (const auto& peering : env.peerings) add(peering.name, peerings_);
    for (const auto& instances : env.instances) add(instances.name, resources_);
    for (const auto& store : env.stores) add(store.name, resources_);
  }

  void check() {
    for (const VpcConfig& vpc : env_.vpcs) {
      for (const RouteConfig& route : vpc.routes) {
        if (route.to.value != "internet") known(route.to, "peering", peerings_);
      }
    }
    for (const PeeringConfig& peering : env_.peerings) check_vpc(peering.vpc, peering.name);
    for (const SecurityGroupConfig& group : env_.security_groups) {
      if (group.vpc) known(*group.vpc, "VPC", vpcs_);
      for (const RuleConfig& rule : group.rules) {
        // A group of a peered VPC is checked where all environments are known.
        if (rule.from_group && rule.from_group->value.find('/') == std::string::npos) {
          known(*rule.from_group, "security group", groups_);
        }
        if (rule.from_tag) check_tag(*rule.from_tag);
      }
    }
    for (const InstancesConfig& instances : env_.instances) {
      if (instances.subnet) known(*instances.subnet, "subnet", subnets_);
      if (instances.image) known(*instances.image, "image", images_);
      for (const auto& group : instances.security_groups) known(group, "security group", groups_);
      for (const auto& used : instances.uses) known(used, "resource", resources_);
    }
    for (const DataStoreConfig& store : env_.stores) {
      if (store.subnet) known(*store.subnet, "subnet", subnets_);
      for (const auto& group : store.security_groups) known(group, "security group", groups_);
    }
  }

 private:
  void add(const Located<std::string>& name, std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), name.value) != names.end()) {
      in_.error_at(name.where, fmt::format("'{}' names two things of environment '{}'", name.value, env_.name.value),
                   "instances, volumes and databases share their names: give each its own");
    }
    names.push_back(name.value);
  }
  void known(const Located<std::string>& name, std::string_view what, const std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), name.value) != names.end()) return;
    in_.error_at(name.where, fmt::format("environment '{}' has no {} '{}'", env_.name.value, what, name.value),
                 config::name_help(what, name.value, names));
  }
  void check_vpc(const std::optional<Located<std::string>>& vpc, const Located<std::string>& user) {
    if (vpc) {
      known(*vpc, "VPC", vpcs_);
    } else if (vpcs_.size() != 1) {
      in_.error_at(user.where, fmt::format("'{}' does not say which of {} VPCs it belongs to", user.value, vpcs_.size()),
                   "add vpc: with the name of one");
    }
  }
  void check_tag(const Located<std::string>& tag) {
    for (const SecurityGroupConfig& group : env_.security_groups) {
      if (std::find(group.tags.begin(), group.tags.end(), tag.value) != group.tags.end()) return;
    }
    in_.error_at(tag.where, fmt::format("no security group of environment '{}' has the tag '{}'", env_.name.value, tag.value),
                 "add it to the tags of a group");
  }

  Section& in_;
  const EnvironmentConfig& env_;
  std::vector<std::string> vpcs_, subnets_, groups_, images_, peerings_, resources_;
};

void check_between(Section& in, const std::vector<EnvironmentConfig>& all) {
  std::vector<std::string> names, originals;
  for (const EnvironmentConfig& env : all) {
    names.push_back(env.name.value);
    if (!env.clone_of) originals.push_back(env.name.value);
  }
  const auto find = [&](std::string_view name) -> const EnvironmentConfig* {
    const auto it = std::find_if(all.begin(), all.end(), [&](const EnvironmentConfig& e) { return e.name.value == name; });
    return it == all.end() ? nullptr : &*it;
  };
  for (const EnvironmentConfig& env : all) {
    if (env.clone_of) {
      const EnvironmentConfig* original = find(env.clone_of->value);
      if (original == nullptr) {
        in.error_at(env.clone_of->where, fmt::format("there is no environment '{}'", env.clone_of->value),
                    config::name_help("environment", env.clone_of->value, originals));
        continue;
      }
      if (original->clone_of) {
        in.error_at(env.clone_of->where, fmt::format("environment '{}' is itself a clone", env.clone_of->value),
                    "clone the original");
        continue;
      }
      const EnvironmentGraph graph(*original);
      std::vector<std::string> items, instances;
      for (const Item& item : graph.items()) items.push_back(item.name);
      for (const auto& group : original->instances) instances.push_back(group.name.value);
      const auto known = [&](const Located<std::string>& name, std::string_view what, const std::vector<std::string>& in_list) {
        if (std::find(in_list.begin(), in_list.end(), name.value) != in_list.end()) return;
        in.error_at(name.where, fmt::format("environment '{}' has no {} '{}'", original->name.value, what, name.value),
                    config::name_help(what, name.value, in_list));
      };
      for (const auto& name : env.takes) known(name, "item", items);
      for (const auto& name : env.leaves_out) known(name, "item", items);
      for (const auto& change : env.changes) known(change.name, "group of instances", instances);
    }
    for (const PeeringConfig& peering : env.peerings) {
      const std::size_t slash = peering.with.value.find('/');
      const EnvironmentConfig* other = find(peering.with.value.substr(0, slash));
      if (slash == std::string::npos || other == nullptr) {
        in.error_at(peering.with.where, fmt::format("'{}' is no VPC of another environment", peering.with.value),
                    "write <environment>/<vpc>");
      }
    }
  }
}

}  // namespace

std::vector<EnvironmentConfig> read_environments(Section& scenario) {
  std::vector<EnvironmentConfig> all;
  scenario.named("environments", "environment", "applications with all that they stand on, and their clones elsewhere",
                 [&](const Located<std::string>& name, Section& in) {
    EnvironmentConfig env;
    env.name = name;
    in.optional("clone_of", env.clone_of).default_is("it is no clone").doc("the environment that it is a copy of");
    if (in.describing() || env.clone_of) {
      in.optional("region", env.region).default_is("required; of a clone the original's").doc("where it is");
    } else {
      in.required("region", env.region).doc("where it is");
    }
    in.optional("account", env.account).default_is("the first of `accounts`").doc("whose it is");
    in.when(!env.clone_of, "it is no clone", [&](Section& own) {
      read_network(own, env);
      read_images(own, env);
      read_instances(own, env);
      read_stores(own, env, "volumes", "volume", ItemKind::volume, "EBS volumes");
      read_stores(own, env, "databases", "database", ItemKind::database, "managed databases");
    });
    in.when(env.clone_of.has_value(), "clone_of is given", [&](Section& own) { read_clone(own, env); });
    if (in.describing()) return;
    NameCheck(in, env).check();
    all.push_back(std::move(env));
  });
  if (!scenario.describing()) check_between(scenario, all);
  return all;
}

}  // namespace fleetsim
