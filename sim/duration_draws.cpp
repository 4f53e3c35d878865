#include "fleetsim/sim/duration_draws.hpp"

#include <variant>

namespace fleetsim {

DurationDraws::DurationDraws(const DurationDistribution& distribution, Stream stream)
    : used_(std::tuple_size_v<decltype(ahead_)>), distribution_(&distribution), stream_(stream) {
  if (!std::holds_alternative<Constant>(distribution.in_seconds().form())) return;
  ahead_.fill(distribution.quantile(0.5));
  distribution_ = nullptr;
}

void DurationDraws::refill() {
  used_ = 0;
  if (distribution_ == nullptr) return;
  distribution_->sample(stream_, ahead_);
}

}  // namespace fleetsim
