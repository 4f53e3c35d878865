#pragma once
/// Named, counter-based random streams.
///
/// A stream is a pure function of (seed, replication, name, draw number), computed with Philox 4x64-10
/// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11; Random123). No stream shares state with
/// another: a new model, entity or thread leaves every other stream's draws alone, which gives common random numbers
/// between two variants of a scenario for free.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fleetsim {

/// A sequence of uniform random numbers. A value: cheap to copy, a copy continues from the same draw.
class Stream {
 public:
  /// Named after its use, most significant word first, such as "spot_market/us-east-1a/c5.2xlarge/lifetime".
  /// The mirrored stream of the same name turns every bit over: where one draws u, the other draws 1 - u, exactly.
  Stream(std::uint64_t seed, std::uint64_t replication, std::string_view name, bool mirrored = false);

  /// The next 64 random bits.
  std::uint64_t bits() {
    if (used_ >= buffer_.size()) [[unlikely]] refill();
    return buffer_[used_++];
  }
  /// As if a draw were taken, whose bits are not computed if none of its block of four is looked at.
  void skip() {
    if (used_ < 2 * buffer_.size() - 1) {
      ++used_;
    } else {
      ++block_;
      used_ = buffer_.size();
    }
  }
  /// The next uniform number in (0, 1), both ends excluded so that every quantile function is finite.
  double uniform() { return uniform_of(bits()); }
  /// The middle of one of 2^52 equal cells of (0, 1). Finer cells have middles that a double must round, the last to 1.
  static constexpr double uniform_of(std::uint64_t bits) { return (static_cast<double>(bits >> 12U) + 0.5) * 0x1p-52; }
  /// The next whole number in [0, bound), unbiased (Lemire, "Fast random integer generation in an interval", TOMACS
  /// 29(1), 2019). May draw more than once. Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// True with the given probability; draws once whatever the probability.
  bool chance(double probability) {
    if (probability > 0 && probability < 1) return uniform() < probability;
    skip();
    return probability >= 1;
  }

 private:
  void refill();

  std::uint64_t seed_;
  std::uint64_t name_hash_;
  std::uint64_t replication_;
  std::uint64_t mask_;                       // all ones for a mirrored stream
  std::uint64_t block_ = 0;                  // of four draws: the one after that in the buffer
  std::array<std::uint64_t, 4> buffer_{};
  std::size_t used_ = 4;                     // draws taken from the buffer; from 4 on, 4 and those skipped of `block_`
};

}  // namespace fleetsim
