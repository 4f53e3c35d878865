#include "sim/event_list.hpp"

#include <cstring>
#include <limits>
#include <utility>

namespace fleetsim {
namespace {

/// Bits that `x` takes: 0 for 0.
constexpr int bits_of(std::uint64_t x) { return 64 - std::countl_zero(x); }

/// The first of the sorted entries that is later than `key`. Without a branch that depends on the keys: a mask, where
/// the compiler would make a branch of a condition.
EventEntry* first_later(EventEntry* first, std::ptrdiff_t count, EventKey key) {
  while (count > 0) {
    const std::ptrdiff_t half = count - count / 2;
    const std::ptrdiff_t later_half = -static_cast<std::ptrdiff_t>(first[half - 1].key <= key);
    first += half & later_half;
    count -= half;
  }
  return first;
}

/// Copies an entry word by word. As a whole it would be copied by way of memory, where the processor waits for the words
/// that were just written one by one.
void put(EventEntry& at, const EventEntry& entry) {
  at.key = entry.key;
  at.entity_and_kind = entry.entity_and_kind;
  at.payload_low = entry.payload_low;
  at.slot = entry.slot;
}

/// Stable; fast where little is out of order.
template <class Keyed>
void insertion_sort(Keyed* first, Keyed* last) {
  for (Keyed* next = first + 1; next < last; ++next) {
    if (next[-1].key <= next->key) continue;
    const Keyed entry = *next;
    Keyed* hole = next;
    for (; hole != first && entry.key < hole[-1].key; --hole) *hole = hole[-1];
    *hole = entry;
  }
}

/// Sorts at most 64 entries from `in` to `out`, stably. Their keys differ in the lowest `key_bits` bits only.
///
/// Each entry's rank is the number of entries before it, counted without a branch on a 32-bit number that holds the
/// upper bits of what differs and then the entry's index: the compiler makes vector instructions of it. Keys that differ
/// in lower bits only are put right afterwards.
template <class Keyed>
void rank_sort(const Keyed* in, std::size_t count, Keyed* out, unsigned key_bits) {
  constexpr unsigned index_bits = 6;
  constexpr unsigned rank_bits = 31 - index_bits;
  constexpr std::size_t stride = 8;
  std::array<std::int32_t, std::size_t{1} << index_bits> ranked;
  const unsigned dropped = key_bits > rank_bits ? key_bits - rank_bits : 0;
  for (std::size_t i = 0; i != count; ++i) {
    const auto upper = static_cast<std::uint32_t>(in[i].key >> dropped) & ((1U << rank_bits) - 1);
    ranked[i] = static_cast<std::int32_t>((upper << index_bits) | static_cast<std::uint32_t>(i));
  }
  const std::size_t padded = (count + stride - 1) / stride * stride;
  for (std::size_t i = count; i != padded; ++i) ranked[i] = std::numeric_limits<std::int32_t>::max();
  for (std::size_t i = 0; i != count; ++i) {
    const std::int32_t own = ranked[i];
    std::int32_t before = 0;
    for (std::size_t j = 0; j != padded; ++j) before += ranked[j] < own ? 1 : 0;
    out[before] = in[i];
  }
  if (dropped != 0) insertion_sort(out, out + count);
}

}  // namespace

EventList::EventList() : near_(near_room) {
  near_head_ = near_low_ = near_tail_ = near_.data() + near_gap;
  cut_levels(0, levels);
}

EventHandle EventList::insert_slowly(EventKey key, void* entity, std::uint32_t kind, std::uint64_t payload) {
  if (!slots_.any_free()) grow();
  const EventHandle handle = slots_.take(upper_half(payload));
  const EventEntry entry = entry_of(key, entity, kind, payload, handle.slot);
  if (key >= near_limit_) {
    file(entry);
  } else {
    insert_near(entry);
  }
  return handle;
}

/// Makes slots for more events, and blocks for as many, however they are spread over the buckets: each bucket in use has
/// one block that is not full, one more is being drained, and buckets without entries may keep theirs.
void EventList::grow() {
  constexpr std::size_t buckets_most = levels / digit_bits * digits;
  slots_.grow();
  const std::size_t kept = slots_.size() >= keep_from ? digits : 0;
  pool_.reserve(std::min(slots_.size(), buckets_most) + slots_.size() / Pool::block_size() + 1 + kept);
  near_least_ = slots_.size() >= prefetch_from ? prefetch_least : 0;
}

/// Requires: the wheel is not empty.
std::size_t EventList::earliest_bucket() const {
  const auto level = static_cast<unsigned>(std::countr_zero(used_levels_));
  std::size_t word = index_of(level, 0) / 64;
  while (used_digits_[word] == 0) ++word;
  return word * 64 + static_cast<std::size_t>(std::countr_zero(used_digits_[word]));
}

void EventList::unmark(std::size_t bucket) {
  used_digits_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
  const std::uint64_t* const used = &used_digits_[bucket / digits * (digits / 64)];
  if ((used[0] | used[1] | used[2] | used[3]) == 0) used_levels_ &= ~(std::uint64_t{1} << bucket / digits);
}

EventList::Bucket EventList::detach(std::size_t bucket) {
  unmark(bucket);
  return std::exchange(buckets_[bucket], Bucket{});
}

/// Makes `level` the one whose buckets keep a block, and takes those of the former one back.
void EventList::keep_blocks_of(std::size_t level) {
  if (level == kept_level_) return;
  for (std::size_t digit = 0; digit != digits; ++digit) {
    Bucket& bucket = buckets_[kept_level_ * digits + digit];
    if (bucket.empty()) pool_.drain(std::exchange(bucket, Bucket{}), [](const EventEntry&) {});
  }
  kept_level_ = level;
}

/// Sees to it that `near` has an entry, and a few more if that is cheap. False if there is none, or if the wheel's are
/// certainly above `last`: the base must not pass the time at which somebody may still schedule.
bool EventList::refill(EventKey last) {
  for (;;) {
    const bool empty = near_head_ == near_tail_;
    if (used_levels_ == 0) {
      near_limit_ = no_key;
      near_low_ = near_tail_;
      return !empty;
    }
    const std::size_t earliest = earliest_bucket();
    const std::size_t level = earliest / digits;
    const EventKey start = buckets_[earliest].front().key >> level << level;
    if (empty && start > last) return false;
    const bool few = level == 0 || !buckets_[earliest].longer_than(sort_most);
    if (few || find_runs(earliest)) {
      if (empty) {
        near_head_ = near_tail_ = near_.data() + near_gap;
        // Both phases of an instant: an observation that is cancelled may be followed by a change.
        base_ = start & ~EventKey{1};
      }
      if (few) sort_earliest(earliest);
      else sort_runs(earliest);
      near_low_ = std::max(near_head_, near_tail_ - near_least_);
      near_most_ = std::max(near_most, near_tail_ - near_head_ + near_added);
      return true;
    }
    if (!empty) {
      // Spreading moves the base, which may not pass the entries in `near`.
      near_low_ = near_tail_;
      return true;
    }
    spread(earliest, last);
  }
}

/// Moves the entries of a bucket, and of the next ones of its level if they are few, to the end of `near`, sorted.
void EventList::sort_earliest(std::size_t bucket) {
  const auto level = static_cast<unsigned>(bucket / digits);
  const EventKey start = buckets_[bucket].front().key >> level << level;
  if (level == 0 && buckets_[bucket].longer_than(sort_most)) {
    // All of one key.
    reserve_near(buckets_[bucket].size());
    pool_.drain(detach(bucket), [this](const EventEntry& entry) { *near_tail_++ = entry; });
    near_limit_ = used_levels_ == 0 ? no_key : start + 1;
    return;
  }
  const bool keep = level == kept_level_ && slots_.size() >= keep_from;
  EventEntry* const unsorted = unsorted_.data();
  const EventEntry* from = unsorted;
  std::size_t count = 0;
  std::size_t next = bucket;
  do {
    bucket = next;
    if (keep && buckets_[bucket].one_block()) [[likely]] {
      unmark(bucket);
      const auto entries = Pool::clear(buckets_[bucket]);
      if (count == 0 && entries.size() >= sort_least) {
        // Enough by itself: sorted from where it is, which nobody fills before that is done.
        from = entries.data();
        count = entries.size();
        break;
      }
      for (const EventEntry& entry : entries) unsorted[count++] = entry;
    } else {
      pool_.drain(detach(bucket), [&](const EventEntry& entry) { unsorted[count++] = entry; });
    }
    if (used_levels_ == 0) break;
    next = earliest_bucket();
  } while (count < sort_least && next / digits == level && !buckets_[next].longer_than(sort_most - count));

  reserve_near(count);
  rank_sort(from, count, near_tail_, level + digit_bits);
  near_tail_ += count;
  near_limit_ = used_levels_ == 0 ? no_key : ((near_tail_[-1].key >> level) + 1) << level;
}

/// Finds the runs of one key in a bucket, each within one block. False if they are too many to be sorted at once.
bool EventList::find_runs(std::size_t bucket) {
  run_count_ = 0;
  return buckets_[bucket].for_each_block([this](std::span<const EventEntry> entries) {
    const EventEntry* const end = entries.data() + entries.size();
    for (const EventEntry* entry = entries.data(); entry != end;) {
      if (run_count_ == sort_most) return false;
      const EventEntry* const first = entry;
      do ++entry;
      while (entry != end && entry->key == first->key);
      runs_[run_count_++] = {first->key, first, entry};
    }
    return true;
  });
}

/// Moves the entries of a bucket to the end of `near`, sorted. Requires: find_runs(bucket) just returned true.
void EventList::sort_runs(std::size_t bucket) {
  const auto level = static_cast<unsigned>(bucket / digits);
  reserve_near(buckets_[bucket].size());
  std::array<Run, sort_most> sorted;
  rank_sort(runs_.data(), run_count_, sorted.data(), level + digit_bits);
  for (std::size_t run = 0; run != run_count_; ++run) {
    near_tail_ = std::copy(sorted[run].first, sorted[run].end, near_tail_);
  }
  pool_.drain(detach(bucket), [](const EventEntry&) {});
  near_limit_ = used_levels_ == 0 ? no_key : ((near_tail_[-1].key >> level) + 1) << level;
}

/// Files the entries of the earliest bucket again, relative to the least of them, on levels cut to suit them.
void EventList::spread(std::size_t bucket, EventKey last) {
  const Bucket entries = detach(bucket);
  const auto level = static_cast<unsigned>(bucket / digits);
  EventKey least = no_key;
  double sum = 0;
  std::size_t count = 0;
  const EventKey start = entries.front().key >> level << level;
  entries.for_each([&](const EventEntry& entry) {
    least = std::min(least, entry.key);
    sum += static_cast<double>(static_cast<std::int64_t>(entry.key - start));
    ++count;
  });
  base_ = std::min(least, last) & ~EventKey{1};

  unsigned low = lowest_bit_for(count, sum / static_cast<double>(count) - static_cast<double>(least - start));
  // A level of one bit would take half of the entries, only to be spread once more.
  if (level - low > 1 && (level - low) % digit_bits == 1) ++low;
  cut_levels(low, level);
  pool_.drain(entries, [this](const EventEntry& entry) { file(entry); });
}

/// The bit from which on digits hold two or three dozen entries each, of `count` that are `mean` after the first of them
/// in the mean. By the mean, not the range: of a long tail, most entries are near its beginning.
unsigned EventList::lowest_bit_for(std::size_t count, double mean) {
  const double width = mean / static_cast<double>(count) * spread_to;
  return static_cast<unsigned>(std::max(bits_of(static_cast<EventKey>(width)) - 1, 0));
}

/// Cuts the bits under `below` so that a level begins at the bit `low`. Requires: the levels under `below` are empty.
void EventList::cut_levels(unsigned low, unsigned below) {
  const unsigned first = low % digit_bits;
  for (unsigned bit = 0; bit != below; ++bit) {
    level_of_bit_[bit] = static_cast<std::uint8_t>(bit < first ? 0 : bit - (bit - first) % digit_bits);
  }
  keep_blocks_of(low);
}

/// Makes room for `more` entries after the last one in `near`.
void EventList::reserve_near(std::size_t more) {
  const std::size_t after = more + prefetch_distance + 1;
  if (static_cast<std::size_t>(near_end() - near_tail_) >= after) return;
  const auto head = static_cast<std::size_t>(near_head_ - near_.data());
  const auto low = static_cast<std::size_t>(near_low_ - near_head_);
  const auto count = static_cast<std::size_t>(near_tail_ - near_head_);
  if (2 * (near_gap + count + after) > near_.size()) near_.resize(2 * (near_gap + count + after));
  std::memmove(near_.data() + near_gap, near_.data() + head, count * sizeof(EventEntry));
  near_head_ = near_.data() + near_gap;
  near_low_ = near_head_ + low;
  near_tail_ = near_head_ + count;
}

/// Puts what is due at once, or a nanosecond later, after the few entries that are still before it. False if there are
/// more, or no room before them.
bool EventList::insert_first(const EventEntry& entry) {
  if (near_head_ == near_.data()) [[unlikely]] return false;
  const EventEntry* const last = near_head_ + std::min(near_tail_ - near_head_, steps_ahead);
  EventEntry* at = near_head_;
  while (at != last && at->key <= entry.key) ++at;
  if (at != near_tail_ && at->key <= entry.key) return false;
  for (EventEntry* moved = near_head_; moved != at; ++moved) moved[-1] = *moved;
  put(at[-1], entry);
  --near_head_;
  return true;
}

void EventList::insert_near(const EventEntry& entry) {
  if (entry.key <= floor_ + 2 && insert_first(entry)) return;
  if (near_end() - near_tail_ < prefetch_distance + 2) [[unlikely]] reserve_near(1);
  // Of few events most are scheduled near the end: a few steps from there are less than a search of the whole.
  EventEntry* at = near_tail_;
  EventEntry* const searched = near_head_ + std::max<std::ptrdiff_t>(near_tail_ - near_head_ - steps_back, 0);
  while (at != searched && entry.key < at[-1].key) --at;
  if (at == searched) at = first_later(near_head_, searched - near_head_, entry.key);
  if (at - near_head_ < near_tail_ - at && near_head_ > near_.data()) {
    std::copy(near_head_, at, near_head_ - 1);
    put(at[-1], entry);
    --near_head_;
  } else {
    std::copy_backward(at, near_tail_, near_tail_ + 1);
    put(*at, entry);
    ++near_tail_;
  }
  if (used_levels_ == 0) near_low_ = near_tail_;
  if (near_tail_ - near_head_ > near_most_ && near_limit_ != near_head_->key + 1) split_near();
}

/// Files the later half of `near`. The limit goes between two different keys, so that the entries of a key stay
/// together and in order.
void EventList::split_near() {
  EventEntry* const tail = near_tail_;
  const EventKey middle = near_head_[(tail - near_head_) / 2].key;
  // If half are as early as the first, the cut comes after them.
  near_limit_ = middle == near_head_->key ? middle + 1 : middle;
  near_tail_ = first_later(near_head_, tail - near_head_, near_limit_ - 1);
  near_low_ = std::min(near_low_, near_tail_);
  if (used_levels_ == 0) {
    base_ = floor_ & ~EventKey{1};
    double sum = 0;
    for (const EventEntry* entry = near_head_; entry != tail; ++entry) {
      sum += static_cast<double>(entry->key - near_head_->key);
    }
    const auto count = static_cast<std::size_t>(tail - near_head_);
    cut_levels(lowest_bit_for(count, sum / static_cast<double>(count)), levels);
  }
  for (const EventEntry* entry = near_tail_; entry != tail; ++entry) file(*entry);
}

/// Drops the cancelled entries, so that memory follows the events that are pending.
void EventList::purge() {
  const auto drop = [this](const EventEntry& entry) {
    return slots_.cancelled(entry.slot) && slots_.release(entry.slot);
  };
  near_tail_ = std::remove_if(near_head_, near_tail_, drop);
  near_low_ = std::min(near_low_, near_tail_);
  for (std::size_t level = 0; level != levels; ++level) {
    if ((used_levels_ >> level & 1U) == 0) continue;
    for (std::size_t digit = 0; digit != digits; ++digit) {
      pool_.drain(detach(index_of(static_cast<unsigned>(level), digit)), [&](const EventEntry& entry) {
        if (!drop(entry)) file(entry);
      });
    }
  }
  cancelled_ = 0;
}

std::size_t EventList::memory() const {
  return near_.capacity() * sizeof(EventEntry) + pool_.memory() + slots_.memory();
}

void EventList::check() const {
  std::size_t found = 0;
  std::size_t cancelled = 0;
  const auto count = [&](const EventEntry& entry) {
    ++found;
    if (slots_.cancelled(entry.slot)) ++cancelled;
    invariant(entry.key >= floor_, "no scheduled event is in the past");
  };
  for (const EventEntry* entry = near_head_; entry != near_tail_; ++entry) {
    count(*entry);
    invariant(entry->key < near_limit_, "near events are below the limit");
    invariant(entry == near_head_ || entry[-1].key <= entry->key, "near events are sorted");
  }
  invariant(near_low_ <= near_tail_, "a refill is tried before the last near event is taken");
  invariant(used_levels_ == 0 || base_ <= floor_, "the base is not above what may be scheduled");
  for (std::size_t bucket = 0; bucket != buckets_.size(); ++bucket) {
    const std::size_t level = bucket / digits;
    const bool used = (used_digits_[bucket / 64] >> bucket % 64 & 1U) != 0;
    invariant(used == !buckets_[bucket].empty(), "buckets in use are marked");
    invariant(used || level == kept_level_ || !buckets_[bucket].has_block(), "only one level keeps blocks");
    invariant(!used || (used_levels_ >> level & 1U) != 0, "levels in use are marked");
    buckets_[bucket].for_each([&](const EventEntry& entry) {
      count(entry);
      invariant(bucket_of(entry.key) == bucket, "an entry is in the bucket of its key");
      invariant(entry.key >= near_limit_, "a filed event is not before the near ones");
    });
  }
  invariant(found == slots_.in_use() && cancelled == cancelled_, "the event list counts its entries");
}

}  // namespace fleetsim
