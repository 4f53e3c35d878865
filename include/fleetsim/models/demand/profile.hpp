#pragma once
/// A demand's rate as a function of time: pure, in whole numbers, so that it can be tabled, plotted and tested without
/// a run.

#include <cstdint>
#include <vector>

#include "fleetsim/models/demand/config.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// A shape at equal steps, of its own time: row i holds from i * step to (i + 1) * step.
struct RegularShape {
  std::vector<std::int64_t> rows;  ///< at least one, not negative
  Duration step;                   ///< > 0
  bool repeat = false;             ///< else the first row holds before it and the last one after it
  Interpolation interpolation = Interpolation::step;
  Duration resolution;             ///< of a line: > 0

  struct Piece {
    std::int64_t value = 0;
    Duration end;  ///< since the run's start; the value holds until here
  };
  /// The piece that holds the instant `t` of a run that begins at `begin` in the shape's own time. A line is held
  /// level for `resolution`, counted from the run's start, at its value in the middle.
  Piece at(Duration begin, Duration t) const;
  /// The integral of `at` over a run, in value x nanoseconds. Takes a step for each row, not for each piece of a line.
  Int128 integral(Duration begin, Duration length) const;

 private:
  std::int64_t row(std::int64_t index) const;
};

class DemandProfile {
 public:
  /// `begin` is where in its trace the run begins, since the trace's first interval; no other shape has one.
  /// Requires: `read_demands` found no error in the config for this run.
  DemandProfile(const DemandConfig& config, const DemandRun& run, Duration begin);

  struct Piece {
    RequestRate rate;
    Duration end;  ///< since the run's start; the rate holds until here, Duration::max() if for ever
  };
  /// The piece that holds the instant `t`. Requires: t >= 0.
  Piece at(Duration t) const;

 private:
  struct Burst {
    Duration begin;
    Duration end;
    std::int64_t factor_micro;
  };
  Piece without_bursts(Duration t) const;

  RegularShape shape_;             // rows in micro-requests/s; none for an irregular shape
  Duration begin_;
  std::vector<DemandStep> steps_;  // an irregular shape
  std::vector<Burst> bursts_;
};

/// Where in their traces runs may begin: only there, or every day that leaves the run inside the trace.
struct DemandBeginnings {
  Duration first;
  std::int64_t days = 1;  ///< each a day after the one before
};
/// Requires: the trace is at least as long as the run, or repeats.
DemandBeginnings demand_beginnings(const DemandConfig& config, const DemandRun& run);

}  // namespace fleetsim
