#pragma once

namespace fleetsim::spot_market {

/// The threshold under which a state of mean 0 and variance 1 lies for the share `availability` of the time, when a
/// cosine of this amplitude over the day is added to it.
double latent_threshold(double availability, double diurnal_amplitude);

}  // namespace fleetsim::spot_market
