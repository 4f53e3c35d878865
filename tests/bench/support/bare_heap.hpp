#pragma once
/// A 4-ary heap of 16-byte entries, the best simple event list: the children of a node share a cache line, and the
/// earliest of them is chosen without a branch.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "bench/support/bare_wheel.hpp"

namespace fleetsim::bench {

/// Events of one time leave in any order.
class BareHeap {
 public:
  /// Holds up to `most` events.
  explicit BareHeap(std::size_t most) : events_(std::make_unique<Line[]>(most / 4 + 3)) {}

  void insert(BareEvent event) {
    std::size_t hole = count_++;
    while (hole != 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (at(parent).time <= event.time) break;
      at(hole) = at(parent);
      hole = parent;
    }
    at(hole) = event;
  }

  /// Requires: there is an event.
  BareEvent take() {
    const BareEvent first = at(0);
    const BareEvent moved = at(--count_);
    std::size_t hole = 0;
    std::size_t child = 1;
    for (; child + 3 < count_; child = 4 * hole + 1) {
      const std::size_t left = at(child + 1).time < at(child).time ? child + 1 : child;
      const std::size_t right = at(child + 3).time < at(child + 2).time ? child + 3 : child + 2;
      const std::size_t earliest = at(right).time < at(left).time ? right : left;
      if (moved.time <= at(earliest).time) break;
      at(hole) = at(earliest);
      hole = earliest;
    }
    if (child + 3 >= count_) {
      std::size_t earliest = child;
      for (std::size_t other = child + 1; other < count_; ++other) {
        if (at(other).time < at(earliest).time) earliest = other;
      }
      if (earliest < count_ && at(earliest).time < moved.time) {
        at(hole) = at(earliest);
        hole = earliest;
      }
    }
    at(hole) = moved;
    return first;
  }

 private:
  struct alignas(64) Line {
    BareEvent events[4];
  };
  // The root is the last event of the first line, so that the children of each node fill a line.
  BareEvent& at(std::size_t index) { return events_[(index + 3) / 4].events[(index + 3) % 4]; }

  std::unique_ptr<Line[]> events_;
  std::size_t count_ = 0;
};

}  // namespace fleetsim::bench
