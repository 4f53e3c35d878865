// Means and quantiles where some disasters end badly, the cost of outages, and ages by hour of the week.

#include <algorithm>
#include <cmath>

#include "fleetsim/models/recovery/tally.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("tally: a value that was never reached counts as the largest", "[recovery][table]") {
  ObservedValues values;
  CHECK_FALSE(values.mean());
  CHECK_FALSE(values.quantile(0.5));
  for (const double v : {3.0, 1.0, 2.0}) values.add(v);
  CHECK(values.quantile(0.5) == 2.0);
  values.add(std::nullopt);
  values.add(std::nullopt);
  CHECK(values.mean() == 2.0);
  CHECK(values.quantile(0.5) == 3.0);  // the third of five
  CHECK_FALSE(values.quantile(0.75));
  CHECK_FALSE(values.max());
}

TEST_CASE("outage cost: bands come by their shares, and values lie within them", "[recovery][stochastic]") {
  const OutageCostConfig config{.bands = {{Ratio{0.43}, 1'000_usd, 100'000_usd}, {Ratio{0.40}, 100'000_usd, 1'000'000_usd},
                                          {Ratio{0.17}, 1'000'000_usd, 10'000'000_usd}},
                                .per_hour = {}};
  Stream stream(5, 0, "outages");
  std::vector<double> counts(3);
  constexpr int n = 100'000;
  for (int i = 0; i < n; ++i) {
    const OutageCost cost = draw_outage_cost(config, {}, stream);
    REQUIRE(cost.band);
    ++counts[*cost.band];
    const OutageCostBand& band = config.bands[*cost.band];
    CHECK(cost.cost >= band.from - 1_usd);
    CHECK(cost.cost <= band.to + 1_usd);
  }
  for (std::size_t b = 0; b < 3; ++b) {
    const double p = config.bands[b].share.value;
    CHECK_THAT(counts[b] / n, Catch::Matchers::WithinAbs(p, 4 * std::sqrt(p * (1 - p) / n)));
  }
}

TEST_CASE("outage cost: the time until users are served is added", "[recovery][analytic]") {
  Stream stream(5, 0, "outages");
  const OutageCostConfig config{.bands = {}, .per_hour = 600.0_usd_per_h};
  CHECK(draw_outage_cost(config, 90_min, stream).cost == 900_usd);
}

TEST_CASE("outage cost: a plan that fails costs no less than one that serves late", "[recovery][table]") {
  RecoveryPlanConfig plan;
  plan.gives_up_after = 2_d;
  RecoveryOutcome outcome;
  outcome.rta = 10_h;
  CHECK(outage_of(plan, outcome) == 10_h);
  outcome.rta.reset();
  outcome.failed = true;
  outcome.ended_after = 5_min;  // a total loss is known early, and nobody is served for that
  CHECK(outage_of(plan, outcome) == 2_d);
}

namespace {

/// By looking at an instant in the middle of every second.
std::vector<std::optional<double>> by_brute_force(const std::vector<std::vector<PointLife>>& resources, Duration length,
                                                  config::UtcTime start) {
  std::vector<double> sum(168), count(168);
  for (Duration t = 500_ms; t < length; t += 1_s) {
    const Time at = Time::at(t);
    Time oldest = Time::max();
    bool all = true;
    for (const auto& points : resources) {
      std::optional<Time> newest;
      for (const PointLife& p : points) {
        if (p.usable <= at && at < p.gone && (!newest || p.point > *newest)) newest = p.point;
      }
      all = all && newest;
      if (newest) oldest = std::min(oldest, *newest);
    }
    if (!all) continue;
    const auto hour = static_cast<std::size_t>(hour_of_week(at, start));
    sum[hour] += to_seconds(at - oldest);
    ++count[hour];
  }
  std::vector<std::optional<double>> ages(168);
  for (std::size_t h = 0; h < 168; ++h) {
    if (count[h] > 0) ages[h] = sum[h] / count[h];
  }
  return ages;
}

}  // namespace

TEST_CASE("heat map: the exact average over each hour equals a sweep of every second", "[recovery][property]") {
  const config::UtcTime start = *config::parse_utc_time("2021-08-06T12:20:00Z");
  Stream stream(9, 0, "heat map");
  std::vector<std::vector<PointLife>> resources(2);
  for (auto& points : resources) {
    for (Duration t = 1_s * stream.below(3600); t < 30_h; t += 1_s * (600 + stream.below(7200))) {
      const Time usable = Time::at(t + 1_s * stream.below(3000));
      const bool kept = stream.chance(0.5);
      points.push_back({Time::at(t), usable, kept ? Time::max() : usable + 1_s * (1 + stream.below(20'000))});
    }
  }
  const auto exact = age_by_hour_of_week(resources, Time{}, Time::at(30_h), start);
  const auto swept = by_brute_force(resources, 30_h, start);
  for (std::size_t h = 0; h < 168; ++h) {
    INFO("hour " << h);
    REQUIRE(exact[h].has_value() == swept[h].has_value());
    if (exact[h]) CHECK_THAT(*exact[h], Catch::Matchers::WithinAbs(*swept[h], 1e-6));
  }
}
