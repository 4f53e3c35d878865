// The age of the newest usable recovery point, averaged by hour of the week.

#include <algorithm>
#include <set>

#include "fleetsim/models/recovery/people.hpp"
#include "fleetsim/models/recovery/tally.hpp"

namespace fleetsim {
namespace {

/// From `since` on the newest usable point is `newest`; Time::max() stands for none.
struct Newest {
  Time since, newest;
};

std::vector<Newest> newest_of(const std::vector<PointLife>& points) {
  struct Change {
    Time at;
    bool usable;
    Time point;
  };
  std::vector<Change> changes;
  for (const PointLife& point : points) {
    if (point.usable >= point.gone) continue;
    changes.push_back({point.usable, true, point.point});
    if (point.gone < Time::max()) changes.push_back({point.gone, false, point.point});
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  std::vector<Newest> course{{Time{}, Time::max()}};
  std::multiset<Time> usable;
  for (std::size_t c = 0; c < changes.size(); ++c) {
    if (changes[c].usable) {
      usable.insert(changes[c].point);
    } else {
      usable.erase(usable.find(changes[c].point));
    }
    if (c + 1 < changes.size() && changes[c + 1].at == changes[c].at) continue;
    const Time newest = usable.empty() ? Time::max() : *usable.rbegin();
    if (newest != course.back().newest) course.push_back({changes[c].at, newest});
  }
  return course;
}

}  // namespace

std::vector<std::optional<double>> age_by_hour_of_week(std::span<const std::vector<PointLife>> resources, Time from, Time to,
                                                       config::UtcTime run_start,
                                                       std::span<const std::pair<Time, Time>> left_out) {
  std::vector<std::vector<Newest>> courses;
  std::vector<Time> changes{from};
  for (const auto& points : resources) {
    courses.push_back(newest_of(points));
    for (const Newest& newest : courses.back()) {
      if (newest.since > from && newest.since < to) changes.push_back(newest.since);
    }
  }
  for (const auto& [begin, end] : left_out) {
    for (const Time edge : {begin, end}) {
      if (edge > from && edge < to) changes.push_back(edge);
    }
  }
  // Hours of the week begin on whole hours of the calendar.
  const Duration into_hour = 1_s * (run_start.seconds_since_1970 % 3600);
  for (Time hour = Time::at(1_h * ((from.since_start() + into_hour).count() / (1_h).count()) + 1_h - into_hour); hour < to;
       hour += 1_h) {
    changes.push_back(hour);
  }
  changes.push_back(to);
  std::sort(changes.begin(), changes.end());
  changes.erase(std::unique(changes.begin(), changes.end()), changes.end());

  std::vector<double> integral(168), observed(168);
  std::vector<std::size_t> at(courses.size());
  for (std::size_t c = 0; c + 1 < changes.size(); ++c) {
    const Time begin = changes[c], end = changes[c + 1];
    Time oldest = Time::max();
    bool all = !courses.empty();
    for (std::size_t r = 0; r < courses.size(); ++r) {
      while (at[r] + 1 < courses[r].size() && courses[r][at[r] + 1].since <= begin) ++at[r];
      const Time newest = courses[r][at[r]].newest;
      all = all && newest != Time::max();
      oldest = std::min(oldest, newest);
    }
    const auto covers = [&](const std::pair<Time, Time>& span) { return begin >= span.first && begin < span.second; };
    if (!all || std::any_of(left_out.begin(), left_out.end(), covers)) continue;
    const auto hour = static_cast<std::size_t>(hour_of_week(begin, run_start));
    const double length = to_seconds(end - begin);
    integral[hour] += (to_seconds(begin - oldest) + to_seconds(end - oldest)) / 2 * length;
    observed[hour] += length;
  }
  std::vector<std::optional<double>> ages(168);
  for (std::size_t h = 0; h < ages.size(); ++h) {
    if (observed[h] > 0) ages[h] = integral[h] / observed[h];
  }
  return ages;
}

}  // namespace fleetsim
