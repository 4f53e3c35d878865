/// The demand of a run: its events, and where in a trace each replication begins.

#include "fleetsim/models/demand.hpp"

#include <memory>
#include <set>

#include "support/catch.hpp"

using namespace fleetsim;

namespace {

struct Heard : DemandListener {
  explicit Heard(const Simulation& simulation) : sim(simulation) {}
  void demand_changed(RequestRate offered) override { changes.emplace_back(sim.now(), offered); }
  const Simulation& sim;
  std::vector<std::pair<Time, RequestRate>> changes;
};

DemandConfig hourly_trace(const std::vector<std::int64_t>& requests) {
  auto series = std::make_shared<config::RegularSeries>();
  series->step = 1_h;
  for (const std::int64_t count : requests) series->values.push_back(count * 1'000'000);
  TraceDemand trace;
  trace.trace = std::move(series);
  DemandConfig demand;
  demand.name = "bids";
  demand.shape = std::move(trace);
  return demand;
}

}  // namespace

TEST_CASE("demand: a constant is announced once", "[demand][table]") {
  Simulation sim;
  Heard heard(sim);
  DemandConfig config;
  config.shape = ConstantDemand{5_per_s};
  Demand demand(sim, config, {{}, 30_d}, heard);
  demand.start();
  sim.run_until(Time::at(30_d));
  CHECK(heard.changes == std::vector{std::pair{Time{}, 5_per_s}});
  CHECK(demand.rate() == 5_per_s);
  CHECK(sim.events_run() == 0);
}

TEST_CASE("demand: changes come at their instants, and equal levels in a row are one", "[demand][table]") {
  Simulation sim;
  Heard heard(sim);
  Demand demand(sim, hourly_trace({3600, 3600, 7200, 7200, 0, 3600}), {{}, 5_h}, heard);
  demand.start();
  sim.run_until(Time::at(5_h));
  CHECK(heard.changes == std::vector{std::pair{Time{}, 1_per_s}, {Time::at(2_h), 2_per_s}, {Time::at(4_h), 0_per_s}});
  CHECK(sim.events_run() == 2);
  CHECK(sim.events_pending() == 0);  // the change at 5 h lies beyond the run
}

TEST_CASE("demand: a month by the minute is a change a minute", "[demand][table]") {
  std::vector<std::int64_t> requests;
  for (std::int64_t hour = 0; hour < 30 * 24; ++hour) requests.push_back(100'000 + 100 * hour);
  DemandConfig config = hourly_trace(requests);
  config.interpolation = Interpolation::linear;
  Simulation sim;
  Heard heard(sim);
  Demand demand(sim, config, {{}, 30_d}, heard);
  demand.start();
  sim.run_until(Time::at(30_d));
  // The line is level for the half hour before the first middle and after the last: 30 minutes each are one level.
  CHECK(heard.changes.size() == 43'200 - 29 - 29);
}

TEST_CASE("demand: each replication draws its day, the same one again for the same seed", "[demand][property]") {
  DemandConfig config = hourly_trace(std::vector<std::int64_t>(10 * 24, 1));
  std::get<TraceDemand>(config.shape).random_day = true;
  const DemandRun run{{}, 7_d};
  std::set<Duration> seen;
  for (std::uint64_t replication = 0; replication < 100; ++replication) {
    const Simulation sim({.seed = 1, .replication = replication});
    const Duration begin = demand_begin(config, run, sim);
    CHECK(begin == demand_begin(config, run, Simulation({.seed = 1, .replication = replication})));
    seen.insert(begin);
  }
  // Four days to begin on; each of them is missed by 100 draws with probability 0.75^100 < 10^-12.
  CHECK(seen == std::set<Duration>{0_d, 1_d, 2_d, 3_d});
}
