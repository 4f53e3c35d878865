#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "sim/fit/likelihood.hpp"

namespace fleetsim::fit {

std::vector<SurvivalPoint> kaplan_meier(const Sample& sample) {
  check(sample);
  std::vector<double> ended = sample.ended;
  std::vector<double> censored = sample.censored;
  std::sort(ended.begin(), ended.end());
  std::sort(censored.begin(), censored.end());

  std::vector<SurvivalPoint> points;
  double survival = 1;
  double greenwood = 0;
  std::size_t left = 0;  // censored ones before the point
  for (std::size_t i = 0; i < ended.size();) {
    std::size_t next = i;
    while (next < ended.size() && ended[next] == ended[i]) ++next;
    while (left < censored.size() && censored[left] < ended[i]) ++left;
    const std::size_t at_risk = ended.size() - i + censored.size() - left;
    const std::size_t count = next - i;
    const auto risk = static_cast<double>(at_risk);
    const auto gone = static_cast<double>(count);
    survival *= 1 - gone / risk;
    // Once nobody is left the estimate is zero without an error.
    if (at_risk > count) greenwood += gone / (risk * (risk - gone));
    points.push_back({.time = ended[i],
                      .at_risk = at_risk,
                      .ended = count,
                      .survival = at_risk > count ? survival : 0,
                      .standard_error = at_risk > count ? survival * std::sqrt(greenwood) : 0});
    i = next;
  }
  return points;
}

double ks_distance(const std::vector<SurvivalPoint>& survival, const Distribution& distribution) {
  double distance = 0;
  double before = 1;
  for (const SurvivalPoint& point : survival) {
    const double fitted = 1 - distribution.cdf(point.time);
    distance = std::max({distance, std::abs(fitted - before), std::abs(fitted - point.survival)});
    before = point.survival;
  }
  return distance;
}

double ks_distance(const std::vector<SurvivalPoint>& survival, const Distribution& distribution, double step) {
  invariant(step > 0, "a recording's step is above zero");
  double distance = 0;
  const auto compare = [&](double time, const SurvivalPoint& point) {
    distance = std::max(distance, std::abs(1 - distribution.cdf(time) - point.survival));
  };
  for (std::size_t i = 0; i < survival.size(); ++i) {
    const double after = survival[i].time + step / 2;
    if (i + 1 == survival.size()) {
      compare(after, survival[i]);
      break;
    }
    // The estimate is flat up to the next point while the fit falls on, so both ends of the flat part count.
    const double before_next = survival[i + 1].time - step / 2;
    if (survival[i + 1].time > after) compare(after, survival[i]);
    if (before_next >= after) compare(before_next, survival[i]);
  }
  return distance;
}

double ks_critical_5_percent(std::size_t size) {
  invariant(size > 0, "an empty sample has no distance");
  // Stephens, "EDF statistics for goodness of fit", JASA 69 (1974): good to 1 % from n = 5 on.
  const double root = std::sqrt(static_cast<double>(size));
  return 1.358 / (root + 0.12 + 0.11 / root);
}

double mean(const Sample& sample) {
  invariant(!sample.ended.empty(), "a mean is of at least one amount");
  double sum = 0;
  for (const double x : sample.ended) sum += x;
  return sum / static_cast<double>(sample.ended.size());
}

double coefficient_of_variation(const Sample& sample) {
  if (sample.ended.size() < 2) return 0;
  const double centre = mean(sample);
  double squares = 0;
  for (const double x : sample.ended) squares += (x - centre) * (x - centre);
  return std::sqrt(squares / static_cast<double>(sample.ended.size() - 1)) / centre;
}

}  // namespace fleetsim::fit
