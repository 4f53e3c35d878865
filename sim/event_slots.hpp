#pragma once
/// What makes a handle safe: one word for each scheduled event that tells whether a handle still names it.
///
/// An event takes a slot when it is scheduled and gives it back when its entry leaves the event list, cancelled or not.
/// So an entry in the list needs no generation of its own: while it is there, its slot is nobody else's.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

class EventSlots {
 public:
  /// A handle for an event that is scheduled now. Allocates only when more slots are in use than ever before.
  EventHandle take() {
    if (free_.empty()) [[unlikely]] grow();
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return {slot, words_[slot] >> 1U};
  }

  /// True if `handle` names an event that is scheduled and not cancelled.
  bool live(EventHandle handle) const {
    return handle.generation != 0 && handle.slot < words_.size() && words_[handle.slot] == handle.generation << 1U;
  }

  /// Marks the event of a slot as cancelled. Requires: live(handle).
  void cancel(EventHandle handle) { words_[handle.slot] |= 1U; }

  bool cancelled(std::uint32_t slot) const { return (words_[slot] & 1U) != 0; }

  /// Gives a slot back, so that no handle given out for it names anything. Returns whether its event was cancelled.
  bool release(std::uint32_t slot) {
    const std::uint32_t word = words_[slot];
    const std::uint32_t next = (word | 1U) + 1U;
    words_[slot] = next;
    // A slot whose generations are used up stays out of use: a handle kept for 2^31 events must not come to life.
    if (next != 0) [[likely]] free_.push_back(slot);
    return (word & 1U) != 0;
  }

  /// The word of an entry that leaves the list soon.
  void prefetch(std::uint32_t slot) const { __builtin_prefetch(&words_[slot], 1); }

  /// Bytes held.
  std::size_t memory() const { return (words_.capacity() + free_.capacity()) * sizeof(std::uint32_t); }

 private:
  void grow() {
    // Both arrays grow together, so release() never allocates.
    words_.push_back(first_generation << 1U);
    free_.reserve(words_.capacity());
    free_.push_back(static_cast<std::uint32_t>(words_.size() - 1));
  }

  static constexpr std::uint32_t first_generation = 1;

  std::vector<std::uint32_t> words_;  // generation << 1 | cancelled
  std::vector<std::uint32_t> free_;   // last given back, first taken: its word is still in the cache
};

}  // namespace fleetsim
