#pragma once
/// Arrivals of a Poisson process whose rate changes in steps over time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// The rate is per_second[i] from starts[i] until starts[i + 1]; zero before the first start. Without a period the last
/// rate lasts for ever; with one, the pattern covers [starts[0], starts[0] + period) and then repeats.
struct PiecewiseRate {
  std::vector<Time> starts;             ///< rising; at least one
  std::vector<double> per_second;       ///< one a start, finite, >= 0
  std::optional<Duration> period = {};  ///< starts[0] + period is after the last start
};

/// Exact, by inversion of the integrated rate: from one arrival to the next, the integral of the rate is exponential of
/// mean 1 (Çınlar 1975, "Introduction to stochastic processes", section 4.7). An arrival is rounded to the nearest
/// nanosecond, and never into an interval of rate zero.
class PiecewisePoisson {
 public:
  /// Requires: the rate is as PiecewiseRate says (an invariant: the config reader has checked it).
  explicit PiecewisePoisson(PiecewiseRate rate);

  /// The first arrival from `after` on, be that an arrival or any other instant: the process has no memory. Empty where
  /// none comes before 2^62 ns (146 years), from when on no event can be scheduled. Draws one uniform number whatever
  /// the rate. Takes O(log steps), and O(1) for each change of the rate until the arrival, at most those of
  /// one period.
  std::optional<Time> next(Time after, Stream& stream) const { return next(after, stream.uniform()); }
  /// The same for a given uniform number. Requires: 0 < u < 1.
  std::optional<Time> next(Time after, double u) const;

  /// The rate at an instant, in arrivals per second.
  double rate(Time at) const;
  /// The expected number of arrivals in [from, to). Requires: from <= to.
  double expected_arrivals(Time from, Time to) const;

 private:
  /// An instant at or after starts[0], as a place in the pattern.
  struct Place {
    std::int64_t periods;  // whole periods before it
    Duration offset;       // since the present period began
    std::size_t step;      // whose rate holds
  };
  Place place(Time at) const;
  Duration step_end(std::size_t step) const;
  double expected_since_start(Time at) const;

  std::vector<double> per_second_;
  Time start_;
  std::vector<Duration> step_starts_;    // since start_
  std::vector<double> expected_before_;  // arrivals from start_ to each step's start
  std::optional<Duration> period_;
  double expected_in_period_ = 0;
};

}  // namespace fleetsim
