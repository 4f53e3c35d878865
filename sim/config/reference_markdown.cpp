#include <string>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/config/description.hpp"
#include "sim/config/distribution_reader.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {
namespace {

std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string code(std::string_view text) { return text.empty() ? std::string{} : fmt::format("`{}`", text); }

bool has_keys(const Description& d) {
  return d.shape != Description::Shape::value && d.shape != Description::Shape::values;
}

/// The path of the keys below `d`: fleets.<fleet>, groups[].
std::string path_below(const std::string& path, const Description& d) {
  const std::string own = path.empty() ? d.key : path + "." + d.key;
  if (d.shape == Description::Shape::named) return fmt::format("{}.<{}>", own, d.name_of);
  return d.shape == Description::Shape::section_list ? own + "[]" : own;
}

std::string rules_of(const Description& d) {
  std::vector<std::string> rules;
  if (!d.condition.empty()) rules.push_back("only if " + d.condition);
  for (const Rule& rule : d.rules) rules.push_back(to_text(rule));
  return fmt::format("{}", fmt::join(rules, "; "));
}

constexpr const char* distributions = "Distributions";

class Reference {
 public:
  std::string print(const Description& root, std::string_view title) {
    text_ = fmt::format("# {}\n\n", title);
    values();
    section(root, {}, {});
    if (uses_distribution_) {
      Description forms;
      Section in(nullptr, {}, nullptr, &forms);
      read_duration_distribution(in);
      section(forms, distributions,
              "A duration drawn at random: a mapping with one of these keys, such as "
              "`{lognormal: {median: 30s, sigma: 0.25}}`.");
    }
    return text_;
  }

 private:
  /// How each type of value is written, once for the whole page.
  void values() {
    text_ += "## Values and their units\n\n| type | written as | units |\n|---|---|---|\n";
    for (const ValueType type : {ValueType::ratio, ValueType::duration, ValueType::time, ValueType::bytes, ValueType::usd,
                                 ValueType::usd_per_hour, ValueType::usd_per_gb, ValueType::request_rate,
                                 ValueType::byte_rate, ValueType::utc_time, ValueType::schedule, ValueType::time_zone, ValueType::boolean, ValueType::integer, ValueType::number,
                                 ValueType::file}) {
      text_ += fmt::format("| {} | {} | {} |\n", words_for(type).one, code(words_for(type).example),
                           cell(units_of(type)));
    }
    text_ += "\nA unit is always written; a share may also be a plain number, 0.75 for 75%. A duration may have several "
             "parts, from large to small: 1h30m. KB is 1000 bytes, KiB 1024; a month has 30 days.\n\n";
    text_ += "A schedule is written in one of three ways:\n\n"
             "| written as | fields | fires |\n|---|---|---|\n"
             "| `rate(6 hours)` | | every six hours, the first time six hours after the start of the run |\n"
             "| `cron(0 22 ? * MON-FRI *)` | six, in `cron(...)`: minute, hour, day of month, month, day of week, year | "
             "at 22:00 from Monday to Friday |\n"
             "| `0 22 * * 1-5` | five, as in crontab: minute, hour, day of month, month, day of week | the same |\n\n"
             "Of the six fields one of the two for days is `?`; days of the week are 1 to 7 from Sunday on, or SUN to SAT; `L` is "
             "the last day, `15W` the weekday nearest to the 15th, `6L` the last Friday of the month, `2#1` its first Monday. Of the "
             "five fields days of the week are 0 to 7, both ends Sunday, and where both fields for days are restricted, a "
             "day that fits either counts. A field is `*`, a value, a list `1,3`, a range `1-5`, or steps `*/15`. Hours are "
             "those of the `time_zone` beside the schedule, UTC without one.\n\n";
  }

  void section(const Description& d, const std::string& path, std::string_view doc) {
    if (!path.empty()) text_ += fmt::format("{} {}\n\n", level_, path == distributions ? path : code(path));
    if (path == distributions) level_ = "###";
    if (!doc.empty()) text_ += fmt::format("{}\n\n", doc);
    if (!d.children.empty()) table(d);
    for (const Description::KeyRule& rule : d.key_rules) {
      text_ +=
          fmt::format("{} one of `{}`.\n\n", rule.one_needed ? "Exactly" : "At most", fmt::join(rule.keys, "`, `"));
    }
    for (const Description& child : d.children) {
      if (has_keys(child)) section(child, path_below(path == distributions ? "" : path, child), child.doc);
    }
  }

  void table(const Description& d) {
    text_ += "| key | meaning | type | default | rule |\n|---|---|---|---|---|\n";
    for (const Description& child : d.children) {
      if (child.type == ValueType::duration_distribution && !has_keys(child)) uses_distribution_ = true;
      const std::string type = child.type == ValueType::choice ? fmt::format("`{}`", fmt::join(child.choices, "`, `"))
                                                               : type_in_words(child);
      text_ += fmt::format("| {} | {} | {} | {} | {} |\n", code(child.key), cell(child.doc), cell(type),
                           child.required ? "required" : cell(code(child.default_text)), cell(rules_of(child)));
    }
    text_ += "\n";
  }

  std::string text_;
  std::string_view level_ = "##";
  bool uses_distribution_ = false;
};

}  // namespace

std::string to_reference_markdown(const Description& root, std::string_view title) {
  return Reference().print(root, title);
}

}  // namespace fleetsim::config
