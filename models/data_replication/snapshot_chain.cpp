#include "models/data_replication/snapshot_chain.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

std::int64_t SnapshotChain::next_blocks(std::int64_t mark, bool full) const {
  return full || empty() ? volume_->written(mark) : blocks_after(entries_.back(), mark);
}

std::int64_t SnapshotChain::add(Time point, std::int64_t mark, std::uint64_t id, bool full) {
  // The front is cleared when it is as long as the rest, so that each entry is moved once on average.
  if (first_ > 16 && first_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  Entry entry{.point = point, .mark = mark, .blocks = 0, .id = id, .full = full};
  if (empty() || entries_.back().point <= point) {
    // The newest: what comes before it stays as it is.
    entry.blocks = next_blocks(mark, full);
    stored_ += entry.blocks;
    entries_.push_back(entry);
    return entry.blocks;
  }
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto place = std::upper_bound(begin, entries_.end(), point, [](Time t, const Entry& e) { return t < e.point; });
  const bool alone = full || place == begin;
  entry.blocks = alone ? volume_->written(mark) : blocks_after(*(place - 1), mark);
  if (!place->full && !full) {
    // One with later data is here already, and follows this one from now on.
    Entry& next = *place;
    std::int64_t after = blocks_after(entry, next.mark);
    if (!alone) {
      // What was new in it is new in one of the two.
      entry.blocks = std::min(entry.blocks, next.blocks);
      after = std::clamp(after, next.blocks - entry.blocks, next.blocks);
    }
    stored_ += after - next.blocks;
    next.blocks = after;
  }
  stored_ += entry.blocks;
  const std::int64_t added = entry.blocks;
  entries_.insert(place, entry);
  return added;
}

std::int64_t SnapshotChain::remove(Time point, std::uint64_t id) {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_);
  auto found = begin;
  // Mostly the oldest goes.
  if (empty() || begin->id != id) {
    found = std::lower_bound(begin, entries_.end(), point, [](const Entry& e, Time t) { return e.point < t; });
  }
  while (found != entries_.end() && found->point == point && found->id != id) ++found;
  if (found == entries_.end() || found->id != id) return 0;
  const auto next = found + 1;
  std::int64_t freed = found->blocks;
  if (next != entries_.end() && !next->full) {
    // The next one now holds what was new in either of the two; blocks that both wrote are held once.
    const std::int64_t apart = found->blocks + next->blocks;
    const bool alone = found->full || found == begin;
    const std::int64_t merged = alone ? volume_->written(next->mark) : blocks_after(*(found - 1), next->mark);
    const std::int64_t together = std::clamp(merged, std::max(found->blocks, next->blocks), apart);
    freed = apart - together;
    next->blocks = together;
    next->full = found->full;
  }
  stored_ -= freed;
  if (found == begin) {
    ++first_;
    if (empty()) {
      entries_.clear();
      first_ = 0;
    }
  } else {
    entries_.erase(found);
  }
  invariant(freed >= 0 && stored_ >= 0, "deleting a snapshot frees what it alone holds");
  return freed;
}

std::int64_t SnapshotChain::clear() {
  const std::int64_t freed = stored_;
  entries_.clear();
  first_ = 0;
  stored_ = 0;
  return freed;
}

}  // namespace fleetsim
