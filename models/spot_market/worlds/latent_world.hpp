#pragma once
/// Pools that open and close with a hidden state, part of which their Region shares: generator G2 of the model's page.
///
/// The state is looked at once a step. From step to step every factor moves by the exact transition of its
/// Ornstein-Uhlenbeck process, whatever the step's length.

#include <memory>
#include <optional>

#include <Eigen/Core>

#include "fleetsim/sim/random.hpp"
#include "models/spot_market/latent/latent_factor.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"

namespace fleetsim::spot_market {

/// What the pools of a Region share, over a whole run: sqrt(correlation) times the Region's factor plus the term of
/// the hour.
class LatentPath {
 public:
  LatentPath(const LatentRegion& region, Stream stream, Duration run_length);
  const Eigen::ArrayXd& values() const { return values_; }

 private:
  Eigen::ArrayXd values_;  // at each step before the end of the run
};

class LatentWorld : public CapacityWorld {
 public:
  /// `stream` is the pool's own.
  LatentWorld(const LatentCapacity& process, std::shared_ptr<const LatentPath> path, Stream stream);
  std::int64_t initial_units() const override { return initial_units_; }
  std::optional<CapacityChange> next() override;

 private:
  /// Puts the state of the next steps into `state_`; false at the end of the run.
  bool fill();
  std::int64_t units_at(double state) const;

  LatentCapacity process_;
  std::shared_ptr<const LatentPath> path_;
  DrawnLatentFactor factor_;
  double own_weight_;
  double threshold_;
  DrawnLatentFactor::Block state_;
  Eigen::Index state_from_ = 0;  // the step of the first entry of `state_`
  Eigen::Index at_ = 0;          // the next entry to look at
  std::int64_t units_ = 0;       // after the last change
  std::int64_t initial_units_ = 0;
};

}  // namespace fleetsim::spot_market
