#pragma once
/// Data rates in MiB/s, as EBS states them.

#include <cstdint>

#include "fleetsim/units.hpp"

namespace fleetsim {

constexpr BytesPerSecond mib_per_second(std::int64_t count) { return BytesPerSecond::of(count << 20U); }
constexpr double to_mib_per_second(BytesPerSecond rate) { return static_cast<double>(rate.count()) / 1'048'576.0; }

}  // namespace fleetsim
