/// How a group's choice of pools is read.

#include "fleetsim/models/allocation.hpp"
#include "support/catch.hpp"
#include "tests/sim/config_errors.hpp"

namespace fleetsim {
namespace {

const std::vector<config::Located<std::string>> types = {{"c5.large", {}}, {"c5.xlarge", {}}, {"m5.xlarge", {}}};

struct Reading {
  AllocationConfig config;
  std::string errors;
};
Reading read(const std::string& text, bool spot = true, bool on_demand = false) {
  Reading reading;
  reading.errors = test::errors_of(
      text, [&](config::Section& in) { reading.config = read_allocation(in, types, spot, on_demand); });
  return reading;
}

TEST_CASE("allocation config: without keys the cheapest pool, one unit an instance, priority by order",
          "[allocation][config]") {
  const AllocationConfig config = read("{}\n", true, true).config;
  CHECK(config.spot.strategy == AllocationStrategy::lowest_price);
  CHECK(config.spot.pools_to_use == 1);
  CHECK(config.on_demand.strategy == AllocationStrategy::lowest_price);
  CHECK(config.weights == std::vector<std::int64_t>{1, 1, 1});
  CHECK(config.priorities == std::vector<int>{0, 1, 2});
  CHECK_FALSE(config.weighted);
}

TEST_CASE("allocation config: what is given is read by name of the type", "[allocation][config]") {
  const Reading reading = read("allocation_strategy: capacity_optimized_prioritized\n"
                               "depth_tolerance: 5%\n"
                               "on_demand_strategy: prioritized\n"
                               "weights: {m5.xlarge: 4, c5.large: 2}\n"
                               "priorities: {m5.xlarge: 0, c5.xlarge: 3}\n",
                               true, true);
  CHECK(reading.errors == "");
  CHECK(reading.config.spot.strategy == AllocationStrategy::capacity_optimized_prioritized);
  CHECK(reading.config.spot.depth_tolerance_prioritized == 5_percent);
  CHECK(reading.config.on_demand.strategy == AllocationStrategy::prioritized);
  CHECK(reading.config.weights == std::vector<std::int64_t>{2, 1, 4});
  CHECK(reading.config.weighted);
  // A type without a priority comes after those that have one.
  CHECK(reading.config.priorities[2] < reading.config.priorities[1]);
  CHECK(reading.config.priorities[1] < reading.config.priorities[0]);
}

TEST_CASE("allocation config: keys of one purchase option or strategy are refused with another",
          "[allocation][config]") {
  CHECK(read("allocation_strategy: diversified\n", false, true).errors != "");
  CHECK(read("on_demand_strategy: prioritized\n", true, false).errors != "");
  CHECK(read("allocation_strategy: diversified\npools_to_use: 2\n").errors != "");
  CHECK(read("allocation_strategy: lowest_price\npools_to_use: 2\n").errors == "");
  CHECK(read("allocation_strategy: capacity_optimized\ndepth_tolerance: 5%\n").errors != "");
}

}  // namespace
}  // namespace fleetsim
