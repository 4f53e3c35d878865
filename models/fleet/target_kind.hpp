#pragma once
/// How a target stands with the load balancer.

#include <cstdint>

namespace fleetsim::fleet {

/// A new target's share grows in so many equal steps, each with the mean of its part of the line.
inline constexpr int slow_start_steps = 10;

/// Below `healthy`: that step of its slow start.
enum TargetKind : std::uint8_t {
  healthy = slow_start_steps,
  failed_unnoticed,      ///< the balancer takes it for healthy
  recovered_unnoticed,   ///< the balancer takes it for unhealthy
  failed,
  target_kinds
};
constexpr bool is_healthy(TargetKind kind) { return kind <= failed_unnoticed; }
constexpr bool answers(TargetKind kind) { return kind != failed_unnoticed && kind != failed; }
/// The share that it receives, of a full one.
constexpr double share_of(TargetKind kind) {
  return kind < healthy ? (static_cast<double>(kind) + 0.5) / slow_start_steps : 1;
}

}  // namespace fleetsim::fleet
