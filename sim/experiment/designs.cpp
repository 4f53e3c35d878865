#include "fleetsim/sim/experiment/designs.hpp"

#include <boost/random/sobol.hpp>
#include <limits>
#include <numeric>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::experiment {

std::uint64_t grid_size(std::span<const std::size_t> levels) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t size = 1;
  for (const std::size_t count : levels) {
    if (count == 0) return 0;
    if (size > most / count) return most;
    size *= count;
  }
  return size;
}

std::vector<Levels> grid(std::span<const std::size_t> levels) {
  std::vector<Levels> points;
  points.reserve(grid_size(levels));
  Levels point(levels.size(), 0);
  while (true) {
    points.push_back(point);
    std::size_t p = levels.size();
    while (p > 0 && ++point[p - 1] == levels[p - 1]) point[--p] = 0;
    if (p == 0) return points;
  }
}

std::vector<Levels> one_at_a_time(std::span<const std::size_t> levels, const Levels& base) {
  invariant(levels.size() == base.size(), "each parameter has a base level");
  std::vector<Levels> points{base};
  for (std::size_t p = 0; p < levels.size(); ++p) {
    for (std::size_t level = 0; level < levels[p]; ++level) {
      if (level == base[p]) continue;
      points.push_back(base);
      points.back()[p] = level;
    }
  }
  return points;
}

std::vector<UnitPoint> latin_hypercube(std::size_t points, std::size_t parameters, Stream& stream) {
  std::vector<UnitPoint> result(points, UnitPoint(parameters));
  std::vector<std::size_t> cells(points);
  for (std::size_t p = 0; p < parameters; ++p) {
    std::iota(cells.begin(), cells.end(), std::size_t{0});
    for (std::size_t i = points; i > 1; --i) std::swap(cells[i - 1], cells[stream.below(i)]);
    for (std::size_t i = 0; i < points; ++i) {
      result[i][p] = (static_cast<double>(cells[i]) + stream.uniform()) / static_cast<double>(points);
    }
  }
  return result;
}

std::vector<UnitPoint> sobol(std::size_t points, std::size_t parameters, Stream& stream) {
  if (parameters == 0) return std::vector<UnitPoint>(points);
  std::vector<std::uint32_t> masks(parameters);
  for (std::uint32_t& mask : masks) mask = static_cast<std::uint32_t>(stream.bits() >> 32U);
  // 33 bits of resolution: the middle of the cell, so that no coordinate is 0.
  const auto coordinate = [&](std::uint32_t bits, std::size_t p) {
    return (static_cast<double>(bits ^ masks[p]) + 0.5) * 0x1p-32;
  };
  std::vector<UnitPoint> result(points, UnitPoint(parameters));
  boost::random::sobol_engine<std::uint32_t, 32> sequence(parameters);
  for (std::size_t i = 0; i < points; ++i) {
    // Boost leaves out the sequence's first point, the origin, which the even spread of 2^k points needs.
    for (std::size_t p = 0; p < parameters; ++p) result[i][p] = coordinate(i == 0 ? 0 : sequence(), p);
  }
  return result;
}

}  // namespace fleetsim::experiment
