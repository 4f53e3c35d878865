#include "fleetsim/models/billing.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

TEST_CASE("billing settings: the defaults are EC2's rules, and a scenario may state others",
          "[billing][config][table]") {
  const auto defaults = read_text("{}", read_billing);
  CHECK(defaults.problems.empty());
  CHECK(defaults.value.minimum_per_start == 60_s);
  CHECK(defaults.value.spot_free_if_interrupted_within == 1_h);

  const auto stated =
      read_text("billing: {minimum_per_start: 0s, spot_free_if_interrupted_within: 2h}\n", read_billing);
  CHECK(stated.problems.empty());
  CHECK(stated.value.minimum_per_start == 0_s);
  CHECK(stated.value.spot_free_if_interrupted_within == 2_h);

  CHECK(read_text("billing: {minimum_per_start: -1s}\n", read_billing).problems ==
        "test.yaml:1:30: error: billing.minimum_per_start: -1s must be at least 0s\n");
}
