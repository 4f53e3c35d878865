#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fleetsim/sim/config/description.hpp"
#include "sim/config/distribution_reader.hpp"
#include "sim/config/quantity_pattern.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {
namespace {

using Json = nlohmann::ordered_json;

/// A text with a number and its unit, within the rules of the key.
Json unit_text(const Description& d, const char* example) {
  QuantityBounds bounds;
  for (const Rule& rule : d.rules) {
    if (rule.kind == Rule::Kind::count_at_least) continue;
    const std::optional<double> bound = bound_of(d.type, rule.bound);
    if (!bound) continue;
    if (rule.kind == Rule::Kind::at_most) bounds.most = *bound;
    else if (rule.kind == Rule::Kind::at_least) bounds.least = *bound;
    else if (*bound == 0) bounds.above_zero = true;
  }
  return {{"type", "string"}, {"pattern", quantity_pattern(d.type, bounds)}, {"examples", {example}}};
}

/// A share written as a plain number: 0.75.
Json share_number(const Description& d) {
  Json schema{{"type", "number"}};
  for (const Rule& rule : d.rules) {
    const std::optional<double> bound = rule.kind == Rule::Kind::count_at_least ? std::nullopt : bound_of(d.type, rule.bound);
    if (!bound) continue;
    const char* keyword = rule.kind == Rule::Kind::above      ? "exclusiveMinimum"
                          : rule.kind == Rule::Kind::at_least ? "minimum"
                                                              : "maximum";
    schema[keyword] = *bound;
  }
  return schema;
}

class Schema {
 public:
  /// A file that includes others need not give what they give: nothing in it is required.
  Json whole(const Description& root, std::string_view title) {
    Json schema;
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = title;
    schema["if"] = {{"required", {"include"}}};
    schema["then"] = {{"$ref", "#/$defs/part"}};
    schema["else"] = {{"$ref", "#/$defs/whole"}};
    Json definitions;
    complete_ = true;
    definitions["whole"] = mapping(root);
    complete_ = false;
    definitions["part"] = mapping(root);
    complete_ = true;
    if (uses_distribution_) {
      definitions["distribution"] = mapping(describe_distribution());
    }
    schema["$defs"] = std::move(definitions);
    return schema;
  }

 private:
  static Description describe_distribution() {
    Description description;
    Section section(nullptr, {}, nullptr, &description);
    read_duration_distribution(section);
    return description;
  }

  Json value_type(const Description& d) {
    switch (d.type) {
      case ValueType::boolean: return {{"type", "boolean"}};
      case ValueType::integer: return {{"type", "integer"}};
      case ValueType::number: return {{"type", "number"}};
      case ValueType::text: return {{"type", Json::array({"string", "number", "boolean"})}};
      case ValueType::choice: return {{"enum", d.choices}};
      case ValueType::ratio: return {{"anyOf", Json::array({share_number(d), unit_text(d, "75%")})}};
      case ValueType::duration: return unit_text(d, "5m");
      case ValueType::time: return unit_text(d, "2d12h");
      case ValueType::bytes: return unit_text(d, "90 GiB");
      case ValueType::usd: return unit_text(d, "4100 USD");
      case ValueType::usd_per_hour: return unit_text(d, "0.085 USD/h");
      case ValueType::usd_per_gb: return unit_text(d, "0.01 USD/GB");
      case ValueType::request_rate: return unit_text(d, "250 requests/s");
      case ValueType::byte_rate: return unit_text(d, "10 MiB/s");
      case ValueType::schedule:
        return {{"type", "string"},
                {"pattern", "^ *(rate *\\(.*\\)|cron *\\(.*\\)|[^ ]+( +[^ ]+){4}) *$"},
                {"examples", {"rate(5 minutes)", "cron(0 20 * * ? *)", "0 22 * * 1-5"}}};
      case ValueType::time_zone: return {{"type", "string"}, {"examples", {"Europe/Berlin"}}};
      case ValueType::utc_time:
        return {{"type", "string"},
                {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"},
                {"examples", {"2021-08-01T00:00:00Z"}}};
      case ValueType::file: return {{"type", "string"}, {"minLength", 1}};
      case ValueType::duration_distribution: break;
    }
    uses_distribution_ = true;
    return {{"anyOf", Json::array({unit_text(d, "5m"), Json{{"$ref", "#/$defs/distribution"}}})}};
  }

  static void add_bounds(Json& schema, const Description& d) {
    for (const Rule& rule : d.rules) {
      if (rule.kind == Rule::Kind::count_at_least || !rule.number) continue;
      const char* keyword = rule.kind == Rule::Kind::above      ? "exclusiveMinimum"
                            : rule.kind == Rule::Kind::at_least ? "minimum"
                                                                : "maximum";
      if (d.type == ValueType::integer) {
        schema[keyword] = static_cast<std::int64_t>(*rule.number);
      } else {
        schema[keyword] = *rule.number;
      }
    }
  }

  static void add_count(Json& schema, const Description& d) {
    for (const Rule& rule : d.rules) {
      if (rule.kind == Rule::Kind::count_at_least) schema["minItems"] = static_cast<std::int64_t>(*rule.number);
    }
  }

  Json mapping(const Description& d) {
    Json schema{{"type", "object"}};
    Json properties = Json::object();
    Json required = Json::array();
    for (const Description& child : d.children) {
      properties[child.key] = complete_ ? key(child) : key_or_null(child);
      if (child.required && child.condition.empty()) required.push_back(child.key);
    }
    schema["properties"] = std::move(properties);
    schema["additionalProperties"] = false;
    if (!complete_) return schema;
    if (!required.empty()) schema["required"] = std::move(required);
    Json all = Json::array();
    for (const Description::KeyRule& rule : d.key_rules) all.push_back(key_rule(rule));
    if (!all.empty()) schema["allOf"] = std::move(all);
    return schema;
  }

  static Json key_rule(const Description::KeyRule& rule) {
    Json alternatives = Json::array();
    for (const std::string& name : rule.keys) alternatives.push_back({{"required", {name}}});
    if (rule.one_needed) return {{"oneOf", std::move(alternatives)}};
    // At most one: one of them, or none.
    Json none{{"not", {{"anyOf", alternatives}}}};
    alternatives.push_back(std::move(none));
    return {{"oneOf", std::move(alternatives)}};
  }

  /// In a file that includes others, a key without value removes theirs.
  Json key_or_null(const Description& d) { return {{"anyOf", Json::array({key(d), Json{{"type", "null"}}})}}; }

  Json key(const Description& d) {
    Json schema = shape(d);
    std::string text = d.doc;
    if (!d.condition.empty()) text += fmt::format("{}(only if {})", text.empty() ? "" : " ", d.condition);
    for (const Rule& rule : d.rules) {
      if (!rule.number) text += fmt::format("{}{}", text.empty() ? "" : "; ", to_text(rule));
    }
    const std::optional<Json> value = default_of(d, schema);
    if (value) {
      schema["default"] = *value;
    } else if (!d.default_text.empty()) {
      text += fmt::format("{}default: {}", text.empty() ? "" : "; ", d.default_text);
    }
    if (!text.empty()) schema["description"] = text;
    return schema;
  }

  /// The default as it would stand in a file; empty where it is words, or of a whole section.
  static std::optional<Json> default_of(const Description& d, const Json& schema) {
    const std::string& text = d.default_text;
    if (text.empty()) return std::nullopt;
    if (d.shape == Description::Shape::value) return value_in(d, schema, text);
    if (d.shape != Description::Shape::values || text.front() != '[' || text.back() != ']' || d.key == "include") {
      return std::nullopt;
    }
    Json list = Json::array();
    for (std::size_t begin = 1; begin + 1 < text.size();) {
      const std::size_t end = std::min(text.find(", ", begin), text.size() - 1);
      const std::optional<Json> item = value_in(d, schema["items"], text.substr(begin, end - begin));
      if (!item) return std::nullopt;
      list.push_back(*item);
      begin = end + 2;
    }
    return list;
  }

  static std::optional<Json> value_in(const Description& d, const Json& schema, const std::string& text) {
    switch (d.type) {
      case ValueType::boolean:
        if (text != "true" && text != "false") return std::nullopt;
        return text == "true";
      case ValueType::integer:
      case ValueType::number: {
        const Json number = Json::parse(text, nullptr, false);
        return number.is_number() ? std::optional(number) : std::nullopt;
      }
      case ValueType::choice:
        if (std::find(d.choices.begin(), d.choices.end(), text) == d.choices.end()) return std::nullopt;
        return text;
      default: break;
    }
    const auto matches = [&](const Json& form) {
      return form.contains("pattern") && std::regex_match(text, std::regex(form["pattern"].get<std::string>()));
    };
    if (matches(schema)) return text;
    const auto forms = schema.find("anyOf");
    if (forms != schema.end() && std::any_of(forms->begin(), forms->end(), matches)) return text;
    // A name or a time zone is one word; more are an explanation.
    const bool is_name = !schema.contains("pattern") && forms == schema.end() && text.find(' ') == std::string::npos;
    return is_name ? std::optional<Json>(text) : std::nullopt;
  }

  Json shape(const Description& d) {
    switch (d.shape) {
      case Description::Shape::value: {
        Json schema = value_type(d);
        add_bounds(schema, d);
        return schema;
      }
      case Description::Shape::values: {
        Json items = value_type(d);
        add_bounds(items, d);
        Json schema{{"type", "array"}, {"items", items}};
        add_count(schema, d);
        // The one list that may be a single name.
        if (d.key == "include") return {{"anyOf", Json::array({items, schema})}};
        return schema;
      }
      case Description::Shape::section:
        if (d.choices.empty()) return mapping(d);
        return {{"anyOf", Json::array({Json{{"enum", d.choices}}, mapping(d)})}};
      case Description::Shape::section_list: {
        Json schema{{"type", "array"}, {"items", mapping(d)}};
        add_count(schema, d);
        return schema;
      }
      case Description::Shape::named_values:
        return {{"type", "object"}, {"additionalProperties", key(d.children.front())}};
      case Description::Shape::named: break;
    }
    return {{"type", "object"}, {"additionalProperties", mapping(d)}};
  }

  bool complete_ = true;
  bool uses_distribution_ = false;
};

}  // namespace

std::string to_json_schema(const Description& root, std::string_view title) {
  return Schema().whole(root, title).dump(2) + "\n";
}

}  // namespace fleetsim::config
