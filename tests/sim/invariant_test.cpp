#include "fleetsim/sim/invariant.hpp"

#include "support/catch.hpp"

using Catch::Matchers::ContainsSubstring;

TEST_CASE("invariant: one that holds does nothing; one that is broken names itself and its place", "[invariant]") {
  CHECK_NOTHROW(fleetsim::invariant(true, "holds"));
  try {
    fleetsim::invariant(false, "served + dropped = offered");
    FAIL("no exception");
  } catch (const fleetsim::InvariantViolation& violation) {
    CHECK_THAT(violation.what(), ContainsSubstring("served + dropped = offered"));
    CHECK_THAT(violation.what(), ContainsSubstring("invariant_test.cpp"));
  }
}
