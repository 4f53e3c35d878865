#pragma once
/// Counts every allocation of the program, over-aligned ones too. Replaces operator new: for one source file a program.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace fleetsim::bench {
inline std::uint64_t allocations = 0;

inline void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, whole > 0 ? whole : alignment)) return memory;
  throw std::bad_alloc();
}
// Not in line: there the compiler would take std::free for the wrong partner of operator new.
[[gnu::noinline]] inline void give_back(void* memory) { std::free(memory); }
}  // namespace fleetsim::bench

void* operator new(std::size_t size) { return fleetsim::bench::allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return fleetsim::bench::allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return fleetsim::bench::allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return fleetsim::bench::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { fleetsim::bench::give_back(memory); }
void operator delete[](void* memory) noexcept { fleetsim::bench::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { fleetsim::bench::give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { fleetsim::bench::give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { fleetsim::bench::give_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { fleetsim::bench::give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { fleetsim::bench::give_back(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { fleetsim::bench::give_back(memory); }
