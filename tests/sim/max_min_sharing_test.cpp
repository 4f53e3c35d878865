#include "fleetsim/sim/fluid/max_min_sharing.hpp"

#include <algorithm>

#include "fleetsim/sim/random.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

using Use = MaxMinSharing::Use;

struct PlainFlow {
  std::vector<Use> uses;
  std::int64_t weight = 1;
  std::int64_t demand = 0;
};
/// The same flows and capacities, with nothing kept from one solution to the next.
struct Plain {
  std::vector<std::int64_t> capacities;
  std::vector<PlainFlow> flows;
};

/// Progressive filling as the textbook has it: raise one common level until a flow has what it wants or a capacity is
/// full, fix those, go on. Everything is counted again for every step.
std::vector<std::int64_t> fill(const Plain& plain) {
  const std::size_t n = plain.flows.size();
  std::vector<std::int64_t> rates(n, -1);  // -1: not fixed yet
  for (;;) {
    std::vector<Int128> left(plain.capacities.begin(), plain.capacities.end());
    std::vector<Int128> weights(plain.capacities.size(), 0);
    for (std::size_t f = 0; f < n; ++f) {
      for (const Use& use : plain.flows[f].uses) {
        if (rates[f] >= 0) left[use.capacity] -= Int128{rates[f]} * use.amount;
        else weights[use.capacity] += Int128{plain.flows[f].weight} * use.amount;
      }
    }
    std::size_t tightest = plain.capacities.size();
    for (std::size_t c = 0; c < plain.capacities.size(); ++c) {
      if (weights[c] == 0) continue;
      if (tightest == plain.capacities.size() || left[c] * weights[tightest] < left[tightest] * weights[c]) tightest = c;
    }
    if (tightest == plain.capacities.size()) return rates;
    bool satisfied = false;
    for (std::size_t f = 0; f < n; ++f) {
      const PlainFlow& flow = plain.flows[f];
      if (rates[f] >= 0 || flow.demand * weights[tightest] > flow.weight * left[tightest]) continue;
      rates[f] = flow.demand;
      satisfied = true;
    }
    if (satisfied) continue;
    for (std::size_t f = 0; f < n; ++f) {
      const PlainFlow& flow = plain.flows[f];
      const bool there = std::any_of(flow.uses.begin(), flow.uses.end(),
                                     [&](const Use& use) { return use.capacity == tightest; });
      if (rates[f] >= 0 || !there) continue;
      rates[f] = static_cast<std::int64_t>(flow.weight * left[tightest] / weights[tightest]);
    }
  }
}

/// What the header states of every solution, by definition rather than by any method of solving.
void check_fair(const MaxMinSharing& shares, const Plain& plain) {
  for (std::uint32_t c = 0; c < plain.capacities.size(); ++c) {
    std::int64_t drawn = 0;
    for (std::uint32_t f = 0; f < plain.flows.size(); ++f) {
      for (const Use& use : plain.flows[f].uses) drawn += use.capacity == c ? shares.rate(f) * use.amount : 0;
    }
    REQUIRE(shares.used(c) == drawn);
    REQUIRE(drawn <= plain.capacities[c]);
  }
  for (std::uint32_t f = 0; f < plain.flows.size(); ++f) {
    const PlainFlow& flow = plain.flows[f];
    REQUIRE(shares.rate(f) <= flow.demand);
    if (shares.rate(f) == flow.demand) continue;
    REQUIRE(shares.limit(f));
    const std::uint32_t held = *shares.limit(f);
    std::int64_t rounding = 0;
    for (const PlainFlow& other : plain.flows) {
      for (const Use& use : other.uses) if (use.capacity == held) rounding += use.amount;
    }
    REQUIRE(shares.used(held) > plain.capacities[held] - rounding);
    for (std::uint32_t g = 0; g < plain.flows.size(); ++g) {
      const PlainFlow& other = plain.flows[g];
      const bool there =
          std::any_of(other.uses.begin(), other.uses.end(), [&](const Use& use) { return use.capacity == held; });
      // A rate is rounded down by less than one, so the level it stands for is below (rate + 1) / weight.
      if (there) REQUIRE(shares.rate(g) * flow.weight <= (shares.rate(f) + 1) * other.weight);
    }
  }
}

struct Case {
  MaxMinSharing shares;
  Plain plain;

  std::uint32_t add_capacity(std::int64_t size) {
    plain.capacities.push_back(size);
    return shares.add_capacity(size);
  }
  std::uint32_t add_flow(std::vector<Use> uses, std::int64_t demand, std::int64_t weight = 1) {
    plain.flows.push_back({uses, weight, demand});
    const std::uint32_t flow = shares.add_flow(uses, weight);
    shares.set_demand(flow, demand);
    return flow;
  }
  void set_demand(std::uint32_t flow, std::int64_t demand) {
    plain.flows[flow].demand = demand;
    shares.set_demand(flow, demand);
  }
  void set_capacity(std::uint32_t capacity, std::int64_t size) {
    plain.capacities[capacity] = size;
    shares.set_capacity(capacity, size);
  }
};

std::int64_t below(Stream& stream, std::int64_t bound) {
  return static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(bound)));
}

}  // namespace

TEST_CASE("max-min sharing: who wants less gets it, the others share the rest equally", "[max_min_sharing][analytic]") {
  Case c;
  const auto link = c.add_capacity(100);
  for (const std::int64_t demand : {10, 20, 60, 90}) c.add_flow({{link}}, demand);
  c.shares.solve();
  CHECK(c.shares.rate(0) == 10);
  CHECK(c.shares.rate(1) == 20);
  CHECK(c.shares.rate(2) == 35);  // (100 - 10 - 20) / 2
  CHECK(c.shares.rate(3) == 35);
  CHECK_FALSE(c.shares.limit(1));
  CHECK(c.shares.limit(3) == link);
}

TEST_CASE("max-min sharing: the three flows over two links of the textbook", "[max_min_sharing][analytic]") {
  // One flow crosses both links, one each of them alone. The narrow link gives its two 5 each; the wide one the rest.
  Case c;
  const auto narrow = c.add_capacity(10), wide = c.add_capacity(30);
  c.add_flow({{narrow}, {wide}}, 1000);
  c.add_flow({{narrow}}, 1000);
  c.add_flow({{wide}}, 1000);
  c.shares.solve();
  CHECK(c.shares.rate(0) == 5);
  CHECK(c.shares.rate(1) == 5);
  CHECK(c.shares.rate(2) == 25);
  CHECK(c.shares.limit(0) == narrow);
  CHECK(c.shares.limit(2) == wide);
}

TEST_CASE("max-min sharing: weights divide the level, amounts the capacity", "[max_min_sharing][analytic]") {
  Case c;
  const auto link = c.add_capacity(120);
  c.add_flow({{link, 1}}, 1000, 3);
  c.add_flow({{link, 3}}, 1000, 1);
  c.shares.solve();
  CHECK(c.shares.rate(0) == 60);  // 3 L + 3 L = 120, L = 20
  CHECK(c.shares.rate(1) == 20);
}

TEST_CASE("max-min sharing: a change leaves alone what it cannot affect", "[max_min_sharing]") {
  Case c;
  const auto shared = c.add_capacity(100);
  const auto own = c.add_capacity(50);
  const auto other = c.add_capacity(10);
  const auto a = c.add_flow({{shared}, {own}}, 20);
  c.add_flow({{shared}}, 30);
  c.add_flow({{other}}, 99);
  c.shares.solve();
  CHECK(c.shares.touched().size() == 3);
  c.set_demand(a, 25);  // 25 + 30 do not fill 100
  c.shares.solve();
  CHECK(c.shares.touched().size() == 1);
  c.set_demand(a, 500);  // 50 of its own + 30: still free
  c.shares.solve();
  CHECK(c.shares.rate(a) == 50);
  CHECK(c.shares.limit(a) == own);
  CHECK(c.shares.touched().size() == 1);
  c.set_capacity(shared, 60);  // now both meet
  c.shares.solve();
  CHECK(c.shares.touched().size() == 2);
  CHECK(c.shares.rate(a) == 30);
  c.shares.solve();  // nothing changed
  CHECK(c.shares.touched().empty());
}

TEST_CASE("max-min sharing: after any change, the same as progressive filling from nothing",
          "[max_min_sharing][property]") {
  Stream stream(11, 0, "max_min_sharing");
  for (int course = 0; course < 150; ++course) {
    Case c;
    const std::int64_t capacities = 1 + below(stream, 8), flows = 1 + below(stream, 14);
    for (std::int64_t k = 0; k < capacities; ++k) c.add_capacity(below(stream, 100'000));
    for (std::int64_t k = 0; k < flows; ++k) {
      std::vector<Use> uses;
      for (std::uint32_t link = 0; link < capacities; ++link) {
        if (below(stream, 3) == 0) uses.push_back({link, 1 + below(stream, 9)});
      }
      if (uses.empty()) uses.push_back({static_cast<std::uint32_t>(below(stream, capacities)), 1});
      c.add_flow(uses, below(stream, 40'000), 1 + below(stream, 4));
    }
    for (int change = 0; change < 40; ++change) {
      for (std::int64_t k = below(stream, 3); k >= 0; --k) {
        if (below(stream, 4) == 0) {
          c.set_capacity(static_cast<std::uint32_t>(below(stream, capacities)), below(stream, 100'000));
        } else {
          c.set_demand(static_cast<std::uint32_t>(below(stream, flows)), below(stream, 40'000));
        }
      }
      c.shares.solve();
      const std::vector<std::int64_t> expected = fill(c.plain);
      for (std::uint32_t f = 0; f < expected.size(); ++f) REQUIRE(c.shares.rate(f) == expected[f]);
      check_fair(c.shares, c.plain);
    }
  }
}

TEST_CASE("max-min sharing: in the steady state nothing is allocated", "[max_min_sharing]") {
  Case c;
  const auto link = c.add_capacity(1000);
  for (int k = 0; k < 100; ++k) c.add_flow({{link}}, 20 + k);
  c.shares.solve();
  const std::uint64_t before = test::allocations();
  for (int k = 0; k < 100; ++k) {
    c.shares.set_demand(static_cast<std::uint32_t>(k), 500 - k);
    c.shares.solve();
  }
  CHECK(test::allocations() == before);
}
