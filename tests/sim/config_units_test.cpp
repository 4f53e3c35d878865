/// The text forms of units: what is read, what is refused and in which words, and that what is printed reads back.

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/text.hpp"
#include "fleetsim/units.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

template <class T>
T value_of(std::string_view text) {
  T value{};
  const ParseResult result = parse_scalar(text, false, value);
  INFO(text);
  CHECK(result.problem == "");
  return value;
}

/// "problem | help" of a text that is refused.
template <class T>
std::string refusal_of(std::string_view text, bool quoted = false) {
  T value{};
  const ParseResult result = parse_scalar(text, quoted, value);
  return result.help.empty() ? result.problem : result.problem + " | " + result.help;
}

}  // namespace

TEST_CASE("units: durations", "[config][units][table]") {
  CHECK(value_of<Duration>("200ms") == 200_ms);
  CHECK(value_of<Duration>("5m") == 5_min);
  CHECK(value_of<Duration>("5 minutes") == 5_min);
  CHECK(value_of<Duration>("1 hour") == 1_h);
  CHECK(value_of<Duration>("1h30m") == 90_min);
  CHECK(value_of<Duration>("1d 2h 3m 4.5s") == 1_d + 2_h + 3_min + 4500_ms);
  CHECK(value_of<Duration>("-1h30m") == -90_min);
  CHECK(value_of<Duration>("0.5h") == 30_min);
  CHECK(value_of<Duration>("2w") == 14_d);
  CHECK(value_of<Duration>("17ns") == 17_ns);
  CHECK(value_of<Duration>("3us") == 3_us);
  CHECK(value_of<Duration>("3µs") == 3_us);
  CHECK(value_of<Duration>("0s") == 0_s);
  CHECK(value_of<Duration>("1e3 s") == 1000_s);
  CHECK(value_of<Time>("1d12h") == Time::at(36_h));
  CHECK(value_of<Duration>("0.4ns") == 0_ns);  // rounded to the unit's integer
  CHECK(value_of<Duration>("0.5ns") == 1_ns);
}

TEST_CASE("units: sizes, money, rates, shares", "[config][units][table]") {
  CHECK(value_of<Bytes>("90 GiB") == 90_GiB);
  CHECK(value_of<Bytes>("90GB") == 90_GB);
  CHECK(value_of<Bytes>("1.5 KiB") == 1536_B);
  CHECK(value_of<Bytes>("1,234,567 B") == 1'234'567_B);
  CHECK(value_of<Usd>("4100 USD") == 4100_usd);
  CHECK(value_of<Usd>("1,234.50 USD") == 1234.5_usd);
  CHECK(value_of<UsdPerHour>("0.085 USD/h").count() == 85'000'000);
  CHECK(value_of<UsdPerHour>("0.085 USD/hour").count() == 85'000'000);
  CHECK(value_of<UsdPerGb>("0.01 USD/GB").count() == 10'000'000);
  CHECK(value_of<RequestRate>("250 requests/s") == 250_per_s);
  CHECK(value_of<RequestRate>("90 requests/min").count() == 1'500'000);
  CHECK(value_of<RequestRate>("1 request/h").count() == 278);                      // 277.8 micro-requests a second
  CHECK(value_of<RequestRate>("1e12 requests/month").count() == 385'802'469'136);  // 10^12 / (30 x 86400)
  CHECK(value_of<Ratio>("75%").value == 0.75);
  CHECK(value_of<Ratio>("0.75").value == 0.75);
  CHECK(value_of<Ratio>("0.1%").value == 0.001);
  CHECK(value_of<Ratio>("120 %").value == 1.2);
}

TEST_CASE("units: numbers and truth values", "[config][units][table]") {
  CHECK(value_of<int>("20") == 20);
  CHECK(value_of<int>("-1") == -1);
  CHECK(value_of<int>("0") == 0);
  CHECK(value_of<std::int64_t>("1e6") == 1'000'000);
  CHECK(value_of<std::int64_t>("5.0") == 5);
  CHECK(value_of<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK(value_of<double>("0.7") == 0.7);
  CHECK(value_of<double>("1e-3") == 1e-3);
  CHECK(value_of<double>("-2.5E+3") == -2500);
  CHECK(value_of<double>("1e-400") == 0);
  CHECK(value_of<bool>("true"));
  CHECK_FALSE(value_of<bool>("false"));
}

TEST_CASE("units: times in UTC", "[config][units][table]") {
  CHECK(value_of<UtcTime>("1970-01-01T00:00:00Z").seconds_since_1970 == 0);
  CHECK(value_of<UtcTime>("2021-08-01T00:00:00Z").seconds_since_1970 == 18'840 * 86'400);
  CHECK(value_of<UtcTime>("2020-02-29T23:59:59Z").seconds_since_1970 == 18'322 * 86'400 - 1);
  for (const char* wrong : {"2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-08-01T24:00:00Z", "2021-08-01",
                            "2021-08-01 00:00:00Z", "2021-08-01T00:00:00", "2021-08-01T00:00:00+00:00"}) {
    CHECK(refusal_of<UtcTime>(wrong) == fmt::format("cannot read '{}' as a time in UTC | "
                                                    "write a time in UTC such as 2021-08-01T00:00:00Z",
                                                    wrong));
  }
}

TEST_CASE("units: a missing unit is asked for with the number found", "[config][units][table]") {
  CHECK(refusal_of<Bytes>("90") == "'90' has no unit | write a size with its unit, such as 90 GiB or 90 GB");
  CHECK(refusal_of<Duration>("5") == "'5' has no unit | write a duration with its unit, such as 5ms, 5s or 5m");
  CHECK(refusal_of<Duration>("0") == "'0' has no unit | write a duration with its unit, such as 0ms, 0s or 0m");
  CHECK(refusal_of<Time>("5") == "'5' has no unit | write a time since the start with its unit, such as 5s or 5h");
  CHECK(refusal_of<Usd>("4100") == "'4100' has no unit | write an amount of money with its unit, such as 4100 USD");
  CHECK(refusal_of<UsdPerHour>("0.1") == "'0.1' has no unit | write a price with its unit, such as 0.1 USD/h");
  CHECK(refusal_of<UsdPerGb>("0.1") == "'0.1' has no unit | write a price with its unit, such as 0.1 USD/GB");
  CHECK(refusal_of<RequestRate>("250") ==
        "'250' has no unit | write a request rate with its unit, such as 250 requests/s");
}

TEST_CASE("units: a wrong unit is named with the kind that is meant", "[config][units][table]") {
  CHECK(refusal_of<Duration>("200 MB") ==
        "'200 MB' is a size, not a duration | write a duration with its unit, such as 200ms or 5m");
  CHECK(refusal_of<Bytes>("5m") ==
        "'5m' is a duration, not a size | write a size with its unit, such as 90 GiB or 90 GB");
  CHECK(refusal_of<UsdPerHour>("5 USD") ==
        "'5 USD' is an amount of money, not a price per hour | write a price with its unit, such as 0.085 USD/h");
  CHECK(refusal_of<UsdPerGb>("5 USD/h") ==
        "'5 USD/h' is a price per hour, not a price per gigabyte | write a price with its unit, such as 0.01 USD/GB");
  CHECK(refusal_of<RequestRate>("50%") ==
        "'50%' is a share, not a request rate | write a request rate with its unit, such as 250 requests/s");
  CHECK(refusal_of<Ratio>("5m") == "'5m' is a duration, not a share | write a share such as 75% or 0.75");
  CHECK(refusal_of<int>("5m") == "'5m' is a duration, not a whole number | write a whole number such as 20");
  CHECK(refusal_of<double>("90 GiB") == "'90 GiB' is a size, not a number | write a number such as 0.5 or 20");
  CHECK(refusal_of<Duration>("5 fortnights") ==
        "unknown unit 'fortnights' in '5 fortnights' | units of a duration: ns, us, ms, s, m, h, d, w");
  CHECK(refusal_of<Bytes>("5 gb") ==
        "unknown unit 'gb' in '5 gb' | write GB if that is meant; units of a size: B, KB, MB, GB, TB, KiB, MiB, GiB, TiB");
  CHECK(refusal_of<UsdPerHour>("5 EUR/h") ==
        "unknown unit 'EUR/h' in '5 EUR/h' | units of a price per hour: USD/h");
  CHECK(refusal_of<RequestRate>("5 requests/year") ==
        "unknown unit 'requests/year' in '5 requests/year' | "
        "units of a request rate: requests/s, requests/min, requests/h, requests/day, requests/month");
}

TEST_CASE("units: numbers that other readers take differently are refused", "[config][units][table]") {
  CHECK(refusal_of<int>("010") == "'010' starts with a zero | write 10");
  CHECK(refusal_of<int>("-007") == "'-007' starts with a zero | write -7");
  CHECK(refusal_of<double>("00.5") == "'00.5' starts with a zero | write 0.5");
  CHECK(refusal_of<Duration>("05m") == "'05m' starts with a zero | write 5m");
  CHECK(refusal_of<int>("0x10") == "'0x10' is a hexadecimal number | write a decimal number");
  CHECK(refusal_of<int>("0o17") == "'0o17' is an octal number | write a decimal number");
  CHECK(refusal_of<int>("1_000") == "'1_000' has an underscore | write 1000");
  CHECK(refusal_of<int>("1,000") == "'1,000' has commas | write 1000");
  CHECK(refusal_of<double>(".5") == "'.5' starts with a decimal point | write 0.5");
  for (const char* wrong : {".nan", ".NaN", "NaN", "nan", ".inf", "-.inf", "+.Inf", "inf", "Infinity", "-infinity"}) {
    CHECK(refusal_of<double>(wrong) == fmt::format("'{}' is not a finite number", wrong));
    CHECK(refusal_of<Duration>(wrong) == fmt::format("'{}' is not a finite number", wrong));
    CHECK(refusal_of<Ratio>(wrong) == fmt::format("'{}' is not a finite number", wrong));
  }
  CHECK(refusal_of<int>("1.5") == "'1.5' is not a whole number | write a whole number such as 20");
  CHECK(refusal_of<int>("ten") == "cannot read 'ten' as a whole number | write a whole number such as 20");
  CHECK(refusal_of<int>("20", true) == "'20' is in quotes, which makes it a text | write 20");
  CHECK(refusal_of<bool>("yes") == "cannot read 'yes' as a truth value | write true or false");
  CHECK(refusal_of<bool>("true", true) == "'true' is in quotes, which makes it a text | write true");
  CHECK(refusal_of<std::string>("", true) == "the text is empty");
}

TEST_CASE("units: malformed quantities", "[config][units][table]") {
  const std::string help = " | write a duration with its unit, such as 200ms or 5m";
  for (const char* wrong : {"", "fast", "m", "5m fast", "1h-30m", "5.m", "1e"}) {
    INFO(wrong);
    const std::string found = refusal_of<Duration>(wrong);
    CHECK((found == fmt::format("cannot read '{}' as a duration", wrong) + help || found.starts_with("unknown unit")));
  }
  CHECK(refusal_of<Duration>("30m1h") ==
        "the units in '30m1h' do not go from large to small | write it such as 1d12h30m");
  CHECK(refusal_of<Duration>("1m1m") ==
        "the units in '1m1m' do not go from large to small | write it such as 1d12h30m");
  CHECK(refusal_of<Bytes>("1 GiB 5 MiB") ==
        "cannot read '1 GiB 5 MiB' as a size | write a size with its unit, such as 90 GiB or 90 GB");
  CHECK(refusal_of<Ratio>("%") == "cannot read '%' as a share | write a share such as 75% or 0.75");
}

TEST_CASE("units: what does not fit is too large, at the very edge too", "[config][units][table]") {
  CHECK(value_of<Bytes>("9223372036854775807 B") == Bytes::max());
  CHECK(refusal_of<Duration>("9223372036854775808ns") == "'9223372036854775808ns' is too large for a duration");
  CHECK(refusal_of<Duration>("300000d") == "'300000d' is too large for a duration");
  CHECK(refusal_of<Duration>("106751d23h47m17s") == "'106751d23h47m17s' is too large for a duration");
  CHECK(refusal_of<Duration>("7321d") == "'7321d' is too long: at most 7320d");
  CHECK(refusal_of<Duration>("-7320d1ns") == "'-7320d1ns' is too long: at most 7320d");
  CHECK(value_of<Duration>("7320d") == 7320_d);
  CHECK(refusal_of<Bytes>("1e30 B") == "'1e30 B' is too large for a size");
  CHECK(refusal_of<Bytes>("1e999999999999 B") == "'1e999999999999 B' is too large for a size");
  CHECK(value_of<Bytes>("1e-999999999999 B") == 0_B);
  CHECK(refusal_of<int>("2147483648") == "'2147483648' is too large | the most allowed is 2147483647");
  CHECK(refusal_of<int>("-2147483649") == "'-2147483649' is too small | the least allowed is -2147483648");
  CHECK(refusal_of<std::uint32_t>("-1") == "'-1' is too small | the least allowed is 0");
  CHECK(refusal_of<std::int64_t>("1e400") == "'1e400' is too large | the most allowed is 9223372036854775807");
  CHECK(refusal_of<double>("1e400") == "'1e400' is too large for a number");
  CHECK(refusal_of<Ratio>("1e400%") == "'1e400%' is too large for a share");
}

TEST_CASE("units: a long text is cut and shown without control characters", "[config][units][table]") {
  CHECK(refusal_of<int>("a\033[31m\nb") ==
        "cannot read 'a?[31m?b' as a whole number | write a whole number such as 20");
  CHECK(refusal_of<int>(std::string(61, 'x')) ==
        "cannot read '" + std::string(60, 'x') + "…' as a whole number | write a whole number such as 20");
}

TEST_CASE("text: the forms that people read", "[config][units][table]") {
  CHECK(to_text(5_min) == "5m");
  CHECK(to_text(150_min) == "2h30m");
  CHECK(to_text(1500_ms) == "1.5s");
  CHECK(to_text(250_ms) == "250ms");
  CHECK(to_text(1_us + 500_ns) == "1.5us");
  CHECK(to_text(30_d) == "30d");
  CHECK(to_text(-1_h) == "-1h");
  CHECK(to_text(0_s) == "0s");
  CHECK(to_text(1_d + 1_ns) == "1d0.000000001s");
  CHECK(to_text(Time::at(36_h)) == "1d12h");
  CHECK(to_text(90_GiB) == "90 GiB");
  CHECK(to_text(2_KB) == "2 KB");
  CHECK(to_text(1'234'567_B) == "1,234,567 B");
  CHECK(to_text(0_B) == "0 B");
  CHECK(to_text(1234.5_usd) == "1,234.50 USD");
  CHECK(to_text(4100_usd) == "4,100.00 USD");
  CHECK(to_text(Usd::of(1)) == "0.000000001 USD");
  CHECK(to_text(-1234.5_usd) == "-1,234.50 USD");
  CHECK(to_text(0.085_usd_per_h) == "0.085 USD/h");
  CHECK(to_text(0.01_usd_per_gb) == "0.01 USD/GB");
  CHECK(to_text(385'802_per_s) == "385,802 requests/s");
  CHECK(to_text(75_percent) == "75%");
  CHECK(to_text(0.1_percent) == "0.1%");
  CHECK(to_text(120_percent) == "120%");
  CHECK(to_text(Ratio{0}) == "0%");
  CHECK(to_text(Ratio{1}) == "100%");
  CHECK(to_text(Ratio{-0.07}) == "-7%");
  CHECK(fmt::format("[{:>6}]", 5_min) == "[    5m]");
  CHECK(fmt::format("{}", 0.085_usd_per_h) == "0.085 USD/h");
}

namespace {
template <class Unit>
void check_round_trip(std::mt19937_64& random, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  std::vector<std::int64_t> counts{0, 1, -1, most, -most};
  // Uniform in the logarithm, and round numbers, which use the larger units.
  for (int i = 0; i < 2000; ++i) {
    const auto count = static_cast<std::int64_t>((random() >> (random() % 64)) % static_cast<std::uint64_t>(most));
    counts.push_back(count);
    const std::int64_t round = i % 2 == 0 ? 1'000'000'000 : 60'000'000'000;
    counts.push_back(count / round * round);
    counts.push_back(-count / round * round);
  }
  for (const std::int64_t count : counts) {
    const Unit unit = Unit::of(count);
    if (value_of<Unit>(to_text(unit)) != unit) FAIL(to_text(unit) << " does not read back as " << count);
  }
}
}  // namespace

TEST_CASE("text: every value reads back from its text", "[config][units][property]") {
  std::mt19937_64 random(1);
  check_round_trip<Duration>(random, longest_duration.count());
  check_round_trip<Bytes>(random);
  check_round_trip<Usd>(random);
  check_round_trip<UsdPerHour>(random);
  check_round_trip<UsdPerGb>(random);
  check_round_trip<RequestRate>(random);
}

TEST_CASE("text: every share reads back from its text to the last bit", "[config][units][property]") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5000; ++i) {
    const double uniform = static_cast<double>(random() >> 11U) * 0x1p-53;
    for (const double value : {uniform, -uniform, uniform * 1e-12, uniform * 1e12, std::ldexp(uniform, -1000),
                               std::ldexp(uniform, 1000), std::round(uniform * 1000) / 1000}) {
      if (value_of<Ratio>(to_text(Ratio{value})).value != value) FAIL(to_text(Ratio{value}) << " is not " << value);
    }
  }
}

TEST_CASE("text: every second of the calendar reads back from its text", "[config][units][property]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    const UtcTime time{static_cast<std::int64_t>(random() % 253'402'300'800)};  // 1970 to 9999
    REQUIRE(parse_utc_time(to_text(time)) == time);
  }
}
