#pragma once
/// Where procedures that decide as they go get their replications from.

#include <cstddef>
#include <cstdint>
#include <span>

namespace fleetsim::experiment {

/// Designs by number, metrics by number, replications by number from 0. A procedure asks for the first so many
/// replications of each design and decides by their values alone, so what it decides depends neither on threads nor on
/// where it was interrupted: started again it asks for the same and finds it there.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// Makes sure of the first `wanted[d]` replications of each design d; 0 asks for none. False if it was asked to stop
  /// before all were there.
  virtual bool bring_to(std::span<const std::uint64_t> wanted) = 0;
  /// The values of the first `count` replications; not-a-number where one did not observe the metric.
  /// Requires: bring_to() made sure of them.
  virtual std::span<const double> values(std::size_t design, std::size_t metric, std::uint64_t count) const = 0;
};

}  // namespace fleetsim::experiment
