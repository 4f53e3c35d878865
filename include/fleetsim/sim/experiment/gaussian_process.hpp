#pragma once
/// A surrogate: a function known at a few noisy points, everywhere else a normal guess with its spread.

#include <cstddef>
#include <memory>
#include <vector>

#include "fleetsim/sim/experiment/designs.hpp"

namespace fleetsim::experiment {

/// A value measured at a point, and the variance of that measurement (of a mean: its standard error squared).
struct Measured {
  UnitPoint at{};
  double value = 0;
  double variance = 0;
};

struct Guess {
  double mean = 0;
  double deviation = 0;  ///< standard deviation of the function itself, measurement noise left out
};

/// Gaussian-process regression (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, algorithm 2.1)
/// with the Matern 5/2 kernel, a length for each coordinate, and an unknown constant mean. Lengths and variance are of
/// maximum likelihood. Noise is each point's own (Ankenman, Nelson and Staum, "Stochastic kriging for simulation
/// metamodeling", Operations Research 58(2), 2010). Requires: two points or more of the same dimension, finite values.
class GaussianProcess {
 public:
  explicit GaussianProcess(std::vector<Measured> points);
  GaussianProcess(GaussianProcess&&) noexcept;
  GaussianProcess& operator=(GaussianProcess&&) noexcept;
  ~GaussianProcess();

  Guess at(const UnitPoint& point) const;
  /// Share of a coordinate's range over which the function keeps its value: small where the coordinate matters.
  const std::vector<double>& lengths() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Mean of max(best - f, 0) for a normal f: by how much the point is expected to undercut the best (Jones, Schonlau and
/// Welch, "Efficient global optimization of expensive black-box functions", Journal of Global Optimization 13, 1998).
double expected_improvement(const Guess& guess, double best);
/// P(f <= bound).
double probability_below(const Guess& guess, double bound);

}  // namespace fleetsim::experiment
