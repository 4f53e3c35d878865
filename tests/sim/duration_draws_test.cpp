#include "fleetsim/sim/duration_draws.hpp"

#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("durations drawn ahead are those that the distribution gives one by one", "[random][distribution]") {
  const bool mirrored = GENERATE(false, true);
  const DurationDistribution distribution =
      GENERATE(DurationDistribution(LogNormal{.median = 30, .sigma = 0.25}), DurationDistribution(Exponential{.mean = 5}),
               DurationDistribution(Normal{.mean = 1, .sigma = 2}), DurationDistribution(Discrete{{1, 3}, {2, 7}}));
  DurationDraws ahead(distribution, Stream(1, 2, "ahead", mirrored));
  Stream stream(1, 2, "ahead", mirrored);
  for (int draw = 0; draw != 100; ++draw) REQUIRE(ahead.next() == distribution.sample(stream));
}

TEST_CASE("of a constant each draw is the constant, to the nanosecond", "[random][distribution]") {
  const Duration constant = Duration::of(123'456'789'012'345'679);
  const DurationDistribution distribution(constant);
  DurationDraws draws(distribution, Stream(1, 0, "constant"));
  for (int draw = 0; draw != 100; ++draw) REQUIRE(draws.next() == constant);
}
