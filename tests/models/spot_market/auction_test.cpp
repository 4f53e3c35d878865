/// A pool whose price clears its capacity: who is served, at which price, and who is taken.

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "fleetsim/sim/summary.hpp"
#include "harness.hpp"
#include "models/spot_market/auction/auction.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;
using spot_market::Auction;
using spot_market::Bid;
using spot_market::BidBook;

namespace {

/// On demand 1 USD/h, so that shares are prices; floor 0.10, cap 10.
BiddingPrice bidding(std::int64_t units, std::vector<BidderClass> competitors = {}) {
  return {.on_demand = 1.0_usd_per_h, .units = units, .floor = Ratio{0.1}, .cap = Ratio{10},
          .competitors = std::move(competitors)};
}

BidderClass bidders(double demand, double bid_lowest, double bid_highest, DurationDistribution stay = DurationDistribution(Exponential{3600})) {
  return {.demand = demand, .size = Ratio{0}, .stay = std::move(stay), .bid_lowest = Ratio{bid_lowest},
          .bid_highest = Ratio{bid_highest}};
}

std::optional<std::uint32_t> launch_up_to(MarketRun& run, UsdPerHour max) {
  const auto lease = run.market.launch(PoolId{0}, {run.next_holder}, {.max_price = max});
  if (!lease) return std::nullopt;
  run.held.emplace(run.next_holder, *lease);
  return run.next_holder++;
}

/// Share of the time, after a day, in which the price of pool 0 is above `price`.
double share_above(const MarketRun& run, UsdPerHour price, Duration end) {
  double above = 0;
  const Time from = Time::at(24_h);
  for (std::size_t i = 0; i < run.heard_prices.size(); ++i) {
    const Time until = i + 1 < run.heard_prices.size() ? run.heard_prices[i + 1].first : Time::at(end);
    if (run.heard_prices[i].second > price && until > from) above += to_seconds(until - std::max(from, run.heard_prices[i].first));
  }
  return above / to_seconds(end - 24_h);
}

double poisson_at_least(std::int64_t k, double mean) {
  double below = 0, term = std::exp(-mean);
  for (std::int64_t n = 0; n < k; ++n) {
    below += term;
    term *= mean / static_cast<double>(n + 1);
  }
  return 1 - below;
}

}  // namespace

TEST_CASE("auction: bids are served from the highest on, of equal ones the earlier first", "[spot_market][auction][table]") {
  BidBook book;
  const Bid low{.price = 0.2_usd_per_h, .arrival = 1};
  const Bid first{.price = 0.3_usd_per_h, .arrival = 2};
  const Bid second{.price = 0.3_usd_per_h, .arrival = 3};
  for (const Bid& bid : {second, low, first}) book.add(bid);
  CHECK(book.at(0).arrival == 2);
  CHECK(book.at(1).arrival == 3);
  CHECK(book.rank(low) == 2);
  CHECK(book.rank({.price = 0.25_usd_per_h, .arrival = 9}) == 2);
  book.remove(first);
  CHECK(book.size() == 2);
  CHECK(book.rank(low) == 1);
}

TEST_CASE("auction: the price is the lowest bid that is served, the floor while there are units for all",
          "[spot_market][auction][table]") {
  MarketRun run{make_config({make_pool(FixedCapacity{2}, bidding(2))})};
  CHECK(run.market.price(PoolId{0}) == 0.1_usd_per_h);
  REQUIRE(launch_up_to(run, 0.5_usd_per_h) == 0);
  run.run_to(1_s);
  CHECK(run.market.price(PoolId{0}) == 0.1_usd_per_h);
  REQUIRE(launch_up_to(run, 0.3_usd_per_h) == 1);
  CHECK(run.market.price(PoolId{0}) == 0.1_usd_per_h);  // published when the present instant is over
  run.run_to(2_s);
  CHECK(run.market.price(PoolId{0}) == 0.3_usd_per_h);

  // Below the price; at it, which comes after who bid the same before; above it.
  CHECK(run.market.price_too_low(PoolId{0}, {.max_price = 0.29_usd_per_h}));
  CHECK_FALSE(launch_up_to(run, 0.29_usd_per_h));
  CHECK_FALSE(run.market.price_too_low(PoolId{0}, {.max_price = 0.3_usd_per_h}));
  CHECK_FALSE(launch_up_to(run, 0.3_usd_per_h));
  CHECK(run.metric("spot.launch_failures") == 2.0);
  CHECK(run.metric("spot.launch_failures.by_price") == 1.0);
  CHECK(run.market.free_units(PoolId{0}, {.max_price = 0.4_usd_per_h}) == 1);
  CHECK(run.market.free_units(PoolId{0}, {.max_price = 0.6_usd_per_h}) == 2);
  REQUIRE(launch_up_to(run, 0.4_usd_per_h) == 2);
  run.run_to(3_s);
  CHECK(run.market.price(PoolId{0}) == 0.4_usd_per_h);
  CHECK(run.noticed == std::vector<Heard>{{Time::at(2_s + 1_ns), 1}});

  // One leaves: a unit is free again.
  run.release(0);
  run.run_to(4_s);
  CHECK(run.market.price(PoolId{0}) == 0.1_usd_per_h);
  run.run_to(24_h);
  CHECK(run.lost == std::vector<Heard>{{Time::at(2_s + 1_ns + 120_s), 1}});
  CHECK(run.metric("spot.interruptions.by_price") == 1.0);
}

TEST_CASE("auction: falling capacity takes the lowest maximum first, of equal ones the latest",
          "[spot_market][auction][table]") {
  MarketRun run{make_config({make_pool(replay({{0_s, 4}, {1_h, 3}, {2_h, 2}, {3_h, 0}, {4_h, 4}}, 24_h), bidding(4))})};
  for (const UsdPerHour max : {0.3_usd_per_h, 0.2_usd_per_h, 0.3_usd_per_h, 0.5_usd_per_h}) REQUIRE(launch_up_to(run, max));
  run.run_to(24_h);
  CHECK(run.noticed == std::vector<Heard>{{Time::at(1_h), 1}, {Time::at(2_h), 2}, {Time::at(3_h), 0}, {Time::at(3_h), 3}});
  std::vector<UsdPerHour> prices;
  for (const auto& [at, price] : run.heard_prices) prices.push_back(price);
  // While no unit is left there is no price, and the last one stands; then nobody bids.
  CHECK(prices == std::vector<UsdPerHour>{0.1_usd_per_h, 0.2_usd_per_h, 0.3_usd_per_h, 0.1_usd_per_h});
  CHECK(run.metric("spot.interruptions.by_price") == 4.0);
}

TEST_CASE("auction: whatever comes and goes, the price is the bid of the last unit and nobody beyond it is kept",
          "[spot_market][auction][property]") {
  // Competitors one by one, beside a plain sorted list.
  Simulation sim;
  constexpr std::int64_t units = 40;
  Auction auction(bidding(units, {bidders(1, 0.05, 12), {.demand = 1, .size = Ratio{0.1}, .bid_lowest = Ratio{1},
                                                           .bid_highest = Ratio{1}}}),
                  sim, "a/");
  Stream random(7, 0, "test");
  std::vector<std::uint32_t> present;
  std::set<std::uint32_t> ours;
  std::vector<UsdPerHour> max_of(60);
  for (int step = 0; step < 4'000; ++step) {
    switch (random.below(4)) {
      case 0: present.push_back(auction.arrive(random.below(2)).index); break;
      case 1:
        if (!present.empty()) {
          std::swap(present[random.below(present.size())], present.back());
          auction.leave(present.back());
          present.pop_back();
        }
        break;
      case 2: {
        const auto slot = static_cast<std::uint32_t>(random.below(60));
        const UsdPerHour max = usd_per_hour(0.1 + 0.1 * static_cast<double>(random.below(60)));
        const std::int64_t free = auction.units_for(max);
        REQUIRE((free > 0) >= (max > auction.price()));
        if (free == 0 || ours.contains(slot)) break;
        auction.bid_for(slot, max);
        ours.insert(slot);
        max_of[slot] = max;
        // A unit that was free for this bid is its own.
        REQUIRE(auction.price() <= max);
        break;
      }
      default:
        if (!ours.empty() && random.chance(0.5)) {
          auction.withdraw(*ours.begin());
          ours.erase(ours.begin());
        }
    }
    while (const auto lost = auction.outbid()) {
      REQUIRE(max_of[*lost] <= auction.price());
      for (const std::uint32_t other : ours) REQUIRE(max_of[other] >= max_of[*lost]);
      auction.withdraw(*lost);
      ours.erase(*lost);
    }
    REQUIRE(ours.size() <= static_cast<std::size_t>(units));
    for (const std::uint32_t slot : ours) REQUIRE(max_of[slot] >= auction.price());
    // The price is where the number of further units changes from none to some.
    const UsdPerHour price = auction.price();
    REQUIRE(auction.units_for(price + usd_per_hour(0.0001)) > 0);
    REQUIRE(auction.units_for(price - usd_per_hour(0.0001)) == 0);
  }
}

TEST_CASE("auction: competitors are there in the numbers of an M/G/infinity queue, whatever the law of their stay",
          "[spot_market][auction][analytic][stochastic]") {
  // All bid 0.5, so the price is above the floor for just the share of the time in which 20 or more are there.
  const DurationDistribution stay = GENERATE(DurationDistribution(Exponential{3600}), DurationDistribution(1_h),
                                             DurationDistribution(Distribution(LogNormal{.median = 1800, .sigma = 1})));
  constexpr Duration length = 24_h * 31;
  constexpr std::int64_t units = 20;
  Tally shares;
  for (std::uint64_t replication = 0; replication < 24; ++replication) {
    MarketRun run{make_config({make_pool(FixedCapacity{units}, bidding(units, {bidders(0.8, 0.5, 0.5, stay)}))}), length,
                  {.seed = 5, .replication = replication}};
    run.run_to(length);
    shares.add(share_above(run, 0.1_usd_per_h, length));
  }
  CHECK_THAT(shares.mean(), WithinAbs(poisson_at_least(units, 16), 4 * shares.standard_error()));
}

TEST_CASE("auction: the price is a quantile of the bids where the bidders are many",
          "[spot_market][auction][analytic][stochastic]") {
  // 4,000 bids for 2,000 units: the price is the median of the bids, the root of 0.2 x 5 = 1.
  MarketRun run{make_config({make_pool(FixedCapacity{2'000}, bidding(2'000, {bidders(2, 0.2, 5)}))})};
  // The median's standard error in the logarithm: ln(25) / (2 sqrt(4000)) and, for their number, a half of it more.
  CHECK_THAT(std::log(to_usd_per_hour(run.market.price(PoolId{0}))), WithinAbs(0, 4 * std::log(25) / std::sqrt(4'000)));
}

TEST_CASE("auction: nothing is allocated once competitors have been as many as they will be",
          "[spot_market][auction]") {
  MarketRun run{make_config({make_pool(FixedCapacity{200}, bidding(200, {bidders(0.9, 0.1, 2)}))}), 24_h * 60};
  run.heard_prices.reserve(1'000'000);
  run.run_to(24_h * 50);
  const std::uint64_t before = allocations();
  run.run_to(24_h * 51);
  const std::uint64_t allocated = allocations() - before;  // before the check itself allocates
  CHECK(allocated == 0);
}
