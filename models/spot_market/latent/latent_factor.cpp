#include "models/spot_market/latent/latent_factor.hpp"

#include <array>
#include <cmath>
#include <span>

#include "fleetsim/sim/normal_draws.hpp"

namespace fleetsim::spot_market {

namespace {

double kept_over(Duration step, Duration time_constant) { return std::exp(-(step / time_constant)); }

}  // namespace

LatentFactor::LatentFactor(const LatentRegion& region)
    : slow_weight_root_(std::sqrt(region.slow_weight)),
      fast_weight_root_(std::sqrt(1 - region.slow_weight)),
      slow_kept_(kept_over(region.step, region.slow)),
      slow_new_(std::sqrt(1 - slow_kept_ * slow_kept_)),
      fast_kept_(kept_over(region.step, region.fast)),
      fast_new_(std::sqrt(1 - fast_kept_ * fast_kept_)) {}

DrawnLatentFactor::Block DrawnLatentFactor::next(Eigen::Index count) {
  std::array<double, 2 * block> noise;
  draw_standard_normals(stream_, std::span(noise).first(static_cast<std::size_t>(2 * count)));
  Block values(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    values[k] = factor_.next(noise[static_cast<std::size_t>(2 * k)], noise[static_cast<std::size_t>(2 * k + 1)]);
  }
  return values;
}

LatentWeights latent_weights(const LatentRegion& region) {
  return {.shared = std::sqrt(region.correlation), .own = std::sqrt(1 - region.correlation)};
}

}  // namespace fleetsim::spot_market
