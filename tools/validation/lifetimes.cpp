/// Lives of instances, recorded and simulated: prints the table of docs/models/spot_market.md.
///
///   fleetsim_lifetimes scenarios/data/spot-availability/gcp-preemptible-2019/lifetimes.csv
///
/// The share of instances taken within some hours, as the product-limit estimate of the recording says it and as a
/// simulated pool takes them whose `life` is of a form fitted to it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/sim/fit.hpp"

namespace {

using namespace fleetsim;

constexpr std::array<double, 6> hours = {1, 3, 6, 12, 23.5, 24.5};

std::string in_words(const std::array<double, hours.size()>& shares) {
  std::string text;
  for (const double share : shares) text += fmt::format("{}{:.2f}", text.empty() ? "" : " | ", share);
  return text;
}

std::string recorded(const fit::Sample& lives) {
  const auto survival = fit::kaplan_meier(lives);
  std::array<double, hours.size()> shares{};
  for (std::size_t h = 0; h < hours.size(); ++h) {
    for (const fit::SurvivalPoint& point : survival) {
      if (point.time <= hours[h] * 3600) shares[h] = 1 - point.survival;
    }
  }
  return in_words(shares);
}

/// Counts the instances that a pool has taken by each of the hours.
struct Holder final : SpotHolder, SpotPriceListener {
  void interruption_noticed(SpotHolderId) override {}
  void interrupted(SpotHolderId) override { ++taken; }
  void spot_price_changed(PoolId, UsdPerHour) override {}
  double taken = 0;
};

std::string simulated(const Distribution& life) {
  constexpr std::uint32_t instances = 20'000;
  Simulation sim({.seed = 1, .replication = 0, .fingerprint = false});
  SpotMarketConfig config;
  config.notice = 30_s;  // that provider's
  config.pools.push_back({.instance_type = "n1-highcpu", .zone = "a", .capacity = FixedCapacity{}, .price = ConstantPrice{},
                          .life = SpotLife{.life = DurationDistribution(life)}});
  Holder holder;
  SpotMarket market(sim, std::move(config), 25_h, holder, holder);
  market.start();
  for (std::uint32_t i = 0; i < instances; ++i) market.launch(PoolId{0}, {i});
  std::array<double, hours.size()> shares{};
  for (std::size_t h = 0; h < hours.size(); ++h) {
    sim.run_until(Time::at(seconds(hours[h] * 3600)));
    shares[h] = holder.taken / instances;
  }
  return in_words(shares);
}

/// The bathtub nearest to the estimate in squares, over a grid of its parameters.
Distribution nearest_bathtub(const fit::Sample& lives) {
  const auto survival = fit::kaplan_meier(lives);
  Bathtub best{};
  double least = 1e9;
  for (double share = 0.1; share <= 0.9; share += 0.02) {
    for (double early = 0.2; early <= 4; early += 0.1) {
      for (double late = 0.1; late <= 4; late += 0.1) {
        const Bathtub form{.share = share, .early = early * 3600, .late = late * 3600, .limit = 24 * 3600};
        const Distribution candidate(form);
        double squares = 0;
        for (const fit::SurvivalPoint& point : survival) {
          if (point.time >= form.limit) break;
          const double distance = candidate.cdf(point.time) - (1 - point.survival);
          squares += distance * distance;
        }
        if (squares < least) least = squares, best = form;
      }
    }
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  config::Diagnostics diagnostics;
  config::CsvReader csv({argv[1], argv[1]}, {"machine_type", "lifetime_s", "end"}, diagnostics);
  std::map<std::string, fit::Sample> by_type;
  while (csv.next()) {
    const double life = std::stod(std::string(csv.text(1)));
    for (const std::string& type : {std::string("all"), std::string(csv.text(0))}) {
      (csv.text(2) == "preempted" ? by_type[type].ended : by_type[type].censored).push_back(life);
    }
  }
  fmt::print("| machines, number taken of all | life | 1 h | 3 h | 6 h | 12 h | 23.5 h | 24.5 h |\n|---|---|---|---|---|---|---|---|\n");
  for (const auto& [type, lives] : by_type) {
    if (lives.ended.size() < 40) continue;
    const auto row = [&, name = type](const std::string& form, const std::string& shares) {
      fmt::print("| {}, {} of {} | {} | {} |\n", name, lives.ended.size(), lives.size(), form, shares);
    };
    row("recorded", recorded(lives));
    row("exponential", simulated(fit::exponential(lives)->distribution));
    row("Weibull", simulated(fit::weibull(lives)->distribution));
    row("hyper-exponential", simulated(fit::hyper_exponential(lives)->distribution));
    row("log-normal", simulated(fit::log_normal(lives)->distribution));
    row("bathtub, limit 24 h", simulated(nearest_bathtub(lives)));
  }
  return 0;
}
