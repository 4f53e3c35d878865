// The metrics of a result, from those of its replications.

#include "models/scenario/gather_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/summary.hpp"
#include "models/scenario/objective.hpp"

namespace fleetsim {

bool is_share(std::string_view name, std::string_view unit) {
  constexpr std::array<std::string_view, 4> endings{"fraction", "utilization", "share_of_work", "probability"};
  return unit == "1" && std::any_of(endings.begin(), endings.end(),
                                    [&](std::string_view ending) { return name.ends_with(ending); });
}

namespace scenario {
namespace {

/// Counts, times and amounts of work; money can be saved and credits owed.
bool is_never_negative(std::string_view name, std::string_view unit) {
  constexpr std::array<std::string_view, 6> units{"1", "h", "s", "requests", "GB", "kWh"};
  return std::find(units.begin(), units.end(), unit) != units.end() && !name.ends_with("cpu_credits_end");
}

/// Disasters, or drills, that a probability counts in each replication, in the mean; one where it counts nothing.
double trials_each(const std::vector<Metric>& metrics, const std::string& name) {
  for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    for (const char* count : {"disasters", "count"}) {
      const Metric* found = find_metric(metrics, name.substr(0, dot + 1) + count);
      if (found == nullptr) continue;
      double sum = 0, observed = 0;
      for (const double value : found->values) {
        if (std::isnan(value) || value <= 0) continue;
        sum += value;
        ++observed;
      }
      return observed > 0 ? sum / observed : 1;
    }
  }
  return 1;
}

/// Wilson's interval with as many trials as the disasters are worth: those of one replication share a past, so a share that
/// differs more between replications than chance explains counts for less (Kish's design effect), at the least one trial a
/// replication.
Interval probability_interval(const Summary& summary, double each) {
  const double all = static_cast<double>(summary.n) * each;
  const double smoothed = (summary.mean * all + 1) / (all + 2);
  const double design_effect = std::max(1.0, summary.stddev * summary.stddev * each / (smoothed * (1 - smoothed)));
  const double trials = std::clamp(all / design_effect, static_cast<double>(summary.n), all);
  const auto whole = static_cast<std::uint64_t>(std::llround(trials));
  const Interval wilson = wilson_interval(std::min(whole, static_cast<std::uint64_t>(std::llround(summary.mean * trials))), whole);
  return {.low = std::min(wilson.low, summary.mean), .high = std::max(wilson.high, summary.mean)};
}

/// "storage.db." of "storage.db.load.reads.iops": up to the second dot, or all of a name that has none.
std::string_view family_of(std::string_view name) {
  const std::size_t dot = name.find('.', name.find('.') + 1);
  return name.substr(0, dot == std::string_view::npos ? dot : dot + 1);
}

/// The places of the values in the order of their names. A machine, a fleet or a plan reports all of its metrics together:
/// first these runs are put in the order of what their names begin with, and then each is sorted, while it is in the cache.
/// Of two names one of which has the lesser family it is the lesser.
std::vector<std::size_t> order_of_names(const std::vector<MetricValue>& values) {
  struct Run {
    std::string_view family;
    std::size_t begin, end;
  };
  std::vector<Run> runs;
  for (std::size_t v = 0; v < values.size(); ++v) {
    const std::string_view family = family_of(values[v].name);
    if (runs.empty() || runs.back().family != family) runs.push_back({family, v, v});
    runs.back().end = v + 1;
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return std::tie(a.family, a.begin) < std::tie(b.family, b.begin); });
  std::vector<std::size_t> order;
  order.reserve(values.size());
  for (std::size_t r = 0; r < runs.size();) {
    const std::size_t family = r;
    const auto first = static_cast<std::ptrdiff_t>(order.size());
    for (; r < runs.size() && runs[r].family == runs[family].family; ++r) {
      for (std::size_t v = runs[r].begin; v < runs[r].end; ++v) order.push_back(v);
    }
    std::sort(order.begin() + first, order.end(), [&](std::size_t a, std::size_t b) { return values[a].name < values[b].name; });
  }
  return order;
}

/// A metric of each name, with a value of each replication, NaN where it did not observe it. In the order of names.
std::vector<Metric> values_by_name(std::vector<ReplicationResult>& replications) {
  const double absent = std::numeric_limits<double>::quiet_NaN();
  std::vector<Metric> metrics;
  const auto add = [&](MetricValue& value) {
    Metric& added = metrics.emplace_back();
    added.name = std::move(value.name);
    added.unit = std::move(value.unit);
    added.values.assign(replications.size(), absent);
  };
  std::vector<std::size_t> expected;            // by place in a replication's values: where its metric is
  std::map<std::string, std::size_t> places;    // made for the first name that is not where it is expected
  std::size_t known = 0;                        // metrics of the first replication, which are in order
  for (std::size_t r = 0; r < replications.size(); ++r) {
    std::vector<MetricValue> values = std::exchange(replications[r].metrics, {});
    if (r == 0) {
      metrics.reserve(values.size());
      expected.resize(values.size());
      for (const std::size_t v : order_of_names(values)) {
        expected[v] = metrics.size();
        add(values[v]);
      }
      known = metrics.size();
    }
    for (std::size_t v = 0; v < values.size(); ++v) {
      MetricValue& value = values[v];
      std::size_t place = v < known ? expected[v] : metrics.size();
      // Nearly always, replications report the same names in one order.
      if (r > 0 && (place >= known || metrics[place].name != value.name)) {
        if (places.empty()) {
          for (std::size_t m = 0; m < metrics.size(); ++m) places.emplace(metrics[m].name, m);
        }
        place = places.emplace(value.name, metrics.size()).first->second;
        if (place == metrics.size()) add(value);
      }
      if (value.value) metrics[place].values[r] = *value.value;
    }
  }
  if (metrics.size() > known) {
    std::sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) { return a.name < b.name; });
  }
  return metrics;
}

}  // namespace

std::vector<Metric> gather_metrics(std::vector<ReplicationResult>& replications) {
  std::vector<Metric> metrics = values_by_name(replications);
  for (Metric& metric : metrics) {
    const Summary summary = summarize(metric.values);
    metric.mean = summary.mean;
    if (summary.n > 1 && metric.name.ends_with("probability")) {
      const Interval interval = probability_interval(summary, trials_each(metrics, metric.name));
      metric.ci95_low = interval.low;
      metric.ci95_high = interval.high;
    } else if (summary.ci95) {
      metric.ci95_low = summary.ci95->low;
      metric.ci95_high = summary.ci95->high;
      if (is_share(metric.name, metric.unit)) {
        metric.ci95_low = std::clamp(*metric.ci95_low, 0.0, 1.0);
        metric.ci95_high = std::clamp(*metric.ci95_high, 0.0, 1.0);
      } else if (summary.min >= 0 && is_never_negative(metric.name, metric.unit)) {
        metric.ci95_low = std::max(*metric.ci95_low, 0.0);
      }
    }
    metric.stddev = summary.stddev;
    metric.min = summary.min;
    metric.p05 = summary.p05;
    metric.p50 = summary.p50;
    metric.p95 = summary.p95;
    metric.max = summary.max;
    metric.n = summary.n;
  }
  return metrics;
}

}  // namespace scenario
}  // namespace fleetsim
