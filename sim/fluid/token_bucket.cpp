#include "fleetsim/sim/fluid/token_bucket.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

std::optional<Time> after(Time since, Int128 nanoseconds) {
  if (nanoseconds > Int128{Duration::max().count() - since.since_start().count()}) return std::nullopt;
  return since + Duration::of(static_cast<std::int64_t>(nanoseconds));
}

}  // namespace

TokenBucket::TokenBucket(Level capacity, Level level) : capacity_(capacity), level_(level) {
  invariant(level >= 0 && level <= capacity, "a bucket begins between empty and full");
}

void TokenBucket::set_rate(Time now, std::int64_t rate) {
  const Level reached = level_ + Level{rate_} * (now - since_).count();
  invariant(now >= since_ && reached >= 0, "a bucket gives no more than it holds");
  if (reached > capacity_) overflowed_ += reached - capacity_;
  level_ = std::min(reached, capacity_);
  rate_ = rate;
  since_ = now;
}

TokenBucket::Level TokenBucket::level(Time now) const {
  const Level reached = level_ + Level{rate_} * (now - since_).count();
  invariant(now >= since_ && reached >= 0, "a bucket gives no more than it holds");
  return std::min(reached, capacity_);
}

TokenBucket::Level TokenBucket::overflowed(Time now) const {
  return overflowed_ + std::max(Level{0}, level_ + Level{rate_} * (now - since_).count() - capacity_);
}

std::optional<Time> TokenBucket::empty_at() const {
  if (rate_ >= 0) return std::nullopt;
  return after(since_, level_ / -Level{rate_});
}

std::optional<Time> TokenBucket::full_at() const {
  if (rate_ <= 0) return std::nullopt;
  return after(since_, (capacity_ - level_ + rate_ - 1) / rate_);
}

}  // namespace fleetsim
