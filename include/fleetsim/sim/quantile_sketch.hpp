#pragma once
/// Quantiles of a stream of values in bounded memory, mergeable.
///
/// Values fall into buckets whose bounds grow geometrically, so that a bucket's representative is within a chosen
/// relative error of everything in it. A bucket holds a count, and counts add up the same in any order: merged
/// sketches are equal, to the bit, whatever the order and grouping of the merges.
/// Source: Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
/// PVLDB 12 (2019), here with a fixed range instead of collapsing buckets, which would void the guarantee.

#include <cstdint>
#include <vector>

namespace fleetsim {

/// Guarantee: quantile(p) is within `relative_error` of the true order statistic of rank 1 + floor(p * (count - 1)),
/// where its magnitude lies in [1e-9, 1e18]. A smaller magnitude counts as zero, an absolute error below 1e-9; a larger
/// one counts as 1e18. The least and the greatest value are exact.
/// Memory: 8 bytes for each bucket between the least and the greatest magnitude of each sign; with 1 % at most 3,110
/// buckets a sign. Adding allocates only while that span still grows.
class QuantileSketch {
 public:
  /// Requires: 0.0001 <= relative_error < 1.
  explicit QuantileSketch(double relative_error = 0.01);

  /// Requires: x is finite.
  void add(double x, std::uint64_t times = 1);
  /// Requires: both sketches have the same relative error.
  void merge(const QuantileSketch& other);

  std::uint64_t count() const { return count_; }
  double relative_error() const { return relative_error_; }
  /// Requires: count() > 0, 0 <= p <= 1.
  double quantile(double p) const;
  /// Requires: count() > 0.
  double min() const;
  double max() const;

  bool operator==(const QuantileSketch&) const;

 private:
  /// Counts of a run of consecutive buckets, by magnitude.
  struct Buckets {
    int first = 0;  // index of counts[0]
    std::vector<std::uint64_t> counts;

    void add(int index, std::uint64_t times);
    void merge(const Buckets& other);
    void cover(int from, int to);
  };

  int bucket_of(double magnitude) const;
  double representative(int bucket) const;

  double relative_error_;
  double log_growth_;  // ln of the ratio of two neighbouring bounds
  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  Buckets positive_;
  Buckets negative_;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace fleetsim
