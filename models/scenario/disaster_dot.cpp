// Environments and recovery plans as one graph for Graphviz, a frame each.

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/cluster_words.hpp"
#include "models/scenario/disaster_words.hpp"

namespace fleetsim::scenario {

namespace {

/// Within quotes of the DOT language.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

const char* shape_of(ItemKind kind) {
  switch (kind) {
    case ItemKind::volume:
    case ItemKind::database: return "cylinder";
    case ItemKind::instances: return "box3d";
    case ItemKind::image: return "note";
    case ItemKind::security_group: return "hexagon";
    default: return "box";
  }
}

/// What a node says of itself beside its name.
std::string kind_in_words(const EnvironmentConfig& original, const EnvironmentConfig& env, const Item& item) {
  if (item.kind != ItemKind::instances) return std::string(to_name(item.kind));
  for (const InstancesConfig& all : original.instances) {
    if (all.name.value != item.name) continue;
    std::string type = all.instance_type.value, standing = env.clone_of ? ", none standing" : "";
    for (const CloneInstancesConfig& change : env.changes) {
      if (change.name.value != item.name) continue;
      if (change.instance_type) type = change.instance_type->value;
      if (change.standing > 0) standing = fmt::format(", {} standing", change.standing);
      if (change.reserved) standing += ", reserved";
    }
    return fmt::format("{} x {}{}", all.count, type, standing);
  }
  return std::string(to_name(item.kind));
}

std::string environment_in_dot(const EnvironmentConfig& env, const EnvironmentConfig& original, std::size_t number) {
  const EnvironmentGraph graph(original);
  std::vector<std::size_t> taken;
  if (env.clone_of) {
    taken = graph.taken_by(env);
  } else {
    for (std::size_t i = 0; i < graph.items().size(); ++i) taken.push_back(i);
  }
  const auto is_taken = [&](std::size_t item) { return std::binary_search(taken.begin(), taken.end(), item); };
  const std::string what = env.clone_of ? fmt::format("environment {}, a clone of {}", env.name.value, original.name.value)
                                        : "environment " + env.name.value;
  std::string text = fmt::format("  subgraph cluster_environment_{} {{\n    label={};\n", number,
                                 dot_label(what, fmt::format("{}, account {}; an arrow leads to what is needed", env.region.value, env.account.value)));
  for (const std::size_t i : taken) {
    const Item& item = graph.items()[i];
    text += fmt::format("    e{}_{} [shape={}, label={}];\n", number, i, shape_of(item.kind),
                        dot_label(item.name, kind_in_words(original, env, item)));
  }
  for (const auto& [item, needed] : graph.needs()) {
    if (is_taken(item) && is_taken(needed)) text += fmt::format("    e{0}_{1} -> e{0}_{2};\n", number, item, needed);
  }
  if (env.clone_of) {
    const std::vector<MissingItem> all = graph.missing_in(env, env.region.value, env.account.value);
    for (std::size_t m = 0; m < all.size(); ++m) {
      text += fmt::format("    e{}_missing_{} [style=dashed, color=red, fontcolor=red, label={}];\n", number, m,
                          dot_label("lacks " + all[m].lacks, all[m].reason));
      for (const std::size_t i : taken) {
        if (fmt::format("{} {}", to_name(graph.items()[i].kind), graph.items()[i].name) != all[m].item) continue;
        text += fmt::format("    e{0}_{1} -> e{0}_missing_{2} [style=dashed, color=red];\n", number, i, m);
      }
    }
  }
  return text + "  }\n";
}

std::string plan_in_dot(const RecoveryPlanData& data, std::size_t number) {
  const RecoveryPlan& plan = *data.plan;
  const RecoveryPlanConfig& config = plan.config();
  const RecoveryPlan::StaticPath path = plan.static_critical_path(data.target_built);
  const auto critical = [&](std::size_t step) { return std::find(path.steps.begin(), path.steps.end(), step) != path.steps.end(); };
  std::string text = fmt::format(
      "  subgraph cluster_plan_{} {{\n    label={};\n", number,
      dot_label(fmt::format("plan {}: {} recovers in {}", config.name.value, config.protects.value, config.target.value),
            fmt::format("bold is the critical path by means, {}; an arrow leads to what follows", rounded_to_text(path.length))));
  std::vector<bool> followed(plan.steps().size());
  std::string edges;
  const auto add_edges = [&](std::size_t step, const std::vector<config::Located<std::string>>& names, const char* style) {
    for (const auto& name : names) {
      for (std::size_t before = 0; before < plan.steps().size(); ++before) {
        if (plan.steps()[before].name.value != name.value) continue;
        followed[before] = followed[before] || plan.steps()[step].needed_for == NeededFor::service;
        std::string styles = style;
        if (critical(step) && critical(before)) styles += styles.empty() ? "bold" : ",bold";
        edges += fmt::format("    p{0}_{1} -> p{0}_{2}{3};\n", number, before, step,
                             styles.empty() ? "" : fmt::format(" [style=\"{}\"]", styles));
      }
    }
  };
  for (std::size_t s = 0; s < plan.steps().size(); ++s) {
    const StepConfig& step = plan.steps()[s];
    std::string what = fmt::format("{}, {}", to_name(step.kind), rounded_to_text(plan.mean_duration(s)));
    if (step.people) what += ", by " + step.people->value;
    std::string style = step.needed_for == NeededFor::service ? "" : "dashed";
    if (critical(s)) style += style.empty() ? "bold" : ",bold";
    std::string of;
    for (const auto& name : step.of) of += (of.empty() ? "" : ", ") + name.value;
    text += fmt::format("    p{}_{} [style=\"{}\", label={}];\n", number, s, style,
                        dot_label(of.empty() ? step.name.value : step.name.value + ": " + of, what));
    add_edges(s, step.after, "");
    add_edges(s, step.after_own, "dashed");
  }
  text += edges + fmt::format("    p{}_served [shape=ellipse, label=\"users are served\"];\n", number);
  for (std::size_t s = 0; s < plan.steps().size(); ++s) {
    if (plan.steps()[s].needed_for != NeededFor::service || followed[s]) continue;
    text += fmt::format("    p{0}_{1} -> p{0}_served{2};\n", number, s, critical(s) ? " [style=bold]" : "");
  }
  return text + "  }\n";
}

}  // namespace

std::string dot_label(const std::string& first, const std::string& second) {
  std::string text = quoted(first);
  text.pop_back();
  return text + "\\n" + quoted(second).substr(1);
}

std::string disasters_in_dot(const ScenarioData& data) {
  std::string text = "digraph " + quoted(data.name) +
                     " {\n  rankdir=LR;\n  fontname=\"sans-serif\";\n  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n";
  const std::vector<EnvironmentConfig>& all = data.disasters.environments;
  for (std::size_t e = 0; e < all.size(); ++e) {
    for (const EnvironmentConfig& original : all) {
      if (original.name.value == (all[e].clone_of ? all[e].clone_of->value : all[e].name.value)) text += environment_in_dot(all[e], original, e);
    }
  }
  const Topology topology(data.topology);
  for (std::size_t c = 0; c < data.disasters.clusters.size(); ++c) text += in_dot(data.disasters.clusters[c], topology, c);
  for (std::size_t p = 0; p < data.disasters.plans.size(); ++p) text += plan_in_dot(data.disasters.plans[p], p);
  return text + "}\n";
}

}  // namespace fleetsim::scenario

namespace fleetsim {

std::string explain_dot(const Scenario& scenario) { return scenario::disasters_in_dot(scenario.data()); }

}  // namespace fleetsim
