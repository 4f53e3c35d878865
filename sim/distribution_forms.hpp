#pragma once
/// Private to the kernel: the distribution function and the moments of each form. Weights are normalized.

#include "fleetsim/sim/distribution.hpp"

namespace fleetsim::forms {

/// F(x) = P(X <= x).
double cdf(const Constant& form, double x);
double cdf(const Exponential& form, double x);
double cdf(const Weibull& form, double x);
double cdf(const LogNormal& form, double x);
double cdf(const HyperExponential& form, double x);
double cdf(const Gamma& form, double x);
double cdf(const Normal& form, double x);
double cdf(const Uniform& form, double x);
double cdf(const Triangular& form, double x);
double cdf(const Discrete& form, double x);
double cdf(const Empirical& form, double x);
double cdf(const Bathtub& form, double x);

struct Moments {
  double mean;
  double variance;
};
Moments moments(const Constant& form);
Moments moments(const Exponential& form);
Moments moments(const Weibull& form);
Moments moments(const LogNormal& form);
Moments moments(const HyperExponential& form);
Moments moments(const Gamma& form);
Moments moments(const Normal& form);
Moments moments(const Uniform& form);
Moments moments(const Triangular& form);
Moments moments(const Discrete& form);
Moments moments(const Empirical& form);
Moments moments(const Bathtub& form);

/// The value below which the share `u` of a bathtub lies. Requires: 0 < u <= 1.
double bathtub_quantile(const Bathtub& form, double u);

}  // namespace fleetsim::forms
