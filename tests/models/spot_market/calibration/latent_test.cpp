/// The latent factor: its simulation against published figures, and its fit against its own simulation.

#include <cmath>
#include <string>
#include <vector>

#include "models/spot_market/calibration/latent.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::calibration;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("calibration: the latent factor behaves as published with the published parameters",
          "[spot_market][calibration][table]") {
  // docs/models/calibration.md, "Latent factor": means of 160,000 steps of 195 s. As many steps with other random
  // numbers are within 15 %, a correlation within 0.06 (its slow part turns over 100 times).
  struct Region {
    LatentParameters parameters;
    std::vector<double> availability, mean_up, mean_down;
    double correlation, any_open;
  };
  const Region region =
      GENERATE(Region{{0.7, 2, 24, 0.3, 0.15}, {.883, .905, .891}, {6.1, 7.5, 7.3}, {.84, .80, .93}, 0.41, 0.968},
               Region{{0.8, 2, 48, 0.5, 0.17}, {.759, .682}, {5.5, 4.3}, {1.6, 1.8}, 0.55, 0.829},
               Region{{0.6, 1.5, 48, 0.4, 0.12},
                      {.167, .467, .447, .591},
                      {.73, 1.35, 1.35, 1.65},
                      {4.1, 1.8, 1.8, 1.4},
                      0.365,
                      0.698});
  LatentTarget target{.pools = {}, .correlation = 0, .step = 195_s};
  for (std::size_t i = 0; i < region.availability.size(); ++i) {
    target.pools.push_back({.pool = std::to_string(i), .availability = region.availability[i]});
  }
  const LatentFit simulated = simulate_latent(region.parameters, target, 160'000, 7);
  // The mean of an Ornstein-Uhlenbeck process over a time T has the variance 2 tau / T, and the availability moves with
  // it by the normal density, at most 0.4.
  const LatentParameters& p = region.parameters;
  const double variance =
      2 * (p.slow_weight * p.slow_hours + (1 - p.slow_weight) * p.fast_hours) / to_hours(simulated.simulated);
  for (std::size_t i = 0; i < target.pools.size(); ++i) {
    CAPTURE(p.correlation, i);
    CHECK_THAT(simulated.pools[i].availability, WithinAbs(region.availability[i], 3 * 0.4 * std::sqrt(variance)));
    CHECK_THAT(simulated.pools[i].mean_up_hours, WithinRel(region.mean_up[i], 0.15));
    CHECK_THAT(simulated.pools[i].mean_down_hours, WithinRel(region.mean_down[i], 0.15));
  }
  CHECK_THAT(simulated.correlation, WithinAbs(region.correlation, 0.06));
  CHECK_THAT(simulated.any_open, WithinAbs(region.any_open, 0.03));
}

TEST_CASE("calibration: a fit to what the latent factor did behaves as it did",
          "[spot_market][calibration][property]") {
  LatentTarget asked{.pools = {}, .correlation = 0, .step = 195_s};
  for (const double availability : {0.9, 0.8, 0.6}) {
    asked.pools.push_back({.pool = "p", .availability = availability});
  }
  const LatentParameters truth{0.5, 1.5, 30, 0.4, 0.12};
  const LatentFit done = simulate_latent(truth, asked, 160'000, 3);
  const LatentTarget target{.pools = done.pools, .correlation = done.correlation, .step = asked.step};
  const LatentFit fitted = fit_latent(target, 5);
  // Both sides are simulations of 160,000 steps, each within 15 % of its expectation.
  for (std::size_t i = 0; i < target.pools.size(); ++i) {
    CHECK_THAT(fitted.pools[i].mean_up_hours, WithinRel(target.pools[i].mean_up_hours, 0.3));
    CHECK_THAT(fitted.pools[i].mean_down_hours, WithinRel(target.pools[i].mean_down_hours, 0.3));
    CHECK_THAT(fitted.pools[i].availability, WithinAbs(target.pools[i].availability, 0.06));
  }
  CHECK_THAT(fitted.correlation, WithinAbs(target.correlation, 0.12));
  CHECK_THAT(fitted.any_open, WithinAbs(done.any_open, 0.03));
  // The same recording and seed give the same parameters.
  CHECK(fit_latent(target, 5).parameters.correlation == fitted.parameters.correlation);
}
