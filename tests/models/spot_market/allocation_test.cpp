/// A market whose fleet has reached its largest size allocates nothing more.

#include <array>
#include <optional>

#include "harness.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr std::uint32_t instances = 200;

/// Holds up to 200 instances, half of which it ends itself at their notice.
struct SteadyHolder : SpotHolder, SpotPriceListener {
  void interruption_noticed(SpotHolderId id) override {
    const std::uint32_t holder = id.number;
    if (holder % 2 == 0) return;
    market->release(*leases[holder]);
    leases[holder] = std::nullopt;
    ++released;
  }
  void interrupted(SpotHolderId id) override {
    const std::uint32_t holder = id.number;
    leases[holder] = std::nullopt;
    ++lost;
  }
  void spot_price_changed(PoolId, UsdPerHour) override {}
  void refill() {
    for (std::uint32_t i = 0; i < instances; ++i) {
      if (!leases[i]) leases[i] = market->launch(PoolId{i % 2}, {i});
    }
  }

  SpotMarket* market = nullptr;
  std::array<Maybe<LeaseId>, instances> leases{};
  int released = 0;
  int lost = 0;
};

}  // namespace

TEST_CASE("spot market: a run in its steady state allocates nothing", "[spot_market][property]") {
  ReplayedCapacity counted = replay({{0_s, 80}, {1_h, 40}, {2_h, 100}, {3_h, 0}, {4_h, 100}}, 5_h);
  counted.repeat = true;
  const OnOffCapacity on_off{DurationDistribution{Distribution{HyperExponential{{0.7, 0.3}, {1'800, 7'800}}}},
                             DurationDistribution{Distribution{LogNormal{1'200, 1.0}}}};
  SpotMarketConfig config = make_config({make_pool(counted), make_pool(on_off, ConstantPrice{}, "us-east-1b")}, 180_s);
  config.launch_failure = Ratio{0.1};
  Simulation sim;
  SteadyHolder holder;
  SpotMarket market(sim, config, 2'000_h, holder, holder);
  holder.market = &market;
  market.start();
  const auto run_to = [&](Duration end) {
    while (sim.now() < Time::at(end)) {
      sim.run_until(sim.now() + 10_min);
      holder.refill();
    }
  };
  run_to(500_h);
  const std::uint64_t before = allocations();
  const int lost_before = holder.lost;
  run_to(2'000_h);
  const std::uint64_t allocated = allocations() - before;  // before the check itself allocates
  CHECK(allocated == 0);
  CHECK(holder.lost - lost_before > 10'000);
  CHECK(holder.released > 10'000);
}
