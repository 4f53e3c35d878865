#include "fleetsim/sim/random.hpp"

#include <Random123/philox.h>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/units.hpp"
#include "sim/name_hash.hpp"

namespace fleetsim {
namespace {

__extension__ using Uint128 = unsigned __int128;

}  // namespace

Stream::Stream(std::uint64_t seed, std::uint64_t replication, std::string_view name, bool mirrored)
    : seed_(seed), name_hash_(name_hash(name)), replication_(replication), mask_(mirrored ? ~std::uint64_t{0} : 0) {}

void Stream::refill() {
  const r123::Philox4x64::ctr_type counter = {{block_, replication_, 0, 0}};
  const r123::Philox4x64::key_type key = {{seed_, name_hash_}};
  const r123::Philox4x64::ctr_type bits = r123::Philox4x64{}(counter, key);
  buffer_ = {bits[0] ^ mask_, bits[1] ^ mask_, bits[2] ^ mask_, bits[3] ^ mask_};
  ++block_;
  used_ -= buffer_.size();
}

std::uint64_t Stream::below(std::uint64_t bound) {
  invariant(bound > 0, "a whole number is drawn below a positive bound");
  // The high half of bits x bound falls on each number equally often once the low halves under 2^64 mod bound are
  // drawn again; that modulus, a division, is needed only when the low half is under `bound`.
  Uint128 product = static_cast<Uint128>(bits()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Uint128>(bits()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace fleetsim
