#pragma once
/// First-in first-out chains of small entries, made of fixed-size blocks from one pool: many short queues share
/// memory without a reserve of their own, and an append touches one place in memory.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace fleetsim {

template <class Entry>
class BlockPool {
  static constexpr std::size_t block_bytes = 2048;
  static constexpr std::size_t block_entries = (block_bytes - std::max(sizeof(void*), alignof(Entry))) / sizeof(Entry);

  // Aligned to its size and filled from the back, so an entry's address tells its block, and whether it is the last.
  struct alignas(block_bytes) Block {
    Block* next;
    Entry entries[block_entries];
  };

 public:
  BlockPool() {
    static_assert(std::is_trivially_copyable_v<Entry>);
    static_assert(sizeof(Block) == block_bytes && offsetof(Block, entries) + sizeof(Block::entries) == block_bytes,
                  "entries end where their block ends");
  }

  /// A queue of entries; empty when default-made. Its blocks belong to the pool that filled it.
  class Chain {
   public:
    bool empty() const { return first_ == nullptr || end_ == first_->entries; }
    /// An empty queue may have a block, which make_room() and clear() gave it.
    bool has_block() const { return first_ != nullptr; }
    /// Whether there is one block only. Requires: !empty().
    bool one_block() const { return block_of(end_ - 1) == first_; }
    /// Requires: !empty().
    const Entry& front() const { return first_->entries[0]; }
    /// Whether there are more than `limit` entries, found in O(limit). Requires: !empty().
    bool longer_than(std::size_t limit) const { return size_up_to(limit) > limit; }
    std::size_t size() const { return empty() ? 0 : size_up_to(~std::size_t{0}); }
    /// Calls `use(entries)` with the entries of each block in order until it returns false; returns whether it never did.
    template <class Use>
    bool for_each_block(Use use) const {
      for (const Block* block = first_; block != nullptr; block = block->next) {
        fetch_ahead(block->next);
        const Entry* const end = block->next == nullptr ? end_ : block->entries + block_entries;
        if (!use(std::span<const Entry>(block->entries, end))) return false;
      }
      return true;
    }
    /// Calls `use(entry)` for each entry in order.
    template <class Use>
    void for_each(Use use) const {
      for_each_block([&use](std::span<const Entry> entries) {
        for (const Entry& entry : entries) use(entry);
        return true;
      });
    }

   private:
    friend class BlockPool;

    std::size_t size_up_to(std::size_t limit) const {
      const Block* const last = block_of(end_ - 1);
      auto count = static_cast<std::size_t>(end_ - last->entries);
      for (const Block* block = first_; block != last && count <= limit; block = block->next) count += block_entries;
      return count;
    }

    Block* first_ = nullptr;
    Entry* end_ = nullptr;  // of the entries in the last block
  };

  /// Requires: the room that append() uses without asking; false when it has to be made first.
  static bool has_room(const Chain& chain) { return reinterpret_cast<std::uintptr_t>(chain.end_) % block_bytes != 0; }
  /// Requires: has_room(chain).
  static void append(Chain& chain, const Entry& entry) { *chain.end_++ = entry; }

  /// Sees to it that `blocks` blocks can be in use at once without an allocation.
  void reserve(std::size_t blocks) {
    if (blocks <= blocks_) return;
    chunks_.push_back({std::make_unique_for_overwrite<Block[]>(blocks - blocks_), blocks - blocks_});
    blocks_ = blocks;
  }
  /// Entries that fit into one block.
  static constexpr std::size_t block_size() { return block_entries; }

  /// Adds an empty block. Requires: !has_room(chain); a reserved block is left; an entry is appended next.
  void make_room(Chain& chain) {
    Block* const block = free_ != nullptr ? std::exchange(free_, free_->next) : unused_block();
    block->next = nullptr;
    (chain.first_ == nullptr ? chain.first_ : block_of(chain.end_ - 1)->next) = block;
    chain.end_ = block->entries;
  }

  /// Calls `use(entry)` for each entry in order and gives the blocks back, each as soon as it is read, so that what
  /// `use` appends elsewhere lands in memory that is still in the cache.
  template <class Use>
  void drain(Chain chain, Use use) {
    for (Block* block = chain.first_; block != nullptr;) {
      Block* const next = block->next;
      fetch_ahead(next);
      const Entry* const end = next == nullptr ? chain.end_ : block->entries + block_entries;
      for (const Entry* entry = block->entries; entry != end; ++entry) use(*entry);
      block->next = free_;
      free_ = block;
      block = next;
    }
  }

  /// Removes the entries and leaves the block; they can be read until the next entry is appended.
  /// Requires: chain.one_block().
  static std::span<const Entry> clear(Chain& chain) {
    const std::span<const Entry> entries(chain.first_->entries, chain.end_);
    chain.end_ = chain.first_->entries;
    return entries;
  }

  /// Bytes held, in use or not.
  std::size_t memory() const { return blocks_ * sizeof(Block); }

 private:
  /// The first lines of a block; the processor finds the rest by itself once it sees the pattern.
  [[gnu::always_inline]] static void fetch_ahead(const Block* block) {
    for (std::size_t line = 0; line != 4; ++line) __builtin_prefetch(reinterpret_cast<const char*>(block) + 64 * line);
  }

  static Block* block_of(const Entry* entry) {
    return reinterpret_cast<Block*>(reinterpret_cast<std::uintptr_t>(entry) & ~std::uintptr_t{block_bytes - 1});
  }

  /// Memory that is reserved and not used yet is not touched, so the system need not provide it.
  Block* unused_block() {
    while (unused_in_chunk_ == chunks_[chunk_].size) {
      ++chunk_;
      unused_in_chunk_ = 0;
    }
    return &chunks_[chunk_].blocks[unused_in_chunk_++];
  }

  struct Chunk {
    std::unique_ptr<Block[]> blocks;
    std::size_t size;
  };

  Block* free_ = nullptr;
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;            // the first with blocks that were never used
  std::size_t unused_in_chunk_ = 0;  // the first of them
  std::size_t blocks_ = 0;
};

}  // namespace fleetsim
