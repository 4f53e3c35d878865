#pragma once
/// What is written to a volume over time, and how many of its blocks that changes.
///
/// Truth:      bytes written are exact integrals of a rate that is constant between changes. Blocks changed between two marks
///             of that count follow in closed form: written one after another, to the block; at random, as the expected
///             number of occupied cells (W. Feller, An Introduction to Probability Theory, vol. 1, IV.2), to the nearest
///             block. Neither looks at a block.
/// Leaves out: writes that leave a block as it was; blocks given back by TRIM; see docs/models/data_replication.md.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// An amount of written data in 10^-9 bytes: bytes/s x ns.
using NanoBytes = Int128;

/// Bytes written since the start of the run: piecewise linear.
class WriteLog {
 public:
  /// The rate is `rate` from `now` on. Requires: now is not before the last change.
  void set_rate(Time now, BytesPerSecond rate);
  BytesPerSecond rate() const { return BytesPerSecond::of(knots_.back().rate); }
  BytesPerSecond rate(Time at) const { return BytesPerSecond::of(knot(at).rate); }
  /// The first change of the rate after the instant; empty: it stays.
  std::optional<Time> next_change(Time at) const;
  NanoBytes total(Time at) const;
  /// Whole bytes, the last begun one left out: a mark that blocks are counted between.
  std::int64_t mark(Time at) const;
  /// The last instant at which no more than `amount` had been written, to the nanosecond, at most `limit`.
  Time last_instant_with(NanoBytes amount, Time limit) const;

  /// A change of the rate.
  struct Knot {
    Time since;
    std::int64_t rate = 0;  ///< bytes/s from `since` on
    NanoBytes total = 0;    ///< at `since`
    std::int64_t whole = 0, part = 0;  ///< of it: bytes, and 10^-9 bytes beside
  };
  const std::vector<Knot>& knots() const { return knots_; }

 private:
  const Knot& knot(Time at) const;

  std::vector<Knot> knots_{Knot{}};
};

enum class WritePattern : std::uint8_t {
  random,      ///< any block of the hot or the cold part alike
  sequential,  ///< one after another, from the beginning again at the end, as logs are written
};

/// Which blocks writes fall on.
struct DirtyBlockConfig {
  Bytes size;                                        ///< of the volume; > 0
  Bytes data;                                        ///< written when the run begins; 0 to size
  Bytes block = Bytes::of(std::int64_t{512} << 10U);  ///< that snapshots count in: 512 KiB (EBS direct APIs)
  Bytes write_size = Bytes::of(std::int64_t{16} << 10U);  ///< of one write; > 0
  Bytes working_set;                                 ///< that is written to; at most `data`; 0: nothing but new data
  Ratio hot_writes{0};                               ///< of the writes go to the hot part of the working set
  Ratio hot_set{0};                                  ///< of the working set is hot
  Ratio new_data{0};  ///< of the bytes go to blocks never written, while there are any, and then anywhere
  WritePattern pattern = WritePattern::random;
};

/// Counts blocks between marks of a WriteLog. A value; O(1) each.
class DirtyBlocks {
 public:
  explicit DirtyBlocks(const DirtyBlockConfig& config);
  /// Blocks that hold data.
  std::int64_t written(std::int64_t mark) const;
  /// Blocks written to between two marks, each once: what an incremental snapshot holds. Requires: from <= to.
  std::int64_t changed(std::int64_t from, std::int64_t to) const;
  /// Blocks in which two copies differ after `one` bytes were written to the one and `other` to the other, from the mark on
  /// up to which both are the same. Each block once: what falls anywhere falls anywhere in both, what is written one after
  /// another, and new data, on the same blocks in both.
  std::int64_t diverged(std::int64_t mark, std::int64_t one, std::int64_t other) const;
  Bytes block() const { return config_.block; }

 private:
  /// A part of the working set that its writes fall on alike.
  struct Part {
    std::int64_t blocks = 0;
    double share = 0;         // of the bytes
    double log_missed = 0;    // ln(1 - 1 / blocks): of a block not to be hit by one write
    double touches = 0;       // blocks hit, for each byte
  };
  /// The last few answers for writes anywhere, by the bytes written: schedules ask for the same ones again and again.
  struct Known {
    std::int64_t bytes = -1, blocks = 0;
  };
  Part part(std::int64_t blocks, double share) const;
  std::int64_t changed(const Part& part, std::int64_t from, std::int64_t to) const;
  std::int64_t overwritten(std::int64_t from, std::int64_t to) const;
  std::int64_t new_blocks(std::int64_t mark) const;

  DirtyBlockConfig config_;
  std::int64_t data_blocks_ = 0, size_blocks_ = 0;
  Part hot_, cold_;
  mutable std::array<Known, 4> overwritten_;
  Part all_;                  // what new data falls on when the volume is full
  std::int64_t full_from_ = 0;  // the mark at which it is
};

}  // namespace fleetsim
