/// One event for all whose periods end together, in the order in which they were added.

#include "fleetsim/sim/period_clock.hpp"

#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace fleetsim {
namespace {

struct Named final : PeriodListener {
  Named(std::string& heard_by_all, char as) : heard(heard_by_all), name(as) {}
  void period_ended() override { heard += name; }
  std::string& heard;
  char name;
};

struct Nudged {
  static constexpr std::string_view name = "nudged";
};
class Nudge final : public EventHandler<Nudge, Nudged> {
 public:
  Nudge(Simulation& sim, std::string& all) : EventHandler(sim), heard(all) {}
  void on(const Nudged&) { heard += '!'; }
  std::string& heard;
};

TEST_CASE("period clock: those whose periods end together share an event, in their order", "[sim]") {
  Simulation sim;
  PeriodClock clock(sim);
  std::string heard;
  Named a(heard, 'a'), b(heard, 'b'), c(heard, 'c');
  clock.add(a, 60_s);
  clock.add(b, 40_s);
  clock.add(c, 60_s);
  sim.run_until(Time::at(120_s));
  CHECK(heard == "b" "ac" "b" "ac" "b");  // at 120 s the event of b was scheduled last, at 80 s
  CHECK(sim.events_run() == 5);
}

TEST_CASE("period clock: a period ends after all that changes in its last instant", "[sim]") {
  Simulation sim;
  PeriodClock clock(sim);
  std::string heard;
  Named a(heard, 'a');
  Nudge nudge(sim, heard);
  clock.add(a, 10_s);
  sim.schedule(nudge, 10_s, Nudged{});
  sim.run_until(Time::at(10_s));
  CHECK(heard == "!a");
}

TEST_CASE("period clock: who comes later has periods of its own", "[sim]") {
  Simulation sim;
  PeriodClock clock(sim);
  std::string heard;
  Named a(heard, 'a'), b(heard, 'b');
  clock.add(a, 10_s);
  sim.run_until(Time::at(5_s));
  clock.add(b, 10_s);
  sim.run_until(Time::at(25_s));
  CHECK(heard == "abab");  // at 10, 15, 20 and 25 s
}

}  // namespace
}  // namespace fleetsim
