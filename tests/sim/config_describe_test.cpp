/// What a reader says of itself, and that it reads just that.

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/description.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "sim/config_errors.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

enum class Kind { plain, trace };

/// A reader with every kind of key.
void read_everything(Section& in) {
  std::string name;
  Duration deadline = 200_ms;
  Kind kind = Kind::plain;
  in.required("name", name).doc("what results call it");
  in.optional("deadline", deadline).positive().doc("a later response is a drop");
  in.optional_choice<Kind>("kind", kind, {{"plain", Kind::plain}, {"trace", Kind::trace}}).doc("where it comes from");
  in.when(kind == Kind::trace, "kind is trace", [](Section& trace) {
    bool repeat = false;
    trace.required("repeat", repeat).doc("start again at the end");
  });
  in.optional_section("boot", "from launch to service", [](Section& boot) {
    DurationDistribution time{30_s};
    double factor = 1;
    boot.optional("time", time).doc("until it serves");
    boot.optional("factor", factor).between(0.5, 2).doc("by which it is longer | shorter");
  });
  in.named_values("weights", "type", "units that an instance counts", [](const Located<std::string>& type, Section& weights) {
    std::int64_t weight = 1;
    weights.optional(type.value, weight).at_least(1);
  });
  in.named("fleets", "fleet", "instances that serve", [](const Located<std::string>&, Section& fleet) {
    std::vector<Located<std::string>> zones;
    std::vector<int> groups;
    int a = 0, b = 0;
    fleet.required("zones", zones).at_least_count(1).doc("where it may launch");
    fleet
        .list("groups", groups,
              [](Section& group, int& minimum) {
                group.optional("min", minimum).between(0, 100).doc("fewest instances");
              })
        .at_least_count(2)
        .doc("in the order of trial");
    fleet.optional("a", a);
    fleet.optional("b", b);
    fleet.exactly_one_of({"a", "b"});
  });
}

/// Every optional or required value of the description in YAML, as its reader would take it.
std::string sample_value(const Description& d) {
  switch (d.type) {
    case ValueType::boolean: return "true";
    case ValueType::integer:
    case ValueType::number: return "1";
    case ValueType::choice: return d.choices.back();
    case ValueType::duration:
    case ValueType::duration_distribution: return "{lognormal: {median: 30s, sigma: 0.25}}";
    default: return "word";
  }
}

std::string sample(const Description& d, std::string_view indent, const std::string& extra_key) {
  std::string text;
  const std::string deeper = std::string(indent) + "  ";
  for (const Description& child : d.children) {
    // One of a and b only.
    if (child.key == "b" || child.key == "include") continue;
    text += std::string(indent) + child.key + ":";
    switch (child.shape) {
      case Description::Shape::value:
        text += " " + (child.type == ValueType::duration ? std::string("5s") : sample_value(child)) + "\n";
        break;
      case Description::Shape::values: text += " [" + sample_value(child) + "]\n"; break;
      case Description::Shape::section: text += "\n" + sample(child, deeper, extra_key); break;
      case Description::Shape::named: text += "\n" + deeper + "one:\n" + sample(child, deeper + "  ", extra_key); break;
      case Description::Shape::named_values: text += " {one: " + sample_value(child.children.front()) + "}\n"; break;
      case Description::Shape::section_list:
        text += "\n";
        for (int i = 0; i < 2; ++i) text += deeper + "-\n" + sample(child, deeper + "  ", extra_key);
        break;
    }
  }
  if (!extra_key.empty()) text += std::string(indent) + extra_key + ": 1\n";
  return text;
}

std::size_t mappings_in(const Description& d) {
  std::size_t count = d.shape == Description::Shape::section_list ? 2 : 1;
  for (const Description& child : d.children) {
    if (!child.children.empty() && child.shape != Description::Shape::named_values) count += mappings_in(child);
  }
  return count;
}

}  // namespace

TEST_CASE("describe: what is described is read, and nothing else", "[config][describe][property]") {
  const Description description = describe(read_everything);
  const std::string all = sample(description, "", "");
  INFO(all);
  CHECK(test::errors_of(all, read_everything) == "");
  const std::string errors = test::errors_of(sample(description, "", "qqqqqqqqqqqq"), read_everything);
  std::size_t unknown = 0;
  for (std::size_t at = errors.find("unknown key"); at != std::string::npos; at = errors.find("unknown key", at + 1))
    ++unknown;
  CHECK(unknown == mappings_in(description));
}

TEST_CASE("describe: what is required is missed", "[config][describe][property]") {
  const Description description = describe(read_everything);
  std::string expected;
  for (const Description& child : description.children) {
    if (child.required && child.condition.empty())
      expected += "test.yaml:1:1: error: key '" + child.key + "' is missing\n  help: add it, such as " + child.key +
                  ": NAME\n";
  }
  CHECK(expected == "test.yaml:1:1: error: key 'name' is missing\n  help: add it, such as name: NAME\n");
  CHECK(test::errors_of("{}\n", read_everything) == expected);
}

TEST_CASE("describe: types, defaults, rules and conditions", "[config][describe][table]") {
  const Description root = describe(read_everything);
  REQUIRE(root.find("include"));
  REQUIRE(root.find("deadline"));
  const Description& deadline = *root.find("deadline");
  CHECK(type_in_words(deadline) == "duration");
  CHECK(deadline.default_text == "200ms");
  CHECK(deadline.doc == "a later response is a drop");
  CHECK_FALSE(deadline.required);
  REQUIRE(deadline.rules.size() == 1);
  CHECK(to_text(deadline.rules[0]) == "above 0s");
  CHECK(root.find("kind")->choices == std::vector<std::string>{"plain", "trace"});
  CHECK(root.find("kind")->default_text == "plain");
  CHECK(root.find("repeat")->condition == "kind is trace");
  CHECK(root.find("repeat")->required);
  CHECK(root.find("boot")->find("time")->default_text == "30s");
  const Description& fleet = *root.find("fleets");
  CHECK(type_in_words(fleet) == "mapping by name of fleet");
  CHECK(type_in_words(*fleet.find("zones")) == "list of texts");
  CHECK(fleet.find("groups")->required);
  REQUIRE(fleet.key_rules.size() == 1);
  CHECK(fleet.key_rules[0].keys == std::vector<std::string>{"a", "b"});
}

TEST_CASE("describe: the reference has a table for each section", "[config][describe][table]") {
  const std::string reference = to_reference_markdown(describe(read_everything), "Scenario reference");
  INFO(reference);
  CHECK(reference.starts_with(
      "# Scenario reference\n\n## Values and their units\n\n| type | written as | units |\n|---|---|---|\n"));
  CHECK_THAT(reference, Catch::Matchers::Contains(
      "\n\n| key | meaning | type | default | rule |\n|---|---|---|---|---|\n"));
  for (const char* line :
       {"| `name` | what results call it | text | required |  |\n",
        "| size | `90 GiB` | B, KB, MB, GB, TB, KiB, MiB, GiB, TiB |\n",
        "| `deadline` | a later response is a drop | duration | `200ms` | above 0s |\n",
        "| `kind` | where it comes from | `plain`, `trace` | `plain` |  |\n",
        "| `repeat` | start again at the end | truth value | required | only if kind is trace |\n",
        "\n## `boot`\n\nfrom launch to service\n\n",
        "| `factor` | by which it is longer \\| shorter | number | `1` | at least 0.5; at most 2 |\n",
        "\n## `fleets.<fleet>`\n\ninstances that serve\n\n", "\n## `fleets.<fleet>.groups[]`\n\n",
        "| `zones` | where it may launch | list of texts | required | at least 1 item |\n",
        "\nExactly one of `a`, `b`.\n", "\n## Distributions\n\n", "\n### `lognormal`\n\n",
        "| `median` | half of the draws lie below it | duration | required | above 0s |\n"}) {
    CHECK_THAT(reference, Catch::Matchers::ContainsSubstring(line));
  }
}

TEST_CASE("describe: the schema is one that editors take", "[config][describe][table]") {
  const std::string schema = to_json_schema(describe(read_everything), "A scenario");
  INFO(schema);
  for (const char* text : {R"("$schema": "https://json-schema.org/draft/2020-12/schema")",
                           R"("additionalProperties": false)", R"("$ref": "#/$defs/distribution")", R"("minItems": 1)",
                           R"("minimum": 0.5)", R"("description": "a later response is a drop; above 0s")"}) {
    CHECK_THAT(schema, Catch::Matchers::ContainsSubstring(text));
  }
}

TEST_CASE("describe: a default in the schema can stand in a file as it is", "[config][describe][table]") {
  const auto read = [](Section& in) {
    bool repeat = false;
    std::int64_t count = 1;
    double share = 0.5;
    Duration wait = 5_min;
    std::vector<std::string> names{"a", "b"};
    Duration grace{};
    in.optional("repeat", repeat);
    in.optional("count", count);
    in.optional("share", share);
    in.optional("wait", wait);
    in.optional("names", names);
    in.optional("grace", grace).default_is("that of the group");
  };
  const std::string schema = to_json_schema(describe(read), "A scenario");
  INFO(schema);
  for (const char* text : {R"("default": false)", R"("default": 1)", R"("default": 0.5)", R"("default": "5m")",
                           R"("description": "default: that of the group")"}) {
    CHECK_THAT(schema, Catch::Matchers::ContainsSubstring(text));
  }
  CHECK_THAT(schema, !Catch::Matchers::ContainsSubstring(R"("default": "that)"));
}
