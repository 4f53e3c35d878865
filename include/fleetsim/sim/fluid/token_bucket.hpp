#pragma once
/// A token bucket as a fluid: what it holds rises and falls at a rate that changes at events only. Nothing is polled
/// and nothing drifts: the level is an integer, and the instants at which it is empty or full are computed.

#include <cstdint>
#include <optional>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// Rates are integers in a unit of the caller's for each second; the level counts that unit over a nanosecond, so that
/// rate x time is exact. With micro-operations for each second the level is in 10^-15 operations.
///
/// Truth: level = start + integral of the rate - overflowed(), exactly; 0 <= level <= capacity.
class TokenBucket {
 public:
  using Level = Int128;
  /// What `tokens` of the rate's unit are as a level.
  static constexpr Level level_of(std::int64_t tokens) { return Level{tokens} * nanoseconds_per_second; }

  /// Requires: 0 <= level <= capacity.
  TokenBucket(Level capacity, Level level);

  /// The net rate, fill less use, from `now` on. Requires: `now` is not before the last call's and, while the level
  /// falls, not after empty_at().
  void set_rate(Time now, std::int64_t rate);
  std::int64_t rate() const { return rate_; }

  /// Requires: as for set_rate.
  Level level(Time now) const;
  Level capacity() const { return capacity_; }
  /// What came in while the bucket was full and is lost.
  Level overflowed(Time now) const;

  /// The last nanosecond up to which the level lasts at the present rate: what is left then is less than a nanosecond
  /// uses. Empty while the level does not fall, or where the instant lies beyond the range of Time.
  std::optional<Time> empty_at() const;
  /// The first nanosecond at which the bucket is full. Empty while the level does not rise; the time of the last
  /// change if it was full then.
  std::optional<Time> full_at() const;
  /// empty_at() without the division, for the many changes that come before it: true if the level lasts until `when`.
  bool lasts_until(Time when) const {
    return rate_ >= 0 || level_ >= -Level{rate_} * (when - since_).count();
  }

 private:
  Level capacity_;
  Level level_;           // at since_
  Level overflowed_ = 0;  // before since_
  std::int64_t rate_ = 0;
  Time since_;
};

}  // namespace fleetsim
