#pragma once
/// A level over time, kept in bounded memory for drawing: the span of the run is cut into equal buckets, each keeping
/// the least, the greatest and the last value, so that no short excursion is lost.

#include <cstdint>
#include <vector>

#include "fleetsim/units.hpp"

namespace fleetsim {

class StepSeries {
 public:
  struct Bucket {
    double min = 0;
    double max = 0;
    double last = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  StepSeries() = default;
  /// Covers [0, span) with `buckets` buckets. Requires: span > 0, buckets > 0.
  StepSeries(Duration span, std::size_t buckets);
  /// The level is `value` from `now` on; one without buckets forgets it. Requires: now does not go back.
  void set(Time now, double value) {
    if (!buckets_.empty()) note(now, value);
  }
  /// Carries the last level to the end and returns every bucket.
  std::vector<Bucket> finish() const;
  Duration bucket_width() const { return width_; }

 private:
  void note(Time now, double value);
  void advance_to(std::size_t bucket);
  Duration width_;
  std::vector<Bucket> buckets_;
  std::size_t current_ = 0;
  Time current_end_;
  double level_ = 0;
  bool any_ = false;
};

}  // namespace fleetsim
