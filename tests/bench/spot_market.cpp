/// What a large Spot fleet costs: 100,000 instances over 9 pools for 30 days, each with a life of 6 h in the mean and
/// replaced when it is taken, about 12 million lives; a year of the latent-factor generator for 50 pools; and a year of
/// auctions in 9 pools of 2,000 units, among the default competitors and 900 instances of one fleet, which pays up to on
/// demand and comes back when the price has fallen.
///
///   bench_spot_market
///
/// Prints processor time, lives and the memory that the market and its events hold at the end. The program fails if a
/// figure is over its target; the auctions have none.

#include <fmt/format.h>
#include <malloc.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "models/spot_market/readers.hpp"

namespace {

using namespace fleetsim;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::size_t bytes_held() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

SpotPoolConfig pool(std::string zone, std::string type, CapacityProcess capacity) {
  return {.instance_type = std::move(type), .zone = std::move(zone), .capacity = std::move(capacity),
          .price = ConstantPrice{0.1_usd_per_h}};
}

/// Replaces every instance that is taken, in the same pool: at once, or as soon as the pool has a unit for the price.
class Replacing : private SpotHolder, private SpotPriceListener, private SpotRoomListener {
 public:
  Replacing(SpotMarketConfig config, Duration run_length, std::uint32_t instances,
            std::optional<UsdPerHour> max_price = {})
      : market_(sim, std::move(config), run_length, *this, *this), terms_{.max_price = max_price} {
    waiting_.resize(market_.pool_count());
    market_.start();
    for (std::uint32_t holder = 0; holder < instances; ++holder) launch(holder);
  }

  Simulation sim{{.seed = 1, .replication = 0, .fingerprint = true}};
  std::uint64_t lives = 0;

 private:
  void launch(std::uint32_t holder) {
    const PoolId pool{static_cast<std::uint32_t>(holder % market_.pool_count())};
    if (market_.launch(pool, {holder}, terms_)) return;
    waiting_[pool.index].push_back(holder);
    market_.watch(pool, terms_, *this);
  }
  void spot_room(PoolId pool) override {
    std::vector<std::uint32_t>& waiting = waiting_[pool.index];
    while (!waiting.empty() && market_.launch(pool, {waiting.back()}, terms_)) waiting.pop_back();
    if (!waiting.empty()) market_.watch(pool, terms_, *this);
  }
  void interruption_noticed(SpotHolderId) override {}
  void interrupted(SpotHolderId id) override {
    const std::uint32_t holder = id.number;
    ++lives;
    launch(holder);
  }
  void spot_price_changed(PoolId, UsdPerHour) override {}

  SpotMarket market_;
  SpotTerms terms_;
  std::vector<std::vector<std::uint32_t>> waiting_;  // by pool
};

bool run_fleet() {
  constexpr std::uint32_t instances = 100'000;
  constexpr Duration length = 720_h;
  SpotMarketConfig config;
  for (const char* const zone : {"us-east-1a", "us-east-1b", "us-east-1c"}) {
    for (const char* const type : {"c5.xlarge", "c5.2xlarge", "m5.xlarge"}) {
      config.pools.push_back(pool(zone, type, FixedCapacity{}));
      config.pools.back().life = SpotLife{.life = DurationDistribution{Distribution{Exponential{6 * 3'600}}}};
    }
  }
  const std::size_t before = bytes_held();
  const double begun = processor_seconds();
  Replacing run(std::move(config), length, instances);
  run.sim.run_until(Time::at(length));
  const double seconds = processor_seconds() - begun;
  const double bytes = static_cast<double>(bytes_held() - before) / instances;
  fmt::print("{} instances over 9 pools for 30 days: {:.2f} s (target 20), {} lives, {} events, {:.0f} ns a life\n",
             instances, seconds, run.lives, run.sim.events_run(), 1e9 * seconds / static_cast<double>(run.lives));
  fmt::print("  {:.0f} bytes an instance (target 200)\n", bytes);
  return seconds <= 20 && bytes <= 200;
}

bool run_latent_year() {
  constexpr Duration year = 24_h * 365;
  SpotMarketConfig config;
  for (int i = 0; i < 50; ++i) {
    const std::string zone = std::string("us-east-1") + static_cast<char>('a' + i % 5);
    config.pools.push_back(pool(zone, fmt::format("c5.{}xlarge", 1 + i / 5),
                                LatentCapacity{.region = {}, .availability = 0.5 + 0.009 * i, .spread = {}}));
  }
  const double begun = processor_seconds();
  Replacing run(std::move(config), year, 0);
  run.sim.run_until(Time::at(year));
  const double seconds = processor_seconds() - begun;
  fmt::print("a year of the latent factor for 50 pools: {:.2f} s (target 1), {} changes\n", seconds,
             run.sim.events_run());
  return seconds <= 1;
}

void run_auction_year() {
  constexpr std::int64_t units = 2'000;
  constexpr Duration year = 24_h * 365;
  SpotMarketConfig config;
  for (const char* const zone : {"us-east-1a", "us-east-1b", "us-east-1c"}) {
    for (const char* const type : {"c5.xlarge", "c5.2xlarge", "m5.xlarge"}) {
      config.pools.push_back(pool(zone, type, FixedCapacity{.units = units}));
      config.pools.back().price = BiddingPrice{
          .on_demand = 0.34_usd_per_h, .units = units, .competitors = spot_market::competitors_default()};
    }
  }
  const double begun = processor_seconds();
  Replacing run(std::move(config), year, 900, 0.34_usd_per_h);
  run.sim.run_until(Time::at(year));
  const double seconds = processor_seconds() - begun;
  fmt::print("a year of auctions in 9 pools of {} units: {:.2f} s, {} events, {:.0f} ns an event, {} instances lost\n", units,
             seconds, run.sim.events_run(), 1e9 * seconds / static_cast<double>(run.sim.events_run()), run.lives);
}

}  // namespace

int main() {
  const bool fleet = run_fleet();
  const bool latent = run_latent_year();
  run_auction_year();
  return fleet && latent ? 0 : 1;
}
