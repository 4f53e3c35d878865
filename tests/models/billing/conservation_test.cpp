#include <algorithm>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinRel;

namespace {

struct PriceChange { Time at; UsdPerHour price; };
struct Instance { InstanceMeter meter; Time start; std::size_t tariff; bool running; };

/// The cost of [from, to) at the prices of `history`, summed price by price: what a bill means, computed the long way.
Usd integrated(const std::vector<PriceChange>& history, Time from, Time to) {
  Int128 sum = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Time begin = std::max(from, history[i].at);
    const Time end = i + 1 < history.size() ? std::min(to, history[i + 1].at) : to;
    if (begin < end) sum += Int128{history[i].price.count()} * (end - begin).count();
  }
  return Usd::of(static_cast<std::int64_t>(divide_rounded(sum, nanoseconds_per_hour)));
}

}  // namespace

TEST_CASE("billing: for any prices and lives the lines sum to the bill, and each life costs its integral",
          "[billing][property]") {
  const int round = GENERATE(range(0, 20));
  Simulation sim;
  Stream stream{static_cast<std::uint64_t>(round) + 1, 0, "billing_test"};
  Billing billing{sim, {}};

  constexpr std::size_t tariff_count = 3;
  std::vector<TariffId> tariffs;
  std::vector<AccountId> accounts;
  std::vector<std::vector<PriceChange>> history(tariff_count);
  const auto random_price = [&] { return UsdPerHour::of(static_cast<std::int64_t>(stream.below(2'000'000'000))); };
  for (std::size_t t = 0; t < tariff_count; ++t) {
    const UsdPerHour price = random_price();
    tariffs.push_back(billing.add_tariff(price));
    accounts.push_back(billing.add_account({.region = "us-east-1", .zone = "us-east-1a", .fleet = "f", .group = "g",
                                            .resource = "instance",
                                            .purchase = t == 0 ? Purchase::spot : Purchase::on_demand,
                                            .unit = "instance-hours"}));
    history[t].push_back({sim.now(), price});
  }

  std::vector<Instance> instances;
  std::vector<Usd> expected(tariff_count);
  Duration expected_time;
  Time measured_from;
  for (int step = 0; step < 2'000; ++step) {
    sim.run_until(sim.now() + 1_ns * stream.below(1'000'000'000'000));  // up to 1000 s
    const std::size_t t = stream.below(tariff_count);
    const auto choice = stream.below(10);
    if (choice < 3) {
      const UsdPerHour price = random_price();
      billing.set_price(tariffs[t], price);
      history[t].push_back({sim.now(), price});
    } else if (choice < 6 || instances.empty()) {
      instances.push_back({billing.start(tariffs[t], accounts[t]), sim.now(), t, true});
    } else {
      Instance& instance = instances[stream.below(instances.size())];
      if (!instance.running) continue;
      instance.running = false;
      const auto ended_by = static_cast<EndedBy>(stream.below(3));
      const Usd cost = billing.stop(instance.meter, ended_by);
      const Duration life = sim.now() - instance.start;
      if (ended_by == EndedBy::interruption && instance.tariff == 0 && life < 1_h) {
        CHECK(cost == Usd{});
        continue;
      }
      const Time end = ended_by == EndedBy::horizon ? sim.now() : std::max(sim.now(), instance.start + 60_s);
      CHECK(cost == integrated(history[instance.tariff], std::max(instance.start, measured_from), end));
      expected[instance.tariff] += cost;
      expected_time += end - std::max(instance.start, measured_from);
    }
    if (step == 500) {
      billing.begin_measurement();
      measured_from = sim.now();
      expected.assign(tariff_count, Usd{});
      expected_time = {};
    }
  }

  Usd lines;
  double hours = 0;
  for (const LedgerLine& line : billing.ledger()) {
    lines += line.cost;
    hours += line.quantity;
  }
  CHECK(lines == billing.total());
  CHECK(billing.total() == expected[0] + expected[1] + expected[2]);
  CHECK(billing.total() == billing.total(Purchase::spot) + billing.total(Purchase::on_demand));
  CHECK(billing.total(Purchase::spot) == expected[0]);
  CHECK_THAT(hours, WithinRel(to_hours(expected_time), 1e-12));
}
