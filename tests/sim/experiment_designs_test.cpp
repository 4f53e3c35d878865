#include "fleetsim/sim/experiment/designs.hpp"

#include <limits>
#include <set>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::experiment;

TEST_CASE("designs: a grid has every combination once, the last parameter changing fastest", "[experiment][table]") {
  const std::vector<std::size_t> levels{2, 3};
  CHECK(grid(levels) == std::vector<Levels>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}});
  CHECK(grid_size(levels) == 6);
  CHECK(grid({}) == std::vector<Levels>{{}});
}

TEST_CASE("designs: the size of a grid that can't be counted is the largest number", "[experiment][table]") {
  const std::vector<std::size_t> levels(20, 1000);
  CHECK(grid_size(levels) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("designs: one at a time leaves all but one at the base", "[experiment][table]") {
  const std::vector<std::size_t> levels{2, 3};
  CHECK(one_at_a_time(levels, {1, 0}) == std::vector<Levels>{{1, 0}, {0, 0}, {1, 1}, {1, 2}});
}

namespace {

/// How many points lie in each of `cells` equal cells of a coordinate.
std::multiset<std::size_t> counts(const std::vector<UnitPoint>& points, std::size_t coordinate, std::size_t cells) {
  std::vector<std::size_t> count(cells, 0);
  for (const UnitPoint& point : points) ++count.at(static_cast<std::size_t>(point[coordinate] * static_cast<double>(cells)));
  return {count.begin(), count.end()};
}

}  // namespace

TEST_CASE("designs: each cell of a Latin hypercube's parameter holds one point", "[experiment][property]") {
  for (const std::size_t points : {1U, 7U, 100U}) {
    Stream stream(1, 0, "test/latin");
    const std::vector<UnitPoint> design = latin_hypercube(points, 3, stream);
    REQUIRE(design.size() == points);
    for (std::size_t p = 0; p < 3; ++p) CHECK(counts(design, p, points).count(1) == points);
  }
}

TEST_CASE("designs: a Latin hypercube's parameters are placed independently", "[experiment][property]") {
  Stream stream(1, 0, "test/latin");
  constexpr std::size_t points = 1000;
  const std::vector<UnitPoint> design = latin_hypercube(points, 2, stream);
  double sum = 0;
  for (const UnitPoint& point : design) sum += (point[0] - 0.5) * (point[1] - 0.5);
  // The correlation of a random permutation has the standard deviation 1 / sqrt(n - 1).
  CHECK(std::abs(12 * sum / points) < 4 / std::sqrt(points - 1.0));
}

TEST_CASE("designs: 2^k Sobol' points have one in each of 2^k cells of each parameter", "[experiment][property]") {
  for (const std::size_t points : {1U, 16U, 256U}) {
    Stream stream(3, 0, "test/sobol");
    const std::vector<UnitPoint> design = sobol(points, 5, stream);
    for (std::size_t p = 0; p < 5; ++p) CHECK(counts(design, p, points).count(1) == points);
  }
}

TEST_CASE("designs: 2^k Sobol' points lie evenly in the squares of the first two parameters", "[experiment][property]") {
  Stream stream(3, 0, "test/sobol");
  const std::vector<UnitPoint> design = sobol(256, 2, stream);
  // A (0, 8, 2)-net: every elementary rectangle of area 1/256 holds one point, whatever its shape.
  for (std::size_t power = 0; power <= 8; ++power) {
    const double across = std::pow(2, power), down = 256 / across;
    std::set<std::pair<int, int>> cells;
    for (const UnitPoint& point : design) cells.emplace(static_cast<int>(point[0] * across), static_cast<int>(point[1] * down));
    CHECK(cells.size() == 256);
  }
}

TEST_CASE("designs: points lie within and follow from the stream", "[experiment][property]") {
  Stream one(3, 0, "test/sobol"), again(3, 0, "test/sobol"), other(4, 0, "test/sobol");
  const std::vector<UnitPoint> design = sobol(100, 3, one);
  CHECK(design == sobol(100, 3, again));
  CHECK(design != sobol(100, 3, other));
  for (const UnitPoint& point : design)
    for (const double x : point) CHECK((x > 0 && x < 1));
}
