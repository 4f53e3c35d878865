#include "tools/cli/output/study_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fleetsim::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t label_width_max = 34;

}  // namespace

std::string label_of(const StudyDesignResult& design) {
  std::string label;
  for (const experiment::Setting& setting : design.settings)
    label += (label.empty() ? "" : setting.name == "world" ? " in " : ", ") + setting.value;
  return label.empty() ? design.name : label;
}

ShownMetric shown_as(const experiment::MetricColumn& column, double mean, const std::optional<Interval>& interval) {
  Metric metric;
  metric.name = column.source;
  metric.unit = column.unit;
  metric.mean = mean;
  if (interval) {
    metric.ci95_low = interval->low;
    metric.ci95_high = interval->high;
  }
  return shown(metric);
}

std::string unit_of(const experiment::MetricColumn& column) { return shown_as(column, 0, std::nullopt).unit; }

std::string titled(const std::string& name, const std::string& unit) { return unit.empty() ? name : name + ", " + unit; }

std::string label_header(const StudyResult& result) {
  std::string header;
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty()) continue;  // of another question on the same store
    for (const experiment::Setting& setting : design.settings)
      header += (header.empty() ? "" : setting.name == "world" ? " in " : ", ") + setting.name;
    break;
  }
  return header;
}

bool is_shown(const StudyDesignResult& design) { return !design.metrics.empty(); }

std::string in_a_row(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string some_of(const std::vector<std::string>& words) {
  constexpr std::size_t named_max = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), named_max); ++i) text += (i == 0 ? "" : "; ") + words[i];
  return words.size() > named_max ? fmt::format("{} and {} more", text, words.size() - named_max) : text;
}

std::string paragraph(const std::string& text) { return wrapped(text) + "\n"; }

void LabelledTable::add(std::string label, std::vector<std::string> cells) {
  labels_.push_back(std::move(label));
  columns_.add(std::move(cells));
}

std::string LabelledTable::text() const {
  const std::vector<std::string> lines = columns_.lines();
  std::size_t widest = 0, label_width = 0;
  for (const std::string& line : lines) widest = std::max(widest, width_of(line));
  for (const std::string& label : labels_) label_width = std::max(label_width, width_of(label));
  label_width = std::min({label_width, label_width_max, line_width - std::min(line_width - gap, widest + gap)});
  std::string text;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    std::size_t column = width_of(labels_[i]);
    text += column > line_width ? wrapped(labels_[i], gap) : labels_[i];
    if (lines[i].empty()) {
      text += "\n";
      continue;
    }
    if (column > label_width) {
      text += "\n";
      column = 0;
    }
    text += std::string(label_width + gap - column, ' ') + lines[i] + "\n";
  }
  return text;
}

}  // namespace fleetsim::cli
