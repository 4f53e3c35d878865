#pragma once
/// First-in first-out chains of small entries, made of fixed-size blocks from one pool: many short queues share
/// memory without a reserve of their own, and an append touches one cache line.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace fleetsim {

template <class Entry, std::size_t block_bytes = 512>
class BlockPool {
  static_assert(std::is_trivially_copyable_v<Entry> && (block_bytes & (block_bytes - 1)) == 0);

 public:
  static constexpr std::size_t block_entries = (block_bytes - sizeof(void*)) / sizeof(Entry);

 private:
  struct alignas(block_bytes) Block {
    Block* next;
    Entry entries[block_entries];
  };

 public:
  /// A queue of entries. Empty when default-made; its blocks belong to the pool that filled it.
  struct Chain {
    Block* first = nullptr;
    Block* last = nullptr;
    Entry* end = nullptr;        // of the entries in `last`
    Entry* block_end = nullptr;  // of the room in `last`
  };

  void append(Chain& chain, const Entry& entry) {
    if (chain.end == chain.block_end) [[unlikely]] add_block(chain);
    *chain.end++ = entry;
  }

  /// Calls `use(entry)` for each entry in order and gives the blocks back, each as soon as it is read, so that what
  /// `use` appends to other chains lands in memory that is still in the cache.
  template <class Use>
  void drain(Chain& chain, Use use) {
    for (Block* block = chain.first; block != nullptr;) {
      Block* const next = block->next;
      if (next != nullptr) __builtin_prefetch(next);
      Entry* const end = block == chain.last ? chain.end : block->entries + block_entries;
      for (Entry* entry = block->entries; entry != end; ++entry) use(*entry);
      block->next = free_;
      free_ = block;
      block = next;
    }
    chain = Chain{};
  }

  template <class Use>
  static void for_each(const Chain& chain, Use use) {
    for (const Block* block = chain.first; block != nullptr; block = block->next) {
      const Entry* const end = block == chain.last ? chain.end : block->entries + block_entries;
      for (const Entry* entry = block->entries; entry != end; ++entry) use(*entry);
    }
  }

  /// Bytes held, in use or not.
  std::size_t memory() const { return blocks_ * sizeof(Block); }

 private:
  void add_block(Chain& chain) {
    if (free_ == nullptr) [[unlikely]] grow();
    Block* const block = free_;
    free_ = block->next;
    block->next = nullptr;
    (chain.last == nullptr ? chain.first : chain.last->next) = block;
    chain.last = block;
    chain.end = block->entries;
    chain.block_end = block->entries + block_entries;
  }

  void grow() {
    // Half of what there is: few allocations, and memory within half of the need.
    const std::size_t more = blocks_ / 2 < 64 ? 64 : blocks_ / 2;
    chunks_.push_back(std::make_unique_for_overwrite<Block[]>(more));
    blocks_ += more;
    Block* const chunk = chunks_.back().get();
    for (std::size_t i = more; i-- > 0;) {
      chunk[i].next = free_;
      free_ = &chunk[i];
    }
  }

  Block* free_ = nullptr;
  std::vector<std::unique_ptr<Block[]>> chunks_;
  std::size_t blocks_ = 0;
};

}  // namespace fleetsim
