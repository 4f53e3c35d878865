/// JSON files: what is read, where it stands, and the words of what is refused.

#include <cstdint>
#include <string>
#include <vector>

#include "fleetsim/sim/config/json.hpp"
#include "fleetsim/units.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

std::string errors_of(std::string text) {
  Diagnostics diagnostics;
  CHECK_FALSE(JsonDocument::from_text(std::move(text), "a.json", diagnostics));
  return diagnostics.to_text();
}

}  // namespace

TEST_CASE("json: every value knows its kind, its text and its place", "[config][json][table]") {
  Diagnostics diagnostics;
  const auto json = JsonDocument::from_text(
      "{\"a\": [1, 2.50,\n  -3e2], \"b\" : {\"c\":\"x\\u0041\", \"d\":\"plain\"},\n"
      "\"e\":null,\"f\":[],\"g\":[[7],true]}",
      "a.json", diagnostics);
  REQUIRE(json);
  CHECK(diagnostics.to_text() == "");
  const JsonValue root = json->root();
  CHECK(root.kind() == JsonKind::object);
  CHECK(root.where() == Location{"a.json", 1, 1});
  const std::vector<JsonValue> numbers = root["a"].items();
  REQUIRE(numbers.size() == 3);
  CHECK(numbers[1].text() == "2.50");
  CHECK(numbers[1].where() == Location{"a.json", 1, 11});
  CHECK(numbers[2].text() == "-3e2");
  CHECK(numbers[2].where() == Location{"a.json", 2, 3});
  CHECK(root["b"]["c"].text() == "xA");
  CHECK(root["b"]["c"].where() == Location{"a.json", 2, 21});
  CHECK(root["b"]["d"].text() == "plain");
  CHECK(root["e"].kind() == JsonKind::null);
  CHECK(root["e"].where() == Location{"a.json", 3, 5});
  CHECK(root["f"].items().empty());
  const std::vector<JsonValue> mixed = root["g"].items();
  REQUIRE(mixed.size() == 2);
  CHECK(mixed[0].items().front().text() == "7");
  CHECK(mixed[1].where() == Location{"a.json", 3, 26});
  std::vector<std::string> keys;
  for (const JsonValue& member : root.items()) keys.emplace_back(member.key());
  CHECK(keys == std::vector<std::string>{"a", "b", "e", "f", "g"});
  // What is missing stands where the value begins that lacks it.
  CHECK_FALSE(root["b"]["z"].given());
  CHECK(root["b"]["z"].where() == Location{"a.json", 2, 16});
}

TEST_CASE("json: numbers are exact, whether written as numbers or as texts", "[config][json][table]") {
  Diagnostics diagnostics;
  const auto json = JsonDocument::from_text(
      "[\"0.0350\", 195, \"2021-03-02T02:38:36.000Z\", "
      "\"2021-03-02T02:38:36+00:00\"]",
      "a.json", diagnostics);
  REQUIRE(json);
  const std::vector<JsonValue> items = json->root().items();
  UsdPerHour price;
  Duration gap;
  UtcTime fraction, offset;
  CHECK(read_json(items[0], "price", usd_per_hour(1), price, diagnostics));
  CHECK(price == 0.035_usd_per_h);
  CHECK(read_json(items[1], "gap", 1_s, gap, diagnostics));
  CHECK(gap == 195_s);
  CHECK(read_json(items[2], "at", fraction, diagnostics));
  CHECK(read_json(items[3], "at", offset, diagnostics));
  CHECK(to_text(fraction) == "2021-03-02T02:38:36Z");
  CHECK(offset == fraction);
  CHECK(diagnostics.to_text() == "");
}

TEST_CASE("json: what cannot be read says where and why", "[config][json][table]") {
  CHECK(errors_of("  \n") == "a.json: error: the file is empty\n");
  const std::string cut = errors_of("{\"a\": [1,\n 2");
  CHECK(cut.starts_with("a.json:2:2: error: is not JSON: the file ends early"));
  const std::string comma = errors_of("[1,\n 2,\n]");
  CHECK(comma.starts_with("a.json:3:1: error: is not JSON: found"));
  CHECK(errors_of("{\"a\":1,\n\"b\":2,\n\"a\":3}") == "a.json:3:5: error: key 'a' is given twice in one object\n");
  CHECK(errors_of(std::string(65, '[') + std::string(65, ']')) ==
        "a.json:1:65: error: lists and objects are nested more than 64 deep\n");

  Diagnostics diagnostics;
  const auto json = JsonDocument::from_text("[\"abc\", [1], 1e300, \"yesterday\", {}]", "a.json", diagnostics);
  REQUIRE(json);
  const std::vector<JsonValue> items = json->root().items();
  std::int64_t number = 0;
  UtcTime time;
  CHECK_FALSE(read_json(items[0], "price", 1, number, diagnostics));
  CHECK_FALSE(read_json(items[1], "price", 1, number, diagnostics));
  CHECK_FALSE(read_json(items[2], "price", 1, number, diagnostics));
  CHECK_FALSE(read_json(items[3], "at", time, diagnostics));
  CHECK_FALSE(read_json(items[4]["gap_seconds"], "gap_seconds", 1, number, diagnostics));
  CHECK(diagnostics.to_text() ==
        "a.json:1:2: error: price: 'abc' is not a number\n  help: write a plain decimal number, such as 0.0350\n"
        "a.json:1:9: error: price: is a list, not a number\n  help: write a number\n"
        "a.json:1:14: error: price: '1e300' is too large\n"
        "a.json:1:21: error: at: cannot read 'yesterday' as an instant\n"
        "  help: write it in UTC as 2021-08-01T00:00:00Z\n"
        "a.json:1:34: error: key 'gap_seconds' is missing\n  help: write a number\n");
}
