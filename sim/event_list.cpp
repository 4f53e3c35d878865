#include "sim/event_list.hpp"

#include <utility>

namespace fleetsim {
namespace {

constexpr bool earlier(const EventEntry& a, const EventEntry& b) { return a.key < b.key; }

/// Stable, and for a few dozen entries the fastest there is.
void insertion_sort(EventEntry* first, EventEntry* last) {
  for (EventEntry* next = first; next != last; ++next) {
    const EventEntry entry = *next;
    EventEntry* hole = next;
    for (; hole != first && entry.key < hole[-1].key; --hole) *hole = hole[-1];
    *hole = entry;
  }
}

}  // namespace

EventList::EventList() : near_(4 * near_most), buckets_(std::size_t{levels} * digits) {}

/// Makes room for `more` entries after the last one in `near`.
void EventList::reserve_near(std::size_t more) {
  if (near_tail_ + more <= near_.size()) return;
  const std::size_t count = near_tail_ - near_head_;
  if (count + more > near_.size() / 2) near_.resize(std::max(2 * near_.size(), count + more));
  std::copy(near_.begin() + static_cast<std::ptrdiff_t>(near_head_),
            near_.begin() + static_cast<std::ptrdiff_t>(near_tail_), near_.begin());
  near_head_ = 0;
  near_tail_ = count;
}

void EventList::insert_near(const EventEntry& entry) {
  reserve_near(1);
  EventEntry* const head = near_.data() + near_head_;
  EventEntry* const tail = near_.data() + near_tail_;
  EventEntry* const at = std::upper_bound(head, tail, entry, earlier);
  if (at - head < tail - at && near_head_ > 0) {
    std::copy(head, at, head - 1);
    at[-1] = entry;
    --near_head_;
  } else {
    std::copy_backward(at, tail, tail + 1);
    *at = entry;
    ++near_tail_;
  }
  if (near_tail_ - near_head_ > near_most && near_limit_ != near_[near_head_].key + 1) split_near();
}

/// Files the later half of `near`. The limit goes between two different keys, so that the entries of a key stay
/// together and in order.
void EventList::split_near() {
  EventEntry* const head = near_.data() + near_head_;
  EventEntry* const tail = near_.data() + near_tail_;
  EventEntry* cut = head + (tail - head) / 2;
  // Equal keys stay together; if half are as early as the first, the cut comes after them.
  cut = cut->key == head->key ? std::upper_bound(head, tail, *cut, earlier)
                              : std::lower_bound(head, cut, *cut, earlier);
  if (used_levels_ == 0) base_ = floor_ & ~EventKey{1};
  near_limit_ = cut[-1].key + 1;
  for (const EventEntry* entry = cut; entry != tail; ++entry) file(*entry);
  near_tail_ = static_cast<std::size_t>(cut - near_.data());
}

EventList::Bucket EventList::detach(Position at) {
  const Bucket taken = std::exchange(bucket(at), Bucket{});
  used_digits_[at.level] &= ~(std::uint64_t{1} << at.digit);
  if (used_digits_[at.level] == 0) used_levels_ &= ~(1U << at.level);
  return taken;
}

/// Sorts the earliest bucket into the empty `near`. False, and nothing moved, if all keys are above `last`: so the base
/// never passes the time at which somebody may still schedule.
bool EventList::refill(EventKey last) {
  near_head_ = near_tail_ = near_.size() / 4;
  for (;;) {
    if (used_levels_ == 0) {
      near_limit_ = no_key;
      return false;
    }
    const auto level = static_cast<unsigned>(std::countr_zero(used_levels_));
    const Position at{level, static_cast<unsigned>(std::countr_zero(used_digits_[level]))};
    if (bucket(at).min > last) return false;
    Bucket earliest = detach(at);
    // Both phases of an instant: an observation that is cancelled may be followed by a change.
    base_ = earliest.min & ~EventKey{1};
    if (level == 0 || earliest.count <= sort_most) {
      append_sorted(earliest.chain);
      const unsigned shift = level * digit_bits;
      near_limit_ = used_levels_ == 0 ? no_key : ((earliest.min >> shift) + 1) << shift;
      return true;
    }
    pool_.drain(earliest.chain, [this](const EventEntry& entry) { file(entry); });
  }
}

void EventList::append_sorted(Pool::Chain& chain) {
  pool_.drain(chain, [this](const EventEntry& entry) {
    reserve_near(1);
    near_[near_tail_++] = entry;
    slots_.prefetch(entry.slot);
  });
  insertion_sort(near_.data() + near_head_, near_.data() + near_tail_);
}

/// Drops the cancelled entries, so that memory follows the events that are pending.
void EventList::purge() {
  const auto drop = [this](const EventEntry& entry) {
    if (!slots_.cancelled(entry.slot)) return false;
    slots_.release(entry.slot);
    return true;
  };
  std::size_t kept = near_head_;
  for (std::size_t i = near_head_; i != near_tail_; ++i) {
    if (!drop(near_[i])) near_[kept++] = near_[i];
  }
  near_tail_ = kept;

  for (std::uint32_t left = used_levels_; left != 0; left &= left - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(left));
    for (std::uint64_t row = used_digits_[level]; row != 0; row &= row - 1) {
      Bucket old = detach({level, static_cast<unsigned>(std::countr_zero(row))});
      pool_.drain(old.chain, [&](const EventEntry& entry) {
        if (!drop(entry)) file(entry);
      });
    }
  }
  entries_ -= cancelled_;
  cancelled_ = 0;
}

std::size_t EventList::memory() const {
  return near_.capacity() * sizeof(EventEntry) + buckets_.size() * sizeof(Bucket) + pool_.memory() + slots_.memory();
}

void EventList::check() const {
  std::size_t entries = 0;
  std::size_t cancelled = 0;
  const auto count = [&](const EventEntry& entry) {
    ++entries;
    if (slots_.cancelled(entry.slot)) ++cancelled;
    invariant(entry.key >= floor_, "no scheduled event is in the past");
  };
  for (std::size_t i = near_head_; i != near_tail_; ++i) {
    count(near_[i]);
    invariant(near_[i].key < near_limit_, "near events are below the limit");
    invariant(i == near_head_ || near_[i - 1].key <= near_[i].key, "near events are sorted");
  }
  invariant(used_levels_ == 0 || base_ <= floor_, "the base is not above what may be scheduled");
  for (unsigned level = 0; level != levels; ++level) {
    invariant((used_digits_[level] != 0) == ((used_levels_ >> level & 1U) != 0), "levels in use are marked");
    for (unsigned digit = 0; digit != digits; ++digit) {
      const Bucket& held = buckets_[level * digits + digit];
      invariant((held.count != 0) == ((used_digits_[level] >> digit & 1U) != 0), "digits in use are marked");
      std::size_t in_bucket = 0;
      Pool::for_each(held.chain, [&](const EventEntry& entry) {
        count(entry);
        ++in_bucket;
        const Position at = position(entry.key);
        invariant(at.level == level && at.digit == digit, "an entry is in the bucket of its key");
        invariant(entry.key >= held.min && entry.key >= near_limit_, "a filed event is not before the near ones");
      });
      invariant(in_bucket == held.count, "a bucket counts its entries");
    }
  }
  invariant(entries == entries_ && cancelled == cancelled_, "the event list counts its entries");
}

}  // namespace fleetsim
