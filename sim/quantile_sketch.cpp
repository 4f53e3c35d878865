#include "fleetsim/sim/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr double magnitude_min = 1e-9;  // a nanosecond in seconds, a nano-dollar in dollars
constexpr double magnitude_max = 1e18;

}  // namespace

QuantileSketch::QuantileSketch(double relative_error) : relative_error_(relative_error) {
  invariant(relative_error >= 1e-4 && relative_error < 1, "a sketch's relative error lies in [0.0001, 1)");
  // A millionth less than promised makes room for the rounding of logarithms.
  const double error = relative_error * (1 - 1e-6);
  log_growth_ = std::log1p(2 * error / (1 - error));  // ln((1 + error) / (1 - error))
}

/// Bucket i holds the magnitudes in (g^(i-1), g^i], g the growth.
int QuantileSketch::bucket_of(double magnitude) const {
  return static_cast<int>(std::ceil(std::log(std::min(magnitude, magnitude_max)) / log_growth_));
}

/// 2 g^i / (g + 1): as far, relatively, from both bounds.
double QuantileSketch::representative(int bucket) const {
  return std::exp(bucket * log_growth_) * 2 / (std::exp(log_growth_) + 1);
}

void QuantileSketch::add(double x, std::uint64_t times) {
  invariant(std::isfinite(x), "a sketched value is finite");
  if (times == 0) return;
  min_ = count_ == 0 ? x : std::min(min_, x);
  max_ = count_ == 0 ? x : std::max(max_, x);
  count_ += times;
  const double magnitude = std::abs(x);
  if (magnitude < magnitude_min) zeros_ += times;
  else (x > 0 ? positive_ : negative_).add(bucket_of(magnitude), times);
}

void QuantileSketch::merge(const QuantileSketch& other) {
  invariant(relative_error_ == other.relative_error_, "merged sketches have the same relative error");
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  positive_.merge(other.positive_);
  negative_.merge(other.negative_);
}

double QuantileSketch::quantile(double p) const {
  invariant(count_ > 0 && p >= 0 && p <= 1, "a quantile has values and a share in [0, 1]");
  const auto rank = static_cast<std::uint64_t>(p * static_cast<double>(count_ - 1));  // from 0
  if (rank == 0) return min_;
  if (rank >= count_ - 1) return max_;
  const auto within = [this](double x) { return std::clamp(x, min_, max_); };
  std::uint64_t passed = 0;
  for (std::size_t i = negative_.counts.size(); i-- > 0;) {
    passed += negative_.counts[i];
    if (passed > rank) return within(-representative(negative_.first + static_cast<int>(i)));
  }
  passed += zeros_;
  if (passed > rank) return within(0);
  for (std::size_t i = 0; i < positive_.counts.size(); ++i) {
    passed += positive_.counts[i];
    if (passed > rank) return within(representative(positive_.first + static_cast<int>(i)));
  }
  return max_;
}

double QuantileSketch::min() const {
  invariant(count_ > 0, "a least value has values");
  return min_;
}

double QuantileSketch::max() const {
  invariant(count_ > 0, "a greatest value has values");
  return max_;
}

bool QuantileSketch::operator==(const QuantileSketch& other) const {
  const auto same = [](const Buckets& a, const Buckets& b) { return a.first == b.first && a.counts == b.counts; };
  return relative_error_ == other.relative_error_ && count_ == other.count_ && zeros_ == other.zeros_ &&
         min_ == other.min_ && max_ == other.max_ && same(positive_, other.positive_) &&
         same(negative_, other.negative_);
}

void QuantileSketch::Buckets::add(int index, std::uint64_t times) {
  cover(index, index);
  counts[static_cast<std::size_t>(index - first)] += times;
}

void QuantileSketch::Buckets::merge(const Buckets& other) {
  if (other.counts.empty()) return;
  cover(other.first, other.first + static_cast<int>(other.counts.size()) - 1);
  const auto offset = static_cast<std::size_t>(other.first - first);
  for (std::size_t i = 0; i < other.counts.size(); ++i) counts[offset + i] += other.counts[i];
}

/// Makes room for the buckets from..to. The span is exactly what the values need, so that it does not depend on their
/// order.
void QuantileSketch::Buckets::cover(int from, int to) {
  if (counts.empty()) first = from;
  if (from < first) {
    counts.insert(counts.begin(), static_cast<std::size_t>(first - from), 0);
    first = from;
  }
  if (const auto size = static_cast<std::size_t>(to - first) + 1; size > counts.size()) counts.resize(size);
}

}  // namespace fleetsim
