#pragma once
/// What the programs for other simulators share: the command line, the increments and the clock, the same as in
/// bench_kernel and bench_scenarios.
///
///   PROGRAM hold PENDING EVENTS      prints nanoseconds of processor time an event
///   PROGRAM fleet                    prints seconds of processor time

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace peers {

class Increments {
 public:
  /// Exponential of mean 1.
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return -std::log((static_cast<double>(state_ >> 11U) + 0.5) * 0x1p-53);
  }

 private:
  std::uint64_t state_ = 88172645463325252U;
};

inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The fleet workload: machines up for 6 h and down for 1 h in the mean, a tick a minute for each hundred of them.
constexpr int machines = 10'000;
constexpr int groups = 100;
constexpr double hour = 3'600;
constexpr double days = 30 * 24 * hour;

}  // namespace peers
