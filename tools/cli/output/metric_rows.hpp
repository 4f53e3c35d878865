#pragma once
/// Metrics under each other: a label, the mean with its interval, and where nine replications in ten lie.

#include <string>
#include <utility>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

struct MetricRow {
  std::string metric;         ///< its name after the prefix of the section
  const char* label;
  bool zero_is_news = false;  ///< else it is left out where it shows as zero
};

using LabelledMetrics = std::vector<std::pair<std::string, const Metric*>>;

/// The metrics among `rows` that exist and say something.
LabelledMetrics telling_metrics(const RunResult& result, const std::string& prefix, const std::vector<MetricRow>& rows);

/// The title beside the heads of the columns, then a line a metric; nothing without a metric.
std::vector<std::string> metric_lines(const RunResult& result, const std::string& title, const LabelledMetrics& rows,
                                      const TextStyle& style);

}  // namespace fleetsim::cli
