#pragma once
/// A Spot market with a holder and a price listener that write down what they hear, and short ways to describe pools.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::test {

template <class Value>
std::shared_ptr<const StepTrace<Value>> make_trace(const std::vector<std::pair<Duration, Value>>& steps,
                                                   Duration span) {
  StepTrace<Value> trace;
  for (const auto& [at, value] : steps) {
    trace.times.push_back(at);
    trace.values.push_back(value);
  }
  trace.span = span;
  return std::make_shared<const StepTrace<Value>>(std::move(trace));
}

inline ReplayedCapacity replay(const std::vector<std::pair<Duration, std::int64_t>>& steps, Duration span,
                               std::int64_t units_for_each = 1) {
  return {.trace = make_trace(steps, span), .units_for_each = units_for_each, .start = ReplayStart::beginning,
          .repeat = false, .units = unlimited_units};
}

inline SpotPoolConfig make_pool(CapacityProcess capacity, PriceProcess price = ConstantPrice{0.1_usd_per_h},
                                std::string zone = "us-east-1a", std::string type = "c5.2xlarge") {
  return {.instance_type = std::move(type), .zone = std::move(zone), .capacity = std::move(capacity),
          .price = std::move(price)};
}

/// A pool that closes takes all of its instances, whose notices are given and heard at that very instant, unless a test is
/// about their spread.
inline SpotMarketConfig make_config(std::vector<SpotPoolConfig> pools, Duration reclaim_spread = {}) {
  SpotMarketConfig config;
  config.reclaim_spread = reclaim_spread;
  config.reclaim_whole = Ratio{1};
  config.poll = {};
  config.pools = std::move(pools);
  return config;
}

struct Heard {
  Time at;
  std::uint32_t holder = 0;
  bool operator==(const Heard&) const = default;
};

/// Launches instances under consecutive holder numbers and keeps their leases.
class MarketRun : private SpotHolder, private SpotPriceListener {
 public:
  explicit MarketRun(SpotMarketConfig config, Duration run_length = 24_h, SimulationOptions options = {})
      : sim(options), market(sim, std::move(config), run_length, *this, *this) {
    market.start();
  }

  void run_to(Duration since_start) { sim.run_until(Time::at(since_start)); }

  /// The holder number of a new instance; empty if the launch failed.
  std::optional<std::uint32_t> launch(std::uint32_t pool = 0) {
    const auto lease = market.launch(PoolId{pool}, {next_holder});
    if (!lease) return std::nullopt;
    held.emplace(next_holder, *lease);
    return next_holder++;
  }
  int launch_many(int count, std::uint32_t pool = 0) {
    int launched = 0;
    for (int i = 0; i < count; ++i) launched += launch(pool) ? 1 : 0;
    return launched;
  }
  void release(std::uint32_t holder) {
    market.release(held.at(holder));
    held.erase(holder);
  }
  std::optional<double> metric(const std::string& name) const {
    MetricSink sink;
    market.report(sink);
    for (const MetricValue& value : sink.values()) {
      if (value.name == name) return value.value;
    }
    return std::nullopt;
  }

  Simulation sim;
  std::map<std::uint32_t, LeaseId> held;
  std::vector<Heard> recommended;
  std::vector<Heard> noticed;
  std::vector<Heard> lost;
  std::vector<std::pair<Time, UsdPerHour>> heard_prices;  // of pool 0
  std::function<void(std::uint32_t)> when_recommended;
  std::function<void(std::uint32_t)> when_noticed;
  std::function<void(std::uint32_t)> when_lost;
  std::uint32_t next_holder = 0;
  SpotMarket market;

 private:
  void rebalance_recommended(SpotHolderId holder) override {
    recommended.push_back({sim.now(), holder.number});
    if (when_recommended) when_recommended(holder.number);
  }
  void interruption_noticed(SpotHolderId holder) override {
    noticed.push_back({sim.now(), holder.number});
    if (when_noticed) when_noticed(holder.number);
  }
  void interrupted(SpotHolderId holder) override {
    lost.push_back({sim.now(), holder.number});
    held.erase(holder.number);
    if (when_lost) when_lost(holder.number);
  }
  void spot_price_changed(PoolId pool, UsdPerHour price) override {
    if (pool == PoolId{0}) heard_prices.emplace_back(sim.now(), price);
  }
};

}  // namespace fleetsim::test
