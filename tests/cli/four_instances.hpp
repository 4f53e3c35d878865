#pragma once
/// The scenario that most tests of verbs run.

#include <string_view>

namespace fleetsim::test {

/// Four m5.large (8 vCPUs) at 100 requests/s each serve 400 requests/s, none of them dropped, for a day.
inline constexpr std::string_view four_instances = R"(fleetsim: 1
name: four instances
run: {start: 2026-01-05T00:00:00Z, duration: 1d, seed: 3, replications: 2}
regions:
  us-east-1: {zones: [us-east-1a]}
demand:
  web: {constant: 400 requests/s}
fleets:
  shop:
    serves: web
    instance_types: [m5.large]
    capacity_per_vcpu: 100 requests/s
    expected_instances: 4
    groups:
      - {name: all, purchase: on_demand, zones: [us-east-1a], scale_out_above: 90%, scale_in_below: 10%, min: 4, max: 4}
)";

}  // namespace fleetsim::test
