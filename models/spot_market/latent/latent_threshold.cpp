#include "models/spot_market/latent/latent_threshold.hpp"

#include <cmath>
#include <numbers>

#include "fleetsim/sim/distribution.hpp"

namespace fleetsim::spot_market {

double latent_threshold(double availability, double diurnal_amplitude) {
  const Distribution normal = Normal{};
  if (diurnal_amplitude == 0) return normal.quantile(availability);
  // The mean over the day of P(X + a cos < threshold), which rises in the threshold. Equal cells integrate a periodic
  // smooth function to rounding.
  constexpr int cells = 96;
  const auto share_open = [&](double threshold) {
    double sum = 0;
    for (int k = 0; k < cells; ++k) {
      sum += normal.cdf(threshold - diurnal_amplitude * std::cos(2 * std::numbers::pi * k / cells));
    }
    return sum / cells;
  };
  double low = normal.quantile(availability) - diurnal_amplitude;
  double high = normal.quantile(availability) + diurnal_amplitude;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = low + (high - low) / 2;
    (share_open(middle) < availability ? low : high) = middle;
  }
  return low;
}

}  // namespace fleetsim::spot_market
