#pragma once
/// A price of the era without bids: it moves slowly about its mean, and not every move is published.

#include <string>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/spot_market/worlds/price_world.hpp"

namespace fleetsim::spot_market {

class GeneratedPriceWorld : public PriceWorld {
 public:
  GeneratedPriceWorld(const GeneratedPrice& process, const Simulation& sim, const std::string& stream_prefix,
                      Duration run_length);
  UsdPerHour initial_price() const override { return initial_price_; }
  UsdPerHour highest() const override { return most_; }
  std::optional<PriceStep> next() override;

 private:
  UsdPerHour sampled_price() const;

  GeneratedPrice process_;
  Time end_of_run_;
  Stream stream_;
  Distribution normal_{Normal{.mean = 0, .sigma = 1}};
  UsdPerHour least_;
  UsdPerHour most_;
  double kept_;       // of a deviation from the mean, from one sample to the next
  double deviation_;  // of the log ratio from its mean, at the last sample
  Time sampled_at_;
  UsdPerHour initial_price_;
  UsdPerHour price_;  // last published
};

}  // namespace fleetsim::spot_market
