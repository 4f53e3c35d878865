#pragma once
/// Properties of whatever RapidCheck makes up. The only file that includes it.
///
///   check_property(1, 100, [] {
///     const auto numbers = *rc::gen::container<std::vector<int>>(any_below(9));
///     HOLDS(reversed(reversed(numbers)) == numbers);
///   });
///
/// The seed is part of the test, so that each run tries the same cases. A case that fails is made as small as still fails,
/// and printed with what it was made of.

#include <cstdint>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>

// Its headers convert signs and shadow names.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <rapidcheck.h>
#pragma GCC diagnostic pop

#include "support/catch.hpp"

/// In a property: what must be true of the case.
#define HOLDS(...) RC_ASSERT((__VA_ARGS__))

namespace fleetsim::test {

/// A generator of whole numbers from 0 up to but without `end`, all alike, whatever the size of the case. Requires: end > 0.
template <class Number>
rc::Gen<Number> any_below(Number end) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(0, end));
}

/// In a property: such a number.
template <class Number>
Number pick_below(Number end) {
  return *any_below(end);
}

/// Says nothing while a property is tried.
struct SilentListener final : rc::detail::TestListener {
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

/// Tries `property` on so many cases, and fails the test with the smallest case found for which it does not hold.
template <class Property>
void check_property(std::uint64_t seed, int cases, Property&& property) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = cases;
  SilentListener listener;
  // Without it RapidCheck looks for cases to repeat in the environment, and names a seed that is not the one used.
  const std::unordered_map<std::string, rc::detail::Reproduce> nothing_to_repeat;
  const rc::detail::TestResult result =
      rc::detail::checkTestable(std::forward<Property>(property), rc::detail::TestMetadata{}, params, listener, nothing_to_repeat);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  INFO(text.str());
  CHECK(result.template is<rc::detail::SuccessResult>());
}

}  // namespace fleetsim::test
