/// Nodes to values: the scalar forms of unit_parsers.cpp, file names and distributions.

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "sim/config/distribution_reader.hpp"
#include "sim/config/file_names.hpp"
#include "sim/config/node.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config::detail {
namespace {

void report(const ValueSource& source, const std::string& problem, std::string help) {
  const std::string path =
      source.section_path.empty() ? std::string(source.key) : fmt::format("{}.{}", source.section_path, source.key);
  source.diagnostics->error(source.node->location(), fmt::format("{}: {}", path, problem), std::move(help));
}

void report_kind(const ValueSource& source, ValueType type) {
  const TypeWords& words = words_for(type);
  report(source, fmt::format("{} where {} {} is meant", in_words(source.node->kind), words.article, words.one),
         std::string(words.help));
}

template <class T>
bool read_scalar(const ValueSource& source, T& out) {
  if (source.node->kind != Node::Kind::scalar) {
    report_kind(source, TypeOf<T>::value);
    return false;
  }
  ParseResult result = parse_scalar(source.node->text, source.node->quoted, out);
  if (!result.ok()) report(source, result.problem, std::move(result.help));
  return result.ok();
}

}  // namespace

Location location_of(const Node& node) { return node.location(); }

std::optional<std::size_t> list_size(const ValueSource& source) {
  if (source.node->kind == Node::Kind::list) return source.node->items.size();
  const std::string help =
      source.node->kind == Node::Kind::scalar ? fmt::format("write [{}]", source.node->text) : std::string{};
  report(source, fmt::format("{} where a list is meant", in_words(source.node->kind)), help);
  return std::nullopt;
}

const Node* list_item(const Node* list, std::size_t index) { return &list->items[index]; }

template <class T>
bool read_value(const ValueSource& source, T& out) {
  return read_scalar(source, out);
}

template bool read_value(const ValueSource&, bool&);
template bool read_value(const ValueSource&, int&);
template bool read_value(const ValueSource&, std::int64_t&);
template bool read_value(const ValueSource&, std::uint32_t&);
template bool read_value(const ValueSource&, std::uint64_t&);
template bool read_value(const ValueSource&, double&);
template bool read_value(const ValueSource&, std::string&);
template bool read_value(const ValueSource&, Ratio&);
template bool read_value(const ValueSource&, Duration&);
template bool read_value(const ValueSource&, Time&);
template bool read_value(const ValueSource&, Bytes&);
template bool read_value(const ValueSource&, Usd&);
template bool read_value(const ValueSource&, UsdPerHour&);
template bool read_value(const ValueSource&, UsdPerGb&);
template bool read_value(const ValueSource&, RequestRate&);
template bool read_value(const ValueSource&, BytesPerSecond&);
template bool read_value(const ValueSource&, UtcTime&);
template bool read_value(const ValueSource&, Schedule&);
template bool read_value(const ValueSource&, TimeZone&);

template <>
bool read_value(const ValueSource& source, FilePath& out) {
  if (source.node->kind != Node::Kind::scalar) {
    report_kind(source, ValueType::file);
    return false;
  }
  FoundFile found = find_file(*source.node->place.file, source.node->text);
  if (!found.problem.empty()) {
    report(source, found.problem, std::move(found.help));
    return false;
  }
  out = {found.path.string(), source.node->text};
  source.node->place.file->named.push_back(out.path);
  return true;
}

template <>
bool read_value(const ValueSource& source, DurationDistribution& out) {
  if (source.node->kind == Node::Kind::scalar) {
    Duration constant;
    ParseResult result = parse_scalar(source.node->text, source.node->quoted, constant);
    if (!result.ok()) {
      // Where the text is no duration at all, a distribution may have been meant.
      const bool other = result.help == words_for(ValueType::duration).help;
      report(source, result.problem,
             other ? std::string(words_for(ValueType::duration_distribution).help) : std::move(result.help));
      return false;
    }
    if (constant < Duration{}) {
      report(source, fmt::format("{} must be at least 0s", source.node->text), {});
      return false;
    }
    out = DurationDistribution(constant);
    return true;
  }
  if (source.node->kind != Node::Kind::mapping) {
    report_kind(source, ValueType::duration_distribution);
    return false;
  }
  const std::string path =
      source.section_path.empty() ? std::string(source.key) : fmt::format("{}.{}", source.section_path, source.key);
  Section section(source.node, path, source.diagnostics, nullptr);
  const std::optional<DistributionForm> form = read_duration_distribution(section);
  if (form) out = DurationDistribution(Distribution(*form));
  return form.has_value();
}

template <>
std::string scalar_to_text(const DurationDistribution& value) {
  return duration_distribution_to_text(value.in_seconds().form());
}

}  // namespace fleetsim::config::detail
