#include <string>

#include "models/spot_market/market_state.hpp"

namespace fleetsim {

using spot_market::Pool;
using spot_market::PoolCounts;

void SpotMarket::begin_measurement() {
  for (Pool& pool : state_->pools) pool.counts = {.from = state_->sim.now(), .to = state_->sim.now()};
}

void SpotMarket::report(MetricSink& sink) const {
  PoolCounts all;
  for (const Pool& pool : state_->pools) {
    const PoolCounts counts = pool.counted_to(state_->sim.now());
    all.launches += counts.launches;
    all.failed_launches += counts.failed_launches;
    all.priced_out_launches += counts.priced_out_launches;
    all.interruptions += counts.interruptions;
    all.priced_out += counts.priced_out;
    all.peers_lost += counts.peers_lost;
    all.recommendations += counts.recommendations;

    const std::string prefix = "spot.pool." + pool.name + ".";
    const Duration measured = counts.to - counts.from;
    std::optional<double> open_fraction;
    std::optional<double> price_mean;
    if (measured > Duration{}) {
      open_fraction = counts.open_time / measured;
      price_mean = static_cast<double>(counts.price_integral.count()) / static_cast<double>(measured.count()) * 1e-9;
    }
    sink.add(prefix + "interruptions", "1", static_cast<double>(counts.interruptions));
    sink.add(prefix + "interruptions_by_price", "1", static_cast<double>(counts.priced_out));
    sink.add(prefix + "open_fraction", "1", open_fraction);
    sink.add(prefix + "price_mean", "USD/h", price_mean);
  }
  sink.add("spot.interruptions", "1", static_cast<double>(all.interruptions));
  sink.add("spot.interruptions.by_capacity", "1", static_cast<double>(all.interruptions - all.priced_out - all.peers_lost));
  sink.add("spot.interruptions.by_constraint", "1", static_cast<double>(all.peers_lost));
  sink.add("spot.interruptions.by_price", "1", static_cast<double>(all.priced_out));
  sink.add("spot.launch_failures", "1", static_cast<double>(all.failed_launches));
  sink.add("spot.launch_failures.by_price", "1", static_cast<double>(all.priced_out_launches));
  sink.add("spot.launches", "1", static_cast<double>(all.launches));
  sink.add("spot.rebalance_recommendations", "1", static_cast<double>(all.recommendations));
}

}  // namespace fleetsim
