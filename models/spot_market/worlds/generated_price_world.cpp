#include "models/spot_market/worlds/generated_price_world.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/four_decimals.hpp"

namespace fleetsim::spot_market {

namespace {

constexpr std::int64_t step = price_step.count();

}  // namespace

GeneratedPriceWorld::GeneratedPriceWorld(const GeneratedPrice& process, const Simulation& sim,
                                         const std::string& stream_prefix, Duration run_length)
    : process_(process),
      end_of_run_(Time::at(run_length)),
      stream_(sim.stream(stream_prefix + "price")),
      kept_(std::exp2(-(process.sampled_every / process.half_life))) {
  invariant(process.ratio.value > 0 && process.sampled_every > Duration{} && process.half_life > Duration{},
            "a generated price has a ratio, a half-life and a time between samples above zero");
  const double on_demand = to_usd_per_hour(process.on_demand);
  // Rounded inwards: a price is never above the most nor below the least, though these have more than four decimals.
  most_ = UsdPerHour::of(usd_per_hour(on_demand * process.most.value).count() / step * step);
  least_ = UsdPerHour::of((usd_per_hour(on_demand * process.least.value).count() + step - 1) / step * step);
  least_ = std::min(least_, most_);
  deviation_ = process.sd * normal_.sample(stream_);
  price_ = initial_price_ = sampled_price();
}

UsdPerHour GeneratedPriceWorld::sampled_price() const {
  const double price = to_usd_per_hour(process_.on_demand) * process_.ratio.value * std::exp(deviation_);
  return std::clamp(to_four_decimals(usd_per_hour(price)), least_, most_);
}

std::optional<PriceStep> GeneratedPriceWorld::next() {
  while (process_.sampled_every < end_of_run_ - sampled_at_) {
    sampled_at_ += process_.sampled_every;
    // The exact transition of the Ornstein-Uhlenbeck process over the time between samples, whatever its length.
    deviation_ = kept_ * deviation_ + process_.sd * std::sqrt(1 - kept_ * kept_) * normal_.sample(stream_);
    const UsdPerHour sampled = sampled_price();
    const double move = std::abs(static_cast<double>((sampled - price_).count()));
    if (sampled == price_ || move <= process_.publish_above.value * static_cast<double>(price_.count())) continue;
    price_ = sampled;
    return PriceStep{sampled_at_, price_};
  }
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
