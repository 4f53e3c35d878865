#include <cstdint>
#include <vector>

#include "fleetsim/sim/simulation.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

struct Woke { static constexpr std::string_view name = "test.woke"; std::uint64_t id = 0; };

/// Sleepers that wake again and again, each after a time of its own.
class Sleepers : public EventHandler<Sleepers, Woke> {
 public:
  Sleepers(Simulation& sim, std::uint64_t count) : EventHandler(sim), sim_(sim) {
    for (std::uint64_t id = 0; id < count; ++id) sim.schedule(*this, Duration::of(static_cast<std::int64_t>(1 + id)), Woke{id});
  }
  void on(const Woke& event) {
    ++woken;
    sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(100'000 + event.id * 7)), event);
  }
  std::uint64_t woken = 0;

 private:
  Simulation& sim_;
};

/// The same, and notes for whom it was told to fetch memory.
class Prepared : public EventHandler<Prepared, Woke> {
 public:
  Prepared(Simulation& sim, std::uint64_t count) : EventHandler(sim), far(count), near(count), sim_(sim) {
    for (std::uint64_t id = 0; id < count; ++id) sim.schedule(*this, Duration::of(static_cast<std::int64_t>(1 + id)), Woke{id});
  }
  void on(const Woke& event) {
    ++woken;
    if (far.at(event.id) && near.at(event.id)) ++in_time;
    far.at(event.id) = near.at(event.id) = false;
    sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(100'000 + event.id * 7)), event);
  }
  void prefetch(const Woke& event, Lookahead when) const {
    if (when == Lookahead::near && !far.at(event.id)) ++near_first;
    (when == Lookahead::far ? far : near).at(event.id) = true;
  }
  mutable std::vector<bool> far, near;
  mutable std::uint64_t near_first = 0;
  std::uint64_t woken = 0, in_time = 0;

 private:
  Simulation& sim_;
};

TEST_CASE("Where thousands of events are pending, an entity is told which come next", "[simulation][prefetch]") {
  constexpr std::uint64_t many = 20'000;
  Simulation sim;
  Prepared prepared(sim, many);
  sim.run_until(Time::at(2_ms));
  REQUIRE(prepared.woken > 5 * many);
  // A hint, which may be missing; for events that are scheduled long before it is not.
  CHECK(prepared.in_time > prepared.woken * 9 / 10);
  CHECK(prepared.near_first < prepared.woken / 10);
}

TEST_CASE("Where few events are pending, no entity is asked to fetch anything", "[simulation][prefetch]") {
  Simulation sim;
  Prepared prepared(sim, 100);
  sim.run_until(Time::at(2_ms));
  REQUIRE(prepared.woken > 500);
  CHECK(prepared.in_time == 0);
}

TEST_CASE("What an entity fetches ahead changes nothing that runs", "[simulation][prefetch]") {
  Simulation with, without;
  Prepared prepared(with, 20'000);
  Sleepers sleepers(without, 20'000);
  with.run_until(Time::at(1_ms));
  without.run_until(Time::at(1_ms));
  CHECK(prepared.woken == sleepers.woken);
  CHECK(with.fingerprint() == without.fingerprint());
}

}  // namespace
}  // namespace fleetsim
