#include "fleetsim/sim/period_clock.hpp"

#include <algorithm>

namespace fleetsim {

void PeriodClock::add(PeriodListener& listener, Duration period) {
  invariant(period > Duration{}, "a period takes time");
  const Time ends = sim_.now() + period;
  auto beat = std::find_if(beats_.begin(), beats_.end(),
                           [&](const Beat& known) { return known.period == period && known.ends == ends; });
  if (beat == beats_.end()) {
    beat = beats_.insert(beats_.end(), Beat{.period = period, .ends = ends, .listeners = {}});
    sim_.schedule_at(*this, ends, PeriodEnded{static_cast<std::uint32_t>(beats_.size() - 1)});
  }
  beat->listeners.push_back(&listener);
}

void PeriodClock::on(const PeriodEnded& event) {
  Beat& beat = beats_[event.beat];
  beat.ends += beat.period;
  sim_.schedule_at(*this, beat.ends, event);
  for (PeriodListener* const listener : beat.listeners) listener->period_ended();
}

}  // namespace fleetsim
