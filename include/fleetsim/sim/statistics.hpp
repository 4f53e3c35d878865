#pragma once
/// Statistics in one pass and constant memory: a tally of single values and a level over time.
///
/// Both can be merged, so that shards and threads each keep their own. Sums of floating-point numbers depend on the
/// order of addition in their last digits: merge in a fixed order, such as that of the replications.

#include <cstdint>
#include <span>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// One value an occurrence: waiting times, recovery times.
/// Method: Welford's update and the pairwise merge of Chan, Golub and LeVeque (1979), which lose no digits where the
/// spread is small beside the mean.
class Tally {
 public:
  /// Requires: x is finite.
  void add(double x);
  void merge(const Tally& other);

  std::uint64_t count() const { return count_; }
  /// The statistics below are not-a-number where there are too few values: one for the mean and the extremes, two for
  /// the others.
  double mean() const;
  /// Of the sample: divided by count - 1.
  double variance() const;
  double standard_deviation() const;
  /// Of the mean, for independent values: standard deviation / sqrt(count).
  double standard_error() const;
  double min() const;
  double max() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of (x - mean)^2
  double min_ = 0;
  double max_ = 0;
};

/// A level over a time of observation, such as a queue's length from the warm-up's end to the horizon.
struct LevelSummary {
  Duration observed;    ///< how long
  double integral = 0;  ///< level x seconds
  double min = 0;       ///< of the levels that lasted; meaningless while nothing is observed
  double max = 0;

  /// Time-weighted; not-a-number while nothing is observed.
  double mean() const { return integral / to_seconds(observed); }
  /// As if one had been observed after the other.
  void merge(const LevelSummary& other);
};

/// A level that changes at events: instances in service, requests in a queue. The level before an event counts up to
/// that event's instant; a level that is set and changed again within one instant leaves no trace.
class TimeWeighted {
 public:
  explicit TimeWeighted(Time start = {}, double level = 0) : level_(level), since_(start) {}

  /// Requires: `now` is not before the last change.
  void set(double level, Time now);
  void add(double change, Time now) { set(level_ + change, now); }
  double level() const { return level_; }

  /// From the start, or the last reset, to `now`. Requires: `now` is not before the last change.
  LevelSummary summary(Time now) const;
  double mean(Time now) const { return summary(now).mean(); }
  /// Deletes what was observed, as at the end of a warm-up; the level stays.
  void reset(Time now);

 private:
  double level_;
  Time since_;         // of the last change
  LevelSummary past_;  // up to since_
};

/// The quantile `p` of a sample by linear interpolation between its values (type 7 of Hyndman and Fan 1996, the
/// definition that R, NumPy and spreadsheets use by default). Requires: sorted, not empty, 0 <= p <= 1.
double sample_quantile(std::span<const double> sorted, double p);

}  // namespace fleetsim
