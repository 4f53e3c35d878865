/// The generated price against the law that it is drawn from, and the rule by which it is published.

#include <cmath>
#include <vector>

#include "harness.hpp"
#include "models/spot_market/worlds/price_world.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using spot_market::PriceStep;
using Catch::Matchers::WithinAbs;

namespace {

struct Course {
  std::vector<PriceStep> changes;  // the first is the price at the start
};

Course course_of(const GeneratedPrice& price, Duration run_length, std::uint64_t replication = 0,
                 const std::string& pool = "us-east-1a/c5.2xlarge") {
  const Simulation sim({.seed = 1, .replication = replication, .fingerprint = true});
  const auto world = spot_market::make_price_world(price, sim, "spot_market/" + pool + "/", {}, {}, run_length);
  Course course{{{Time{}, world->initial_price()}}};
  while (const auto change = world->next()) course.changes.push_back(*change);
  return course;
}

/// With a price so high that four decimals are as good as exact, no bound in reach and every move published.
GeneratedPrice unrounded() {
  return {.on_demand = 1'000.0_usd_per_h, .publish_above = Ratio{0}, .least = Ratio{0}, .most = Ratio{1}};
}

}  // namespace

TEST_CASE("generated price: its logarithm has the stationary mean, spread and half-life of its law",
          "[spot_market][stochastic]") {
  const GeneratedPrice price = unrounded();
  const Duration run_length = 6_h * 40'000;
  std::vector<double> x;
  const Course course = course_of(price, run_length);
  for (const PriceStep& change : course.changes) x.push_back(std::log(to_usd_per_hour(change.price) / 1'000));
  REQUIRE(x.size() > 39'990);  // a sample that rounds to the price before it is no change: fewer than one in 10^4

  const double n = static_cast<double>(x.size());
  double sum = 0, squares = 0, products = 0;
  const double mean = std::log(0.35);
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i];
    squares += (x[i] - mean) * (x[i] - mean);
    if (i > 0) products += (x[i] - mean) * (x[i - 1] - mean);
  }
  // Of a Gaussian autoregression with coefficient r = 2^(-6 h / 240 h) = 0.983, the mean of n samples has the variance
  // sd^2/n (1 + r)/(1 - r), the mean square 2 sd^4/n (1 + r^2)/(1 - r^2), and the estimate of r (1 - r^2)/n.
  const double r = std::exp2(-6.0 / 240);
  CHECK_THAT(sum / n, WithinAbs(mean, 4 * 0.10 * std::sqrt((1 + r) / (1 - r) / n)));
  CHECK_THAT(squares / n, WithinAbs(0.01, 4 * 0.01 * std::sqrt(2 * (1 + r * r) / (1 - r * r) / n)));
  CHECK_THAT(products / squares, WithinAbs(r, 4 * std::sqrt((1 - r * r) / n)));
}

TEST_CASE("generated price: a run begins in the stationary law", "[spot_market][stochastic]") {
  constexpr int replications = 2'000;
  double sum = 0, squares = 0;
  for (std::uint64_t replication = 0; replication < replications; ++replication) {
    const Course course = course_of(unrounded(), 1_h, replication);
    const double x = std::log(to_usd_per_hour(course.changes.front().price) / 350);
    sum += x;
    squares += x * x;
  }
  // Independent normal draws: their mean has the error sd / sqrt(n), their mean square sd^2 sqrt(2 / n).
  CHECK_THAT(sum / replications, WithinAbs(0, 4 * 0.10 / std::sqrt(replications)));
  CHECK_THAT(squares / replications, WithinAbs(0.01, 4 * 0.01 * std::sqrt(2.0 / replications)));
}

TEST_CASE("generated price: another time between samples leaves the law as it is", "[spot_market][stochastic]") {
  // The transition is exact: one step of 24 h is as four of 6 h, so the correlation over 24 h is 2^(-1/10) for both.
  GeneratedPrice daily = unrounded();
  daily.sampled_every = 24_h;
  std::vector<double> x;
  for (const PriceStep& change : course_of(daily, 24_h * 20'000).changes) {
    x.push_back(std::log(to_usd_per_hour(change.price) / 350));
  }
  double squares = 0, products = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    squares += x[i] * x[i];
    products += x[i] * x[i - 1];
  }
  const double n = static_cast<double>(x.size());
  const double r = std::exp2(-0.1);
  CHECK_THAT(products / squares, WithinAbs(r, 4 * std::sqrt((1 - r * r) / n)));
  CHECK_THAT(squares / n, WithinAbs(0.01, 4 * 0.01 * std::sqrt(2 * (1 + r * r) / (1 - r * r) / n)));
}

TEST_CASE("generated price: only moves over 1 % are published, at sampling times, in four decimals, inside the bounds",
          "[spot_market][property]") {
  GeneratedPrice price{.on_demand = 0.3456789_usd_per_h};
  price.sd = 1.0;  // wide enough to meet both bounds
  const Course course = course_of(price, 365_d);
  REQUIRE(course.changes.size() > 100);
  bool met_least = false, met_most = false;
  for (std::size_t i = 0; i < course.changes.size(); ++i) {
    const auto [at, usd] = course.changes[i];
    CHECK(at.since_start().count() % (6_h).count() == 0);
    CHECK(at < Time::at(365_d));
    CHECK(usd.count() % 100'000 == 0);
    CHECK(usd >= 0.0346_usd_per_h);  // 0.03456789 rounded up
    CHECK(usd <= 0.3456_usd_per_h);  // 0.3456789 rounded down
    met_least = met_least || usd == 0.0346_usd_per_h;
    met_most = met_most || usd == 0.3456_usd_per_h;
    if (i > 0) CHECK(std::abs(usd / course.changes[i - 1].price - 1) > 0.01);
  }
  CHECK(met_least);
  CHECK(met_most);
}

TEST_CASE("generated price: what is not published is forgotten, not the law: few changes of a quiet price",
          "[spot_market][table]") {
  GeneratedPrice still{.on_demand = 1.0_usd_per_h};
  still.sd = 0;
  const Course constant = course_of(still, 365_d);
  REQUIRE(constant.changes.size() == 1);
  CHECK(constant.changes.front().price == 0.35_usd_per_h);

  GeneratedPrice never{.on_demand = 1.0_usd_per_h};
  never.publish_above = Ratio{1};  // the price would have to double
  CHECK(course_of(never, 365_d).changes.size() == 1);
}

TEST_CASE("generated price: a pool's course is its own, and the same for the same seed", "[spot_market][property]") {
  const GeneratedPrice price{.on_demand = 0.34_usd_per_h};
  const auto prices = [](const Course& course) {
    std::vector<std::int64_t> result;
    for (const PriceStep& change : course.changes) result.push_back(change.price.count());
    return result;
  };
  CHECK(prices(course_of(price, 90_d)) == prices(course_of(price, 90_d)));
  CHECK(prices(course_of(price, 90_d)) != prices(course_of(price, 90_d, 1)));
  CHECK(prices(course_of(price, 90_d)) != prices(course_of(price, 90_d, 0, "us-east-1b/c5.2xlarge")));
}
