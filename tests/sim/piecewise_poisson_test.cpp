#include "fleetsim/sim/piecewise_poisson.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr Time at(Duration since_start) { return Time::at(since_start); }

/// The uniform number whose exponential draw of mean 1 is `integral`.
double uniform_for(double integral) { return -std::expm1(-integral); }

/// A day in four unequal steps, one of them silent.
PiecewiseRate daily(std::optional<Duration> period) {
  return {.starts = {at(0_s), at(6_h), at(9_h), at(20_h)}, .per_second = {0.001, 0.02, 0, 0.005}, .period = period};
}

}  // namespace

TEST_CASE("piecewise Poisson: with one rate, gaps are exponential", "[piecewise_poisson][analytic]") {
  const PiecewisePoisson arrivals{{.starts = {at(0_s)}, .per_second = {0.25}}};
  CHECK((arrivals.next(at(7_s), uniform_for(1)) == at(11_s)));
  CHECK((arrivals.next(at(7_s), uniform_for(0.5)) == at(9_s)));
  CHECK(arrivals.rate(at(7_s)) == 0.25);
}

TEST_CASE("piecewise Poisson: an integral of the rate found by hand", "[piecewise_poisson][table]") {
  // 0.2 a second for 10 s, silence for 10 s, then 0.1 a second.
  const PiecewisePoisson arrivals{{.starts = {at(0_s), at(10_s), at(20_s)}, .per_second = {0.2, 0, 0.1}}};
  CHECK((arrivals.next(at(0_s), uniform_for(1)) == at(5_s)));
  CHECK((arrivals.next(at(0_s), uniform_for(2.5)) == at(25_s)));
  CHECK((arrivals.next(at(5_s), uniform_for(2.5)) == at(35_s)));
  CHECK((arrivals.next(at(12_s), uniform_for(0.5)) == at(25_s)));
  CHECK(arrivals.rate(at(9999_ms)) == 0.2);
  CHECK(arrivals.rate(at(10_s)) == 0);
  CHECK(arrivals.expected_arrivals(at(0_s), at(30_s)) == 3);
}

TEST_CASE("piecewise Poisson: a pattern repeats with its period", "[piecewise_poisson][table]") {
  // From 5 s on: 1 a second for 1 s in each 4 s.
  const PiecewisePoisson arrivals{{.starts = {at(5_s), at(6_s)}, .per_second = {1, 0}, .period = 4_s}};
  CHECK((arrivals.next(at(0_s), uniform_for(0.5)) == at(5500_ms)));
  CHECK((arrivals.next(at(0_s), uniform_for(1.25)) == at(9250_ms)));
  CHECK((arrivals.next(at(5500_ms), uniform_for(3.75)) == at(5500_ms + 12_s + 3750_ms)));
  CHECK(arrivals.rate(at(4_s)) == 0);
  CHECK(arrivals.rate(at(4'000'005'500_ms)) == 1);
  CHECK(arrivals.expected_arrivals(at(0_s), at(405_s)) == 100);
}

TEST_CASE("piecewise Poisson: the expected arrivals up to the next one are the exponential draw",
          "[piecewise_poisson][property]") {
  for (const auto& period : {std::optional<Duration>{}, std::optional<Duration>{24_h}, std::optional<Duration>{27_h}}) {
    const PiecewisePoisson arrivals{daily(period)};
    for (int k = 0; k < 500; ++k) {
      const Time after = at(7919_s * k);
      const double integral = 0.003 * (k % 50) * (k % 50) * (k % 50) + 0.01;  // up to 375: most of a day
      const double u = uniform_for(std::min(integral, 30.0));
      const auto next = arrivals.next(after, u);
      REQUIRE(next.has_value());
      CAPTURE(k, u);
      CHECK(*next >= after);
      CHECK(arrivals.rate(*next) > 0);
      // A rounding to a nanosecond, and the rounding of u so close to one.
      CHECK_THAT(arrivals.expected_arrivals(after, *next), WithinAbs(-std::log1p(-u), 1e-6));
    }
  }
}

TEST_CASE("piecewise Poisson: many silent periods are one step", "[piecewise_poisson][analytic]") {
  // One expected arrival in 10^6 periods of one minute.
  const PiecewisePoisson arrivals{{.starts = {at(0_s), at(1_s)}, .per_second = {1e-6, 0}, .period = 60_s}};
  CHECK((arrivals.next(at(0_s), uniform_for(1.5e-6)) == at(60_s + 500_ms)));
  const Time next = arrivals.next(at(0_s), uniform_for(2.0000005)).value();
  CHECK_THAT(to_seconds(next.since_start()), WithinRel(2e6 * 60 + 0.5, 1e-9));
}

TEST_CASE("piecewise Poisson: a rounded arrival does not slip into silence", "[piecewise_poisson][property]") {
  const PiecewisePoisson arrivals{{.starts = {at(0_s), at(10_ns)}, .per_second = {1e8, 0}, .period = 20_ns}};
  for (int k = 1; k < 2000; ++k) {
    const Time next = arrivals.next(at(0_s), k / 2000.0).value();
    REQUIRE(arrivals.rate(next) > 0);
  }
}

TEST_CASE("piecewise Poisson: after the last arrival there is none", "[piecewise_poisson][table]") {
  const PiecewisePoisson ends{{.starts = {at(0_s), at(10_s)}, .per_second = {0.1, 0}}};
  CHECK(ends.next(at(0_s), uniform_for(0.999)).has_value());
  CHECK_FALSE(ends.next(at(0_s), uniform_for(1.001)).has_value());
  CHECK_FALSE(ends.next(at(10_s), 0.001).has_value());
  const PiecewisePoisson silent{{.starts = {at(0_s), at(10_s)}, .per_second = {0, 0}, .period = 20_s}};
  CHECK_FALSE(silent.next(at(3_s), 0.5).has_value());
  const PiecewisePoisson once_an_age{{.starts = {at(0_s)}, .per_second = {1e-12}, .period = 20_s}};
  CHECK_FALSE(once_an_age.next(at(3_s), 0.5).has_value());
  CHECK_FALSE(once_an_age.next(Time::max() - 10_s, 0.5).has_value());
  const Time last = at(Duration::of((std::int64_t{1} << 62) - 1));
  const PiecewisePoisson endless{{.starts = {at(0_s)}, .per_second = {1}}};
  CHECK_FALSE(endless.next(last, 0.5).has_value());
  CHECK(endless.next(last - 1_s, uniform_for(0.5)).has_value());
}

TEST_CASE("piecewise Poisson: a wrong rate is a broken invariant", "[piecewise_poisson][table]") {
  const std::vector<PiecewiseRate> broken = {
      {.starts = {}, .per_second = {}},
      {.starts = {at(0_s)}, .per_second = {1, 2}},
      {.starts = {at(0_s)}, .per_second = {-1}},
      {.starts = {at(0_s)}, .per_second = {INFINITY}},
      {.starts = {at(1_s), at(1_s)}, .per_second = {1, 2}},
      {.starts = {at(0_s), at(10_s)}, .per_second = {1, 2}, .period = 10_s},
  };
  for (std::size_t i = 0; i < broken.size(); ++i) {
    INFO("case " << i);
    CHECK_THROWS_AS(PiecewisePoisson(broken[i]), InvariantViolation);
  }
}
