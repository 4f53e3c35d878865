// What a scenario means after defaults, in sentences and small tables of at most 80 columns.

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/balancer_words.hpp"
#include "models/scenario/data_words.hpp"
#include "models/scenario/number_words.hpp"
#include "models/scenario/disaster_words.hpp"
#include "models/scenario/placement_scores.hpp"
#include "models/scenario/price_words.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/storage_words.hpp"

namespace fleetsim {

namespace {

using scenario::grouped;

using scenario::FleetPlan;
using scenario::PlacementPlan;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

constexpr std::size_t line_width = 80;

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Writer {
 public:
  /// Broken at blanks where it is wider than a line; what follows is indented further.
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    const std::string text = fmt::format(format, std::forward<Args>(args)...);
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    std::string_view rest = std::string_view(text).substr(indent);
    std::string row(indent, ' ');
    while (!rest.empty()) {
      const std::size_t blank = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, blank);
      rest.remove_prefix(std::min(rest.size(), blank + 1));
      if (width_of(row) + width_of(word) > line_width && row.find_first_not_of(' ') != std::string::npos) {
        row.erase(row.find_last_not_of(' ') + 1);
        text_ += row + '\n';
        row.assign(indent + 4, ' ');
      }
      row += word;
      if (!rest.empty()) row += ' ';
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text_ += row + '\n';
  }
  /// As it is, for the rows of a table.
  void text(std::string_view row) { (text_ += row) += '\n'; }
  void blank() { text_ += '\n'; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// "41m19s": a mean, rounded to a thousandth or less of itself.
Duration rounded(Duration mean) {
  std::int64_t step = 1;
  for (const std::int64_t unit : {nanoseconds_per_second / 1000, nanoseconds_per_second, 60 * nanoseconds_per_second}) {
    if (mean.count() >= 1000 * unit) step = unit;
  }
  return Duration::of((mean.count() + step / 2) / step * step);
}

/// "0.107", of a column that gives the unit.
std::string number_of(UsdPerHour price) {
  const std::string text = to_text(price);
  return text.substr(0, text.find(' '));
}

/// "Spot", "on demand", "reserved 1y".
std::string in_words(Purchase purchase) {
  if (purchase == Purchase::spot) return "Spot";
  std::string words(to_name(purchase));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

/// "75 %".
std::string percent(Ratio share) { return fmt::format("{:.6g} %", share.value * 100); }

/// A duration as it is written in a scenario, or the mean of a distribution.
std::string in_words(const DurationDistribution& duration) {
  const bool constant = std::holds_alternative<Constant>(duration.in_seconds().form());
  return constant ? to_text(duration.mean()) : to_text(rounded(duration.mean())) + " in the mean";
}

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
  const auto units = [](std::int64_t n) { return n == unlimited_units ? std::string("any number of") : grouped(n); };
  return std::visit(
      Overloaded{[&](const FixedCapacity& f) { return units(f.units) + " units, always"; },
                 [&](const OnOffCapacity& o) {
                   return fmt::format("{} units; open {} and closed {} in the mean", units(o.units),
                                      to_text(rounded(o.up.mean())), to_text(rounded(o.down.mean())));
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
                               [](const BiddingPrice& b) {
                                 double demand = 0;
                                 for (const BidderClass& bidders : b.competitors) demand += bidders.demand;
                                 const double units = demand * static_cast<double>(b.units);
                                 return fmt::format("of an auction, from {} of on demand on; others bid for {} units",
                                                    to_text(b.floor), grouped(std::llround(units)));
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
  if (fleet.interruption == Ec2FleetInterruption::stop) {
    out.line("    EC2 stops what it takes back, and starts it again when a launch falls to its pool");
  } else if (fleet.interruption == Ec2FleetInterruption::hibernate) {
    out.line("    EC2 hibernates what it takes back, and resumes it when a launch falls to its pool");
  }
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
    out.line("  {} ({})", group.name, in_words(group.purchases.front()));
  } else if (ec2_fleet) {
    out.line("  {} (mixed)", group.name);
  } else {
    out.line("  {} (mixed: the first {} on demand, then {} on demand)", group.name, group.mix.on_demand_base,
             percent(group.mix.on_demand_above_base));
  }
  out.line("    launches {} in {}{}", join(group.instance_types), join(group.zones),
           ec2_fleet || spot_requests ? "" : ", the emptiest zone first");
  explain_allocation(out, group, allocation);
  if (spot_requests) return explain_spot_requests(out, *spot_requests);
  if (ec2_fleet) return explain_ec2_fleet(out, *ec2_fleet);
  out.line("    wants {} to {} instances, begins with {}", grouped(group.min), grouped(group.max),
           grouped(group.initial.value_or(group.min)));
  for (const ScalingPolicyPtr& policy : group.policies) {
    for (const std::string& line : policy->in_words()) out.line("    {}", line);
  }
  if (group.policies.empty()) out.line("    no policy: desired stays as it is set");
  for (const std::string& line : life_in_words(group)) out.line("    {}", line);
  out.line("    {}", group.maintain_desired ? "replaces instances that it loses"
                                            : "does not replace what it loses unless its alarm holds or it is below min");
  if (group.maintain_desired) out.line("    notices a loss after {}", to_text(group.replacement_delay));
  const LaunchRetryConfig& retry = group.launch_retry;
  out.line("    after a launch without capacity waits {}, then {:g} times as long, at most {}, each up to {} shorter or longer",
           to_text(retry.initial), retry.factor, to_text(retry.max), percent(retry.jitter));
  if (group.instance_warmup > Duration{}) {
    out.line("    an instance counts in the metric {} after it is in service", to_text(group.instance_warmup));
  }
}

/// The highest rate in requests/s, wherever in its trace a run may begin.
double demand_peak(const DemandConfig& demand, const DemandRun& run) {
  double peak = 0;
  const DemandBeginnings beginnings = demand_beginnings(demand, run);
  for (std::int64_t day = 0; day < beginnings.days; ++day) {
    const DemandProfile profile(demand, run, beginnings.first + 1_d * day);
    DemandProfile::Piece piece;
    for (Duration t; t < run.length; t = piece.end) {
      piece = profile.at(t);
      peak = std::max(peak, to_requests_per_second(piece.rate));
    }
  }
  return peak;
}

/// What the demand is multiplied by, when, and how high it can get.
void explain_level(Writer& out, const DemandConfig& demand, const DemandRun& run) {
  if (demand.factor != 1) out.line("  every rate is multiplied by {:g}", demand.factor);
  for (const DemandBurst& burst : demand.bursts) {
    out.line("  from {} on it is {:g} times as high for {}", to_text(burst.at), burst.factor, to_text(burst.duration));
  }
  if (std::holds_alternative<ConstantDemand>(demand.shape) && demand.factor == 1 && demand.bursts.empty()) return;
  const double peak = demand_peak(demand, run);
  out.line("  it is at most {} requests/s", grouped(static_cast<std::int64_t>(std::llround(peak))));
}

/// One line for each place in which a group may launch.
void explain_placements(Writer& out, const FleetPlan& plan) {
  const FleetConfig& fleet = plan.config;
  std::size_t group = 5, type = 4, zone = 4;
  for (const PlacementPlan& p : plan.placements) {
    group = std::max(group, plan.groups[p.group].name.size());
    zone = std::max(zone, p.config.zone.size());
    type = std::max(type, p.config.instance_type.size());
  }
  const auto row = [&](std::string_view of_group, std::string_view of_zone, std::string_view of_type,
                       std::string_view rate, std::string_view price) {
    out.text(fmt::format("  {:<{}}  {:<{}}  {:<{}}  {:>10}  {:>6}", of_group, group, of_zone, zone, of_type, type, rate,
                         price));
  };
  row("group", "zone", "type", "requests/s", "USD/h");
  for (const PlacementPlan& p : plan.placements) {
    const double capacity = to_requests_per_second(fleet.capacity_per_vcpu) * p.config.vcpus * p.config.performance_factor;
    row(plan.groups[p.group].name, p.config.zone, p.config.instance_type,
        grouped(static_cast<std::int64_t>(std::llround(capacity))),
        p.pool ? "Spot" : number_of(p.price));
  }
  std::vector<std::string> told;
  for (const PlacementPlan& p : plan.placements) {
    if (p.config.in_home_zone || std::find(told.begin(), told.end(), p.config.zone) != told.end()) continue;
    told.push_back(p.config.zone);
    out.line("  {} is {} from the home zone and back; traffic with it costs {}", p.config.zone,
             to_text(p.config.home_round_trip), to_text(p.transfer_price_out + p.transfer_price_in));
  }
}

void explain_fleet(Writer& out, const FleetPlan& plan, const DemandConfig& demand, const DemandRun& run) {
  const FleetConfig& fleet = plan.config;
  out.line("fleet {} in {} serves demand {}: {}", fleet.name, fleet.region, demand.name, shape_in_words(demand));
  explain_level(out, demand, run);
  if (!fleet.home_zone.empty()) {
    out.line("  home zone {}; {} to and from it for each request", fleet.home_zone, to_text(fleet.home_bytes_per_request));
  }
  if (fleet.requests) {
    out.line("  responses after {} count as dropped", to_text(fleet.deadline));
  } else {
    out.line("  an instance refuses requests above {} utilization; responses after {} count as dropped",
             percent(fleet.utilization_max), to_text(fleet.deadline));
  }
  for (const std::string& line : scenario::balancer_in_words(fleet)) out.line("{}", line);
  if (fleet.metric_lag > Duration{}) {
    out.line("  its groups see the metrics of a period {} after its end", to_text(fleet.metric_lag));
  }
  out.line("  a launch is pending for {}, boots for {}, and starts its application for {}", in_words(fleet.pending_time),
           in_words(fleet.boot_time), in_words(fleet.start_time));
  const auto windows = std::find_if(plan.placements.begin(), plan.placements.end(),
                                    [](const PlacementPlan& p) { return p.config.boot_time.has_value(); });
  if (windows != plan.placements.end()) out.line("  Windows boots for {}", in_words(*windows->config.boot_time));
  const bool spot = std::any_of(plan.placements.begin(), plan.placements.end(),
                                [](const PlacementPlan& p) { return p.pool.has_value(); });
  if (spot) out.line("  a Spot launch is pending for {} more", in_words(fleet.spot_fulfilment_time));
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    explain_group(out, plan.groups[g], plan.allocations[g], plan.ec2_fleets[g], plan.spot_requests[g]);
  }
  out.blank();
  explain_placements(out, plan);
  for (const std::string& line : scenario::surcharges_in_words(plan)) out.line("{}", line);
}

}  // namespace

std::string explain(const Scenario& scenario) {
  const ScenarioData& data = scenario.data();
  Writer out;
  out.line("{}", data.name);
  const std::string warm_up =
      data.run.warm_up > Duration{} ? fmt::format(", of which the first {} are not measured", to_text(data.run.warm_up)) : "";
  out.line("{} replications of {} from {}{}; seed {}", grouped(static_cast<std::int64_t>(data.run.replications)),
           to_text(data.run.duration), config::to_text(data.run.start), warm_up, data.run.seed);
  for (const FleetPlan& fleet : data.fleets) {
    out.blank();
    explain_fleet(out, fleet, data.demands[fleet.demand], {.start = data.run.start, .length = data.run.duration});
  }
  for (const scenario::StoragePlan& storage : data.storages) {
    out.blank();
    for (const std::string& line : scenario::in_words(storage)) out.line("{}", line);
  }
  if (data.protection) {
    out.blank();
    for (const std::string& line : scenario::in_words(*data.protection, data.demands)) out.line("{}", line);
  }
  for (const std::string& line : scenario::disasters_in_words(data)) line.empty() ? out.blank() : out.line("{}", line);
  if (!data.spot_market.pools.empty()) {
    out.blank();
    out.line("Spot pools; a closing pool gives its notices within {}, each {} before the end",
             to_text(data.spot_market.reclaim_spread), to_text(data.spot_market.notice));
    for (const SpotPoolConfig& pool : data.spot_market.pools) {
      out.line("  {}/{}", pool.zone, pool.instance_type);
      out.line("    capacity: {}", capacity_in_words(pool.capacity));
      if (pool.life) out.line("    an instance is taken back after {} in the mean", to_text(rounded(pool.life->life.mean())));
      out.line("    price: {}", price_in_words(pool.price));
    }
  }
  for (const SpotOutage& outage : data.spot_market.outages) {
    const std::string when =
        outage.every ? fmt::format("every {} in the mean", to_text(rounded(outage.every->mean()))) : "at " + to_text(outage.at);
    std::string pools;
    for (const PoolId id : outage.pools) {
      const SpotPoolConfig& pool = data.spot_market.pools[id.index];
      pools += (pools.empty() ? "" : ", ") + pool.zone + "/" + pool.instance_type;
    }
    out.line("  outage {} for {}: {} of the instances in {} are taken", when, in_words(outage.duration),
             percent(outage.share), pools.empty() ? "no pool" : pools);
    if (!outage.elsewhere.empty()) {
      out.line("    meanwhile {} of the launches in the other zones of its Region succeed", percent(data.spot_market.launches_elsewhere));
    }
  }
  out.blank();
  for (const std::string& line : scenario::commitments_in_words(data.commitments)) out.line("{}", line);
  for (const std::string& line : scenario::successors_in_words(data)) out.line("{}", line);
  if (!data.fleets.empty() || !data.storages.empty()) {
    out.line("A start is billed for {} at least; a Spot Instance that EC2 takes back within {} costs nothing",
             to_text(data.billing.minimum_per_start), to_text(data.billing.spot_free_if_interrupted_within));
  }
  const std::vector<scenario::PlacementScores> scores = scenario::placement_scores(data);
  if (!scores.empty()) {
    out.blank();
    out.line("Spot placement scores, from 1 to 10, at most 3 for one or two instance types: whether all that is wanted can be "
             "had when a run begins, in 100 tries");
    for (const scenario::PlacementScores& asked : scores) {
      for (const scenario::PlacementScore& score : asked.places) {
        out.line("  {} in {}: {} for {}, with a probability of {:.0f} %", asked.of, score.place, score.score, asked.target,
                 100 * score.probability);
      }
    }
  }
  if (!data.objectives.empty()) {
    out.blank();
    out.line("Objectives");
    for (const scenario::Objective& objective : data.objectives) out.line("  {}", objective.name);
  }
  return out.take();
}

}  // namespace fleetsim
