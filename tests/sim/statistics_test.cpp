#include "fleetsim/sim/statistics.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr Time at(Duration since_start) { return Time::at(since_start); }

Tally tally_of(const std::vector<double>& values) {
  Tally tally;
  for (const double value : values) tally.add(value);
  return tally;
}

/// Values of very different sizes, the same on every machine.
std::vector<double> spread_values(int count) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) values.push_back(std::sin(k * 12.9898) * std::exp(k % 11) + 100);
  return values;
}

}  // namespace

TEST_CASE("tally: mean, variance and extremes of eight numbers", "[statistics][table]") {
  const Tally tally = tally_of({2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(tally.count() == 8);
  CHECK(tally.mean() == 5);
  CHECK_THAT(tally.variance(), WithinRel(32.0 / 7, 1e-15));  // squared distances 9 1 1 1 0 0 4 16
  CHECK_THAT(tally.standard_deviation(), WithinRel(std::sqrt(32.0 / 7), 1e-15));
  CHECK_THAT(tally.standard_error(), WithinRel(std::sqrt(32.0 / 7 / 8), 1e-15));
  CHECK(tally.min() == 2);
  CHECK(tally.max() == 9);
}

TEST_CASE("tally: a small spread around a large mean keeps its digits", "[statistics][table]") {
  const Tally tally = tally_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  CHECK(tally.mean() == 1e9 + 10);
  CHECK_THAT(tally.variance(), WithinRel(30.0, 1e-12));  // (36 + 9 + 9 + 36) / 3
}

TEST_CASE("tally: too few values give no number instead of a wrong one", "[statistics][table]") {
  CHECK(std::isnan(Tally{}.mean()));
  CHECK(std::isnan(Tally{}.min()));
  CHECK(std::isnan(Tally{}.standard_error()));
  const Tally one = tally_of({3});
  CHECK(one.mean() == 3);
  CHECK(one.max() == 3);
  CHECK(std::isnan(one.variance()));
  CHECK_THROWS_AS(tally_of({std::nan("")}), InvariantViolation);
}

TEST_CASE("tally: the merge of parts is the whole, as two passes compute it", "[statistics][property]") {
  const auto values = spread_values(1000);
  double mean = 0;
  for (const double value : values) mean += value / 1000;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  for (const std::size_t parts : {1U, 2U, 3U, 7U, 999U, 1000U}) {
    std::vector<Tally> part(parts + 1);  // the last stays empty
    for (std::size_t k = 0; k < values.size(); ++k) part[k % parts].add(values[k]);
    Tally merged;
    for (const Tally& p : part) merged.merge(p);
    INFO(parts << " parts");
    CHECK(merged.count() == 1000);
    CHECK_THAT(merged.mean(), WithinRel(mean, 1e-12));
    CHECK_THAT(merged.variance(), WithinRel(squares / 999, 1e-12));
    CHECK(merged.min() == *std::min_element(values.begin(), values.end()));
    CHECK(merged.max() == *std::max_element(values.begin(), values.end()));
  }
}

TEST_CASE("time-weighted: a level of 0, 3, then 1 for 10, 10 and 20 seconds has mean 1.25", "[statistics][table]") {
  TimeWeighted level;
  level.set(3, at(10_s));
  level.set(1, at(20_s));
  const LevelSummary all = level.summary(at(40_s));
  CHECK((all.observed == 40_s));
  CHECK(all.integral == 50);
  CHECK(all.mean() == 1.25);
  CHECK(all.min == 0);
  CHECK(all.max == 3);
  CHECK(level.level() == 1);
  CHECK(level.mean(at(20_s)) == 1.5);
}

TEST_CASE("time-weighted: what lasts no time leaves no trace", "[statistics][table]") {
  TimeWeighted level(at(5_s), 2);
  CHECK(std::isnan(level.mean(at(5_s))));
  level.set(100, at(8_s));
  level.set(-100, at(8_s));
  level.add(102, at(8_s));
  const LevelSummary all = level.summary(at(10_s));
  CHECK(all.min == 2);
  CHECK(all.max == 2);
  CHECK(all.mean() == 2);
}

TEST_CASE("time-weighted: the warm-up is deleted, the level stays", "[statistics][table]") {
  TimeWeighted queue;
  queue.set(50, at(10_s));
  queue.set(4, at(15_s));
  queue.reset(at(20_s));
  CHECK(std::isnan(queue.mean(at(20_s))));
  queue.add(2, at(30_s));
  CHECK(queue.mean(at(40_s)) == 5);
  CHECK(queue.summary(at(40_s)).max == 6);
  CHECK(queue.summary(at(40_s)).min == 4);
  CHECK_THROWS_AS(queue.set(1, at(29_s)), InvariantViolation);
}

TEST_CASE("time-weighted: summaries merge as if one had followed the other", "[statistics][property]") {
  TimeWeighted whole;
  LevelSummary merged;
  for (int part = 0; part < 5; ++part) {
    const Time start = at(100_s * part);
    TimeWeighted level(start, part);
    whole.set(part, start);
    for (int k = 1; k < 10; ++k) {
      const Time change = start + 10_s * k;
      level.set(k * k % 7 - part, change);
      whole.set(k * k % 7 - part, change);
    }
    merged.merge(level.summary(start + 100_s));
  }
  merged.merge(LevelSummary{});
  const LevelSummary all = whole.summary(at(500_s));
  CHECK((merged.observed == all.observed));
  CHECK_THAT(merged.integral, WithinAbs(all.integral, 1e-9));
  CHECK(merged.min == all.min);
  CHECK(merged.max == all.max);
}

TEST_CASE("sample quantile: type 7 of Hyndman and Fan", "[statistics][table]") {
  const std::vector<double> ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(sample_quantile(ten, 0) == 1);
  CHECK(sample_quantile(ten, 0.25) == 3.25);
  CHECK(sample_quantile(ten, 0.5) == 5.5);
  CHECK_THAT(sample_quantile(ten, 0.9), WithinAbs(9.1, 1e-12));
  CHECK(sample_quantile(ten, 1) == 10);
  CHECK(sample_quantile(std::vector<double>{7}, 0.3) == 7);
}
