#include <vector>

#include "sim/fit/minimize.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

TEST_CASE("minimize: the bottom of Rosenbrock's curved valley is at (1, 1)", "[fit][analytic]") {
  const auto valley = [](const std::vector<double>& x) {
    return 100 * (x[1] - x[0] * x[0]) * (x[1] - x[0] * x[0]) + (1 - x[0]) * (1 - x[0]);
  };
  const fit::Minimum found = fit::minimize(valley, {-1.2, 1}, {0.5, 0.5}, 1000, 1e-14);
  CHECK_THAT(found.at[0], WithinAbs(1, 1e-5));
  CHECK_THAT(found.at[1], WithinAbs(1, 1e-5));
  CHECK(found.value < 1e-10);
}

TEST_CASE("minimize: it stops when its calls are used up", "[fit][property]") {
  int calls = 0;
  const auto slope = [&](const std::vector<double>& x) {
    ++calls;
    return x[0];
  };
  fit::minimize(slope, {0}, {1}, 50, 1e-9);
  CHECK(calls >= 50);
  CHECK(calls <= 53);  // what the last step needs
}
