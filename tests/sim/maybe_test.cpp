/// Ids that may be missing.

#include "fleetsim/sim/maybe.hpp"

#include "fleetsim/ids.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

TEST_CASE("maybe: an id or none, in the bytes of an id", "[table]") {
  static_assert(sizeof(Maybe<InstanceId>) == sizeof(InstanceId));
  Maybe<InstanceId> some;
  CHECK_FALSE(some);
  CHECK(some == std::nullopt);
  some = InstanceId{0};
  REQUIRE(some);
  CHECK(*some == InstanceId{0});
  CHECK(some->index == 0);
  CHECK(some != std::nullopt);
  some = std::nullopt;
  CHECK_FALSE(some.has_value());
}

TEST_CASE("maybe: an index or none", "[table]") {
  const Maybe<std::size_t> none, zero = std::size_t{0}, many = std::size_t{1} << 40U;
  CHECK_FALSE(none);
  CHECK(zero);
  REQUIRE(many);
  CHECK(*many == std::size_t{1} << 40U);
}

}  // namespace
}  // namespace fleetsim
