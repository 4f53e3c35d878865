#include "fleetsim/sim/simulation.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::ContainsSubstring;
using Log = std::vector<std::string>;

struct Changed { static constexpr std::string_view name = "test.changed"; std::uint32_t id = 0; };
struct Seen {
  static constexpr std::string_view name = "test.seen";
  static constexpr Phase phase = Phase::observe;
  std::uint32_t id = 0;
};
struct Ticked { static constexpr std::string_view name = "test.ticked"; };

/// Writes down what reaches it.
class Recorder : public EventHandler<Recorder, Changed, Seen> {
 public:
  explicit Recorder(Simulation& sim) : EventHandler(sim), sim_(sim) {}
  void on(const Changed& event) { write("changed", event.id); }
  void on(const Seen& event) { write("seen", event.id); }
  Log log;

 private:
  void write(const char* what, std::uint32_t id) {
    log.push_back(std::string(what) + " " + std::to_string(id) + " at " +
                  std::to_string(sim_.now().since_start().count()));
  }
  Simulation& sim_;
};

/// Does in its handler what a test asks for.
template <class E>
class Acts : public EventHandler<Acts<E>, E> {
 public:
  template <class Action>
  Acts(Simulation& sim, Action action) : EventHandler<Acts<E>, E>(sim), action_(std::move(action)) {}
  void on(const E&) { action_(*this); }

 private:
  std::function<void(Acts&)> action_;
};

Time at(std::int64_t ns) { return Time::at(Duration::of(ns)); }

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return "nothing was thrown";
}

TEST_CASE("simulation: events run by time, change before observe, then as scheduled", "[simulation][table]") {
  Simulation sim;
  Recorder entity(sim);
  sim.schedule(entity, 20_ns, Changed{1});
  sim.schedule(entity, 10_ns, Seen{2});
  sim.schedule(entity, 10_ns, Changed{3});
  sim.schedule(entity, 10_ns, Seen{4});
  sim.schedule(entity, 0_ns, Seen{5});
  sim.schedule_at(entity, at(10), Changed{6});
  sim.run();
  CHECK(entity.log == Log{"seen 5 at 0", "changed 3 at 10", "changed 6 at 10", "seen 2 at 10", "seen 4 at 10",
                          "changed 1 at 20"});
  CHECK(sim.now() == at(20));
  CHECK(sim.events_run() == 6);
  CHECK(sim.events_pending() == 0);
}

TEST_CASE("simulation: a change scheduled by a change runs in the same instant, before it is observed",
          "[simulation][table]") {
  Simulation sim;
  Recorder recorder(sim);
  Acts<Ticked> chain(sim, [&, left = 3](auto& self) mutable {
    sim.schedule(recorder, 0_ns, Changed{static_cast<std::uint32_t>(left)});
    if (--left > 0) sim.schedule(self, 0_ns, Ticked{});
  });
  sim.schedule(recorder, 5_ns, Seen{9});
  sim.schedule(chain, 5_ns, Ticked{});
  sim.run();
  CHECK(recorder.log == Log{"changed 3 at 5", "changed 2 at 5", "changed 1 at 5", "seen 9 at 5"});
}

TEST_CASE("simulation: run_until runs what is due at its end and leaves the clock there", "[simulation][table]") {
  Simulation sim;
  Recorder entity(sim);
  sim.schedule(entity, 10_ns, Changed{1});
  sim.schedule(entity, 10_ns, Seen{2});
  sim.schedule(entity, 11_ns, Changed{3});
  sim.run_until(at(9));
  CHECK(entity.log.empty());
  CHECK(sim.now() == at(9));
  sim.run_until(at(10));
  CHECK(entity.log.size() == 2);
  CHECK(sim.events_pending() == 1);
  sim.run_until(at(10));
  sim.schedule(entity, 0_ns, Seen{4});
  sim.run_until(at(50));
  CHECK(entity.log == Log{"changed 1 at 10", "seen 2 at 10", "seen 4 at 10", "changed 3 at 11"});
  CHECK(sim.now() == at(50));
}

TEST_CASE("simulation: stop lets the present event end; a later run goes on from there", "[simulation][table]") {
  Simulation sim;
  Recorder recorder(sim);
  Acts<Ticked> stopper(sim, [&](auto&) {
    sim.stop();
    sim.schedule(recorder, 0_ns, Changed{2});
  });
  sim.schedule(recorder, 1_ns, Changed{1});
  sim.schedule(stopper, 2_ns, Ticked{});
  sim.schedule(recorder, 3_ns, Changed{3});
  sim.run_until(at(100));
  CHECK(recorder.log == Log{"changed 1 at 1"});
  CHECK(sim.now() == at(2));
  sim.run_until(at(100));
  CHECK(recorder.log == Log{"changed 1 at 1", "changed 2 at 2", "changed 3 at 3"});
  CHECK(sim.now() == at(100));
}

TEST_CASE("simulation: a cancelled event does not run; a handle is used up by its event", "[simulation][table]") {
  Simulation sim;
  Recorder entity(sim);
  const EventHandle first = sim.schedule(entity, 1_ns, Changed{1});
  const EventHandle second = sim.schedule(entity, 2_ns, Changed{2});
  CHECK(first);
  CHECK_FALSE(EventHandle{});
  CHECK(sim.pending(second));
  CHECK(sim.cancel(second));
  CHECK_FALSE(sim.pending(second));
  CHECK_FALSE(sim.cancel(second));
  CHECK(sim.events_pending() == 1);
  sim.run();
  CHECK(entity.log == Log{"changed 1 at 1"});
  CHECK_FALSE(sim.pending(first));
  CHECK_FALSE(sim.cancel(first));
  CHECK_FALSE(sim.cancel(EventHandle{}));
  CHECK(sim.now() == at(1));
}

TEST_CASE("simulation: a handler's own handle names nothing while it runs", "[simulation][table]") {
  Simulation sim;
  EventHandle own;
  bool cancelled = true;
  Acts<Ticked> entity(sim, [&](auto&) { cancelled = sim.cancel(own); });
  own = sim.schedule(entity, 1_ns, Ticked{});
  sim.run();
  CHECK_FALSE(cancelled);
}

TEST_CASE("simulation: an entity made during a run takes part in it", "[simulation][table]") {
  Simulation sim;
  std::vector<std::unique_ptr<Recorder>> made;
  Acts<Ticked> maker(sim, [&](auto& self) {
    made.push_back(std::make_unique<Recorder>(sim));
    sim.schedule(*made.back(), 1_ns, Changed{static_cast<std::uint32_t>(made.size())});
    if (made.size() < 100) sim.schedule(self, 1_ns, Ticked{});
  });
  sim.schedule(maker, 0_ns, Ticked{});
  sim.run();
  REQUIRE(made.size() == 100);
  for (std::size_t i = 0; i < made.size(); ++i) {
    CHECK(made[i]->log == Log{"changed " + std::to_string(i + 1) + " at " + std::to_string(i + 1)});
  }
}

TEST_CASE("simulation: simulations in one process share nothing", "[simulation][property]") {
  const auto interleaved = [](int simulations) {
    std::vector<std::unique_ptr<Simulation>> sims;
    std::vector<std::unique_ptr<Recorder>> entities;
    for (int i = 0; i < simulations; ++i) {
      sims.push_back(std::make_unique<Simulation>());
      entities.push_back(std::make_unique<Recorder>(*sims.back()));
      for (std::uint32_t k = 0; k < 100; ++k) sims.back()->schedule(*entities.back(), 1_ns * (k % 7), Changed{k});
    }
    for (int until = 0; until < 8; ++until) {
      for (const auto& sim : sims) sim->run_until(at(until));
    }
    for (const auto& entity : entities) CHECK(entity->log == entities.front()->log);
    for (const auto& sim : sims) CHECK(sim->fingerprint() == sims.front()->fingerprint());
    return std::pair(entities.front()->log, sims.front()->fingerprint());
  };
  CHECK(interleaved(1) == interleaved(5));
}

struct Full { static constexpr std::string_view name = "test.full"; std::uint16_t a; bool b; std::int32_t c; };

TEST_CASE("simulation: an event arrives with all of its bytes", "[simulation][table]") {
  struct Entity : EventHandler<Entity, Full> {
    explicit Entity(Simulation& sim) : EventHandler(sim) {}
    void on(const Full& event) { last = event; }
    Full last{};
  };
  Simulation sim;
  Entity entity(sim);
  sim.schedule(entity, 0_ns, Full{.a = 65535, .b = true, .c = -7});
  sim.run();
  CHECK(entity.last.a == 65535);
  CHECK(entity.last.b);
  CHECK(entity.last.c == -7);
}

struct Left { static constexpr std::string_view name = "test.left"; std::uint32_t id = 0; };
struct Right { static constexpr std::string_view name = "test.right"; std::uint32_t id = 0; };
struct Either : EventHandler<Either, Left, Right> {
  explicit Either(Simulation& sim) : EventHandler(sim) {}
  void on(const Left&) {}
  void on(const Right&) {}
};

template <class... Scheduled>
std::uint64_t fingerprint_of(const Scheduled&... scheduled) {
  Simulation sim;
  Either entity(sim);
  (sim.schedule(entity, scheduled.first, scheduled.second), ...);
  sim.run();
  return sim.fingerprint();
}

TEST_CASE("simulation: the fingerprint tells time, event name, payload, order and number apart",
          "[simulation][property]") {
  const auto on = [](Duration delay, auto event) { return std::pair(delay, event); };
  const std::uint64_t run = fingerprint_of(on(1_ns, Left{1}), on(2_ns, Right{2}));
  CHECK(fingerprint_of(on(1_ns, Left{1}), on(2_ns, Right{2})) == run);
  CHECK(fingerprint_of(on(2_ns, Right{2}), on(1_ns, Left{1})) == run);  // the order that counts is that of running
  CHECK(fingerprint_of(on(1_ns, Left{1}), on(3_ns, Right{2})) != run);
  CHECK(fingerprint_of(on(1_ns, Left{1}), on(2_ns, Left{2})) != run);
  CHECK(fingerprint_of(on(1_ns, Left{1}), on(2_ns, Right{3})) != run);
  CHECK(fingerprint_of(on(1_ns, Left{2}), on(2_ns, Right{1})) != run);
  CHECK(fingerprint_of(on(1_ns, Left{1})) != run);
  CHECK(fingerprint_of(on(1_ns, Left{1}), on(1_ns, Left{2})) != fingerprint_of(on(1_ns, Left{2}), on(1_ns, Left{1})));
}

struct Padded { static constexpr std::string_view name = "test.padded"; std::uint8_t kind; std::uint32_t id; };

TEST_CASE("simulation: the fingerprint does not see the padding of an event", "[simulation][property]") {
  struct Entity : EventHandler<Entity, Padded> {
    explicit Entity(Simulation& sim) : EventHandler(sim) {}
    void on(const Padded&) {}
  };
  const auto run = [](unsigned char filling) {
    Simulation sim;
    Entity entity(sim);
    alignas(Padded) unsigned char bytes[sizeof(Padded)];
    std::fill(std::begin(bytes), std::end(bytes), filling);
    auto* const event = new (bytes) Padded;
    event->kind = 1;
    event->id = 2;
    sim.schedule(entity, 1_ns, *event);
    sim.run();
    return sim.fingerprint();
  };
  CHECK(run(0x00) == run(0xff));
}

TEST_CASE("simulation: a broken invariant in a handler names clock, event, seed and replication",
          "[simulation][table]") {
  Simulation sim({.seed = 42, .replication = 7});
  Acts<Ticked> entity(sim, [](auto&) { invariant(false, "the sum of the lines is the bill"); });
  sim.schedule(entity, 90_s, Ticked{});
  const std::string message = message_of([&] { sim.run(); });
  CHECK_THAT(message, ContainsSubstring("the sum of the lines is the bill"));
  CHECK_THAT(message, ContainsSubstring("simulation_test.cpp"));
  CHECK_THAT(message, ContainsSubstring("clock 90000000000 ns (90.000000000 s)"));
  CHECK_THAT(message, ContainsSubstring("event test.ticked"));
  CHECK_THAT(message, ContainsSubstring("seed 42, replication 7"));
}

TEST_CASE("simulation: another exception leaves as it is and the run can go on", "[simulation][table]") {
  Simulation sim;
  Recorder recorder(sim);
  Acts<Ticked> thrower(sim, [](auto&) { throw std::runtime_error("full disk"); });
  sim.schedule(thrower, 1_ns, Ticked{});
  sim.schedule(recorder, 2_ns, Changed{1});
  CHECK_THROWS_WITH(sim.run(), "full disk");
  CHECK(sim.now() == at(1));
  sim.run();
  CHECK(recorder.log == Log{"changed 1 at 2"});
}

TEST_CASE("simulation: what cannot be scheduled is refused by name", "[simulation][table]") {
  Simulation sim;
  Recorder entity(sim);
  sim.run_until(at(100));
  const auto refused = [&](auto action) { return message_of(action); };

  CHECK_THAT(refused([&] { sim.schedule_at(entity, at(99), Changed{}); }),
             ContainsSubstring("test.changed is not scheduled in the past: for 99 ns at clock 100 ns"));
  CHECK_THAT(refused([&] { sim.schedule(entity, -1_ns, Seen{}); }),
             ContainsSubstring("test.seen is not scheduled in the past: for 99 ns at clock 100 ns"));
  CHECK_THAT(refused([&] { sim.schedule(entity, -101_ns, Seen{}); }), ContainsSubstring("for -1 ns at clock 100 ns"));
  for (const Duration delay : {Duration::max(), Duration::of((std::int64_t{1} << 62) - 100)}) {
    CHECK_THAT(refused([&] { sim.schedule(entity, delay, Changed{}); }),
               ContainsSubstring("test.changed is scheduled for a time below 2^62 ns"));
  }
  CHECK(sim.events_pending() == 0);

  sim.schedule(entity, Duration::of((std::int64_t{1} << 62) - 101), Changed{1});
  sim.run();
  CHECK(entity.log == Log{"changed 1 at 4611686018427387903"});
}

TEST_CASE("simulation: an instant that was observed does not change", "[simulation][table]") {
  Simulation sim;
  Recorder recorder(sim);
  Acts<Seen> observer(sim, [&](auto&) { sim.schedule(recorder, 0_ns, Changed{1}); });
  sim.schedule(observer, 5_ns, Seen{});
  const std::string message = message_of([&] { sim.run(); });
  CHECK_THAT(message, ContainsSubstring("test.changed, of the change phase"));
  CHECK_THAT(message, ContainsSubstring("event test.seen"));

  // Outside of a run too; an instant that nobody looked at may still change.
  CHECK_THROWS_AS(sim.schedule(recorder, 0_ns, Changed{2}), InvariantViolation);
  sim.run_until(at(6));
  sim.schedule(recorder, 0_ns, Changed{3});
  sim.run();
  CHECK(recorder.log == Log{"changed 3 at 6"});
}

TEST_CASE("simulation: an observation that was cancelled leaves its instant open", "[simulation][table]") {
  Simulation sim;
  Recorder recorder(sim);
  sim.cancel(sim.schedule(recorder, 5_ns, Seen{1}));
  sim.schedule(recorder, 6_ns, Seen{2});
  sim.run_until(at(5));
  // More than are kept sorted.
  for (std::uint32_t id = 0; id < 1000; ++id) sim.schedule(recorder, 1_ns * (id % 2), Changed{id});
  sim.run();
  REQUIRE(recorder.log.size() == 1001);
  CHECK(recorder.log.front() == "changed 0 at 5");
  CHECK(recorder.log[500] == "changed 1 at 6");
  CHECK(recorder.log.back() == "seen 2 at 6");
}

TEST_CASE("simulation: a run neither ends in the past nor starts within another", "[simulation][table]") {
  Simulation sim;
  sim.run_until(at(10));
  CHECK_THROWS_AS(sim.run_until(at(9)), InvariantViolation);
  CHECK_THROWS_AS(sim.run_until(Time::max()), InvariantViolation);
  Acts<Ticked> nested(sim, [&](auto&) { sim.run(); });
  sim.schedule(nested, 0_ns, Ticked{});
  CHECK_THAT(message_of([&] { sim.run(); }), ContainsSubstring("a run is not started from a handler"));
}

}  // namespace
}  // namespace fleetsim
