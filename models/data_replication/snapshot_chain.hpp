#pragma once
/// The snapshots of one volume at one site, and the blocks that they hold between them.
///
/// A block's version written between two snapshots is held from the later one on, until the next snapshot that finds it
/// overwritten. So what all hold together is the first one's data and, for each other, what changed since the one before it
/// that is still there. Deleting one frees what no other refers to: the versions that were new in it and are overwritten in
/// the next.
///
/// Truth:  stored() = sum over the snapshots of blocks that they add; deleting frees between 0 and that many; with all deleted
///         nothing is stored. Exact integers, whatever the rounding of the blocks counted.

#include <cstdint>
#include <vector>

#include "fleetsim/models/data_replication/writes.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

class SnapshotChain {
 public:
  /// `volume` counts the blocks and outlives the chain.
  explicit SnapshotChain(const DirtyBlocks& volume) : volume_(&volume) {}

  /// Blocks that a snapshot at `mark` adds when it is the newest: all that are written if `full` or if there is none.
  std::int64_t next_blocks(std::int64_t mark, bool full) const;
  /// Adds a snapshot of the data at `point`, where the volume's log stood at `mark`. `id` names it for `remove`. A full one
  /// shares nothing with those before it. Returns the blocks it adds.
  std::int64_t add(Time point, std::int64_t mark, std::uint64_t id, bool full);
  /// Deletes a snapshot and returns the blocks that this frees; 0 if it is not there.
  std::int64_t remove(Time point, std::uint64_t id);
  /// Deletes all of them.
  std::int64_t clear();

  std::int64_t stored() const { return stored_; }
  std::size_t size() const { return entries_.size() - first_; }
  bool empty() const { return size() == 0; }
  /// The snapshot with the newest data. Requires: not empty.
  std::uint64_t newest_id() const { return entries_.back().id; }

 private:
  struct Entry {
    Time point;
    std::int64_t mark = 0;
    std::int64_t blocks = 0;  // that it adds to those before it
    std::uint64_t id = 0;
    bool full = false;        // begins anew: shares nothing with those before it
  };
  std::int64_t blocks_after(const Entry& before, std::int64_t mark) const { return volume_->changed(before.mark, mark); }

  const DirtyBlocks* volume_;
  std::vector<Entry> entries_;  // in the order of points, from first_ on
  std::size_t first_ = 0;       // those before it are deleted
  std::int64_t stored_ = 0;
};

}  // namespace fleetsim
