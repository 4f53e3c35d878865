/// Arithmetic of exact quantities.

#include "fleetsim/units.hpp"

#include "support/catch.hpp"
#include "support/property.hpp"

namespace fleetsim {
namespace {

TEST_CASE("units: a quotient is rounded to the nearest, halves away from zero", "[units][table]") {
  struct Row {
    Int128 numerator, denominator, nearest;
  };
  constexpr Int128 two_to_100 = Int128{1} << 100U;
  const Row row = GENERATE(values<Row>({{7, 2, 4},
                                        {-7, 2, -4},
                                        {6, 4, 2},
                                        {5, 4, 1},
                                        {-5, 4, -1},
                                        {1, 3, 0},
                                        {2, 3, 1},
                                        {0, 5, 0},
                                        {two_to_100, 1 << 20U, Int128{1} << 80U},
                                        {two_to_100, two_to_100, 1},
                                        {two_to_100, two_to_100 * 2, 1},    // a half
                                        {two_to_100 - 1, two_to_100 * 2, 0},
                                        {two_to_100 * 3 + 1, 3, two_to_100},
                                        {-(two_to_100 * 3 + 2), 3, -two_to_100 - 1}}));
  CHECK((divide_rounded(row.numerator, row.denominator) == row.nearest));
}

TEST_CASE("units: no whole number is nearer to a quotient", "[units][property]") {
  test::check_property(1, 500, [] {
    const auto bits = [](int most) { return test::pick_below(most); };
    const Int128 wide = static_cast<Int128>(*rc::gen::arbitrary<std::int64_t>()) << bits(40);
    const Int128 numerator = wide + *rc::gen::arbitrary<std::int64_t>();
    const Int128 denominator = (static_cast<Int128>(1 + test::pick_below(std::int64_t{1} << 40U))) << bits(30);
    const Int128 quotient = divide_rounded(numerator, denominator);
    const Int128 left = numerator - quotient * denominator;
    const Int128 size = left < 0 ? -left : left;
    HOLDS(2 * size <= denominator);
    // A half goes away from zero.
    if (2 * size == denominator) HOLDS((left < 0) == (numerator > 0));
  });
}

}  // namespace
}  // namespace fleetsim
