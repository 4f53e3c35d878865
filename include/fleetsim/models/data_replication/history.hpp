#pragma once
/// The recovery points of one thing at one site, over the whole run: when each became usable and when it was gone, and which
/// was the newest at any instant, also a past one.
///
/// Truth: newest(at) is the point with the latest data among those with usable <= at < gone; O(log n). The changes of the
///        newest are kept as they happen, so thousands of disaster instants can be asked after one run.
/// Source: recovery point actual = disaster - newest point usable at the recovery site; docs/models/data_replication.md.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// A copy of data as of `point`, kept for the record whether it is still there or not.
struct KeptPoint {
  Time point;
  Time usable = Time::max();  ///< from here on; Time::max() while it is being made, or if that failed
  Time gone = Time::max();    ///< deleted or destroyed here; Time::max() while it is kept
};

/// What the age of the newest point was over a time: the recovery point actual of a disaster at a random instant of it.
struct PointAges {
  Duration observed;           ///< with a point; ages are of these times
  Duration without_point;      ///< total loss
  double age_integral = 0;     ///< seconds^2
  Duration age_max;            ///< the least age never reached: that just before a newer point was usable
  Duration age_min;            ///< that just after
  Duration above_objective;    ///< time with an age above the objective given, or without a point
  std::optional<Duration> age_mean() const;
};

class PointHistory {
 public:
  void reserve(std::size_t points);
  /// Begins a point; points come in the order of their data. Returns its number.
  std::size_t begin(Time point);
  /// The point can be restored from `now` on.
  void mark_usable(std::size_t index, Time now);
  /// The point is deleted or destroyed at `now`, or its making failed.
  void mark_gone(std::size_t index, Time now);

  std::span<const KeptPoint> points() const { return points_; }
  const KeptPoint& operator[](std::size_t index) const { return points_[index]; }
  /// Empty if there is none. `at` may be any instant up to the clock.
  std::optional<Time> newest(Time at) const;
  /// The newest with data no later than `not_after`; O(log n) and the points in between that could not be used.
  std::optional<Time> newest(Time at, Time not_after) const;
  /// Over [from, to). `objective`: what an age is compared with.
  PointAges ages(Time from, Time to, std::optional<Duration> objective = {}) const;

 private:
  /// From `since` on the newest point is `index`; none if it is `no_point`.
  struct Step {
    Time since;
    std::uint32_t index = 0;
  };
  static constexpr std::uint32_t no_point = 0xFFFF'FFFF;
  std::uint32_t current() const { return steps_.empty() ? no_point : steps_.back().index; }
  void set_current(std::uint32_t index, Time now);

  std::vector<KeptPoint> points_;
  std::vector<Step> steps_;
};

}  // namespace fleetsim
