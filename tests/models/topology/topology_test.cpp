/// Zones, what lies between them, and the errors of the section.

#include "fleetsim/models/topology.hpp"

#include "fleetsim/sim/config/description.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;

namespace {

auto read(std::string_view text) { return test::read_text(text, read_topology); }

Topology topology_of(std::string_view text) {
  const auto result = read(text);
  REQUIRE(result.problems == "");
  return Topology(result.value);
}

}  // namespace

TEST_CASE("topology: ids follow the order of the file", "[topology][table]") {
  const Topology map = topology_of(R"(
regions:
  us-east-1: {zones: [us-east-1c, us-east-1a]}
  eu-west-1: {zones: [eu-west-1b]}
)");
  REQUIRE(map.region_count() == 2);
  REQUIRE(map.zone_count() == 3);
  CHECK(map.region("eu-west-1") == RegionId{1});
  CHECK(map.zone("us-east-1c") == ZoneId{0});
  CHECK(map.zone("eu-west-1b") == ZoneId{2});
  CHECK_FALSE(map.region("eu-west-2"));
  CHECK_FALSE(map.zone("us-east-1b"));
  CHECK(map.name(RegionId{0}) == "us-east-1");
  CHECK(map.name(ZoneId{1}) == "us-east-1a");
  CHECK(map.region_of(ZoneId{1}) == RegionId{0});
  CHECK(map.region_of(ZoneId{2}) == RegionId{1});
  CHECK(map.zones_of(RegionId{0}) == std::vector{ZoneId{0}, ZoneId{1}});
  CHECK(map.region_names() == std::vector<std::string>{"us-east-1", "eu-west-1"});
  CHECK(map.zone_names(RegionId{0}) == std::vector<std::string>{"us-east-1c", "us-east-1a"});
}

TEST_CASE("topology: by default a gigabyte between zones costs a cent on each side", "[topology][table]") {
  const Topology map = topology_of("regions: {us-east-1: {zones: [us-east-1a, us-east-1b]}}");
  const ZoneId a = *map.zone("us-east-1a");
  const ZoneId b = *map.zone("us-east-1b");
  CHECK(map.transfer_price_out(a, b) == 0.01_usd_per_gb);
  CHECK(map.transfer_price_in(a, b) == 0.01_usd_per_gb);
  CHECK(map.transfer_price(a, b) == 0.02_usd_per_gb);
  CHECK(cost_of(5_GB, map.transfer_price(b, a)) == 0.1_usd);
  CHECK(map.round_trip(a, b) == 1_ms);
  CHECK(map.transfer_price(a, a) == UsdPerGb{});
  CHECK(map.round_trip(b, b) == Duration{});
}

TEST_CASE("topology: a link's own numbers go over the Region's, in both directions", "[topology][table]") {
  const Topology map = topology_of(R"(
regions:
  us-east-1:
    zones: [us-east-1a, us-east-1b, us-east-1c]
    cross_zone_transfer: 0.02 USD/GB
    cross_zone_round_trip: 500us
    links:
      - {between: [us-east-1c, us-east-1a], round_trip: 1.4ms}
      - {between: [us-east-1b, us-east-1c], transfer: 0 USD/GB}
)");
  const ZoneId a = *map.zone("us-east-1a");
  const ZoneId b = *map.zone("us-east-1b");
  const ZoneId c = *map.zone("us-east-1c");
  CHECK(map.round_trip(a, b) == 500_us);
  CHECK(map.round_trip(a, c) == 1400_us);
  CHECK(map.round_trip(c, a) == 1400_us);
  CHECK(map.round_trip(b, c) == 500_us);
  CHECK(map.transfer_price(a, c) == 0.04_usd_per_gb);
  CHECK(map.transfer_price(c, b) == UsdPerGb{});
}

TEST_CASE("topology: a query between Regions is a broken invariant", "[topology]") {
  const Topology map = topology_of(
      "regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}");
  CHECK_THROWS_AS(map.round_trip(ZoneId{0}, ZoneId{1}), InvariantViolation);
}

TEST_CASE("topology: errors name the zone and what is allowed", "[topology][table]") {
  CHECK(read("regions: {us-east-1: {zones: [us-east-1a, us-east-2b, us-east-1]}}").problems ==
        "test.yaml:1:43: error: zone 'us-east-2b' is not in Region us-east-1\n"
        "  help: a zone's name is its Region's name and a letter, such as us-east-1a\n"
        "test.yaml:1:55: error: zone 'us-east-1' is not in Region us-east-1\n"
        "  help: a zone's name is its Region's name and a letter, such as us-east-1a\n");
  // Zones that agree with each other are right, and the Region's name is wrong.
  CHECK(read("regions: {eu-west-9: {zones: [eu-west-1a, eu-west-1b]}}").problems ==
        "test.yaml:1:11: error: Region eu-west-9 has the zones of eu-west-1\n"
        "  help: name the Region eu-west-1, or its zones eu-west-9a, eu-west-9b\n");
  CHECK(read("regions: {us-east-1: {zones: [us-east-1a, us-east-1a]}}").problems ==
        "test.yaml:1:43: error: zone 'us-east-1a' is named twice\n");
  CHECK(read(R"(regions:
  us-east-1:
    zones: [us-east-1a, us-east-1b]
    links:
      - {between: [us-east-1a, us-east-1d]}
      - {between: [us-east-1b]}
      - {between: [us-east-1b, us-east-1b]}
      - {between: [us-east-1a, us-east-1b]}
      - {between: [us-east-1b, us-east-1a]}
)").problems ==
        "test.yaml:5:32: error: zone 'us-east-1d' is not one of Region us-east-1\n"
        "  help: a zone with a similar name exists: us-east-1a\n"
        "test.yaml:6:20: error: a link is between 2 zones, found 1\n"
        "test.yaml:7:20: error: a link is between two different zones, found 'us-east-1b' twice\n"
        "test.yaml:9:20: error: the link between 'us-east-1a' and 'us-east-1b' is given twice\n");
  CHECK_THAT(read("regions: {us-east-1: {zones: [], cross_zone_round_trip: -1ms}}").problems,
             Catch::Matchers::ContainsSubstring("zones") && Catch::Matchers::ContainsSubstring("cross_zone_round_trip"));
}

TEST_CASE("topology: the reader describes itself", "[topology]") {
  const config::Description root = config::describe([](config::Section& in) { read_topology(in); });
  const config::Description* regions = root.find("regions");
  REQUIRE(regions != nullptr);
  CHECK(regions->find("zones")->required);
  CHECK(regions->find("cross_zone_transfer")->default_text == "0.01 USD/GB");
  CHECK(regions->find("links")->find("round_trip") != nullptr);
}

TEST_CASE("topology: a link between Regions is that of both directions, other pairs have the defaults", "[topology][table]") {
  const Topology map = topology_of(R"(
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
  eu-west-1: {zones: [eu-west-1a]}
region_links:
  - {between: [us-west-2, us-east-1], bandwidth: 5 Gbps, round_trip: 62ms, transfer: 0.01 USD/GB}
)");
  const RegionId east{0}, west{1}, ireland{2};
  for (const auto& [from, to] : {std::pair{east, west}, std::pair{west, east}}) {
    CHECK(map.bandwidth(from, to) == BytesPerSecond::of(625'000'000));
    CHECK(map.round_trip(from, to) == 62_ms);
    CHECK(map.transfer_price(from, to) == 0.01_usd_per_gb);
  }
  CHECK_FALSE(map.bandwidth(east, ireland));
  CHECK(map.round_trip(ireland, west) == 70_ms);
  CHECK(map.transfer_price(ireland, west) == 0.02_usd_per_gb);
}

TEST_CASE("topology: a site is a Region in an account", "[topology][table]") {
  const Topology map = topology_of(R"(
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
accounts: [main, vault]
)");
  REQUIRE(map.site_count() == 4);
  CHECK(map.site("us-west-2") == map.site("us-west-2", "main"));
  const SiteId vault = map.site("us-west-2", "vault").value();
  CHECK(map.name(vault) == "vault/us-west-2");
  CHECK(map.name(*map.site("us-east-1")) == "us-east-1");
  CHECK(map.region_of(vault) == RegionId{1});
  CHECK(map.account_of(vault) == 1);
  CHECK_FALSE(map.site("us-west-1", "vault"));
  CHECK_FALSE(map.site("us-west-2", "other"));
}

TEST_CASE("topology: what is wrong with links between Regions and with accounts", "[topology]") {
  CHECK(read(R"(
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
region_links:
  - {between: [us-east-1, us-west-1]}
  - {between: [us-east-1, us-east-1]}
  - {between: [us-east-1, us-west-2]}
  - {between: [us-west-2, us-east-1]}
accounts: [main, main]
)").problems == R"(test.yaml:6:27: error: there is no Region 'us-west-1'
  help: a Region with a similar name exists: us-west-2
test.yaml:7:16: error: a link is between two different Regions, found 'us-east-1' twice
test.yaml:9:16: error: the link between 'us-east-1' and 'us-west-2' is given twice
test.yaml:10:11: error: accounts: 'main' is named twice
)");
}
