#pragma once
/// The CPU credits of one instance, to the nanosecond: token buckets whose rates change when the load does, and whose ends
/// are computed.
///
/// Truth: earned = spent - charged + what the balance grew by + what overflowed, exactly, launch credits apart.

#include <optional>

#include "fleetsim/models/fleet/cpu_credits.hpp"
#include "fleetsim/sim/fluid/token_bucket.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::fleet {

class CreditBalance {
 public:
  /// 10^-6 credits/h held for a nanosecond.
  using Level = TokenBucket::Level;
  static constexpr Level level_of_credits(std::int64_t micro_credits) { return TokenBucket::level_of(micro_credits * 3600); }
  static constexpr double to_credits(Level level) { return static_cast<double>(level) / 3.6e18; }

  CreditBalance(const CpuCreditConfig& config, Time now);

  /// What the instance spends from `now` on, in 10^-6 credits/h. Requires: `now` is not after next_change().
  void set_use(Time now, std::int64_t use);
  /// When the launch credits or the balance end at the present use; set_use is due then.
  std::optional<Time> next_change() const;
  /// Standard, and without credits: it can spend no more than it earns.
  bool exhausted() const { return exhausted_; }
  /// Earned and not spent, launch credits included; below zero surplus credits that were spent.
  Level balance(Time now) const;
  /// Surplus credits beyond what 24 hours earn, which are charged at once.
  Level charged(Time now) const;
  void forget_charged(Time now);
  /// Surplus credits that are not paid back when the instance stops or ends.
  Level owed(Time now) const;

 private:
  bool unlimited_;
  std::int64_t earned_;
  std::int64_t use_ = 0;
  TokenBucket launch_;
  TokenBucket accrued_;  // of unlimited: from -accrued_max to accrued_max, so that its middle is zero
  Level zero_;           // of accrued_
  bool exhausted_ = false;
  Level charged_ = 0;
  std::int64_t charge_rate_ = 0;
  Time charged_until_;
};

}  // namespace fleetsim::fleet
