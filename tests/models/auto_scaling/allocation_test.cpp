/// A group that grows and shrinks over and over needs no memory.

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim {
namespace {

TEST_CASE("auto scaling: in the steady state growing, shrinking, losing and retrying allocate nothing",
          "[auto_scaling][property]") {
  test::GroupRun run(test::simple_group({"a", "b"}));
  run.attempts.reserve(1'000'000);
  run.terminations.reserve(1'000'000);
  run.rounds.reserve(1'000'000);
  run.terminated.reserve(1'000'000);
  run.end_holds.reserve(1'000'000);
  run.reuse_numbers = true;
  run.scaling.start();
  const auto cycle = [&] {
    run.metric(95);
    run.warm_up();
    run.zones[0].free = 0;
    run.lose(1, 3);
    run.metric(76);
    run.zones[0].free = 1'000'000;
    for (int i = 0; i < 20; ++i) {
      run.metric(50);
      run.warm_up();
    }
  };
  for (int i = 0; i < 3; ++i) cycle();
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 100; ++i) cycle();
  CHECK(test::allocations() == before);
  CHECK(run.attempts.size() > 1000);
}

}  // namespace
}  // namespace fleetsim
