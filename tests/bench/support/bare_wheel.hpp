#pragma once
/// The fastest event list we know how to write when nothing else is asked of it: the radix wheel of sim/event_list.hpp
/// with entries of 16 bytes, no handles, no cancellation, no dispatch. What the kernel's own list is measured against.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

namespace fleetsim::bench {

struct BareEvent {
  std::uint64_t time;
  std::uint64_t id;
};

class BareWheel {
 public:
  BareWheel() {
    head_ = tail_ = near_.data() + gap;
    cut_levels(0, 64);
  }
  BareWheel(const BareWheel&) = delete;
  BareWheel& operator=(const BareWheel&) = delete;

  /// Requires: the time is not before that of the event taken last.
  void insert(BareEvent event) {
    if (event.time >= near_limit_) [[likely]] {
      file(event);
    } else {
      insert_near(event);
    }
  }

  /// Requires: there is an event.
  BareEvent take() {
    if (head_ == tail_) [[unlikely]] refill();
    return *head_++;
  }

 private:
  static constexpr std::size_t block_bytes = 1024;
  static constexpr std::size_t block_events = block_bytes / sizeof(BareEvent) - 1;
  static constexpr std::size_t gap = 64;
  static constexpr std::ptrdiff_t near_most = 32;
  static constexpr std::size_t near_room = 512;
  static constexpr std::size_t sort_most = 64;
  static constexpr std::ptrdiff_t sort_least = 16;
  static constexpr std::uint64_t no_time = ~std::uint64_t{0};

  // Aligned to its size: the end of a block shows in the address.
  struct alignas(block_bytes) Block {
    Block* next;
    alignas(16) BareEvent events[block_events];
  };
  struct Bucket {
    BareEvent* end = nullptr;
    Block* first = nullptr;
  };
  static Block* block_of(BareEvent* event) {
    return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(event) & ~std::uintptr_t{block_bytes - 1});
  }
  static void fetch(const Block* block) {
    for (std::size_t line = 0; line != 4; ++line) __builtin_prefetch(reinterpret_cast<const char*>(block) + 64 * line);
  }

  void file(BareEvent event) {
    const unsigned level = level_of_bit_[63 - static_cast<unsigned>(std::countl_zero((event.time ^ base_) | 1))];
    Bucket& bucket = buckets_[level * 256 + static_cast<std::uint8_t>(event.time >> level)];
    if (reinterpret_cast<std::uintptr_t>(bucket.end) % block_bytes == 0) [[unlikely]] add_block(bucket);
    *bucket.end++ = event;
  }

  [[gnu::noinline]] void add_block(Bucket& bucket) {
    if (free_ == nullptr) {
      constexpr std::size_t count = 1024;
      chunks_.push_back(std::make_unique_for_overwrite<Block[]>(count));
      for (std::size_t i = count; i-- > 0;) give_back(&chunks_.back()[i]);
    }
    Block* const block = free_;
    free_ = block->next;
    block->next = nullptr;
    if (bucket.first != nullptr) {
      block_of(bucket.end - 1)->next = block;
    } else {
      bucket.first = block;
      const auto index = static_cast<std::size_t>(&bucket - buckets_.data());
      used_digits_[index / 256][index % 256 / 64] |= std::uint64_t{1} << index % 64;
      used_levels_ |= std::uint64_t{1} << index / 256;
    }
    bucket.end = block->events;
  }
  void give_back(Block* block) {
    block->next = free_;
    free_ = block;
  }

  std::size_t earliest() const {
    const auto level = static_cast<std::size_t>(std::countr_zero(used_levels_));
    std::size_t word = 0;
    while (used_digits_[level][word] == 0) ++word;
    return level * 256 + word * 64 + static_cast<std::size_t>(std::countr_zero(used_digits_[level][word]));
  }
  Bucket detach(std::size_t index) {
    auto& used = used_digits_[index / 256];
    used[index % 256 / 64] &= ~(std::uint64_t{1} << index % 64);
    if ((used[0] | used[1] | used[2] | used[3]) == 0) used_levels_ &= ~(std::uint64_t{1} << index / 256);
    return std::exchange(buckets_[index], Bucket{});
  }
  static std::size_t count(const Bucket& bucket, std::size_t limit) {
    Block* const last = block_of(bucket.end - 1);
    auto found = static_cast<std::size_t>(bucket.end - last->events);
    for (Block* block = bucket.first; block != last && found <= limit; block = block->next) found += block_events;
    return found;
  }
  template <class Use>
  static void for_each(const Bucket& bucket, Use use) {
    for (Block* block = bucket.first; block != nullptr; block = block->next) {
      fetch(block->next);
      BareEvent* const end = block->next == nullptr ? bucket.end : block->events + block_events;
      for (BareEvent* event = block->events; event != end; ++event) use(*event);
    }
  }
  template <class Use>
  void drain(const Bucket& bucket, Use use) {
    for (Block* block = bucket.first; block != nullptr;) {
      Block* const next = block->next;
      fetch(next);
      BareEvent* const end = next == nullptr ? bucket.end : block->events + block_events;
      for (BareEvent* event = block->events; event != end; ++event) use(*event);
      give_back(block);
      block = next;
    }
  }

  [[gnu::noinline]] void refill() {
    head_ = tail_ = near_.data() + gap;
    for (;;) {
      std::size_t index = earliest();
      const auto level = static_cast<unsigned>(index / 256);
      if (level != 0 && count(buckets_[index], sort_most) > sort_most) {
        spread(index);
        continue;
      }
      base_ = buckets_[index].first->events[0].time >> level << level;
      if (count(buckets_[index], sort_most) > sort_most) {
        const std::size_t needed = gap + count(buckets_[index], no_time) + 1;
        if (near_.size() < needed) {
          near_.resize(needed);
          head_ = tail_ = near_.data() + gap;
        }
        drain(detach(index), [this](BareEvent event) { *tail_++ = event; });
      } else {
        BareEvent* const unsorted = unsorted_.data();
        BareEvent* end = unsorted;
        for (;;) {
          drain(detach(index), [&end](BareEvent event) { *end++ = event; });
          if (end - unsorted >= sort_least || used_levels_ == 0) break;
          index = earliest();
          if (index / 256 != level) break;
          if (count(buckets_[index], sort_most) > sort_most - static_cast<std::size_t>(end - unsorted)) break;
        }
        sort(unsorted, static_cast<std::size_t>(end - unsorted), tail_, level + 8);
        tail_ += end - unsorted;
      }
      near_limit_ = used_levels_ == 0 ? no_time : ((tail_[-1].time >> level) + 1) << level;
      return;
    }
  }

  static void sort(const BareEvent* in, std::size_t count, BareEvent* out, unsigned bits) {
    std::array<std::int32_t, sort_most> ranked;
    const unsigned dropped = bits > 25 ? bits - 25 : 0;
    for (std::size_t i = 0; i != count; ++i) {
      const auto upper = static_cast<std::uint32_t>(in[i].time >> dropped) & ((1U << 25U) - 1);
      ranked[i] = static_cast<std::int32_t>((upper << 6U) | static_cast<std::uint32_t>(i));
    }
    const std::size_t padded = (count + 7) / 8 * 8;
    for (std::size_t i = count; i != padded; ++i) ranked[i] = std::numeric_limits<std::int32_t>::max();
    for (std::size_t i = 0; i != count; ++i) {
      std::int32_t before = 0;
      for (std::size_t j = 0; j != padded; ++j) before += ranked[j] < ranked[i] ? 1 : 0;
      out[before] = in[i];
    }
    if (dropped == 0) return;
    for (BareEvent* next = out + 1; next < out + count; ++next) {
      const BareEvent event = *next;
      BareEvent* hole = next;
      for (; hole != out && event.time < hole[-1].time; --hole) *hole = hole[-1];
      *hole = event;
    }
  }

  void spread(std::size_t index) {
    const Bucket bucket = detach(index);
    const auto level = static_cast<unsigned>(index / 256);
    const std::uint64_t start = bucket.first->events[0].time >> level << level;
    std::uint64_t least = no_time;
    double sum = 0;
    double events = 0;
    for_each(bucket, [&](BareEvent event) {
      least = std::min(least, event.time);
      sum += static_cast<double>(static_cast<std::int64_t>(event.time - start));
      events += 1;
    });
    base_ = least;
    const double mean = sum / events - static_cast<double>(least - start);
    unsigned low = lowest_bit_for(events, mean);
    if ((level - low) % 8 == 1) ++low;
    cut_levels(low, level);
    drain(bucket, [this](BareEvent event) { file(event); });
  }
  static unsigned lowest_bit_for(double events, double mean) {
    const auto width = static_cast<std::uint64_t>(mean / events * 40);
    return width == 0 ? 0 : 63 - static_cast<unsigned>(std::countl_zero(width));
  }
  void cut_levels(unsigned low, unsigned below) {
    for (unsigned bit = 0; bit != below; ++bit) {
      level_of_bit_[bit] = static_cast<std::uint8_t>(bit < low % 8 ? 0 : bit - (bit - low) % 8);
    }
  }

  [[gnu::noinline]] void insert_near(BareEvent event) {
    if (tail_ == near_.data() + near_.size()) {
      const auto events = static_cast<std::size_t>(tail_ - head_);
      if (2 * (gap + events) > near_.size()) {
        const std::ptrdiff_t head = head_ - near_.data();
        near_.resize(2 * near_.size());
        head_ = near_.data() + head;
      }
      std::memmove(near_.data() + gap, head_, events * sizeof(BareEvent));
      head_ = near_.data() + gap;
      tail_ = head_ + events;
    }
    BareEvent* hole = tail_++;
    for (; hole != head_ && event.time < hole[-1].time; --hole) *hole = hole[-1];
    *hole = event;
    if (tail_ - head_ <= near_most || near_limit_ == head_->time + 1) return;
    const std::uint64_t middle = head_[(tail_ - head_) / 2].time;
    near_limit_ = middle == head_->time ? middle + 1 : middle;
    BareEvent* const tail = tail_;
    while (tail_[-1].time >= near_limit_) --tail_;
    if (used_levels_ == 0) {
      base_ = head_ == near_.data() + gap ? 0 : head_[-1].time;
      double sum = 0;
      for (const BareEvent* near = head_; near != tail; ++near) sum += static_cast<double>(near->time - head_->time);
      const auto events = static_cast<double>(tail - head_);
      cut_levels(lowest_bit_for(events, sum / events), 64);
    }
    for (BareEvent* later = tail_; later != tail; ++later) file(*later);
  }

  std::uint64_t near_limit_ = no_time;
  BareEvent* head_;
  BareEvent* tail_;
  std::uint64_t base_ = 0;
  std::uint64_t used_levels_ = 0;
  std::array<std::uint8_t, 64> level_of_bit_;
  std::array<std::array<std::uint64_t, 4>, 64> used_digits_{};
  std::array<Bucket, std::size_t{64} * 256> buckets_;
  Block* free_ = nullptr;
  std::vector<std::unique_ptr<Block[]>> chunks_;
  std::vector<BareEvent> near_ = std::vector<BareEvent>(near_room);
  std::array<BareEvent, sort_most> unsorted_;
};

}  // namespace fleetsim::bench
