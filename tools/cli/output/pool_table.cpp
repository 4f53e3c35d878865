#include "tools/cli/output/pool_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

constexpr std::size_t pools_max = 12;

struct Pool {
  std::string name;
  const Metric* open_fraction;
  const Metric* price_mean;
  const Metric* interruptions;
};

/// In the order of the names.
std::vector<Pool> find_pools(const RunResult& result) {
  std::vector<Pool> pools;
  for (const Metric& metric : result.metrics) {
    if (!metric.name.starts_with(pool_prefix)) continue;
    // A pool's name has dots itself: us-east-1a/m5.large.
    const std::size_t end = metric.name.rfind('.');
    if (end <= pool_prefix.size()) continue;
    const std::string name = metric.name.substr(pool_prefix.size(), end - pool_prefix.size());
    if (!pools.empty() && pools.back().name == name) continue;
    const std::string prefix = metric.name.substr(0, end + 1);
    pools.push_back({name, result.find(prefix + "open_fraction"), result.find(prefix + "price_mean"),
                     result.find(prefix + "interruptions")});
  }
  return pools;
}

std::string mean_of(const Metric* metric, int decimals) {
  return metric != nullptr && metric->n > 0 ? grouped(metric->mean, decimals) : "-";
}

std::string percentage_of(const Metric* metric) {
  return metric != nullptr && metric->n > 0 ? grouped(metric->mean * 100, 1) + " %" : "-";
}

}  // namespace

std::vector<std::string> pool_table(const RunResult& result) {
  std::vector<Pool> pools = find_pools(result);
  if (pools.empty()) return {};
  const std::size_t left_out = pools.size() - std::min(pools.size(), pools_max);
  if (left_out > 0) {
    const auto count = [](const Pool& pool) { return pool.interruptions != nullptr ? pool.interruptions->mean : 0; };
    std::stable_sort(pools.begin(), pools.end(), [&](const Pool& a, const Pool& b) { return count(a) > count(b); });
    pools.resize(pools_max);
  }
  Columns columns({Align::left, Align::right, Align::right, Align::right});
  columns.add({"", "has", "mean price", "inter-"});
  columns.add({"Spot pool", "capacity", "USD/h", "ruptions"});
  int decimals = 4;  // and more where a low price has too few digits with these
  for (const Pool& pool : pools) {
    if (pool.price_mean != nullptr) decimals = std::max(decimals, decimals_for(pool.price_mean->mean, {}, "USD/h"));
  }
  for (const Pool& pool : pools) {
    columns.add({pool.name, percentage_of(pool.open_fraction), mean_of(pool.price_mean, decimals),
                 mean_of(pool.interruptions, 1)});
  }
  std::vector<std::string> lines = columns.lines();
  if (left_out > 0) lines.push_back(fmt::format("and {} more pools with fewer interruptions", left_out));
  return lines;
}

}  // namespace fleetsim::cli
