#pragma once
/// How long snapshots and copies take.

#include "fleetsim/models/data_replication/config.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim {

/// At least 1 byte/s. Draws one uniform number unless sigma is 0.
BytesPerSecond draw_rate(const TransferRate& rate, Stream& stream);
/// Up to the next whole nanosecond.
Duration time_for(Bytes data, BytesPerSecond rate);
/// A snapshot's: from its beginning `at_least`; where a machine reads its data, no faster than `rate`, and `after` that.
struct SnapshotTime {
  Duration at_least, after;
  BytesPerSecond rate;
};
SnapshotTime snapshot_time(const SnapshotTiming& timing, Bytes data, Stream& stream);

}  // namespace fleetsim
