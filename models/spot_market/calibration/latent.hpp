#pragma once
/// The latent factor that behaves like the recorded pools of a Region.

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {

/// What a simulated Region is compared with.
struct LatentTarget {
  std::vector<LatentPool> pools;  // at least two; availability strictly between 0 and 1
  double correlation = 0;         // mean over pairs
  Duration step;                  // of the recording's grid; > 0
};

/// The parameters at which a simulation of the generator comes nearest in mean open and closed times, their
/// coefficients of variation and the mean correlation, and what a longer simulation with other random numbers then
/// shows.
LatentFit fit_latent(const LatentTarget& target, std::uint64_t seed);

/// The generator with these parameters over `steps` steps: what the pools do.
LatentFit simulate_latent(const LatentParameters& parameters, const LatentTarget& target, std::size_t steps,
                          std::uint64_t seed);

}  // namespace fleetsim::calibration
