#include <fmt/format.h>

#include "fleetsim/models/ec2_fleet.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim {

namespace {
// Quotas of EC2 Fleet [4].
constexpr std::int64_t target_max = 10'000;
constexpr std::size_t pools_max = 300;

void read_rebalance(config::Section& in, Ec2FleetConfig& config) {
  in.when(config.type == Ec2FleetType::maintain, "type is maintain", [&](config::Section& maintain) {
    maintain.optional("replacement_delay", config.replacement_delay)
        .not_negative()
        .doc("until the fleet replaces an instance that it lost");
    maintain.optional_section("retry", "when a fleet that is short tries again", [&](config::Section& retry) {
      retry.optional("initial", config.retry_initial)
          .at_least(1_s)
          .doc("first wait; each further one is twice as long");
      retry.optional("max", config.retry_max).at_least(1_s).doc("longest wait");
      if (!retry.describing() && config.retry_initial > config.retry_max) {
        retry.error("initial", fmt::format("initial: {} is above max, {}", to_text(config.retry_initial),
                                           to_text(config.retry_max)),
                    "let initial be at most max");
      }
    });
    maintain.optional_choice<CapacityRebalance>(
                "capacity_rebalance", config.rebalance,
                {{"none", CapacityRebalance::none},
                 {"launch", CapacityRebalance::launch},
                 {"launch_before_terminate", CapacityRebalance::launch_before_terminate}})
        .doc("what it does about an instance that is recommended for rebalancing: nothing; launch a replacement; launch "
             "one and end the instance");
    maintain.when(config.rebalance == CapacityRebalance::launch_before_terminate,
                  "capacity_rebalance is launch_before_terminate", [&](config::Section& ending) {
      ending.optional("termination_delay", config.termination_delay)
          .between(120_s, 7200_s)
          .doc("from the launch of the replacement until the instance ends");
    });
  });
}

}  // namespace

Ec2FleetConfig read_ec2_fleet(config::Section& in, bool buys_spot, bool buys_on_demand, std::size_t pools) {
  Ec2FleetConfig config;
  in.optional_choice<Ec2FleetType>("type", config.type,
                                   {{"instant", Ec2FleetType::instant},
                                    {"request", Ec2FleetType::request},
                                    {"maintain", Ec2FleetType::maintain}})
      .doc("instant: one attempt over all pools; request: one attempt, no pool stands in for another; maintain: holds "
           "the target");
  const bool target = in.required("target", config.target)
                          .between(1, target_max)
                          .doc("units of capacity; an instance counts the weight of its type")
                          .given();
  in.when(buys_spot && buys_on_demand, "purchase is mixed", [&](config::Section& mixed) {
    mixed.optional("on_demand", config.on_demand).not_negative().doc("units of the target that are on demand");
    if (!mixed.describing() && target && config.on_demand > config.target) {
      mixed.error("on_demand", fmt::format("on_demand: {} is above target, {}", config.on_demand, config.target),
                  "let on_demand be at most target");
    }
  });
  if (!buys_spot) config.on_demand = config.target;
  in.when(buys_spot, "purchase is spot or mixed", [&](config::Section& spot) {
    spot.optional("unit_price_max", config.unit_price_max)
        .default_is("the on-demand price of the instance")
        .doc("above 0.001 USD/h; a Spot pool where a unit costs more is not launched into, and takes its instances back");
    if (config.unit_price_max && *config.unit_price_max <= spot_max_price_above) {
      spot.error("unit_price_max",
                 fmt::format("unit_price_max: {} must be above 0.001 USD/h", to_text(*config.unit_price_max)),
                 "leave the key out to pay up to the on-demand price, as most do");
    }
  });
  in.when(buys_spot && config.type == Ec2FleetType::maintain, "type is maintain and purchase is spot or mixed",
          [&](config::Section& spot) {
    spot.optional_choice<Ec2FleetInterruption>("interruption", config.interruption,
                                               {{"terminate", Ec2FleetInterruption::terminate},
                                                {"stop", Ec2FleetInterruption::stop},
                                                {"hibernate", Ec2FleetInterruption::hibernate}})
        .doc("what EC2 does to an instance that it takes back; it starts a stopped one again only when the strategy leads "
             "back to its pool");
    spot.when(config.interruption == Ec2FleetInterruption::stop, "interruption is stop", [&](config::Section& stopping) {
      stopping.optional("stop_time", config.stop_time).not_negative().doc("stopping until stopped");
    });
    spot.when(config.interruption == Ec2FleetInterruption::hibernate, "interruption is hibernate",
              [&](config::Section& hibernating) {
      hibernating.optional("hibernation_time", config.hibernation_time)
          .not_negative()
          .doc("writing the memory to disk until stopped, charged");
    });
  });
  in.optional("total_price_max", config.total_price_max)
      .positive()
      .doc("launching stops when the next launch would lift the prices of all instances above this");
  read_rebalance(in, config);
  if (!in.describing() && !buys_spot && !buys_on_demand) {
    in.error_at(in.where(), "an EC2 Fleet buys Spot Instances or on demand",
                "let purchase be spot, on_demand or mixed");
  }
  if (!in.describing() && pools > pools_max) {
    in.error_at(in.where(),
                fmt::format("the fleet has {} pools (instance types x zones), at most {} are allowed", pools, pools_max),
                "name fewer instance types or zones");
  }
  return config;
}

}  // namespace fleetsim
