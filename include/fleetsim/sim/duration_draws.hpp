#pragma once
/// Durations of one distribution, drawn ahead from a stream that nobody else draws from.

#include <array>
#include <cstddef>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// The same durations in the same order as distribution.sample(stream) gives one by one, in less time: of several at once
/// the processor computes the logarithms side by side, where it waits for each that an event asks for.
class DurationDraws {
 public:
  /// `distribution` outlives this. One that is constant takes nothing from the stream.
  DurationDraws(const DurationDistribution& distribution, Stream stream);
  DurationDraws(const DurationDistribution&&, Stream) = delete;
  Duration next() {
    if (used_ == ahead_.size()) [[unlikely]] refill();
    return ahead_[used_++];
  }

 private:
  void refill();

  // First what next() reads.
  std::size_t used_;
  std::array<Duration, DurationDistribution::batch> ahead_;
  const DurationDistribution* distribution_;  // null: `ahead_` is all the same for ever
  Stream stream_;
};

}  // namespace fleetsim
