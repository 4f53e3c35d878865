#include "tools/cli/output/group_chart.hpp"

#include "cli/sample_result.hpp"
#include "support/catch.hpp"

namespace fleetsim::test {

using Buckets = std::vector<StepSeries::Bucket>;

namespace {

Buckets levels(const std::vector<double>& values) {
  Buckets buckets;
  for (const double value : values) buckets.push_back({.min = value, .max = value, .last = value});
  return buckets;
}

}  // namespace

TEST_CASE("sparkline: a level is drawn in eighths of the top, rounded up, and zero is a space", "[cli][table]") {
  CHECK(cli::sparkline(levels({0, 1, 2, 4, 8}), 60, 8, true) == " ▁▂▄█");
  CHECK(cli::sparkline(levels({0, 1, 2, 4, 8}), 60, 8, false) == " .:=#");
  CHECK(cli::sparkline(levels({0.01, 7.01}), 60, 8, false) == ".#");
}

TEST_CASE("sparkline: a short excursion survives being drawn in fewer marks", "[cli][property]") {
  Buckets buckets = levels(std::vector<double>(100, 1));
  buckets[57].max = 8;
  CHECK(cli::sparkline(buckets, 10, 8, false) == ".....#....");
}

TEST_CASE("group chart: one line a group on one scale; nothing without series", "[cli][table]") {
  RunResult result = sample_result();
  CHECK(cli::group_chart(result, "web", {}).empty());
  const auto series = [](const std::string& group, const std::vector<double>& values) {
    return ResultSeries{
        .name = "fleet.web.group." + group + ".instances", .unit = "1", .bucket_width = 6_h, .buckets = levels(values)};
  };
  result.series = {series("spot-home", {8, 0, 4, 8}), series("od-home", {2, 6, 4, 2})};
  CHECK(cli::group_chart(result, "web", {.color = false, .utf8 = false}) ==
        std::vector<std::string>{"Instances over 1 day of the first replication. Each mark is the most in 6 hours;",
                                 "a full one is 8.",
                                 "spot-home  |# =#|",
                                 "od-home    |:*=:|"});
}

}  // namespace fleetsim::test
