#include "fleetsim/sim/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void Tally::add(double x) {
  invariant(std::isfinite(x), "a tallied value is finite");
  min_ = count_ == 0 ? x : std::min(min_, x);
  max_ = count_ == 0 ? x : std::max(max_, x);
  ++count_;
  const double from_old_mean = x - mean_;
  mean_ += from_old_mean / static_cast<double>(count_);
  squares_ += from_old_mean * (x - mean_);
}

void Tally::merge(const Tally& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const double mine = static_cast<double>(count_);
  const double theirs = static_cast<double>(other.count_);
  const double apart = other.mean_ - mean_;
  count_ += other.count_;
  mean_ += apart * (theirs / (mine + theirs));
  squares_ += other.squares_ + apart * apart * (mine * theirs / (mine + theirs));
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Tally::mean() const { return count_ > 0 ? mean_ : not_a_number; }
double Tally::variance() const { return count_ > 1 ? squares_ / static_cast<double>(count_ - 1) : not_a_number; }
double Tally::standard_deviation() const { return std::sqrt(variance()); }
double Tally::standard_error() const { return std::sqrt(variance() / static_cast<double>(count_)); }
double Tally::min() const { return count_ > 0 ? min_ : not_a_number; }
double Tally::max() const { return count_ > 0 ? max_ : not_a_number; }

void LevelSummary::merge(const LevelSummary& other) {
  if (other.observed == Duration{}) return;
  min = observed == Duration{} ? other.min : std::min(min, other.min);
  max = observed == Duration{} ? other.max : std::max(max, other.max);
  observed += other.observed;
  integral += other.integral;
}

void TimeWeighted::set(double level, Time now) {
  invariant(now >= since_, "a level changes no earlier than it last did");
  if (now > since_) {
    past_ = summary(now);
    since_ = now;
  }
  level_ = level;
}

LevelSummary TimeWeighted::summary(Time now) const {
  invariant(now >= since_, "a level is observed no earlier than its last change");
  LevelSummary all = past_;
  const Duration held = now - since_;
  all.merge({.observed = held, .integral = level_ * to_seconds(held), .min = level_, .max = level_});
  return all;
}

void TimeWeighted::reset(Time now) {
  invariant(now >= since_, "a level is reset no earlier than its last change");
  past_ = {};
  since_ = now;
}

double sample_quantile(std::span<const double> sorted, double p) {
  invariant(!sorted.empty() && p >= 0 && p <= 1, "a quantile has a sample and a share in [0, 1]");
  const double position = p * static_cast<double>(sorted.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(position), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace fleetsim
