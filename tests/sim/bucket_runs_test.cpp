#include "fleetsim/sim/bucket_runs.hpp"

#include "support/catch.hpp"

using namespace fleetsim;

using Bucket = StepSeries::Bucket;

TEST_CASE("bucket runs: read back what was put in, by place and in order", "[statistics]") {
  const std::vector<Bucket> buckets{{1, 1, 1}, {1, 1, 1}, {1, 2, 1}, {1, 2, 2}, {2, 2, 2}, {2, 2, 2}, {1, 1, 1}};
  const BucketRuns runs = buckets;
  REQUIRE(runs.size() == buckets.size());
  CHECK(std::vector<Bucket>(runs.begin(), runs.end()) == buckets);
  for (std::size_t b = 0; b < buckets.size(); ++b) CHECK(runs[b] == buckets[b]);
}

TEST_CASE("step series: one without buckets forgets what it is told", "[statistics]") {
  StepSeries none;
  none.set(Time::at(1_s), 5);
  CHECK(none.finish().empty());
  StepSeries two(2_s, 2);
  two.set(Time::at(0_s), 5);
  two.set(Time::at(1_s), 3);
  CHECK(two.finish() == std::vector<Bucket>{{5, 5, 5}, {3, 5, 3}});
}

TEST_CASE("bucket runs: none is empty, and one more of a kind counts", "[statistics]") {
  BucketRuns runs;
  CHECK(runs.empty());
  CHECK(runs.size() == 0);
  CHECK(runs.begin() == runs.end());
  for (std::size_t n = 1; n <= 3; ++n) {
    runs.push_back({0, 0, 0});
    CHECK(runs.size() == n);
    CHECK(std::distance(runs.begin(), runs.end()) == static_cast<std::ptrdiff_t>(n));
  }
}
