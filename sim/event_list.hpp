#pragma once
/// The event list: the scheduled events of a run, ordered by (time, phase, sequence).
///
/// Time and phase are one 64-bit key, and keys never fall below the last one taken, so the list can be a monotone radix
/// wheel in front of a short sorted array:
///
///   near    the entries with key < near_limit, sorted; the earliest is taken from here
///   wheel   the others, in buckets (level, digit): level is the highest group of six bits in which a key differs from
///           `base`, digit the key's six bits there. A bucket's keys are closer to each other than to those of any
///           later bucket, so the earliest entries are in the lowest digit of the lowest level.
///
/// When `near` runs out, the earliest bucket is sorted into it; one with too many entries is first spread over the lower
/// levels. Equal keys always meet in the same bucket and every step keeps their order, so events of one key leave in
/// the order in which they came, without a sequence number. See docs/decisions/0003-event-list.md.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"
#include "sim/block_pool.hpp"
#include "sim/event_slots.hpp"

namespace fleetsim {

/// Orders by time, then phase.
using EventKey = std::uint64_t;

inline constexpr std::int64_t time_limit_ns = std::int64_t{1} << 62U;  ///< an event's time is below it: 146 years

/// Requires: 0 <= when < time_limit_ns.
constexpr EventKey event_key(Time when, Phase phase) {
  return (static_cast<std::uint64_t>(when.since_start().count()) << 1U) | static_cast<std::uint64_t>(phase);
}
constexpr Time time_of(EventKey key) { return Time::at(Duration::of(static_cast<std::int64_t>(key >> 1U))); }

struct EventEntry {
  EventKey key;
  std::uint64_t payload;
  std::uint32_t slot;
  std::uint32_t handler;
};

class EventList {
 public:
  EventList();

  /// Adds an event after those of the same key. Requires: key >= floor().
  EventHandle insert(EventKey key, std::uint32_t handler, std::uint64_t payload) {
    const EventHandle handle = slots_.take();
    const EventEntry entry{key, payload, handle.slot, handler};
    ++entries_;
    if (key >= near_limit_) [[likely]] {
      file(entry);
    } else {
      insert_near(entry);
    }
    return handle;
  }

  /// Takes an event back. False if the handle names none.
  bool cancel(EventHandle handle) {
    if (!slots_.live(handle)) return false;
    slots_.cancel(handle);
    ++cancelled_;
    if (cancelled_ > purge_least && cancelled_ > entries_ / 2) purge();
    return true;
  }
  bool pending(EventHandle handle) const { return slots_.live(handle); }

  /// Moves the earliest event into `out` and raises the floor to its key; false if none has a key of at most `last`.
  bool take(EventKey last, EventEntry& out) {
    for (;;) {
      if (near_head_ == near_tail_) [[unlikely]] {
        if (!refill(last)) return false;
      }
      const EventEntry& first = near_[near_head_];
      if (first.key > last) [[unlikely]] return false;
      out = first;
      ++near_head_;
      --entries_;
      if (!slots_.release(out.slot)) [[likely]] break;
      --cancelled_;
    }
    floor_ = out.key;
    return true;
  }

  /// No event may be inserted below it.
  EventKey floor() const { return floor_; }
  /// Requires: no event has a key below `key`.
  void raise_floor(EventKey key) { floor_ = std::max(floor_, key); }

  /// Events scheduled and neither taken nor cancelled.
  std::size_t size() const { return entries_ - cancelled_; }
  /// Bytes held, whatever the number of events in them.
  std::size_t memory() const;

  /// Checks what the structure promises between calls, in time proportional to its size. For tests.
  void check() const;

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned digits = 1U << digit_bits;
  static constexpr unsigned levels = (64 + digit_bits - 1) / digit_bits;
  static constexpr std::size_t sort_most = 48;    // entries that are worth sorting rather than spreading
  static constexpr std::size_t near_most = 128;   // entries in `near` before its later half is filed
  static constexpr std::size_t purge_least = 1024;
  static constexpr EventKey no_key = ~EventKey{0};

  using Pool = BlockPool<EventEntry>;
  struct Bucket {
    Pool::Chain chain;
    EventKey min = no_key;   // no entry is earlier
    std::size_t count = 0;
  };
  struct Position {
    unsigned level;
    unsigned digit;
  };

  Position position(EventKey key) const {
    const auto highest = 63U - static_cast<unsigned>(std::countl_zero((key ^ base_) | 1U));
    const unsigned level = highest / digit_bits;
    return {level, static_cast<unsigned>(key >> (level * digit_bits)) & (digits - 1)};
  }
  Bucket& bucket(Position at) { return buckets_[at.level * digits + at.digit]; }

  void file(const EventEntry& entry) {
    const Position at = position(entry.key);
    Bucket& to = bucket(at);
    pool_.append(to.chain, entry);
    to.min = std::min(to.min, entry.key);
    ++to.count;
    used_digits_[at.level] |= std::uint64_t{1} << at.digit;
    used_levels_ |= 1U << at.level;
  }

  void insert_near(const EventEntry& entry);
  void split_near();
  bool refill(EventKey last);
  void append_sorted(Pool::Chain& chain);
  void reserve_near(std::size_t more);
  Bucket detach(Position at);
  void purge();

  EventKey near_limit_ = no_key;
  std::vector<EventEntry> near_;   // [near_head_, near_tail_) are in use
  std::size_t near_head_ = 0;
  std::size_t near_tail_ = 0;

  EventKey base_ = 0;              // no key in the wheel, and no key yet to come, is below
  std::uint32_t used_levels_ = 0;  // bit l: level l has entries
  std::array<std::uint64_t, levels> used_digits_{};
  std::vector<Bucket> buckets_;
  Pool pool_;

  EventSlots slots_;
  std::size_t entries_ = 0;        // cancelled ones among them
  std::size_t cancelled_ = 0;
  EventKey floor_ = 0;
};

}  // namespace fleetsim
