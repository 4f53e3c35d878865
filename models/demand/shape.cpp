#include <algorithm>
#include <limits>

#include "fleetsim/models/demand/profile.hpp"

namespace fleetsim {
namespace {

/// Rounds toward minus infinity. Requires: divisor > 0.
std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

/// A place on the line through the rows' middles: between the middles of row `index` and of the next one, `offset`
/// of 2 * step past the first. In half nanoseconds, so that every middle is a whole number.
struct LinePlace {
  std::int64_t index;
  std::int64_t offset;
};
LinePlace line_place(Duration step, Duration begin, Duration piece_begin, Duration resolution) {
  const std::int64_t since_first_middle = (2 * (begin + piece_begin) + resolution - step).count();
  const std::int64_t index = floor_divide(since_first_middle, 2 * step.count());
  return {index, since_first_middle - index * 2 * step.count()};
}

/// rise * part / whole, rounded, of an even whole. Mostly both are whole seconds, and a division of 128 bits costs
/// several of 64.
std::int64_t part_of(std::int64_t rise, std::int64_t part, std::int64_t whole) {
  std::int64_t product = 0;
  const bool seconds = part % nanoseconds_per_second == 0 && whole % (2 * nanoseconds_per_second) == 0;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2;
  if (seconds && !__builtin_mul_overflow(rise, part / nanoseconds_per_second, &product) && product < most && product > -most) {
    const std::int64_t divisor = whole / nanoseconds_per_second, half = divisor / 2;
    return (product < 0 ? product - half : product + half) / divisor;
  }
  return static_cast<std::int64_t>(divide_rounded(static_cast<Int128>(rise) * part, whole));
}

}  // namespace

std::int64_t RegularShape::row(std::int64_t index) const {
  const auto count = static_cast<std::int64_t>(rows.size());
  if (index < 0 || index >= count) {
    index = repeat ? index - floor_divide(index, count) * count : std::clamp<std::int64_t>(index, 0, count - 1);
  }
  return rows[static_cast<std::size_t>(index)];
}

RegularShape::Piece RegularShape::at(Duration begin, Duration t) const {
  if (interpolation == Interpolation::step) {
    const std::int64_t index = floor_divide((begin + t).count(), step.count());
    return {row(index), (index + 1) * step - begin};
  }
  const Duration piece_begin = t.count() / resolution.count() * resolution;
  const auto [index, offset] = line_place(step, begin, piece_begin, resolution);
  const std::int64_t from = row(index);
  return {from + part_of(row(index + 1) - from, offset, 2 * step.count()), piece_begin + resolution};
}

Int128 RegularShape::integral(Duration begin, Duration length) const {
  Int128 sum = 0;
  if (interpolation == Interpolation::step) {
    for (Duration t; t < length;) {
      const Piece piece = at(begin, t);
      const Duration end = std::min(piece.end, length);
      sum += static_cast<Int128>(piece.value) * (end - t).count();
      t = end;
    }
    return sum;
  }
  // Pieces whose middles lie between the middles of the same two rows form an arithmetic progression.
  const std::int64_t whole_pieces = length.count() / resolution.count();
  const std::int64_t stride = 2 * resolution.count();
  for (std::int64_t piece = 0; piece < whole_pieces;) {
    const auto [index, offset] = line_place(step, begin, piece * resolution, resolution);
    const std::int64_t room = 2 * step.count() - offset;
    const std::int64_t count = std::min(whole_pieces - piece, (room + stride - 1) / stride);
    const Int128 offsets = static_cast<Int128>(count) * offset + static_cast<Int128>(stride) * count * (count - 1) / 2;
    const std::int64_t from = row(index);
    const Int128 rises = divide_rounded((row(index + 1) - from) * offsets, 2 * step.count());
    sum += (static_cast<Int128>(from) * count + rises) * resolution.count();
    piece += count;
  }
  const Duration rest = length - whole_pieces * resolution;
  if (rest > Duration{}) sum += static_cast<Int128>(at(begin, length - rest).value) * rest.count();
  return sum;
}

}  // namespace fleetsim
