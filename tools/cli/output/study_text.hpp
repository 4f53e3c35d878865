#pragma once
/// What the sections of a study's answer have in common. Each section begins with an empty line, or is empty.

#include <optional>
#include <string>
#include <vector>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::cli {

/// A number with its interval in the unit that people use for this metric.
ShownMetric shown_as(const experiment::MetricColumn& column, double mean, const std::optional<Interval>& interval);
/// The unit of shown_as().
std::string unit_of(const experiment::MetricColumn& column);
/// "cost, USD"
std::string titled(const std::string& name, const std::string& unit);
/// Whether this question ran it: a store may hold designs of others.
bool is_shown(const StudyDesignResult& design);
/// The names of the values that label_of() gives: "first, second".
std::string label_header(const StudyResult& result);
/// "cost and drops", "cost, drops and data".
std::string in_a_row(const std::vector<std::string>& words);
/// The first few, "a; b; c and 9 more": names of designs have commas of their own.
std::string some_of(const std::vector<std::string>& words);
/// A text of its own lines, wrapped, ending in a newline.
std::string paragraph(const std::string& text);

/// Rows with a label on the left; a label without room stands on a line of its own.
class LabelledTable {
 public:
  explicit LabelledTable(std::vector<Align> alignment) : columns_(std::move(alignment)) {}
  void add(std::string label, std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::string> labels_;
  Columns columns_;
};

std::string search_section(const StudyResult& result);
std::string world_section(const StudyResult& result, const TextStyle& style);
std::string sensitivity_section(const StudyResult& result, const TextStyle& style);
/// The frontier of the designs in `shown`, numbers of designs.
std::string frontier_section(const StudyResult& result, const std::vector<std::size_t>& shown, const TextStyle& style);

}  // namespace fleetsim::cli
