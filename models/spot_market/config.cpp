#include <fmt/format.h>

#include "fleetsim/models/spot_market/settings.hpp"
#include "models/spot_market/readers.hpp"
#include "models/spot_market/trace_files.hpp"

namespace fleetsim {

namespace {

using config::Section;

SpotPoolSettings read_pool_settings(Section& in) {
  SpotPoolSettings settings;
  in.optional_section("availability", "what the pool has to give over time",
                      [&](Section& section) { settings.availability = spot_market::read_availability(section); });
  in.optional("units", settings.units)
      .between(1, unlimited_units)
      .default_is("no bound")
      .doc("most instances that the pool has for this fleet at a time");
  in.optional("life", settings.life)
      .at_least(1_s)
      .default_is("no end of its own")
      .doc("how long an instance runs until EC2 takes it back, drawn for each; from launch to end, the notice before it");
  in.optional_section("price", "its price over time",
                      [&](Section& section) { settings.price = spot_market::read_price(section); });
  return settings;
}

}  // namespace

void spot_market::check_pool_name(Section& in, const config::Located<std::string>& name) {
  const std::size_t slash = name.value.find('/');
  const bool good = slash != 0 && slash != std::string::npos && slash + 1 < name.value.size() &&
                    name.value.find('/', slash + 1) == std::string::npos;
  if (good) return;
  in.error_at(name.where, fmt::format("'{}' is not the name of a pool", name.value),
              "write the zone and the instance type, such as us-east-1a/c5.2xlarge");
}

SpotMarketSettings::SpotMarketSettings() : files(std::make_shared<SpotTraceFiles>()) {}

SpotMarketSettings read_spot_market(Section& scenario) {
  SpotMarketSettings settings;
  scenario.optional_section("spot_market", "capacity and price of Spot pools, and who loses an instance",
                            [&](Section& in) {
    in.optional("notice", settings.market.notice).not_negative().doc("from an interruption notice to the end");
    in.optional("reclaim_spread", settings.market.reclaim_spread)
        .not_negative()
        .doc("a closing pool gives its notices at instants drawn uniformly over this span");
    in.optional_section("reclaim", "how many instances a closing pool takes back, and which", [&](Section& section) {
      section.optional("whole", settings.market.reclaim_whole)
          .between(Ratio{0}, Ratio{1})
          .doc("probability that a pool whose capacity falls to none takes back all of its instances; else it takes a "
               "share of them, drawn uniformly between none and all");
      section
          .optional_choice<ReclaimOrder>("order", settings.market.reclaim_order,
                                         {{"random", ReclaimOrder::random},
                                          {"oldest", ReclaimOrder::oldest},
                                          {"newest", ReclaimOrder::newest}})
          .doc("which instances are taken back first, where not all are");
    });
    in.optional_section("rebalance",
                        "recommendations to rebalance, which may come before a notice; without it they are sent, with the "
                        "defaults, if a group or EC2 Fleet acts on them",
                        [&](Section& section) {
      RebalanceSignals& signals = settings.market.rebalance.emplace();
      section.optional("sent", signals.sent)
          .between(Ratio{0}, Ratio{1})
          .doc("probability that an instance at risk is told at all");
      section.optional("early", signals.early)
          .between(Ratio{0}, Ratio{1})
          .doc("probability that the risk is known before the notice; else the recommendation comes with it");
      section.optional("lead", signals.lead).doc("how long before the notice, if it is early");
      section.optional("false_alarms", signals.false_alarms)
          .between(Ratio{0}, Ratio{1})
          .doc("probability, for each reclaim, of an alarm before it that means nothing");
    });
    in.optional("poll", settings.market.poll)
        .not_negative()
        .doc("how often the fleet asks for notices and recommendations, so that it hears of them later; 0s: it is told");
    in.optional("launch_failure", settings.market.launch_failure)
        .between(Ratio{0}, Ratio{1})
        .doc("probability that a launch fails though the pool has a unit");
    in.optional("launches_elsewhere", settings.market.launches_elsewhere)
        .between(Ratio{0}, Ratio{1})
        .doc("share of the launches in the other zones of a Region that still succeed while one of its zones is out, by an "
             "outage of zones or a fault");
    in.optional_choice<ReplayStart>("replay_start", settings.replay_start,
                                    {{"beginning", ReplayStart::beginning},
                                     {"random_day", ReplayStart::random_day},
                                     {"block_bootstrap", ReplayStart::block_bootstrap}})
        .doc("where in its traces a replication begins; a random day is drawn once for all capacities and once for all "
             "prices, so that zones keep their correlation and hours of the day their place; a block bootstrap puts the "
             "capacities of the run together from blocks on drawn days, the same for all zones, and prices with them if they were "
             "recorded at the same time; else these begin on a drawn day");
    in.when(settings.replay_start == ReplayStart::block_bootstrap, "replay_start is block_bootstrap", [&](Section& when) {
      when.optional("block", settings.block).at_least(1_h).doc("length of a block");
    });
    in.named("regions", "region", "what the pools of a Region share",
             [&](const config::Located<std::string>& name, Section& region) {
      settings.regions.push_back({name, spot_market::read_latent_region(region)});
    });
    in.optional_section("default", "what holds for every pool where nothing more specific is said",
                        [&](Section& section) { settings.defaults = read_pool_settings(section); });
    in.named("zones", "zone", "what differs in a zone", [&](const config::Located<std::string>& name, Section& zone) {
      settings.zones.push_back({name, read_pool_settings(zone)});
    });
    in.named("pools", "pool", "what differs in a pool, named <zone>/<type>",
             [&](const config::Located<std::string>& name, Section& pool) {
      if (!in.describing()) spot_market::check_pool_name(pool, name);
      settings.pools.push_back({name, read_pool_settings(pool)});
    });
    in.list("outages", settings.outages,
            [](Section& section, SpotOutageSettings& outage) { outage = spot_market::read_outage(section); })
        .doc("times, stated or drawn, at which some pools lose instances and stay closed");
    in.list("placement_scores", settings.placement_scores,
            [](Section& section, PlacementQuestionSettings& question) {
      question = spot_market::read_placement_question(section);
    }).doc("what `explain` scores the scenario's Regions or zones for, whether or not a fleet is there");
  });
  return settings;
}

}  // namespace fleetsim
