#include "models/spot_market/worlds/latent_world.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/normal_draws.hpp"
#include "models/spot_market/worlds/latent_threshold.hpp"

namespace fleetsim::spot_market {

namespace {

constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);

Eigen::Index steps_in(Duration run_length, Duration step) {
  return static_cast<Eigen::Index>((run_length.count() + step.count() - 1) / step.count());
}

double kept_over(Duration step, Duration time_constant) { return std::exp(-(step / time_constant)); }

}  // namespace

LatentFactor::LatentFactor(const LatentRegion& region, Stream stream)
    : stream_(stream),
      slow_weight_root_(std::sqrt(region.slow_weight)),
      fast_weight_root_(std::sqrt(1 - region.slow_weight)),
      slow_kept_(kept_over(region.step, region.slow)),
      slow_new_(std::sqrt(1 - slow_kept_ * slow_kept_)),
      fast_kept_(kept_over(region.step, region.fast)),
      fast_new_(std::sqrt(1 - fast_kept_ * fast_kept_)) {}

LatentFactor::Block LatentFactor::next(Eigen::Index count) {
  std::array<double, 2 * block> noise;
  draw_standard_normals(stream_, std::span(noise).first(static_cast<std::size_t>(2 * count)));
  Block values(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const double slow_noise = noise[static_cast<std::size_t>(2 * k)];
    const double fast_noise = noise[static_cast<std::size_t>(2 * k + 1)];
    slow_ = started_ ? slow_kept_ * slow_ + slow_new_ * slow_noise : slow_noise;
    fast_ = started_ ? fast_kept_ * fast_ + fast_new_ * fast_noise : fast_noise;
    started_ = true;
    values[k] = slow_weight_root_ * slow_ + fast_weight_root_ * fast_;
  }
  return values;
}

LatentPath::LatentPath(const LatentRegion& region, Stream stream, Duration run_length)
    : values_(steps_in(run_length, region.step)) {
  LatentFactor factor(region, stream);
  const double weight_root = std::sqrt(region.correlation);
  for (Eigen::Index from = 0; from < values_.size(); from += LatentFactor::block) {
    const Eigen::Index count = std::min(LatentFactor::block, values_.size() - from);
    values_.segment(from, count) = weight_root * factor.next(count);
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
      own_weight_root_(std::sqrt(1 - process.region.correlation)),
      threshold_(latent_threshold(process.availability, process.region.diurnal_amplitude)) {
  invariant(fill(), "a run has a first step");
  // Between the two bounds of the hysteresis the state says nothing of the past; there the threshold decides.
  units_ = process_.spread ? units_at(state_[0]) : state_[0] < threshold_ ? process_.units : 0;
  initial_units_ = units_;
  at_ = 1;
}

bool LatentWorld::fill() {
  const Eigen::Index from = state_from_ + state_.size();
  const Eigen::Index count = std::min(LatentFactor::block, path_->values().size() - from);
  if (count <= 0) return false;
  state_ = path_->values().segment(from, count) + own_weight_root_ * factor_.next(count);
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
  const double bound = threshold_ + (units_ > 0 ? 1 : -1) * process_.region.hysteresis;
  return state < bound ? process_.units : 0;
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
