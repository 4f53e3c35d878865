#include "models/spot_market/worlds/latent_world.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/latent/latent_threshold.hpp"

namespace fleetsim::spot_market {

namespace {

constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);

Eigen::Index steps_in(Duration run_length, Duration step) {
  return static_cast<Eigen::Index>((run_length.count() + step.count() - 1) / step.count());
}

}  // namespace

LatentPath::LatentPath(const LatentRegion& region, Stream stream, Duration run_length)
    : values_(steps_in(run_length, region.step)) {
  DrawnLatentFactor factor(region, stream);
  const double weight = latent_weights(region).shared;
  for (Eigen::Index from = 0; from < values_.size(); from += DrawnLatentFactor::block) {
    const Eigen::Index count = std::min(DrawnLatentFactor::block, values_.size() - from);
    values_.segment(from, count) = weight * factor.next(count);
  }
  if (region.diurnal_amplitude == 0) return;
  for (Eigen::Index k = 0; k < values_.size(); ++k) {
    // The time of the day first, in whole nanoseconds: an angle of years has few digits left.
    const Duration time_of_day = Duration::of((region.step * k - region.diurnal_peak).count() % day.count());
    values_[k] += region.diurnal_amplitude * std::cos(2 * std::numbers::pi * (time_of_day / day));
  }
}

LatentWorld::LatentWorld(const LatentCapacity& process, std::shared_ptr<const LatentPath> path, Stream stream)
    : process_(process),
      path_(std::move(path)),
      factor_(process.region, stream),
      own_weight_(latent_weights(process.region).own),
      threshold_(latent_threshold(process.availability, process.region.diurnal_amplitude)) {
  invariant(fill(), "a run has a first step");
  // Between the two bounds of the hysteresis the state says nothing of the past; there the threshold decides.
  units_ = process_.spread ? units_at(state_[0]) : state_[0] < threshold_ ? process_.units : 0;
  initial_units_ = units_;
  at_ = 1;
}

bool LatentWorld::fill() {
  const Eigen::Index from = state_from_ + state_.size();
  const Eigen::Index count = std::min(DrawnLatentFactor::block, path_->values().size() - from);
  if (count <= 0) return false;
  state_ = path_->values().segment(from, count) + own_weight_ * factor_.next(count);
  state_from_ = from;
  at_ = 0;
  return true;
}

std::int64_t LatentWorld::units_at(double state) const {
  if (process_.spread) {
    const double share = std::clamp((threshold_ - state) / *process_.spread, 0.0, 1.0);
    // Rounded up, so that the pool has a unit for just the share of the time that its availability says.
    return static_cast<std::int64_t>(std::ceil(share * static_cast<double>(process_.units)));
  }
  return open_after(units_ > 0, state, threshold_, process_.region.hysteresis) ? process_.units : 0;
}

std::optional<CapacityChange> LatentWorld::next() {
  do {
    for (; at_ < state_.size(); ++at_) {
      const std::int64_t units = units_at(state_[at_]);
      if (units == units_) continue;
      units_ = units;
      return CapacityChange{Time{} + process_.region.step * (state_from_ + at_++), units};
    }
  } while (fill());
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
