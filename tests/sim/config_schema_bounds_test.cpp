// Bounds in the JSON Schema: what the reader takes, an editor takes; what is out of a bound, it flags.

#include <cstdint>
#include <functional>
#include <regex>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "fleetsim/sim/config/section.hpp"
#include "sim/config/quantity_pattern.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

bool matches(const std::string& pattern, const std::string& text) { return std::regex_match(text, std::regex(pattern)); }

/// The schema of one key.
nlohmann::json schema_of(const std::function<void(Section&)>& read) {
  return nlohmann::json::parse(to_json_schema(describe(read), "x"))["$defs"]["whole"]["properties"]["key"];
}

/// The pattern of a key with a value of this type, under rules.
template <class T>
struct Key {
  template <class Rules>
  std::string pattern(const Rules& rules) const {
    const nlohmann::json schema = schema_of([&](Section& in) {
      T out{};
      rules(in.optional("key", out));
    });
    return (schema.contains("pattern") ? schema : schema["anyOf"][1])["pattern"].get<std::string>();
  }
};

}  // namespace

TEST_CASE("schema: the pattern of whole numbers in a range takes these and no others", "[config][describe][property]") {
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {{0, 0},  {0, 9},   {0, 10},   {1, 99},   {3, 57},   {10, 10},  {0, 100},
                                                            {7, 100}, {95, 105}, {99, 1001}, {120, 987}, {200, 299}, {0, 1199}};
  for (const auto& [least, most] : ranges) {
    const std::regex pattern(whole_number_pattern(least, most));
    INFO(least << " to " << most << ": " << whole_number_pattern(least, most));
    bool right = true;
    for (std::uint64_t n = 0; n < 1200; ++n) right = right && std::regex_match(std::to_string(n), pattern) == (n >= least && n <= most);
    CHECK(right);
  }
}

TEST_CASE("schema: a share keeps its bounds, with a percent sign and without", "[config][describe][table]") {
  const std::string pattern = Key<Ratio>{}.pattern([](auto field) { field.between(Ratio{0.01}, Ratio{1}); });
  for (const char* text : {"1%", "1.5%", "75%", "99.99 %", "100%", "100.0%", "+50%", "5e1%"}) CHECK(matches(pattern, text));
  for (const char* text : {"0%", "0.5%", "100.5%", "101%", "1000%", "-1%", "75", "%"}) CHECK_FALSE(matches(pattern, text));
  const nlohmann::json number = schema_of([](Section& in) {
    Ratio out;
    in.optional("key", out).between(Ratio{0.01}, Ratio{1});
  })["anyOf"][0];
  CHECK(number["minimum"] == 0.01);
  CHECK(number["maximum"] == 1);
}

TEST_CASE("schema: a duration keeps its bounds in each of its units", "[config][describe][table]") {
  const std::string pattern = Key<Duration>{}.pattern([](auto field) { field.between(30_s, 15_min); });
  for (const char* text : {"30s", "30 s", "900s", "899.5 seconds", "1m", "15m", "15 minutes", "30000ms", "1m30s", "1,000ms", "9e2s"}) {
    CHECK(matches(pattern, text));
  }
  for (const char* text : {"29s", "901s", "900.5s", "16m", "1h", "3d", "-1m", "20000ms", "5", "5 furlongs"}) CHECK_FALSE(matches(pattern, text));
}

TEST_CASE("schema: what is not negative has no minus, and what is above zero has a digit that is not zero", "[config][describe][table]") {
  const auto not_negative = [](auto field) { field.not_negative(); };
  const auto positive = [](auto field) { field.positive(); };
  CHECK(matches(Key<Duration>{}.pattern(not_negative), "0s"));
  CHECK_FALSE(matches(Key<Duration>{}.pattern(not_negative), "-5s"));
  CHECK(matches(Key<Duration>{}.pattern(positive), "0h30m"));
  CHECK_FALSE(matches(Key<Duration>{}.pattern(positive), "0s"));
  CHECK_FALSE(matches(Key<Duration>{}.pattern(positive), "0.00 h"));
  CHECK(matches(Key<Duration>{}.pattern([](auto) {}), "-5s"));
  CHECK_FALSE(matches(Key<UsdPerHour>{}.pattern(not_negative), "-0.1 USD/h"));
  CHECK(matches(Key<UsdPerHour>{}.pattern(not_negative), "1,000.5 USD/hour"));
  CHECK_FALSE(matches(Key<RequestRate>{}.pattern(positive), "0 requests/s"));
}

TEST_CASE("schema: sizes and rates keep a largest value", "[config][describe][table]") {
  const std::string size = Key<Bytes>{}.pattern([](auto field) { field.between(1_GiB, 16384_GiB); });
  for (const char* text : {"1 GiB", "16 TiB", "16384 GiB", "2 TB", "1073741824 B"}) CHECK(matches(size, text));
  for (const char* text : {"16.5 TiB", "17 TiB", "16385 GiB", "1 MB", "0 GiB", "1000 B"}) CHECK_FALSE(matches(size, text));
  const std::string rate = Key<RequestRate>{}.pattern([](auto field) { field.between(requests_per_second(0.001), 1'000'000'000_per_s); });
  for (const char* text : {"0.001 requests/s", "1000000000 requests/s", "1e12 requests/month", "60 requests/min"}) CHECK(matches(rate, text));
  CHECK_FALSE(matches(rate, "1000000001 requests/s"));
}
