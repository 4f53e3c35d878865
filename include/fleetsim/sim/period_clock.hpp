#pragma once
/// Periods that many entities share: one event ends the period of all that began it in the same instant.

#include <cstdint>
#include <string_view>
#include <vector>

#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// Port: who looks at the world at the end of each of its periods.
struct PeriodListener {
  virtual ~PeriodListener() = default;
  virtual void period_ended() = 0;
};

struct PeriodEnded {
  static constexpr std::string_view name = "period_ended";
  static constexpr Phase phase = Phase::observe;
  std::uint32_t beat = 0;
};

class PeriodClock : public EventHandler<PeriodClock, PeriodEnded> {
 public:
  explicit PeriodClock(Simulation& sim) : EventHandler(sim), sim_(sim) {}

  /// Calls the listener at the end of each period from now on, after everything that changes the world in that instant.
  /// Listeners of one event are called in the order in which they were added. Requires: period > 0; no listener
  /// is being called; the listener outlives the run.
  void add(PeriodListener& listener, Duration period);
  void on(const PeriodEnded& event);

 private:
  struct Beat {
    Duration period;
    Time ends;
    std::vector<PeriodListener*> listeners;
  };
  Simulation& sim_;
  std::vector<Beat> beats_;
};

}  // namespace fleetsim
