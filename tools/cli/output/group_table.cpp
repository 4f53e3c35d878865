#include "tools/cli/output/group_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

constexpr std::size_t bar_width = 8;

struct NumberColumn {
  const char* metric;
  std::array<const char*, 2> header;  // two lines
};
constexpr NumberColumn share{"share_of_work", {"share of", "the work"}};
constexpr std::array<NumberColumn, 4> others{{{"instance_hours", {"instance-", "hours"}},
                                              {"cost", {"cost", "USD"}},
                                              {"interruptions", {"inter-", "ruptions"}},
                                              {"launch_failures", {"launch", "failures"}}}};

using Cells = std::vector<std::string>;

const Metric* find(const RunResult& result, const GroupSummary& group, const char* metric) {
  return result.find("fleet." + group.fleet + ".group." + group.group + "." + metric);
}

/// One number of decimals a column, so that the points align: those that the widest interval supports, and more where
/// a small value would otherwise vanish.
int column_decimals(const std::vector<const Metric*>& column) {
  double half_width_max = 0;
  int without_interval = 0, for_smallest = 0;
  for (const Metric* metric : column) {
    if (metric == nullptr) continue;
    const ShownMetric s = shown(*metric);
    half_width_max = std::max(half_width_max, s.half_width.value_or(0));
    without_interval = std::max(without_interval, std::min(s.decimals, 2));
    if (s.mean != 0 && std::abs(s.mean) < 1) for_smallest = std::max(for_smallest, std::min(s.decimals, 2));
  }
  const int widest = half_width_max > 0 ? std::min(decimals_for(0, half_width_max, "%"), 2) : without_interval;
  return std::max(widest, for_smallest);
}

Cells number_cells(const std::vector<const Metric*>& column, std::string_view unit = "") {
  const int decimals = column_decimals(column);
  Cells cells;
  for (const Metric* metric : column) {
    cells.push_back(metric != nullptr ? grouped(shown(*metric).mean, decimals) + std::string(unit) : "-");
  }
  return cells;
}

std::vector<std::string> lines_of(const std::vector<Cells>& columns, const std::vector<Align>& alignment) {
  Columns table(alignment);
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    Cells cells;
    for (const Cells& column : columns) cells.push_back(column[row]);
    table.add(std::move(cells));
  }
  return table.lines();
}

}  // namespace

std::vector<std::string> group_table(const RunResult& result, const std::string& fleet, const TextStyle& style) {
  std::vector<GroupSummary> groups;
  std::copy_if(result.groups.begin(), result.groups.end(), std::back_inserter(groups),
               [&](const GroupSummary& group) { return group.fleet == fleet; });
  if (groups.empty()) return {};

  const auto metrics = [&](const NumberColumn& column) {
    std::vector<const Metric*> found;
    for (const GroupSummary& group : groups) found.push_back(find(result, group, column.metric));
    return found;
  };
  const auto with_header = [](const NumberColumn& column, const Cells& cells) {
    Cells all(column.header.begin(), column.header.end());
    all.insert(all.end(), cells.begin(), cells.end());
    return all;
  };

  Cells names{"", "group"}, purchases{"", "purchase"}, bars{"", ""};
  for (const GroupSummary& group : groups) {
    names.push_back(group.group);
    purchases.push_back(group.purchase);
  }
  for (const Metric* metric : metrics(share)) {
    bars.push_back(metric != nullptr ? bar(metric->mean, bar_width, style.utf8) : "");
  }

  std::vector<Cells> columns{names, purchases, with_header(share, number_cells(metrics(share), " %")), bars};
  std::vector<Align> alignment{Align::left, Align::left, Align::right, Align::left};
  for (const NumberColumn& column : others) {
    columns.push_back(with_header(column, number_cells(metrics(column))));
    alignment.push_back(Align::right);
  }

  std::vector<std::string> lines = lines_of(columns, alignment);
  const bool fits = std::all_of(lines.begin(), lines.end(),
                                [](const std::string& line) { return width_of(line) <= line_width; });
  if (!fits) {
    columns.erase(columns.begin() + 3);
    alignment.erase(alignment.begin() + 3);
    lines = lines_of(columns, alignment);
  }
  return lines;
}

}  // namespace fleetsim::cli
