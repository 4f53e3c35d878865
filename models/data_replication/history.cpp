#include "fleetsim/models/data_replication/history.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

std::optional<Duration> PointAges::age_mean() const {
  if (observed == Duration{}) return std::nullopt;
  return seconds(age_integral / to_seconds(observed));
}

void PointHistory::reserve(std::size_t points) {
  points_.reserve(points);
  steps_.reserve(points + 1);
}

std::size_t PointHistory::begin(Time point) {
  invariant(points_.empty() || points_.back().point <= point, "recovery points begin in the order of their data");
  points_.push_back({.point = point});
  return points_.size() - 1;
}

void PointHistory::set_current(std::uint32_t index, Time now) {
  if (index == current()) return;
  if (!steps_.empty() && steps_.back().since == now) {
    steps_.back().index = index;
  } else {
    steps_.push_back({now, index});
  }
}

void PointHistory::mark_usable(std::size_t index, Time now) {
  KeptPoint& point = points_[index];
  invariant(point.usable == Time::max() && point.gone == Time::max(), "a point becomes usable once");
  point.usable = now;
  const auto number = static_cast<std::uint32_t>(index);
  if (current() == no_point || number > current()) set_current(number, now);
}

void PointHistory::mark_gone(std::size_t index, Time now) {
  KeptPoint& point = points_[index];
  if (point.gone != Time::max()) return;
  point.gone = now;
  if (static_cast<std::uint32_t>(index) != current()) return;
  // The next older one that is still there, seldom far away.
  for (std::size_t i = index; i-- > 0;) {
    if (points_[i].usable <= now && points_[i].gone > now) return set_current(static_cast<std::uint32_t>(i), now);
  }
  set_current(no_point, now);
}

std::optional<Time> PointHistory::newest(Time at) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), at, [](Time t, const Step& s) { return t < s.since; });
  if (after == steps_.begin() || (after - 1)->index == no_point) return std::nullopt;
  return points_[(after - 1)->index].point;
}

std::optional<Time> PointHistory::newest(Time at, Time not_after) const {
  if (not_after >= at) return newest(at);
  auto i = std::upper_bound(points_.begin(), points_.end(), not_after,
                            [](Time t, const KeptPoint& p) { return t < p.point; });
  while (i != points_.begin()) {
    --i;
    if (i->usable <= at && i->gone > at) return i->point;
  }
  return std::nullopt;
}

PointAges PointHistory::ages(Time from, Time to, std::optional<Duration> objective) const {
  PointAges ages;
  bool any = false;
  const auto over = [&](Time begin, Time end, std::uint32_t index) {
    begin = std::max(begin, from);
    end = std::min(end, to);
    if (begin >= end) return;
    const Duration span = end - begin;
    if (index == no_point) {
      ages.without_point += span;
      if (objective) ages.above_objective += span;
      return;
    }
    const Duration youngest = begin - points_[index].point, oldest = end - points_[index].point;
    ages.observed += span;
    ages.age_integral += to_seconds(span) * (to_seconds(youngest) + to_seconds(oldest)) / 2;
    ages.age_max = std::max(ages.age_max, oldest);
    ages.age_min = any ? std::min(ages.age_min, youngest) : youngest;
    any = true;
    if (objective) ages.above_objective += std::clamp(oldest - *objective, Duration{}, span);
  };
  if (from < to) over(from, steps_.empty() ? to : steps_.front().since, no_point);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    over(steps_[i].since, i + 1 < steps_.size() ? steps_[i + 1].since : to, steps_[i].index);
  }
  return ages;
}

}  // namespace fleetsim
