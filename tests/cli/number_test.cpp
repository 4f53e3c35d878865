#include <limits>

#include "cli/sample_result.hpp"
#include "support/catch.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::test {

using cli::counted;
using cli::decimals_for;
using cli::grouped;
using cli::shown;
using cli::to_about_words;
using cli::to_words;

TEST_CASE("number: thousands are separated and the sign of zero is not shown", "[cli][table]") {
  CHECK(grouped(0, 0) == "0");
  CHECK(grouped(999, 0) == "999");
  CHECK(grouped(1000, 0) == "1,000");
  CHECK(grouped(1234567.891, 2) == "1,234,567.89");
  CHECK(grouped(-1234.5, 1) == "-1,234.5");
  CHECK(grouped(-0.001, 2) == "0.00");
  CHECK(grouped(std::numeric_limits<double>::quiet_NaN(), 2) == "-");
}

TEST_CASE("number: a duration is told exactly, or rounded to its two largest units", "[cli][table]") {
  CHECK(to_words(24_h * 30) == "30 days");
  CHECK(to_words(1_h) == "1 hour");
  CHECK(to_words(36_h) == "1 day 12 hours");
  CHECK(to_words(24_h + 5_s) == "1 day 5 seconds");
  CHECK(to_words(35_h + 45_min) == "1 day 11 hours 45 minutes");
  CHECK(to_words(90_s) == "1 minute 30 seconds");
  CHECK(to_words(Duration{}) == "0 seconds");
  CHECK(to_words(Duration::of(250'000'000)) == "0.25 seconds");
  CHECK(to_about_words(24_h + 5_s) == "1 day");
  CHECK(to_about_words(35_h + 45_min) == "1 day 12 hours");
  CHECK(to_about_words(47_h + 45_min) == "2 days");  // the rounding carries
  CHECK(to_about_words(2_h + 29_min + 29_s) == "2 hours 29 minutes");
  CHECK(to_about_words(Duration::of(89'600'000'000)) == "1 minute 30 seconds");
}

TEST_CASE("number: what is too small for its digits is not shown as zero", "[cli][table]") {
  // 1.3e-10 is 1.3e-8 %, below the sixth decimal.
  CHECK(shown(metric("fleet.web.drop_fraction", "1", 1.3e-10, 1e-11)).text({}) == "<0.000001 ± 0 %");
  CHECK(shown(metric("fleet.web.drop_fraction", "1", 0, 0)).text({}) == "0 ± 0 %");
  CHECK(shown(metric("commitment.c.savings", "USD", -1e-8, 0, 1)).text({}) == ">-0.000001 USD");
  // The rounding of a sum of hours makes no decimals.
  CHECK(shown(metric("commitment.c.utilization", "1", 1 - 1e-13, 0)).text({}) == "100 ± 0 %");
}

TEST_CASE("number: only one is singular", "[cli][table]") {
  CHECK(counted(0, "error") == "0 errors");
  CHECK(counted(1, "error") == "1 error");
  CHECK(counted(1200, "error") == "1,200 errors");
}

TEST_CASE("number: an interval shows two significant digits, and the mean as many decimals", "[cli][table]") {
  CHECK(decimals_for(1234.5, 312, "USD") == 0);
  CHECK(decimals_for(1234.5, 31, "USD") == 0);
  CHECK(decimals_for(1234.5, 3.1, "USD") == 1);
  CHECK(decimals_for(1234.5, 0.031, "USD") == 3);
  CHECK(decimals_for(1234.5, 0.000000031, "USD") == 6);  // nobody reads further
  CHECK(decimals_for(612.4, 0.031, "") == 1);            // a count
}

TEST_CASE("number: without an interval the value shows four significant digits", "[cli][table]") {
  CHECK(decimals_for(0.010574, {}, "%") == 5);
  CHECK(decimals_for(72.712, {}, "%") == 2);
  CHECK(decimals_for(12345.6, {}, "h") == 0);
  CHECK(decimals_for(12345.678, {}, "USD") == 2);
  CHECK(decimals_for(12, {}, "") == 0);
}

TEST_CASE("number: a ratio is shown as a percentage, a count without a unit", "[cli][table]") {
  const cli::TextStyle style;
  CHECK(shown(metric("fleet.web.drop_fraction", "1", 0.0625, 0.0078125)).text(style) == "6.25 ± 0.78 %");
  CHECK(shown(metric("spot.interruptions", "1", 96, 8)).text(style) == "96.0 ± 8.0");
  CHECK(shown(metric("fleet.web.requests_offered", "requests", 2548e6, 4e6)).text(style) ==
        "2,548.0 ± 4.0 million requests");
  CHECK(shown(metric("cost.total", "USD", 41234, 312)).text(style) == "41,234 ± 312 USD");
  CHECK(shown(metric("cost.total", "USD", 41234, 312)).text({.utf8 = false}) == "41,234 +/- 312 USD");
}

TEST_CASE("number: one replication shows no interval, equal replications an interval of zero", "[cli][table]") {
  CHECK(shown(metric("cost.total", "USD", 41234.5, 312, 1)).text({}) == "41,234.50 USD");
  CHECK(shown(metric("cost.total", "USD", 276.48, 0)).text({}) == "276.48 ± 0 USD");
}

}  // namespace fleetsim::test
