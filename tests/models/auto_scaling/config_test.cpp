/// What a scenario says about groups.

#include <string>

#include "fleetsim/models/auto_scaling.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

namespace fleetsim {
namespace {

auto read(std::string_view text) {
  return test::read_text(text, [](config::Section& fleet) { return read_groups(fleet); });
}

std::string problems(std::string_view text) { return read(text).problems; }

TEST_CASE("group settings: what docs/models/auto_scaling.md says of the defaults", "[auto_scaling][config][table]") {
  const auto [groups, found] = read(R"(
expected_instances: 101
instance_types: [c5.2xlarge]
groups:
  - {name: first, purchase: spot, zones: [us-east-1a], max: 300}
  - {name: second, purchase: on_demand, zones: [us-east-1b, us-east-1c], scale_out_above: 80%, max: 200}
)");
  CHECK(found == "");
  REQUIRE(groups.size() == 2);
  const GroupConfig& first = groups[0];
  CHECK(first.purchases == std::vector<Purchase>{Purchase::spot});
  CHECK(first.instance_types.at(0).value == "c5.2xlarge");
  CHECK(first.min == 2);
  CHECK_FALSE(first.initial);
  CHECK(first.composite->scale_out_above == 75);
  CHECK((first.composite->scale_out_alarm.needed == 2 && first.composite->scale_out_alarm.periods == 2));
  CHECK(first.composite->scale_in_below == 60);
  CHECK((first.composite->scale_in_alarm.needed == 15 && first.composite->scale_in_alarm.periods == 15));
  // Shares of 101 instances: up for growing, down for shrinking.
  REQUIRE(first.composite->scale_out_steps.size() == 3);
  CHECK((first.composite->scale_out_steps[0].above == 0 && first.composite->scale_out_steps[0].count == 6));
  CHECK((first.composite->scale_out_steps[1].above == 5 && first.composite->scale_out_steps[1].count == 16));
  CHECK((first.composite->scale_out_steps[2].above == 15 && first.composite->scale_out_steps[2].count == 36));
  CHECK(first.composite->scale_in_count == 5);
  CHECK(first.instance_warmup == Duration{});
  CHECK(first.maintain_desired);
  CHECK(first.replacement_delay == 60_s);
  CHECK(first.launch_failure == Ratio{0});
  CHECK(first.launch_retry.initial == 15_s);
  CHECK(first.launch_retry.factor == 2);
  CHECK(first.launch_retry.max == 600_s);
  CHECK(first.launch_retry.jitter == 20_percent);
  // The second leaves when the first could take over.
  CHECK(groups[1].composite->scale_in_below == 75);
  CHECK(groups[1].zones.size() == 2);
}

TEST_CASE("group settings: every key is read", "[auto_scaling][config][table]") {
  const auto [groups, found] = read(R"(
groups:
  - name: g
    purchase: mixed
    on_demand_base: 4
    on_demand_above_base: 30%
    zones: [us-east-1a]
    instance_types: [c5.large, m5.large]
    min: 3
    max: 50
    initial: 10
    scale_out_above: 55%
    scale_out_alarm: {breaching: 2, periods: 3}
    scale_out_steps: [{add: 4}, {above: 7%, add: 9}]
    scale_in_below: 40%
    scale_in_alarm: {breaching: 4, periods: 5}
    scale_in_count: 2
    instance_warmup: 90s
    maintain_desired: false
    replacement_delay: 30s
    launch_failure: 1%
    launch_retry: {initial: 10s, factor: 1.5, max: 5min, jitter: 0%}
)");
  CHECK(found == "");
  REQUIRE(groups.size() == 1);
  const GroupConfig& group = groups[0];
  CHECK(group.purchases == std::vector<Purchase>{Purchase::on_demand, Purchase::spot});
  CHECK(group.mix.on_demand_base == 4);
  CHECK(group.mix.on_demand_above_base == 30_percent);
  CHECK(group.instance_types.size() == 2);
  CHECK(group.min == 3);
  CHECK(group.max == 50);
  CHECK(group.initial == 10);
  CHECK(group.composite->scale_out_above == 55);  // not 55.00000000000001, as 0.55 x 100 is
  CHECK((group.composite->scale_out_alarm.needed == 2 && group.composite->scale_out_alarm.periods == 3));
  REQUIRE(group.composite->scale_out_steps.size() == 2);
  CHECK((group.composite->scale_out_steps[1].above == 7 && group.composite->scale_out_steps[1].count == 9));
  CHECK(group.composite->scale_in_below == 40);
  CHECK((group.composite->scale_in_alarm.needed == 4 && group.composite->scale_in_alarm.periods == 5));
  CHECK(group.composite->scale_in_count == 2);
  CHECK(group.instance_warmup == 90_s);
  CHECK_FALSE(group.maintain_desired);
  CHECK(group.replacement_delay == 30_s);
  CHECK(group.launch_failure == 1_percent);
  CHECK(group.launch_retry.initial == 10_s);
  CHECK(group.launch_retry.factor == 1.5);
  CHECK(group.launch_retry.max == 5_min);
  CHECK(group.launch_retry.jitter == 0_percent);
}

TEST_CASE("group settings: errors within a group", "[auto_scaling][config][table]") {
  CHECK(problems(R"(instance_types: [c5.large]
groups:
  - name: g
    purchase: spot
    zones: [a, b, a]
    min: 5
    max: 4
    initial: 9
    scale_in_below: 80%
    scale_in_count: 1
    scale_out_steps: [{add: 1}]
    launch_retry: {initial: 20min}
)") == R"(test.yaml:5:19: error: zone 'a' is named twice
  help: name each once
test.yaml:6:10: error: groups.g.min: 5 is above max, 4
  help: let min be at most max
test.yaml:9:21: error: groups.g.scale_in_below: 80% is above scale_out_above, 75%
  help: let scale_in_below be at most scale_out_above
test.yaml:12:29: error: groups.g.launch_retry.initial: 20m is above max, 10m
  help: let initial be at most max
)");
}

TEST_CASE("group settings: errors of steps and alarms", "[auto_scaling][config][table]") {
  CHECK(problems(R"(instance_types: [c5.large]
groups:
  - name: g
    purchase: spot
    zones: [a]
    max: 10
    scale_out_alarm: {breaching: 3, periods: 2}
    scale_out_steps: [{above: 5%, add: 1}, {above: 5%, add: 2}]
    scale_in_count: 1
  - {name: g, purchase: spot, zones: [a], max: 10}
  - {name: h, purchase: spot, zones: [a], max: 10, scale_out_steps: []}
  - {name: i, purchase: spot, zones: [a], max: 10, scale_out_steps: [{add: 0}, {above: 1%}], scale_in_count: 1}
)") == R"(test.yaml:1:1: error: key 'expected_instances' is missing: steps of its groups are shares of it
  help: add it, or give each group scale_out_steps with `add`, and a scale_in_count
test.yaml:7:34: error: groups.g.scale_out_alarm.breaching: 3 is above periods, 2
  help: let breaching be at most periods
test.yaml:8:23: error: no step covers a metric just above scale_out_above
  help: let the first step have above: 0%
test.yaml:8:44: error: steps overlap: this one begins at 5%, the one before at 5%
  help: sort the steps by `above` and give each a value of its own
test.yaml:10:12: error: groups.g.name: two groups have the name 'g'
  help: give each group a name of its own
test.yaml:11:69: error: no step is given
  help: list at least one step, or leave the key out for the default
test.yaml:12:76: error: groups.i.scale_out_steps.0.add: 0 must be at least 1
test.yaml:12:80: error: exactly one of add, add_of_expected is needed in groups.i.scale_out_steps.1
)");
}

TEST_CASE("group settings: what is missing is reported once", "[auto_scaling][config][table]") {
  CHECK(problems("{}") == "test.yaml:1:1: error: key 'groups' is missing\n");
  CHECK(problems("groups: [{name: g, purchase: spot, zones: [a], max: 9, scale_out_steps: [{add: 1}], "
                 "scale_in_count: 1}]\n") ==
        "test.yaml:1:10: error: the group has no instance type\n"
        "  help: name instance_types in the group or in its fleet\n");
  CHECK(problems("{instance_types: [t], expected_instances: 9, groups: [{name: g, purchase: spot}]}\n") ==
        "test.yaml:1:55: error: key 'max' is missing in groups.g\n  help: add it, such as max: 20\n"
        "test.yaml:1:55: error: key 'zones' is missing in groups.g\n  help: add it, such as zones: [NAME]\n");
}

TEST_CASE("group settings: keys of mixed groups have no meaning in others", "[auto_scaling][config][table]") {
  CHECK(problems("{instance_types: [t], expected_instances: 9, "
                 "groups: [{name: g, purchase: spot, zones: [a], max: 9, on_demand_base: 1}]}\n") ==
        "test.yaml:1:101: error: key 'on_demand_base' has no meaning in groups.g\n"
        "  help: it is allowed where purchase is mixed\n");
}

TEST_CASE("group settings: a group that may fall to nothing is warned of", "[auto_scaling][config][table]") {
  const auto [groups, found] =
      read("{instance_types: [t], expected_instances: 9, "
           "groups: [{name: g, purchase: spot, zones: [a], min: 0, max: 9}]}\n");
  CHECK(groups.size() == 1);
  CHECK(found == "test.yaml:1:98: warning: a group without instances has no metric and cannot grow again\n"
                 "  help: let min be at least 1\n");
}

}  // namespace
}  // namespace fleetsim
