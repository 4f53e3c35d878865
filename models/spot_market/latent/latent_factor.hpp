#pragma once
/// The hidden state of the latent-factor generator, step by step: what worlds run and calibration fits.

#include <Eigen/Core>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim::spot_market {

/// sqrt(w) S + sqrt(1 - w) F of two unit Ornstein-Uhlenbeck processes, a slow and a fast one, at the steps 0, 1, 2, …;
/// stationary from the first on.
class LatentFactor {
 public:
  explicit LatentFactor(const LatentRegion& region);
  /// The value at the next step, from two standard normal numbers.
  double next(double slow_noise, double fast_noise) {
    slow_ = started_ ? slow_kept_ * slow_ + slow_new_ * slow_noise : slow_noise;
    fast_ = started_ ? fast_kept_ * fast_ + fast_new_ * fast_noise : fast_noise;
    started_ = true;
    return slow_weight_root_ * slow_ + fast_weight_root_ * fast_;
  }

 private:
  double slow_weight_root_;
  double fast_weight_root_;
  double slow_kept_, slow_new_;  // the share of a factor that a step keeps, and of fresh noise
  double fast_kept_, fast_new_;
  double slow_ = 0;
  double fast_ = 0;
  bool started_ = false;
};

/// A factor with its random numbers.
class DrawnLatentFactor {
 public:
  /// The most steps that one call gives: two kilobytes, which stay in the nearest cache.
  static constexpr Eigen::Index block = 256;
  using Block = Eigen::Array<double, Eigen::Dynamic, 1, 0, block, 1>;

  DrawnLatentFactor(const LatentRegion& region, Stream stream) : factor_(region), stream_(stream) {}
  /// The next values. Requires: 0 < count <= block.
  Block next(Eigen::Index count);

 private:
  LatentFactor factor_;
  Stream stream_;
};

/// What the Region's factor and the pool's own count for in a pool's state.
struct LatentWeights {
  double shared, own;
};
LatentWeights latent_weights(const LatentRegion& region);

/// Whether a pool is open after a look at its state, and before it was or not.
inline bool open_after(bool open, double state, double threshold, double hysteresis) {
  return state < threshold + (open ? hysteresis : -hysteresis);
}

}  // namespace fleetsim::spot_market
