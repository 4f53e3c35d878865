/// A section read into a plain struct, and the words of its errors.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

/// The diagnostics of reading `text` as test.yaml; empty if there are none.
std::string errors_of(std::string_view text, const std::function<void(Section&)>& read) {
  Diagnostics diagnostics;
  auto document = Document::from_text(text, "test.yaml", {}, diagnostics);
  if (document) {
    Section root = document->root();
    read(root);
    document->finish();
  }
  return diagnostics.to_text();
}

struct Group {
  std::string name;
  int minimum = 2;
  Ratio scale_out_above{0.75};
  std::vector<Located<std::string>> zones;
};

struct Fleet {
  Duration deadline = 200_ms;
  RequestRate capacity;
  std::vector<Group> groups;
};

void read_group(Section& in, Group& group) {
  in.required("name", group.name).doc("what results call the group");
  in.optional("min", group.minimum).at_least(0).doc("fewest instances");
  in.optional("scale_out_above", group.scale_out_above).between(0_percent, 100_percent).doc("utilization");
  in.required("zones", group.zones).at_least_count(1).doc("where it may launch");
}

void read_fleet(Section& in, Fleet& fleet) {
  in.optional("deadline", fleet.deadline).positive().doc("a later response is a drop");
  in.required("capacity_per_vcpu", fleet.capacity).positive().doc("work done by one vCPU");
  in.list("groups", fleet.groups, read_group).at_least_count(1).doc("Auto Scaling groups, in the order of trial");
}

}  // namespace

TEST_CASE("config: a section fills a struct and leaves out what the file leaves out", "[config][table]") {
  constexpr std::string_view text = R"(
deadline: 100ms
capacity_per_vcpu: 250 requests/s
groups:
  - {name: spot-home, zones: [us-east-1a], scale_out_above: 80%}
  - name: spot-away
    zones: [us-east-1b, us-east-1c]
    min: 3
)";
  Fleet fleet;
  CHECK(errors_of(text, [&](Section& in) { read_fleet(in, fleet); }) == "");
  CHECK(fleet.deadline == 100_ms);
  CHECK(fleet.capacity == 250_per_s);
  REQUIRE(fleet.groups.size() == 2);
  CHECK(fleet.groups[0].name == "spot-home");
  CHECK(fleet.groups[0].minimum == 2);
  CHECK(fleet.groups[0].scale_out_above == 80_percent);
  REQUIRE(fleet.groups[1].zones.size() == 2);
  CHECK(fleet.groups[1].zones[1].value == "us-east-1c");
  CHECK(fleet.groups[1].zones[1].where == Location{"test.yaml", 7, 25});
  CHECK(fleet.groups[1].minimum == 3);
}

TEST_CASE("config: all errors of a file come at once, in its order", "[config][table]") {
  constexpr std::string_view text = R"(deadlin: 100ms
capacity_per_vcpu: 250
groups:
  - {name: spot-home, zones: [], min: -1}
  - {zones: us-east-1a, scale_out_above: 120%, cooldown: 5m}
)";
  Fleet fleet;
  CHECK(errors_of(text, [&](Section& in) { read_fleet(in, fleet); }) ==
        R"(test.yaml:1:1: error: unknown key 'deadlin'
  help: a key with a similar name exists: deadline
test.yaml:2:20: error: capacity_per_vcpu: '250' has no unit
  help: write a request rate with its unit, such as 250 requests/s
test.yaml:4:30: error: zones: has 0 items, must have at least 1
test.yaml:4:39: error: min: -1 must be at least 0
test.yaml:5:5: error: key 'name' is missing in groups.1
test.yaml:5:13: error: zones: a value where a list is meant
  help: write [us-east-1a]
test.yaml:5:42: error: scale_out_above: 120% must be at most 100%
test.yaml:5:48: error: unknown key 'cooldown' in groups.1
  help: allowed: name, min, scale_out_above, zones
)");
}
