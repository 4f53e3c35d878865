/// How the section of a fleet is read. What is refused: tests/scenarios/bad/ec2-fleet.yaml.

#include "fleetsim/models/ec2_fleet.hpp"
#include "support/catch.hpp"
#include "tests/sim/config_errors.hpp"

namespace fleetsim {
namespace {

TEST_CASE("ec2 fleet config: a fleet without Spot is on demand as a whole", "[ec2_fleet][config]") {
  Ec2FleetConfig config;
  CHECK(test::errors_of("target: 12\n", [&](config::Section& in) {
          config = read_ec2_fleet(in, false, true, 4);
        }) == "");
  CHECK(config.type == Ec2FleetType::maintain);
  CHECK(config.on_demand == 12);
}

TEST_CASE("ec2 fleet config: 300 pools are allowed, 301 are not", "[ec2_fleet][config]") {
  const auto errors = [](std::size_t pools) {
    return test::errors_of("target: 12\n", [&](config::Section& in) { read_ec2_fleet(in, true, false, pools); });
  };
  CHECK(errors(300) == "");
  CHECK(errors(301) ==
        "test.yaml:1:1: error: the fleet has 301 pools (instance types x zones), at most 300 are allowed\n"
        "  help: name fewer instance types or zones\n");
}

}  // namespace
}  // namespace fleetsim
