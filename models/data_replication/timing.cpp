#include "models/data_replication/timing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "fleetsim/sim/normal_draws.hpp"

namespace fleetsim {

BytesPerSecond draw_rate(const TransferRate& rate, Stream& stream) {
  if (rate.sigma <= 0) return std::min(rate.median, rate.most);
  std::array<double, 1> normal;
  draw_standard_normals(stream, normal);
  const double drawn = static_cast<double>(rate.median.count()) * std::exp(rate.sigma * normal.front());
  return BytesPerSecond::of(std::clamp<std::int64_t>(detail::nearest(drawn), 1, rate.most.count()));
}

Duration time_for(Bytes data, BytesPerSecond rate) {
  // Up to 9 GB a division of 64 bits does.
  constexpr std::int64_t fast = 9'000'000'000;
  if (data.count() < fast && rate.count() < fast) {
    return Duration::of((data.count() * nanoseconds_per_second + rate.count() - 1) / rate.count());
  }
  const Int128 ns = (static_cast<Int128>(data.count()) * nanoseconds_per_second + rate.count() - 1) / rate.count();
  constexpr Int128 longest = Int128{1} << 61U;  // 73 years: later than any run ends, early enough to be scheduled
  return Duration::of(static_cast<std::int64_t>(std::min(ns, longest)));
}

SnapshotTime snapshot_time(const SnapshotTiming& timing, Bytes data, Stream& stream) {
  if (timing.whole) {
    const Duration whole = timing.whole->sample(stream);
    const Int128 most = BytesPerSecond::max().count();
    const Int128 rate = whole > Duration{} ? static_cast<Int128>(data.count()) * nanoseconds_per_second / whole.count() : most;
    return {.at_least = whole, .after = {}, .rate = BytesPerSecond::of(static_cast<std::int64_t>(std::clamp<Int128>(rate, 1, most)))};
  }
  const BytesPerSecond rate = draw_rate(timing.rate, stream);
  return {.at_least = timing.overhead + time_for(data, rate), .after = timing.overhead, .rate = rate};
}

}  // namespace fleetsim
