#include "models/fleet/credit_balance.hpp"

#include <algorithm>

namespace fleetsim::fleet {

namespace {
constexpr Duration nanosecond = Duration::of(1);

TokenBucket filled_at(Time now, TokenBucket::Level capacity, TokenBucket::Level level) {
  TokenBucket bucket(capacity, level);
  bucket.set_rate(now, 0);
  return bucket;
}
}  // namespace

CreditBalance::CreditBalance(const CpuCreditConfig& config, Time now)
    : unlimited_(config.unlimited),
      earned_(config.earned_per_hour),
      launch_(filled_at(now, level_of_credits(config.launch), level_of_credits(config.launch))),
      accrued_(filled_at(now, level_of_credits(config.accrued_max) * (config.unlimited ? 2 : 1),
                         config.unlimited ? level_of_credits(config.accrued_max) : 0)),
      zero_(config.unlimited ? level_of_credits(config.accrued_max) : 0),
      charged_until_(now) {
  set_use(now, 0);
}

void CreditBalance::set_use(Time now, std::int64_t use) {
  charged_ = charged(now);
  charged_until_ = now;
  charge_rate_ = 0;
  exhausted_ = false;
  use_ = use;
  launch_.set_rate(now, -use);
  if (use == 0 || launch_.lasts_until(now + nanosecond)) {
    accrued_.set_rate(now, earned_);
    return;
  }
  launch_.set_rate(now, 0);
  accrued_.set_rate(now, earned_ - use);
  if (accrued_.lasts_until(now + nanosecond)) return;
  accrued_.set_rate(now, 0);
  if (unlimited_) charge_rate_ = use - earned_;
  else exhausted_ = true;
}

std::optional<Time> CreditBalance::next_change() const {
  if (const auto launch = launch_.empty_at()) return launch;
  return accrued_.empty_at();
}

CreditBalance::Level CreditBalance::balance(Time now) const { return launch_.level(now) + accrued_.level(now) - zero_; }

CreditBalance::Level CreditBalance::charged(Time now) const {
  return charged_ + Level{charge_rate_} * (now - charged_until_).count();
}

void CreditBalance::forget_charged(Time now) {
  charged_ = 0;
  charged_until_ = now;
}

CreditBalance::Level CreditBalance::owed(Time now) const { return std::max(Level{0}, zero_ - accrued_.level(now)); }

}  // namespace fleetsim::fleet
