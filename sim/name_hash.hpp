#pragma once
/// A 64-bit hash of a name: equal on every machine, so a stream or an event type can be keyed by what it is called.
/// FNV-1a alone changes its high bits little for short names; the finalizer (that of MurmurHash3) spreads them.

#include <cstdint>
#include <string_view>

namespace fleetsim {

constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

/// A bijection in which each bit of the input changes half of the bits of the output.
constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x = (x ^ (x >> 33U)) * 0xff51afd7ed558ccdU;
  x = (x ^ (x >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return x ^ (x >> 33U);
}

constexpr std::uint64_t name_hash(std::string_view name) { return mix_bits(fnv1a(name)); }

}  // namespace fleetsim
