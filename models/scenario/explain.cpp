// What a scenario means after defaults, in sentences and small tables of at most 100 columns.

#include <algorithm>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/placement_scores.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim {

namespace {

using scenario::FleetPlan;
using scenario::PlacementPlan;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

class Writer {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }
  void blank() { text_ += '\n'; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string shape_in_words(const DemandConfig& demand) {
  return std::visit(
      Overloaded{[](const ConstantDemand& c) { return "constant at " + to_text(c.rate); },
                 [](const SteppedDemand& s) { return fmt::format("{} steps", s.steps.size()); },
                 [](const DailyDemand& d) {
                   return fmt::format("a {} shape around {}", d.weekly.empty() ? "daily" : "daily and weekly",
                                      to_text(d.mean));
                 },
                 [](const TraceDemand& t) {
                   return fmt::format("a recorded trace{}{}", t.mean ? " scaled to a mean of " + to_text(*t.mean) : "",
                                      t.random_day ? ", begun on a day drawn for each replication" : "");
                 }},
      demand.shape);
}

std::string capacity_in_words(const CapacityProcess& capacity) {
  const auto units = [](std::int64_t n) { return n == unlimited_units ? std::string("any number of") : fmt::format("{}", n); };
  return std::visit(
      Overloaded{[&](const FixedCapacity& f) { return units(f.units) + " units, always"; },
                 [&](const OnOffCapacity& o) {
                   return fmt::format("{} units; open {} and closed {} in the mean", units(o.units),
                                      to_text(o.up.mean()), to_text(o.down.mean()));
                 },
                 [&](const LatentCapacity& l) {
                   return fmt::format("{} units, {:g} % of the time, by a state of correlation {:g} with its Region",
                                      units(l.units), 100 * l.availability, l.region.correlation);
                 },
                 [&](const ReplayedCapacity& r) {
                   return fmt::format("{} units, as recorded over {}{}", units(r.units), to_text(r.trace->span),
                                      r.start == ReplayStart::beginning    ? std::string{}
                                      : r.start == ReplayStart::random_day ? ", from a drawn day on"
                                                                           : ", in drawn blocks of " + to_text(r.block));
                 }},
      capacity);
}

std::string price_in_words(const PriceProcess& price) {
  return std::visit(Overloaded{[](const ConstantPrice& c) { return to_text(c.price); },
                               [](const ReplayedPrice& r) {
                                 const auto [low, high] = std::minmax_element(r.trace->values.begin(), r.trace->values.end());
                                 return fmt::format("recorded, {} to {}", to_text(*low), to_text(*high));
                               },
                               [](const GeneratedPrice& g) {
                                 return fmt::format("drawn, about {} of on demand", to_text(g.ratio));
                               }},
                    price);
}

std::string join(const std::vector<config::Located<std::string>>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.value;
  return text;
}

std::string rules_in_words(const AllocationRules& rules) {
  switch (rules.strategy) {
    case AllocationStrategy::lowest_price:
      return rules.pools_to_use == 1 ? "the cheapest first" : fmt::format("the {} cheapest evenly", rules.pools_to_use);
    case AllocationStrategy::diversified: return "all evenly that are cheaper than on demand";
    case AllocationStrategy::capacity_optimized: return "the deepest pool first";
    case AllocationStrategy::capacity_optimized_prioritized:
      return fmt::format("by priority among pools within {} of the deepest", to_text(rules.depth_tolerance_prioritized));
    case AllocationStrategy::price_capacity_optimized:
      return fmt::format("the cheapest among pools within {} of the deepest", to_text(rules.depth_tolerance_price));
    case AllocationStrategy::prioritized: return "by priority";
  }
  return {};
}

void explain_allocation(Writer& out, const GroupConfig& group, const AllocationConfig& allocation) {
  if (group.instance_types.size() == 1 && !allocation.weighted) return;
  for (const Purchase purchase : group.purchases) {
    const AllocationRules& rules = purchase == Purchase::spot ? allocation.spot : allocation.on_demand;
    out.line("    types {}: {}", purchase == Purchase::spot ? "on Spot" : "on demand", rules_in_words(rules));
  }
  if (!allocation.weighted) return;
  std::string weights;
  for (std::size_t type = 0; type < group.instance_types.size(); ++type) {
    weights += fmt::format("{}{} {}", type == 0 ? "" : ", ", group.instance_types[type].value, allocation.weights[type]);
  }
  out.line("    counts units: {}", weights);
}

void explain_ec2_fleet(Writer& out, const Ec2FleetConfig& fleet) {
  switch (fleet.type) {
    case Ec2FleetType::instant:
      out.line("    EC2 Fleet, instant: {} units in one attempt over all pools", fleet.target);
      break;
    case Ec2FleetType::request:
      out.line("    EC2 Fleet, request: {} units in one attempt; no pool stands in for another", fleet.target);
      break;
    case Ec2FleetType::maintain:
      out.line("    EC2 Fleet, maintain: holds {} units, replaces what it loses after {}", fleet.target,
               to_text(fleet.replacement_delay));
      break;
  }
  if (fleet.on_demand > 0) out.line("    of them {} on demand", fleet.on_demand);
  if (fleet.unit_price_max) {
    out.line("    uses no Spot pool where a unit costs more than {}", to_text(*fleet.unit_price_max));
  }
  if (fleet.total_price_max) out.line("    stops launching at {} in all", to_text(*fleet.total_price_max));
  if (fleet.rebalance == CapacityRebalance::launch) {
    out.line("    replaces an instance that is recommended for rebalancing, which runs on");
  } else if (fleet.rebalance == CapacityRebalance::launch_before_terminate) {
    out.line("    replaces an instance that is recommended for rebalancing, and ends it {} later",
             to_text(fleet.termination_delay));
  }
}

void explain_spot_requests(Writer& out, const SpotRequestsSettings& settings) {
  const SpotRequestConfig& request = settings.request;
  out.line("    {} {} Spot requests over its pools in turn{}", settings.count,
           request.type == SpotRequestType::persistent ? "persistent" : "one-time",
           settings.launch_group ? ", launched all or none" : "");
  if (request.interruption == InterruptionBehavior::stop) {
    out.line("    EC2 stops what it takes back, and starts it again when the pool has room");
  } else if (request.interruption == InterruptionBehavior::hibernate) {
    out.line("    EC2 hibernates what it takes back, and resumes it when the pool has room");
  }
}

void explain_group(Writer& out, const GroupConfig& group, const AllocationConfig& allocation,
                   const std::optional<Ec2FleetConfig>& ec2_fleet,
                   const std::optional<SpotRequestsSettings>& spot_requests) {
  if (group.purchases.size() == 1) {
    out.line("  {} ({})", group.name, to_name(group.purchases.front()));
  } else if (ec2_fleet) {
    out.line("  {} (mixed)", group.name);
  } else {
    out.line("  {} (mixed: the first {} on demand, then {} on demand)", group.name, group.mix.on_demand_base,
             to_text(group.mix.on_demand_above_base));
  }
  out.line("    launches {} in {}{}", join(group.instance_types), join(group.zones),
           ec2_fleet || spot_requests ? "" : ", the emptiest zone first");
  explain_allocation(out, group, allocation);
  if (spot_requests) return explain_spot_requests(out, *spot_requests);
  if (ec2_fleet) return explain_ec2_fleet(out, *ec2_fleet);
  out.line("    wants {} to {} instances, begins with {}", group.min, group.max, group.initial.value_or(group.min));
  out.line("    grows while the metric is above {:g} % in {} of {} periods:", group.scale_out_above,
           group.scale_out_alarm.needed, group.scale_out_alarm.periods);
  for (std::size_t s = 0; s < group.scale_out_steps.size(); ++s) {
    const ScaleOutStep& step = group.scale_out_steps[s];
    const bool last = s + 1 == group.scale_out_steps.size();
    out.line("      from {:g} %{}: {} more than are warm", group.scale_out_above + step.above,
             last ? "" : fmt::format(" to {:g} %", group.scale_out_above + group.scale_out_steps[s + 1].above), step.count);
  }
  out.line("    shrinks by {} a period while it is below {:g} % in {} of {} periods and none warms up",
           group.scale_in_count, group.scale_in_below, group.scale_in_alarm.needed, group.scale_in_alarm.periods);
  out.line("    {}", group.maintain_desired ? "replaces instances that it loses"
                                            : "does not replace what it loses unless its alarm holds or it is below min");
}

void explain_fleet(Writer& out, const FleetPlan& plan, const DemandConfig& demand) {
  const FleetConfig& fleet = plan.config;
  out.line("fleet {} in {} serves demand {}: {}", fleet.name, fleet.region, demand.name, shape_in_words(demand));
  if (!fleet.home_zone.empty()) {
    out.line("  home zone {}; {} to and from it for each request", fleet.home_zone, to_text(fleet.home_bytes_per_request));
  }
  out.line("  an instance refuses requests above {} utilization; responses after {} count as dropped",
           to_text(fleet.utilization_max), to_text(fleet.deadline));
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    explain_group(out, plan.groups[g], plan.allocations[g], plan.ec2_fleets[g], plan.spot_requests[g]);
  }
  out.blank();
  out.line("  {:<18} {:<12} {:<14} {:>12} {:>14}  {}", "group", "zone", "type", "requests/s", "USD/h", "traffic home");
  for (const PlacementPlan& p : plan.placements) {
    const double capacity = to_requests_per_second(fleet.capacity_per_vcpu) * p.config.vcpus * p.config.performance_factor;
    out.line("  {:<18} {:<12} {:<14} {:>12.0f} {:>14}  {}", plan.groups[p.group].name, p.config.zone,
             p.config.instance_type, capacity, p.pool ? "Spot" : fmt::format("{:.4f}", to_usd_per_hour(p.price)),
             p.config.in_home_zone ? "free" : to_text(p.transfer_price_out + p.transfer_price_in) + ", " +
                                                  to_text(p.config.home_round_trip) + " away");
  }
}

}  // namespace

std::string explain(const Scenario& scenario) {
  const ScenarioData& data = scenario.data();
  Writer out;
  out.line("{}", data.name);
  out.line("{} replications of {} from {}, of which the first {} are not measured; seed {}", data.run.replications,
           to_text(data.run.duration), config::to_text(data.run.start), to_text(data.run.warm_up), data.run.seed);
  for (const FleetPlan& fleet : data.fleets) {
    out.blank();
    explain_fleet(out, fleet, data.demands[fleet.demand]);
  }
  if (!data.spot_market.pools.empty()) {
    out.blank();
    out.line("Spot pools; a closing pool gives its notices within {}, each {} before the end",
             to_text(data.spot_market.reclaim_spread), to_text(data.spot_market.notice));
    for (const SpotPoolConfig& pool : data.spot_market.pools) {
      out.line("  {}/{}", pool.zone, pool.instance_type);
      out.line("    capacity: {}", capacity_in_words(pool.capacity));
      if (pool.life) out.line("    an instance is taken back after {} in the mean", to_text(pool.life->life.mean()));
      out.line("    price: {}", price_in_words(pool.price));
    }
  }
  for (const SpotOutage& outage : data.spot_market.outages) {
    const std::string when =
        outage.every ? fmt::format("every {} in the mean", to_text(outage.every->mean())) : "at " + to_text(outage.at);
    out.line("  outage {} for {}: {} of {} pools' instances are taken", when, to_text(outage.duration.mean()),
             to_text(outage.share), outage.pools.size());
  }
  const std::vector<scenario::PlacementScore> scores = scenario::placement_scores(data);
  if (!scores.empty()) {
    out.blank();
    out.line("Spot placement scores, from 1 to 10: whether all units can be had when a run begins");
    for (const scenario::PlacementScore& score : scores) {
      out.line("  {:<40} {:>6} units: {:>2}, with a probability of {:.0f} %",
               score.group + " in " + (score.zone.empty() ? "all its zones" : score.zone), score.units, score.score,
               100 * score.probability);
    }
  }
  if (!data.objectives.empty()) {
    out.blank();
    out.line("objectives");
    for (const scenario::Objective& objective : data.objectives) out.line("  {}", objective.name);
  }
  return out.take();
}

}  // namespace fleetsim
