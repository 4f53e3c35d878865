#pragma once
/// Fetching memory ahead of its use, for the `prefetch` of an entity (see EventHandler).

#include <cstddef>

namespace fleetsim {

/// Fetches the cache lines of `bytes` bytes that will soon be read and written. Any address will do, a wrong one too.
inline void prefetch_lines(const void* address, std::size_t bytes) {
  constexpr std::size_t line = 64;
  const auto* const first = static_cast<const char*>(address);
  for (std::size_t offset = 0; offset < bytes; offset += line) __builtin_prefetch(first + offset, 1);
  __builtin_prefetch(first + bytes - 1, 1);
}
template <class T>
void prefetch_object(const T& object) {
  prefetch_lines(&object, sizeof(T));
}

}  // namespace fleetsim
