#pragma once
/// The buckets of a level over time, for a result. Most levels seldom change, so equal neighbours are kept once.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "fleetsim/sim/step_series.hpp"

namespace fleetsim {

/// Iterated like a vector of buckets; an index is searched for.
class BucketRuns {
  struct Run;

 public:
  using Bucket = StepSeries::Bucket;
  using value_type = Bucket;

  BucketRuns() = default;
  BucketRuns(std::initializer_list<Bucket> buckets) {
    for (const Bucket& bucket : buckets) push_back(bucket);
  }
  BucketRuns(const std::vector<Bucket>& buckets) {  // NOLINT: buckets are buckets
    for (const Bucket& bucket : buckets) push_back(bucket);
    runs_.shrink_to_fit();
  }
  void push_back(const Bucket& bucket) {
    if (runs_.empty() || !(runs_.back().bucket == bucket)) runs_.push_back({.end = size(), .bucket = bucket});
    ++runs_.back().end;
  }

  bool empty() const { return runs_.empty(); }
  std::size_t size() const { return runs_.empty() ? 0 : runs_.back().end; }
  /// Searches among the runs; to read all, iterate. Requires: index < size().
  const Bucket& operator[](std::size_t index) const {
    return std::upper_bound(runs_.begin(), runs_.end(), index, [](std::size_t at, const Run& run) { return at < run.end; })
        ->bucket;
  }

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Bucket;
    using difference_type = std::ptrdiff_t;
    using pointer = const Bucket*;
    using reference = const Bucket&;

    Iterator() = default;
    reference operator*() const { return (*runs_)[run_].bucket; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++index_ == (*runs_)[run_].end) ++run_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class BucketRuns;
    Iterator(const std::vector<Run>& runs, std::size_t run, std::size_t index) : runs_(&runs), run_(run), index_(index) {}
    const std::vector<Run>* runs_ = nullptr;
    std::size_t run_ = 0, index_ = 0;
  };
  Iterator begin() const { return {runs_, 0, 0}; }
  Iterator end() const { return {runs_, runs_.size(), size()}; }

 private:
  struct Run {
    std::size_t end = 0;  // the index after its last bucket
    Bucket bucket;
  };
  std::vector<Run> runs_;
};

}  // namespace fleetsim
