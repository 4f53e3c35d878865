/// Numbers of free rows.

#include "fleetsim/sim/free_numbers.hpp"

#include "support/catch.hpp"

namespace fleetsim {
namespace {

TEST_CASE("free numbers: the last one that came back is taken first, and more room keeps them all", "[table]") {
  FreeNumbers free;
  CHECK(free.empty());
  free.make_room(2);
  free.give_back(0);
  free.give_back(1);
  free.make_room(4);
  free.make_room(3);  // there is enough
  free.give_back(3);
  free.give_back(2);
  for (const std::uint32_t number : {2U, 3U, 1U, 0U}) {
    CHECK(free.next() == number);
    CHECK(free.take() == number);
  }
  CHECK(free.empty());
}

}  // namespace
}  // namespace fleetsim
