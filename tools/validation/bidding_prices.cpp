/// Prices of the years of bids, drawn and recorded: prints the table of docs/models/spot_market.md.
///
///   fleetsim_bidding_prices <prices> <on-demand price then, USD/h>
///
/// For each zone and type of the history, and for an auction among the customers that `bidding` has by default: moments of
/// the price as a share of on demand, weighted by time.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "models/spot_market/readers.hpp"
#include "models/spot_market/trace_files.hpp"

namespace {

using namespace fleetsim;

/// Prices as shares of on demand, and for how many days each held.
class Course {
 public:
  void hold(double share, Duration time) {
    days_ += to_seconds(time) / 86'400;
    if (!held_.empty() && held_.back().first <= 1 && share > 1) ++rises_;
    if (!held_.empty() && held_.back().first != share) ++changes_;
    held_.emplace_back(share, to_seconds(time) / 86'400);
  }
  std::string in_words() {
    double mean = 0, square = 0, above = 0;
    for (const auto& [share, days] : held_) {
      mean += share * days / days_;
      square += share * share * days / days_;
      if (share > 1) above += days / days_;
    }
    std::sort(held_.begin(), held_.end());
    return fmt::format("{:.2f} | {:.2f} | {:.3f} | {:.3f} | {:.2f} | {:.1f} | {:.2f} | {:.0f}", mean,
                       std::sqrt(square - mean * mean), quantile(0.5), quantile(0.9), quantile(0.99), 100 * above,
                       rises_ / days_, changes_ / days_);
  }

 private:
  double quantile(double p) const {
    double sum = 0;
    for (const auto& [share, days] : held_) {
      if ((sum += days) >= p * days_) return share;
    }
    return held_.back().first;
  }

  std::vector<std::pair<double, double>> held_;
  double days_ = 0, rises_ = 0, changes_ = 0;
};

/// Hears the prices of a market that nobody launches from.
struct Listener final : SpotHolder, SpotPriceListener {
  Listener(const Simulation& of, Course& to) : sim(of), course(to) {}
  void interruption_noticed(SpotHolderId) override {}
  void interrupted(SpotHolderId) override {}
  void spot_price_changed(PoolId, UsdPerHour price) override {
    stop();
    share = to_usd_per_hour(price);
  }
  void stop() {
    if (sim.now() > since) course.hold(share, sim.now() - since);
    since = sim.now();
  }
  const Simulation& sim;
  Course& course;
  Time since;
  double share = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  config::Diagnostics diagnostics;
  const auto traces = spot_market::read_price_file({argv[1], argv[1]}, diagnostics);
  if (!traces) {
    fmt::print(stderr, "{}", diagnostics.to_text());
    return 2;
  }
  fmt::print("| prices | mean | deviation | median | 90 % below | 99 % below | time above on demand, % | rises above it "
             "a day | changes a day |\n|---|---|---|---|---|---|---|---|---|\n");
  const double on_demand = std::stod(argv[2]);
  for (const auto& [key, trace] : *traces) {
    Course course;
    for (std::size_t i = 0; i < trace->times.size(); ++i) {
      const Duration until = i + 1 < trace->times.size() ? trace->times[i + 1] : trace->span;
      course.hold(to_usd_per_hour(trace->values[i]) / on_demand, until - trace->times[i]);
    }
    fmt::print("| recorded, {} in {} | {} |\n", key.instance_type, key.az, course.in_words());
  }
  for (const std::int64_t units : {200, 2'000}) {
    Course course;
    for (std::uint64_t replication = 0; replication < 12; ++replication) {
      constexpr Duration length = 24_h * 173;  // as long as the recording
      Simulation sim({.seed = 1, .replication = replication, .fingerprint = false});
      Listener listener(sim, course);
      SpotMarketConfig config;
      config.pools.push_back({.instance_type = "r3.large", .zone = "us-east-1b", .capacity = FixedCapacity{units},
                              .price = BiddingPrice{.on_demand = usd_per_hour(1), .units = units,
                                                    .competitors = spot_market::competitors_default()}});
      SpotMarket market(sim, std::move(config), length, listener, listener);
      market.start();
      sim.run_until(Time::at(length));
      listener.stop();
    }
    fmt::print("| drawn, {} units | {} |\n", units, course.in_words());
  }
  return 0;
}
