#include "fleetsim/sim/fluid/token_bucket.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {
constexpr auto tokens = [](std::int64_t n) { return TokenBucket::level_of(n); };
}

TEST_CASE("token bucket: empty after level / use, full after what is missing / fill", "[token_bucket][analytic]") {
  TokenBucket bucket(tokens(5'400'000), tokens(5'400'000));
  bucket.set_rate(Time{}, 300 - 3000);
  REQUIRE(bucket.empty_at());
  CHECK(*bucket.empty_at() == Time::at(2000_s));  // 5.4 million / 2,700
  CHECK(bucket.level(Time::at(1000_s)) == tokens(2'700'000));
  bucket.set_rate(Time::at(2000_s), 300);
  CHECK(bucket.level(Time::at(2000_s)) == 0);
  CHECK(*bucket.full_at() == Time::at(2000_s + 18'000_s));
  CHECK(bucket.overflowed(Time::at(20'000_s)) == 0);
  CHECK(bucket.overflowed(Time::at(20'001_s)) == tokens(300));
  CHECK_FALSE(bucket.empty_at());
}

TEST_CASE("token bucket: where the instant is no whole nanosecond, what is left is kept", "[token_bucket]") {
  TokenBucket bucket(tokens(1), tokens(1));
  bucket.set_rate(Time{}, -3);
  CHECK(*bucket.empty_at() == Time::at(333'333'333_ns));
  CHECK(bucket.lasts_until(Time::at(333'333'333_ns)));
  CHECK_FALSE(bucket.lasts_until(Time::at(333'333'334_ns)));
  CHECK(bucket.level(*bucket.empty_at()) == 1);  // a third of a nanosecond's use
  CHECK_THROWS_AS(bucket.level(Time::at(333'333'334_ns)), InvariantViolation);
  bucket.set_rate(Time::at(333'333'333_ns), 3);
  CHECK(*bucket.full_at() == Time::at(666'666'666_ns));
}

TEST_CASE("token bucket: a level that outlasts time itself is never empty or full", "[token_bucket]") {
  TokenBucket bucket(tokens(1'000'000'000'000'000), tokens(999'999'999'999'999));
  bucket.set_rate(Time{}, -1);
  CHECK_FALSE(bucket.empty_at());
  CHECK(bucket.lasts_until(Time::at(24_h * 36'500)));
  bucket.set_rate(Time{}, 0);
  CHECK_FALSE(bucket.empty_at());
  CHECK_FALSE(bucket.full_at());
}

TEST_CASE("token bucket: over any course, what came in is what went out, overflowed or is left",
          "[token_bucket][property]") {
  Stream stream(7, 0, "token_bucket");
  for (int course = 0; course < 50; ++course) {
    const TokenBucket::Level capacity = tokens(1 + static_cast<int>(stream.below(1000)));
    const TokenBucket::Level start = capacity / (1 + static_cast<int>(stream.below(3)));
    TokenBucket bucket(capacity, start);
    Time now;
    TokenBucket::Level moved = 0;  // the sum of rate x time
    for (int change = 0; change < 200; ++change) {
      const std::int64_t rate = static_cast<std::int64_t>(stream.below(2001)) - 1000;
      bucket.set_rate(now, rate);
      Time next = now + Duration::of(static_cast<std::int64_t>(stream.below(2'000'000'000)));
      if (bucket.empty_at() && *bucket.empty_at() < next) next = *bucket.empty_at();
      moved += TokenBucket::Level{rate} * (next - now).count();
      now = next;
    }
    CHECK(start + moved == bucket.level(now) + bucket.overflowed(now));
  }
}
