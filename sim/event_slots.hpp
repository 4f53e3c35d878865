#pragma once
/// What makes a handle safe: a word for each scheduled event that tells whether a handle still names it.
///
/// An event takes a slot when it is scheduled and gives it back when its entry leaves the event list, cancelled or not.
/// So an entry in the list needs no generation of its own: while it is there, its slot is nobody else's.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

class EventSlots {
 public:
  std::size_t size() const { return slots_.size(); }
  bool any_free() const { return free_ != none; }
  /// Makes more slots. Called only when more are in use than ever before.
  void grow() {
    const std::size_t old = slots_.size();
    const std::size_t more = std::max(first_size, old / 2);
    slots_.resize(old + more);
    for (std::size_t slot = old + more; slot-- > old;) {
      slots_[slot].word = first_generation << 1U;
      slots_[slot].next_free = free_;
      free_ = static_cast<std::uint32_t>(slot);
    }
  }

  /// A handle for an event that is scheduled now; `extra` is kept for it. Requires: any_free().
  EventHandle take(std::uint32_t extra) {
    const std::uint32_t slot = free_;
    Slot& taken = slots_[slot];
    free_ = taken.next_free;
    taken.extra = extra;
    // In one word: of two, the caller's copy would wait for both.
    static_assert(std::endian::native == std::endian::little && offsetof(EventHandle, slot) == 0);
    return std::bit_cast<EventHandle>(std::uint64_t{taken.word >> 1U} << 32U | slot);
  }
  std::uint32_t extra(std::uint32_t slot) const { return slots_[slot].extra; }
  /// Slots taken and not given back, in time proportional to the others.
  std::size_t in_use() const {
    std::size_t free = out_of_use_;
    for (std::uint32_t slot = free_; slot != none; slot = slots_[slot].next_free) ++free;
    return slots_.size() - free;
  }

  /// Gives a slot back, so that no handle given out for it names anything. Returns whether its event was cancelled.
  bool release(std::uint32_t slot) {
    Slot& released = slots_[slot];
    const bool was_cancelled = (released.word & 1U) != 0;
    released.word = (released.word | 1U) + 1U;
    // A slot whose generations are used up stays out of use: a handle kept for 2^31 events must not come to life.
    if (released.word != 0) [[likely]] {
      released.next_free = free_;
      free_ = slot;
    } else {
      ++out_of_use_;
    }
    return was_cancelled;
  }

  /// True if `handle` names an event that is scheduled and not cancelled.
  bool live(EventHandle handle) const {
    return handle.generation != 0 && handle.slot < slots_.size() && slots_[handle.slot].word == handle.generation << 1U;
  }
  /// Marks the event of a slot as cancelled. Requires: live(handle).
  void cancel(EventHandle handle) { slots_[handle.slot].word |= 1U; }
  bool cancelled(std::uint32_t slot) const { return (slots_[slot].word & 1U) != 0; }

  /// Where a slot is, to fetch it ahead of its use.
  const void* address(std::uint32_t slot) const { return &slots_[slot]; }
  /// Bytes held.
  std::size_t memory() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t word;       // generation << 1 | cancelled
    union {
      std::uint32_t next_free;  // given back before this one: the last one given back is taken first, from the cache
      std::uint32_t extra;      // of a slot that is taken
    };
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint32_t first_generation = 1;
  static constexpr std::size_t first_size = 64;

  std::uint32_t free_ = none;
  std::size_t out_of_use_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace fleetsim
