/// What goes in comes out: requests, instances and their time, over random lives.

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::at;
using test::FleetRun;
using test::simple_fleet;
using test::simple_placement;

/// When an instance of the simple fleet serves, worked out from what was done to it.
struct Life {
  Time serves_from = Time::max();
  Time serves_until = Time::max();
  bool leaves = false;  // it was terminated, or EC2 gave notice
};

/// Serves what it can of `rate` with n instances of 95/s each, exactly.
Requests served_by(RequestRate rate, std::int64_t instances, Duration time) {
  return std::min(rate, 95_per_s * instances) * time;
}

/// The exact integral of what is served under the demand's changes by the given lives.
Requests expected_served(const std::map<Time, RequestRate>& demand, const std::vector<Life>& lives, Time end) {
  std::set<Time> changes{Time{}, end};
  for (const auto& [time, rate] : demand) changes.insert(std::min(time, end));
  for (const Life& life : lives) {
    changes.insert(std::min(life.serves_from, end));
    changes.insert(std::min(life.serves_until, end));
  }
  Requests served;
  for (auto from = changes.begin(); std::next(from) != changes.end(); ++from) {
    const std::int64_t serving = std::count_if(lives.begin(), lives.end(), [&](const Life& life) {
      return life.serves_from <= *from && *from < life.serves_until;
    });
    served += served_by(std::prev(demand.upper_bound(*from))->second, serving, *std::next(from) - *from);
  }
  return served;
}

TEST_CASE("fleet: requests, instances and their bills are conserved over random lives", "[fleet][property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 40)));
  Stream random(seed, 0, "test");
  FleetConfig config = simple_fleet();
  config.deregister_on_notice = random.chance(0.7);
  config.drain_time = random.chance(0.5) ? 20_s : 0_s;
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::on_demand));
  run.fleet.start();

  std::map<Time, RequestRate> demand{{Time{}, RequestRate{}}};
  std::vector<Life> lives;
  std::map<std::uint32_t, std::size_t> alive;  // instance number -> its life
  std::uint64_t launched = 0;
  std::size_t ends_heard = 0;
  const auto hear_of_ends = [&] {
    for (; ends_heard < run.ended.size(); ++ends_heard) {
      CHECK(alive.erase(run.ended[ends_heard].instance) == 1);
    }
  };
  const auto launch = [&](bool in_service) {
    hear_of_ends();
    const InstanceId instance = in_service ? run.fleet.launch_in_service(place) : run.fleet.launch(place);
    CHECK(alive.emplace(instance.index, lives.size()).second);  // nobody alive has that number
    lives.push_back({.serves_from = run.sim.now() + (in_service ? 0_s : 45_s)});
    ++launched;
  };
  const auto stop_serving = [&](Life& life) { life.serves_until = std::min(life.serves_until, run.sim.now()); };

  for (int step = 0; step < 300; ++step) {
    run.run_until(run.sim.now().since_start() + 1_ns * random.below(20'000'000'000));
    hear_of_ends();
    const std::uint64_t action = random.below(10);
    if (action < 3) {
      launch(random.chance(0.2));
    } else if (action < 5) {
      const RequestRate rate = RequestRate::of(static_cast<std::int64_t>(random.below(1'500'000'000)));
      demand[run.sim.now()] = rate;
      run.fleet.demand_changed(rate);
    } else if (action < 7) {
      const auto stays = std::find_if(alive.begin(), alive.end(), [&](const auto& one) { return !lives[one.second].leaves; });
      if (stays != alive.end()) {
        Life& life = lives[stays->second];
        stop_serving(life);
        life.leaves = true;
        run.fleet.terminate({stays->first});
      }
    } else if (!alive.empty()) {
      const auto victim = std::next(alive.begin(), static_cast<std::ptrdiff_t>(random.below(alive.size())));
      Life& life = lives[victim->second];
      if (action == 7) {
        if (config.deregister_on_notice) stop_serving(life);
        life.leaves = true;
        run.fleet.interruption_noticed({victim->first});
      } else {
        stop_serving(life);
        run.fleet.interrupted({victim->first});
      }
    }
    CHECK(run.fleet.warming(GroupId{0}) >= 0);
    CHECK(run.fleet.warming(GroupId{0}) <= run.fleet.capacity(GroupId{0}));
  }
  run.fleet.finish();
  hear_of_ends();

  Requests offered;
  for (auto change = demand.begin(); change != demand.end(); ++change) {
    const Time until = std::next(change) == demand.end() ? run.sim.now() : std::next(change)->first;
    offered += change->second * (until - change->first);
  }
  CHECK(run.fleet.offered() == offered);
  CHECK(run.fleet.served() == expected_served(demand, lives, run.sim.now()));
  CHECK(run.fleet.served() <= offered);

  // Every bill that began was closed once, and every launch has ended or never came to run.
  const auto closed = std::count_if(run.ended.begin(), run.ended.end(), [](const auto& e) { return e.was_running; });
  CHECK(static_cast<std::size_t>(closed) == run.running.size());
  CHECK(run.ended.size() + alive.size() == launched);
}

TEST_CASE("fleet: what several groups and types serve and drop sums to what is offered", "[fleet][property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 20)));
  Stream random(seed, 0, "test");
  FleetConfig config = simple_fleet();
  config.deadline = 50_ms;  // some are late
  FleetRun run(config, {"first", "second"});
  std::vector<PlacementId> places;
  for (std::uint32_t p = 0; p < 4; ++p) {
    PlacementConfig placement = simple_placement(p < 2 ? Purchase::spot : Purchase::on_demand, p / 2);
    placement.vcpus = 1 << (p % 2 * 2);
    placement.zone += static_cast<char>('a' + p);
    places.push_back(run.fleet.add_placement(placement));
  }
  run.fleet.start();
  std::map<std::uint32_t, std::vector<InstanceId>> alive;  // by placement
  Requests offered;
  Time since;
  RequestRate rate;
  for (int step = 0; step < 200; ++step) {
    run.run_until(run.sim.now().since_start() + 1_ns * random.below(20'000'000'000));
    offered += rate * (run.sim.now() - since);
    since = run.sim.now();
    rate = RequestRate::of(static_cast<std::int64_t>(random.below(3'000'000'000)));
    run.fleet.demand_changed(rate);
    const PlacementId place = places[random.below(4)];
    std::vector<InstanceId>& there = alive[place.index];
    if (random.chance(0.6)) {
      there.push_back(run.fleet.launch(place));
    } else if (!there.empty()) {
      run.fleet.terminate(there.front());
      there.erase(there.begin());
    }
  }
  run.fleet.finish();
  CHECK(run.fleet.offered() == offered);
  CHECK(run.fleet.served() <= offered);
  const double served = run.reported("fleet.bidder.requests_served").value();
  const double dropped = run.reported("fleet.bidder.requests_dropped").value();
  CHECK_THAT(served + dropped, Catch::Matchers::WithinRel(to_double(offered), 1e-12));
  CHECK_THAT(run.reported("fleet.bidder.group.first.share_of_work").value() +
                 run.reported("fleet.bidder.group.second.share_of_work").value(),
             Catch::Matchers::WithinRel(1.0, 1e-12));
}

}  // namespace
}  // namespace fleetsim
