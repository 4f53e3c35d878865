#include "tools/cli/output/metric_rows.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// The unit beside a label that may already name it: "million" for requests.
std::string unit_beside(std::string_view label, std::string unit) {
  constexpr std::string_view requests = "requests";
  if (label.starts_with(requests) && unit.ends_with(requests)) unit.resize(unit.size() - requests.size());
  if (unit.ends_with(' ')) unit.pop_back();
  return unit;
}

/// Whether none of its digits would be other than 0.
bool shows_zero(const ShownMetric& metric) {
  return cli::shows_zero(std::max(std::abs(metric.mean), std::abs(metric.p95)), metric.decimals);
}

}  // namespace

LabelledMetrics telling_metrics(const RunResult& result, const std::string& prefix, const std::vector<MetricRow>& rows) {
  LabelledMetrics found;
  for (const MetricRow& row : rows) {
    const Metric* metric = result.find(prefix + row.metric);
    if (metric == nullptr || metric->n == 0) continue;
    if (row.zero_is_news || !shows_zero(shown(*metric))) found.emplace_back(row.label, metric);
  }
  return found;
}

std::vector<std::string> metric_lines(const RunResult& result, const std::string& title, const LabelledMetrics& rows,
                                      const TextStyle& style) {
  if (rows.empty()) return {};
  Columns columns({Align::right, Align::left, Align::left, Align::right, Align::left, Align::left});
  const bool intervals = result.replications >= 2;
  columns.add({"mean", "", "", intervals ? "p05" : "", intervals ? "to p95" : "", ""});
  std::vector<std::string> labels{title};
  for (const auto& [label, metric] : rows) {
    const ShownMetric s = shown(*metric);
    const bool spread = metric->n >= 2;
    columns.add({s.mean_text(), s.half_width_text(style), unit_beside(label, s.unit),
                 spread ? grouped_or_zero(s.p05, s.decimals) : "", spread ? "to " + grouped_or_zero(s.p95, s.decimals) : "",
                 metric->n < result.replications ? fmt::format("in {} of {}", metric->n, result.replications) : ""});
    labels.push_back(label);
  }
  std::vector<std::string> lines = labelled(labels, columns.lines());
  lines.front().replace(0, title.size(), style.bold(title));
  return lines;
}

}  // namespace fleetsim::cli
