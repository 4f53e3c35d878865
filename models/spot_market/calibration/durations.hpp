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

/// In what steps the runs of a recording on a grid of `tick` come: where none of 40 or more is as short as a tick,
/// whoever recorded them looked less often, or held on to what was seen; then the shortest run, at most ten ticks. Zero
/// without a grid.
Duration resolution_of(const Runs& runs, Duration tick);

/// Fits all forms. `resolution` is that of the recording, zero for none.
Durations fit_durations(fit::Sample seconds, Duration resolution);

/// Fits the first part of the recording and compares it with the rest; empty if a part has too few runs.
std::optional<HoldOut> check_hold_out(const StepTrace<std::int64_t>& trace, std::int64_t needed, Duration resolution,
                                      double hold_out);

/// Losses of a recording whose counts go above one; empty if nothing was lost.
std::optional<Reclaims> reclaims_of(const StepTrace<std::int64_t>& trace);

}  // namespace fleetsim::calibration
