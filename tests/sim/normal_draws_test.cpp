#include "fleetsim/sim/normal_draws.hpp"

#include <array>
#include <cmath>
#include <vector>

#include "fleetsim/sim/distribution.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("normal draws: each is the quantile of its uniform number, whatever the block", "[random][normal][analytic]") {
  Stream blocks(1, 0, "normal");
  Stream single(1, 0, "normal");
  const Distribution normal = Normal{};
  std::vector<double> draws(200'000);
  draw_standard_normals(blocks, std::span(draws).first(77));
  draw_standard_normals(blocks, std::span(draws).subspan(77));
  double farthest = 0;
  double largest = 0;
  for (const double draw : draws) {
    const double expected = normal.sample(single);
    farthest = std::max(farthest, std::abs(draw - expected) / std::max(1e-3, std::abs(expected)));
    largest = std::max(largest, std::abs(draw));
  }
  CHECK(farthest < 1e-13);
  CHECK(largest > 4);  // the tails were met: all of 200,000 are smaller with probability 3e-6
}
