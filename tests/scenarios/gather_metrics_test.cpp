#include "models/scenario/gather_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"

using namespace fleetsim;
using scenario::gather_metrics;
using scenario::ReplicationResult;

namespace {

ReplicationResult replication(std::vector<MetricValue> metrics) {
  ReplicationResult result;
  result.metrics = std::move(metrics);
  return result;
}
std::vector<std::string> names_of(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.push_back(metric.name);
  return names;
}

}  // namespace

TEST_CASE("metrics of replications: in the order of names, in whatever order models report them", "[scenarios]") {
  std::vector<std::string> names{"storage.m10.load.b", "storage.m10.load.a", "storage.m9.cost", "storage.m.1.x", "a", "fleet.web.x",
                                 "storage.m.0.y", "cost.total", "storage.m10.cost", "cost.total.spot", "fleet.web", "cost", "cost.totals"};
  std::vector<MetricValue> values;
  for (std::size_t n = 0; n < names.size(); ++n) values.push_back({names[n], "1", static_cast<double>(n)});
  std::vector<ReplicationResult> replications{replication(values), replication(values)};
  const std::vector<Metric> metrics = gather_metrics(replications);
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  CHECK(names_of(metrics) == sorted);
  for (const Metric& metric : metrics) {
    const auto place = static_cast<double>(std::find(names.begin(), names.end(), metric.name) - names.begin());
    CHECK(metric.values == std::vector<double>{place, place});
  }
}

TEST_CASE("metrics of replications: what one does not report, or not in that place, is still told apart by name", "[scenarios]") {
  std::vector<ReplicationResult> replications{replication({{"b", "s", 1}, {"a", "s", 2}}), replication({{"a", "s", 4}}),
                                              replication({{"c", "s", 8}, {"a", "s", 6}, {"b", "s", std::nullopt}})};
  const std::vector<Metric> metrics = gather_metrics(replications);
  REQUIRE(names_of(metrics) == std::vector<std::string>{"a", "b", "c"});
  CHECK(metrics[0].values == std::vector<double>{2, 4, 6});
  CHECK(metrics[0].mean == 4);
  CHECK(metrics[1].n == 1);
  CHECK(metrics[1].mean == 1);
  CHECK(metrics[2].n == 1);
  CHECK(metrics[2].values[2] == 8);
  CHECK(std::isnan(metrics[2].values[0]));
}
