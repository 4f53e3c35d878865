#include "fleetsim/models/storage/restore.hpp"

#include <algorithm>

namespace fleetsim {

std::int64_t fast_restore_credits(std::int64_t size_gib, Duration enabled_for, Date as_of) {
  constexpr std::int64_t credit = 1'000'000;
  constexpr Date fractions_from = std::chrono::year{2022} / 1 / 1;
  const std::int64_t by_size = 1024 * credit / size_gib;
  const std::int64_t whole = by_size / credit * credit;
  const std::int64_t most = std::max(credit, std::min(10 * credit, as_of < fractions_from ? whole : by_size));
  // 1,024 credits an hour are divided by the size last, so that no fraction is lost.
  const Int128 filled = static_cast<Int128>(1024 * credit) * enabled_for.count() / size_gib / nanoseconds_per_hour;
  const Int128 at_most_ten = static_cast<Int128>(10 * credit) * enabled_for.count() / nanoseconds_per_hour;
  return static_cast<std::int64_t>(std::min<Int128>(most, std::min(filled, at_most_ten)));
}

Duration fast_restore_optimizing(std::int64_t size_gib) { return 1_h * size_gib / 1024; }

Duration fast_restore_first_credit(std::int64_t size_gib) {
  return fast_restore_optimizing(size_gib) + std::max(6_min, 1_h * size_gib / 1024);
}

}  // namespace fleetsim
