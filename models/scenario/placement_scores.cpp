#include "models/scenario/placement_scores.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/text.hpp"
#include "models/auto_scaling/choices.hpp"
#include "models/scenario/number_words.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

namespace {

/// Half a step of the score is 5.6 points of probability; the standard error of 100 beginnings is at most 5.
constexpr std::uint64_t beginnings = 100;
constexpr std::size_t places_max = 10;  // in AWS's answer

/// A market that nobody launches from.
struct Nobody final : public SpotHolder, public SpotPriceListener {
  void interruption_noticed(SpotHolderId) override {}
  void interrupted(SpotHolderId) override {}
  void spot_price_changed(PoolId, UsdPerHour) override {}
};

/// A place with the pools it is about, and how often they had all that was asked.
struct Candidate {
  struct Pool {
    PoolId pool;
    std::int64_t each = 0;
    SpotTerms terms;
  };
  std::string place;
  std::vector<Pool> pools;
  std::uint64_t fulfilled = 0;
};
struct Question {
  PlacementScores scores;
  std::int64_t amount = 0;
  std::size_t instance_types = 0;
  std::vector<Candidate> candidates;
};

/// Spot units that a group begins with.
std::int64_t spot_units(const FleetPlan& plan, std::size_t g) {
  const GroupConfig& group = plan.groups[g];
  if (group.purchases.back() != Purchase::spot) return 0;
  if (plan.ec2_fleets[g]) return plan.ec2_fleets[g]->target - plan.ec2_fleets[g]->on_demand;
  if (plan.spot_requests[g]) return plan.spot_requests[g]->count;
  const std::int64_t units = group.initial.value_or(group.min);
  return group.purchases.size() == 1 ? units : units - auto_scaling::on_demand_count(group.mix, units);
}

std::vector<Question> questions_of_groups(const ScenarioData& scenario) {
  std::vector<Question> result;
  for (const FleetPlan& plan : scenario.fleets) {
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
      const GroupConfig& group = plan.groups[g];
      const std::int64_t units = spot_units(plan, g);
      if (units == 0) continue;
      Question question{.scores = {.of = plan.config.name + "/" + group.name,
                                   .target = fmt::format("{} units", grouped(units)), .places = {}},
                        .amount = units, .instance_types = group.instance_types.size(), .candidates = {}};
      const auto add = [&](const std::string& place, std::string_view zone) {
        Candidate candidate{.place = place, .pools = {}};
        for (const PlacementPlan& placement : plan.placements) {
          if (placement.group != g || !placement.pool || (!zone.empty() && placement.config.zone != zone)) continue;
          candidate.pools.push_back({*placement.pool, placement.weight, {.max_price = placement.max_price}});
        }
        question.candidates.push_back(std::move(candidate));
      };
      add("all its zones", "");
      for (const auto& zone : group.zones) {
        if (group.zones.size() > 1) add(zone.value, zone.value);
      }
      result.push_back(std::move(question));
    }
  }
  return result;
}

std::vector<Question> questions_asked(const ScenarioData& scenario) {
  std::vector<Question> result;
  for (const PlacementQuestion& asked : scenario.placement_questions) {
    Question question{.scores = {.of = asked.instance_types_in_words, .target = asked.target, .places = {}},
                      .amount = asked.amount, .instance_types = asked.instance_types, .candidates = {}};
    for (const PlacementQuestion::Pool& pool : asked.pools) {
      if (question.candidates.empty() || question.candidates.back().place != pool.place) {
        question.candidates.push_back({.place = pool.place, .pools = {}});
      }
      question.candidates.back().pools.push_back({pool.pool, pool.each, {}});
    }
    result.push_back(std::move(question));
  }
  return result;
}

/// Counts in how many of the beginnings each candidate has all that is asked.
void ask(const ScenarioData& scenario, const SpotMarketConfig& config, std::vector<Question>& questions) {
  if (questions.empty()) return;
  Nobody nobody;
  for (std::uint64_t replication = 0; replication < beginnings; ++replication) {
    Simulation sim({.seed = scenario.run.seed, .replication = replication});
    SpotMarket market(sim, config, scenario.run.duration, nobody, nobody);
    market.start();
    for (Question& question : questions) {
      for (Candidate& candidate : question.candidates) {
        std::int64_t found = 0;
        for (const Candidate::Pool& pool : candidate.pools) {
          if (!market.has_room(pool.pool, pool.terms)) continue;
          const std::int64_t needed = question.amount / pool.each + 1;  // no more, since a pool may have no bound
          found += std::min(market.free_units(pool.pool, pool.terms), needed) * pool.each;
        }
        if (found >= question.amount) ++candidate.fulfilled;
      }
    }
  }
  for (Question& question : questions) {
    for (const Candidate& candidate : question.candidates) {
      const double probability = static_cast<double>(candidate.fulfilled) / static_cast<double>(beginnings);
      question.scores.places.push_back({.place = candidate.place, .probability = probability,
                                        .score = placement_score(probability, question.instance_types)});
    }
  }
}

std::string joined(const std::vector<config::Located<std::string>>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.value;
  return text;
}

std::int64_t each_of(const PlacementQuestionSettings& settings, const InstanceType& type) {
  if (settings.instances) return 1;
  return settings.vcpus ? type.vcpus : type.memory.count() >> 20U;
}

PlacementQuestion question_of(const PlacementQuestionSettings& settings) {
  const auto counted = [](std::int64_t amount, const char* one) {
    return fmt::format("{} {}{}", grouped(amount), one, amount == 1 ? "" : "s");
  };
  PlacementQuestion question{.target = {}, .amount = 0, .instance_types = settings.instance_types.size(),
                             .instance_types_in_words = joined(settings.instance_types), .pools = {}};
  if (settings.instances) {
    question.amount = *settings.instances;
    question.target = counted(question.amount, "instance");
  } else if (settings.vcpus) {
    question.amount = *settings.vcpus;
    question.target = counted(question.amount, "vCPU");
  } else if (settings.memory) {
    question.amount = settings.memory->count() >> 20U;
    question.target = fmt::format("{} of memory", to_text(*settings.memory));
  }
  return question;
}

}  // namespace

void plan_placement_questions(const SpotMarketSettings& settings, const Catalog& catalog, std::chrono::sys_days as_of,
                              ScenarioData& scenario, config::Diagnostics& diagnostics) {
  std::vector<std::string> regions;
  for (const RegionConfig& region : scenario.topology.regions) regions.push_back(region.name.value);
  for (const PlacementQuestionSettings& asked : settings.placement_scores) {
    for (const auto& type : asked.instance_types) {
      if (catalog.type(type.value)) continue;
      diagnostics.error(type.where, fmt::format("instance type '{}' is not in the catalogue", type.value),
                        catalog.type_help(type.value));
    }
    for (const auto& region : asked.regions) {
      if (std::find(regions.begin(), regions.end(), region.value) != regions.end()) continue;
      diagnostics.error(region.where, fmt::format("there is no Region '{}'", region.value),
                        config::name_help("Region", region.value, regions));
    }
  }
  if (diagnostics.has_errors() || settings.placement_scores.empty()) return;  // pools would repeat what is wrong with them
  std::vector<SpotPoolConfig> pools;
  const auto pool_of = [&](const std::string& zone, const std::string& type, UsdPerHour on_demand) {
    const auto same = [&](const SpotPoolConfig& pool) { return pool.zone == zone && pool.instance_type == type; };
    const auto known = std::find_if(pools.begin(), pools.end(), same);
    if (known != pools.end()) return PoolId{static_cast<std::uint32_t>(known - pools.begin())};
    const auto bought = std::find_if(scenario.spot_market.pools.begin(), scenario.spot_market.pools.end(), same);
    pools.push_back(bought != scenario.spot_market.pools.end()
                        ? *bought
                        : make_spot_pool(settings, zone, type, on_demand, scenario.run.duration, diagnostics));
    return PoolId{static_cast<std::uint32_t>(pools.size() - 1)};
  };
  for (const PlacementQuestionSettings& asked : settings.placement_scores) {
    PlacementQuestion question = question_of(asked);
    for (const RegionConfig& region : scenario.topology.regions) {
      const auto named = [&](const auto& name) { return name.value == region.name.value; };
      if (!asked.regions.empty() && std::none_of(asked.regions.begin(), asked.regions.end(), named)) continue;
      for (const auto& zone : region.zones) {
        for (const auto& type : asked.instance_types) {
          const auto price = catalog.price_with_licence({.region = region.name.value, .instance_type = type.value},
                                                        Purchase::on_demand, as_of);
          if (!price) continue;  // the Region has no such type
          question.pools.push_back({.pool = pool_of(zone.value, type.value, price->instance),
                                    .each = each_of(asked, *catalog.type(type.value)),
                                    .place = asked.single_availability_zone ? zone.value : region.name.value});
        }
      }
    }
    if (question.pools.empty()) {
      diagnostics.error(asked.where, fmt::format("no Region that is asked for has {}", joined(asked.instance_types)),
                        "name other types or Regions");
    }
    scenario.placement_questions.push_back(std::move(question));
  }
  config::Diagnostics said_before;  // outages that meet none of the pools bought have had their warning
  scenario.placement_market = make_spot_market(settings, std::move(pools), scenario.run.duration, said_before);
}

std::vector<PlacementScores> placement_scores(const ScenarioData& scenario) {
  std::vector<Question> of_groups = questions_of_groups(scenario);
  ask(scenario, scenario.spot_market, of_groups);
  std::vector<Question> asked = questions_asked(scenario);
  ask(scenario, scenario.placement_market, asked);
  std::vector<PlacementScores> result;
  for (Question& question : of_groups) result.push_back(std::move(question.scores));
  for (Question& question : asked) {
    std::vector<PlacementScore>& places = question.scores.places;
    std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    if (places.size() > places_max) places.resize(places_max);
    result.push_back(std::move(question.scores));
  }
  return result;
}

}  // namespace fleetsim::scenario
