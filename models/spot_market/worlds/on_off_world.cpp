#include "models/spot_market/worlds/on_off_world.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::spot_market {

namespace {

double probability_open(const OnOffCapacity& process) {
  const double up = process.up.in_seconds().mean();
  const double down = process.down.in_seconds().mean();
  invariant(up > 0 && down > 0, "the mean durations of an on/off pool are above zero");
  return up / (up + down);
}

}  // namespace

// A phase may last no time at all (a normal's tail below zero, a discrete value of zero). Nothing changes then: the
// phase before it goes on through the one after it.

OnOffWorld::OnOffWorld(const OnOffCapacity& process, const Simulation& sim, const std::string& stream_prefix,
                       Duration run_length)
    : process_(process),
      end_of_run_(Time::at(run_length)),
      up_(sim.stream(stream_prefix + "up")),
      down_(sim.stream(stream_prefix + "down")),
      open_(sim.stream(stream_prefix + "phase").chance(probability_open(process))) {
  extend_phase(draw_length(open_));
  while (phase_end_ == Time{}) {
    open_ = !open_;
    extend_phase(draw_length(open_));
  }
  initial_units_ = units(open_);
}

void OnOffWorld::extend_phase(Duration by) { phase_end_ += std::min(by, end_of_run_ - phase_end_); }

std::optional<CapacityChange> OnOffWorld::next() {
  while (phase_end_ < end_of_run_) {
    const Duration next_length = draw_length(!open_);
    if (next_length == Duration{}) {
      extend_phase(draw_length(open_));
      continue;
    }
    const Time at = phase_end_;
    open_ = !open_;
    extend_phase(next_length);
    return CapacityChange{at, units(open_)};
  }
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
