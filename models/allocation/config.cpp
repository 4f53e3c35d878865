#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "fleetsim/models/allocation.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

namespace {

/// As AWS bounds a weight.
constexpr std::int64_t weight_max = 999;
constexpr int priority_max = 1'000'000;

void read_spot_rules(config::Section& in, AllocationRules& rules) {
  in.optional_choice<AllocationStrategy>(
        "allocation_strategy", rules.strategy,
        {{"lowest_price", AllocationStrategy::lowest_price},
         {"diversified", AllocationStrategy::diversified},
         {"capacity_optimized", AllocationStrategy::capacity_optimized},
         {"capacity_optimized_prioritized", AllocationStrategy::capacity_optimized_prioritized},
         {"price_capacity_optimized", AllocationStrategy::price_capacity_optimized}})
      .doc("which pools its Spot Instances come from");
  in.when(rules.strategy == AllocationStrategy::lowest_price, "allocation_strategy is lowest_price",
          [&](config::Section& lowest) {
    lowest.optional("pools_to_use", rules.pools_to_use)
        .between(1, 300)
        .doc("divide Spot Instances evenly over so many of the cheapest pools");
  });
  const bool priorities = rules.strategy == AllocationStrategy::capacity_optimized_prioritized;
  in.when(priorities || rules.strategy == AllocationStrategy::price_capacity_optimized,
          "allocation_strategy is capacity_optimized_prioritized or price_capacity_optimized",
          [&](config::Section& deep) {
    Ratio& tolerance = priorities ? rules.depth_tolerance_prioritized : rules.depth_tolerance_price;
    deep.optional("depth_tolerance", tolerance)
        .between(Ratio{0}, Ratio{1})
        .doc("a pool counts as deep as the deepest if its depth is at most this share below it")
        .default_is("10% by priority, 20% by price");
  });
}

/// Reads a number for each instance type named; `out` is by type and has the defaults.
template <class Number>
void read_by_type(config::Section& in, std::string_view key, std::string_view doc, Number least, Number most,
                  const std::vector<config::Located<std::string>>& types, std::vector<Number>& out) {
  in.named_values(key, "instance type", doc, [&](const config::Located<std::string>& name, config::Section& values) {
    Number value = least;
    const bool given = values.required(name.value, value).between(least, most).given();
    if (in.describing()) return;
    std::vector<std::string> names;
    for (const auto& type : types) names.push_back(type.value);
    const auto type = std::find(names.begin(), names.end(), name.value);
    if (type == names.end()) {
      in.error_at(name.where, fmt::format("{}: '{}' is not an instance type of the group", key, name.value),
                  config::name_help("instance type", name.value, names));
    } else if (given) {
      out[static_cast<std::size_t>(type - names.begin())] = value;
    }
  });
}

}  // namespace

AllocationConfig read_allocation(config::Section& in, const std::vector<config::Located<std::string>>& types,
                                 bool buys_spot, bool buys_on_demand) {
  AllocationConfig config;
  in.when(buys_spot, "purchase is spot or mixed", [&](config::Section& spot) { read_spot_rules(spot, config.spot); });
  in.when(buys_on_demand, "purchase is on_demand or mixed", [&](config::Section& on_demand) {
    on_demand
        .optional_choice<AllocationStrategy>("on_demand_strategy", config.on_demand.strategy,
                                             {{"lowest_price", AllocationStrategy::lowest_price},
                                              {"prioritized", AllocationStrategy::prioritized}})
        .doc("which instance type is bought on demand: the cheapest, or by priorities");
  });
  config.weights.assign(types.size(), 1);
  config.weighted = in.has("weights");
  read_by_type<std::int64_t>(in, "weights", "units of capacity that an instance counts; 1 for a type not named", 1,
                             weight_max, types, config.weights);
  // Types not named come after all that are, in the order of the list.
  config.priorities.resize(types.size());
  const int after_named = in.has("priorities") ? priority_max + 1 : 0;
  std::iota(config.priorities.begin(), config.priorities.end(), after_named);
  read_by_type<int>(in, "priorities", "lower is better; default: the order of instance_types", 0, priority_max, types,
                    config.priorities);
  return config;
}

}  // namespace fleetsim
