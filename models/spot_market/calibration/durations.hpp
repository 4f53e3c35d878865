#pragma once
/// Runs of a recording and the forms fitted to them.

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {

/// The runs of a recording from `begin` to `end` in which it is open (at least `needed`) or closed.
struct Runs {
  fit::Sample up, down;  // seconds
  Duration open_time;
};
/// The first run is left out: when it began is not known. The last one is cut off.
Runs runs_of(const StepTrace<std::int64_t>& trace, std::int64_t needed, Duration begin, Duration end);

/// Fits all forms. `tick` is the recording's grid, zero for none.
Durations fit_durations(fit::Sample seconds, Duration tick);

/// Fits the first part of the recording and compares it with the rest; empty if a part has too few runs.
std::optional<HoldOut> check_hold_out(const StepTrace<std::int64_t>& trace, std::int64_t needed, Duration tick,
                                      double hold_out);

/// Losses of a recording whose counts go above one; empty if nothing was lost.
std::optional<Reclaims> reclaims_of(const StepTrace<std::int64_t>& trace);

}  // namespace fleetsim::calibration
