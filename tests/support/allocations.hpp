#pragma once
/// Counts what a program allocates, to show that a steady state allocates nothing. A test program that uses it runs with
/// the counting operator new.

#include <cstdint>

namespace fleetsim::test {

/// Allocations through operator new since the start of the program.
std::uint64_t allocations();

}  // namespace fleetsim::test
