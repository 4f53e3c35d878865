#pragma once
/// Catch2, in the version the distribution has: 2 (Debian 12) or 3 (Ubuntu). The only file that includes it.
///
/// The names of version 3 work in both: Catch::Matchers::WithinAbs, WithinRel, ContainsSubstring, StartsWith, EndsWith
/// and Equals with CHECK_THAT; Catch::Approx; GENERATE.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text, CaseSensitive::Choice choice = CaseSensitive::Yes) {
  return Contains(text, choice);
}
}  // namespace Catch::Matchers
#endif
