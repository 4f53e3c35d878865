#pragma once
/// The event list: the scheduled events of a run, ordered by (time, phase, sequence).
///
/// Time and phase are one 64-bit key, and keys never fall below the last one taken, so the list can be a monotone radix
/// wheel behind a short sorted array:
///
///   near    the entries with key < near_limit, sorted; the earliest is taken from here
///   wheel   the others, in buckets: the bits of a key are cut into levels of at most eight; an entry's level is the one
///           of the highest bit in which its key differs from `base`, its digit the key's bits there. All keys of a
///           level are before those of the level above, all keys of a digit before those of the next digit.
///
/// When `near` runs low, the earliest buckets are sorted onto its end. A bucket with too many entries is first spread
/// over the levels below, which are empty by then, so their bits can be cut to give each new bucket two or three dozen
/// entries, whatever the distance between events; unless they come in few runs of equal keys, as the ticks of many
/// entities do, which are sorted as a whole. When `near` has more entries than are put in place cheaply, its later
/// half goes to the wheel, whose levels are cut to suit them if it was empty. What is scheduled for the present instant
/// is put in place from the front. Equal keys always meet in one bucket and every step keeps their order, so events of
/// one key leave in the order in which they came. A bucket of the lowest level keeps its block when it is
/// emptied: to ask for one is a branch that is often guessed wrongly, and found out late. An event that is cancelled
/// keeps its entry until that comes up or half of the slots are taken by cancelled ones. See
/// docs/decisions/0003-event-list.md.

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

/// Entries are moved several times each, so they are packed: an address takes 48 bits in a process of the 64-bit systems
/// we run on, and of a payload the upper half stays in the slot, which is read anyway when the event is taken.
struct EventEntry {
  EventKey key;
  std::uint64_t entity_and_kind;
  std::uint32_t payload_low;
  std::uint32_t slot;

  void* entity() const { return reinterpret_cast<void*>(entity_and_kind & ((std::uint64_t{1} << 48U) - 1)); }
  std::uint32_t kind() const { return static_cast<std::uint32_t>(entity_and_kind >> 48U); }
};

/// An event whose turn it is.
struct DueEvent {
  EventKey key = 0;
  std::uint64_t payload = 0;
  void* entity = nullptr;
  std::uint32_t kind = 0;
};

class EventList {
 public:
  EventList();
  EventList(const EventList&) = delete;
  EventList& operator=(const EventList&) = delete;

  /// Adds an event after those of the same key. Requires: key >= floor().
  EventHandle insert(EventKey key, void* entity, std::uint32_t kind, std::uint64_t payload) {
    if (key >= near_limit_ && slots_.any_free()) [[likely]] {
      const std::size_t bucket = bucket_of(key);
      if (Pool::has_room(buckets_[bucket])) [[likely]] {
        const EventHandle handle = slots_.take(upper_half(payload));
        Pool::append(buckets_[bucket], entry_of(key, entity, kind, payload, handle.slot));
        mark(bucket);
        return handle;
      }
    }
    return insert_slowly(key, entity, kind, payload);
  }

  /// Takes an event back. False if the handle names none.
  bool cancel(EventHandle handle) {
    if (!slots_.live(handle)) return false;
    slots_.cancel(handle);
    ++cancelled_;
    if (cancelled_ > purge_least && cancelled_ > slots_.size() / 2) purge();
    return true;
  }
  /// True if `handle` names an event that was neither taken nor cancelled.
  bool pending(EventHandle handle) const { return slots_.live(handle); }

  /// Moves the earliest event to `event`; false if none has a key of at most `last`.
  bool take(EventKey last, DueEvent& event) {
    for (;;) {
      if (near_head_ >= near_low_) [[unlikely]] {
        if (!refill(last)) return false;
      }
      const EventEntry& first = *near_head_;
      if (first.key > last) [[unlikely]] return false;
      ++near_head_;
      event = {first.key, payload_of(first), first.entity(), first.kind()};
      if (!slots_.release(first.slot)) [[likely]] {
        floor_ = event.key;
        return true;
      }
      --cancelled_;
    }
  }
  /// Fetches what the event that is taken after a dozen others will need: its slot and its entity. Of many, they are not in
  /// the cache, and waiting for their memory would be most of an event's cost. Where there is no such event, it fetches
  /// those of one that was taken before, or nothing.
  void fetch_upcoming() const {
    const EventEntry& upcoming = near_head_[prefetch_distance];
    __builtin_prefetch(slots_.address(upcoming.slot), 1);
    __builtin_prefetch(upcoming.entity(), 1);
  }
  /// Whether so many events are pending that it pays to look further ahead.
  bool looks_ahead() const { return near_least_ > 0; }
  /// The event that is taken after so many others, as far as is known; null if it is not. It may be cancelled.
  /// Its slot is in the cache if `number` is less than prefetch_distance.
  const EventEntry* ahead(std::ptrdiff_t number) const {
    return near_tail_ - near_head_ > number ? near_head_ + number : nullptr;
  }
  std::uint64_t payload_of(const EventEntry& entry) const {
    return std::uint64_t{slots_.extra(entry.slot)} << 32U | entry.payload_low;
  }

  /// Whether an event of the key that was taken last is left, cancelled or not: all of a key are near together.
  bool more_at_floor() const { return near_head_ != near_tail_ && near_head_->key == floor_; }
  /// No event may be inserted below it.
  EventKey floor() const { return floor_; }
  /// Requires: no event has a key below `key`.
  void raise_floor(EventKey key) { floor_ = std::max(floor_, key); }

  /// Events scheduled and neither taken nor cancelled, in time proportional to the slots that are free: counting them at
  /// every event would cost each of them.
  std::size_t size() const { return slots_.in_use() - cancelled_; }
  /// Bytes held, whatever the number of events in them.
  std::size_t memory() const;

  /// Checks what the structure promises between calls, in time proportional to its size. For tests.
  void check() const;

 private:
  static constexpr unsigned digit_bits = 8;               // of the widest level
  static constexpr std::size_t digits = 1U << digit_bits;
  static constexpr unsigned levels = 64;                  // a level is known by its lowest bit
  static constexpr double spread_to = 40;                 // entries for each bucket when one is spread
  static constexpr std::size_t sort_most = 64;            // entries that are worth sorting rather than spreading
  static constexpr std::size_t sort_least = 16;           // entries to sort at once, if that many are at hand
  static constexpr std::ptrdiff_t near_most = 32;         // entries in `near` before its later half is filed; or
  static constexpr std::ptrdiff_t near_added = 16;        // this many more than it had when it was filled
  static constexpr std::size_t near_room = 512;           // entries that `near` has room for from the start
  static constexpr std::ptrdiff_t steps_back = 12;        // entries looked at one by one when one is put into `near`
  static constexpr std::ptrdiff_t steps_ahead = 8;        // entries looked at when one is due at once
  static constexpr std::ptrdiff_t prefetch_distance = 12;
  static constexpr std::ptrdiff_t prefetch_least = 16;    // entries in `near` so that there is one to prefetch
  static constexpr std::size_t prefetch_from = 8192;      // slots; fewer, and their entities, are in the cache anyway
  static constexpr std::size_t keep_from = 512;           // slots; for fewer, a few blocks that stay in the cache do
  static constexpr std::size_t near_gap = 64;             // room before `near` for entries that come first
  static constexpr std::size_t purge_least = 1024;
  static constexpr EventKey no_key = ~EventKey{0};

  using Pool = BlockPool<EventEntry>;
  using Bucket = Pool::Chain;
  /// Entries of one key, one after another in a block.
  struct Run {
    EventKey key;
    const EventEntry* first;
    const EventEntry* end;
  };

  static std::uint32_t upper_half(std::uint64_t payload) { return static_cast<std::uint32_t>(payload >> 32U); }
  static EventEntry entry_of(EventKey key, void* entity, std::uint32_t kind, std::uint64_t payload, std::uint32_t slot) {
    return {key, reinterpret_cast<std::uint64_t>(entity) | std::uint64_t{kind} << 48U,
            static_cast<std::uint32_t>(payload), slot};
  }
  static constexpr std::size_t index_of(unsigned level, std::size_t digit) { return level * digits + digit; }
  std::size_t bucket_of(EventKey key) const {
    const auto highest = 63U - static_cast<unsigned>(std::countl_zero((key ^ base_) | 1U));
    const unsigned level = level_of_bit_[highest];
    // Bits above the level, if it is narrower than eight, are those of the base.
    return index_of(level, static_cast<std::uint8_t>(key >> level));
  }
  void file(const EventEntry& entry) {
    const std::size_t bucket = bucket_of(entry.key);
    if (!Pool::has_room(buckets_[bucket])) [[unlikely]] pool_.make_room(buckets_[bucket]);
    Pool::append(buckets_[bucket], entry);
    mark(bucket);
  }
  /// At every insertion, whether needed or not: that costs less than a branch.
  void mark(std::size_t bucket) {
    used_digits_[bucket / 64] |= std::uint64_t{1} << bucket % 64;
    used_levels_ |= std::uint64_t{1} << bucket / digits;
  }

  // Out of line, so that the calls above stay small.
  [[gnu::noinline]] EventHandle insert_slowly(EventKey key, void* entity, std::uint32_t kind, std::uint64_t payload);
  [[gnu::noinline]] bool refill(EventKey last);

  void grow();
  std::size_t earliest_bucket() const;
  void unmark(std::size_t bucket);  // emptied
  Bucket detach(std::size_t bucket);
  void keep_blocks_of(std::size_t level);
  void sort_earliest(std::size_t bucket);
  bool find_runs(std::size_t bucket);
  void sort_runs(std::size_t bucket);
  void spread(std::size_t bucket, EventKey last);
  static unsigned lowest_bit_for(std::size_t count, double mean);
  void cut_levels(unsigned low, unsigned below);
  bool insert_first(const EventEntry& entry);
  void insert_near(const EventEntry& entry);
  void split_near();
  const EventEntry* near_end() const { return near_.data() + near_.size(); }
  void reserve_near(std::size_t more);
  void purge();

  EventKey floor_ = 0;
  EventKey near_limit_ = no_key;
  EventEntry* near_head_;           // [near_head_, near_tail_) of near_ are in use
  EventEntry* near_low_;            // where a refill is tried; at most near_tail_
  EventEntry* near_tail_;
  std::ptrdiff_t near_most_ = near_most;  // entries in `near` from which on its later half is filed
  std::ptrdiff_t near_least_ = 0;   // entries in `near` from which on a refill is tried
  std::size_t cancelled_ = 0;
  EventSlots slots_;

  EventKey base_ = 0;               // no key in the wheel, and no key yet to come, is below
  std::uint64_t used_levels_ = 0;   // bit l: level l has entries
  std::array<std::uint8_t, levels> level_of_bit_;
  std::array<std::uint64_t, levels * digits / 64> used_digits_{};
  std::array<Bucket, levels * digits> buckets_;
  std::size_t kept_level_ = 0;      // only there a bucket without entries may have a block
  Pool pool_;

  std::vector<EventEntry> near_;
  std::array<EventEntry, sort_most> unsorted_;
  std::array<Run, sort_most> runs_;  // of the bucket that find_runs() looked at
  std::size_t run_count_ = 0;
};

}  // namespace fleetsim
