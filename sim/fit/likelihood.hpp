#pragma once
/// What the fits share.

#include "fleetsim/sim/fit.hpp"

namespace fleetsim::fit {

/// Fails, as an invariant, for an amount that is not finite and above zero.
void check(const Sample& sample);

/// Whether at least two different amounts ended.
bool varies(const Sample& sample);

Fit make_fit(const Sample& sample, DistributionForm form, int parameters);

/// ln P(Z > z), Z standard normal.
double log_normal_tail(double z);
/// density(z) / P(Z > z), Z standard normal.
double normal_hazard(double z);

}  // namespace fleetsim::fit
