#include "fleetsim/sim/distribution.hpp"

#include <functional>
#include <numbers>

#include "fleetsim/sim/invariant.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Named {
  const char* name;
  Distribution distribution;
};

/// Continuous forms with a smooth quantile function.
std::vector<Named> smooth_forms() {
  return {{"exponential", Exponential{5}},
          {"Weibull, falling hazard", Weibull{.shape = 0.7, .scale = 3}},
          {"Weibull, rising hazard", Weibull{.shape = 3, .scale = 3}},
          {"log-normal", LogNormal{.median = 3, .sigma = 0.8}},
          {"hyper-exponential, one branch", HyperExponential{{1}, {5}}},
          {"hyper-exponential, two branches", HyperExponential{{9, 1}, {1, 10}}},
          {"hyper-exponential, three branches far apart", HyperExponential{{0.5, 0.4, 0.1}, {0.1, 1, 40}}},
          {"gamma, shape below one", Gamma{.shape = 0.5, .scale = 2}},
          {"gamma, shape above one", Gamma{.shape = 7.5, .scale = 2}},
          {"normal", Normal{.mean = -3, .sigma = 2}},
          {"uniform", Uniform{.low = -1, .high = 4}}};
}

/// Continuous forms whose density jumps or bends, and forms with steps.
std::vector<Named> piecewise_forms() {
  return {{"triangular", Triangular{.low = 1, .mode = 2, .high = 6}},
          {"triangular, mode at its low end", Triangular{.low = 1, .mode = 1, .high = 6}},
          {"triangular, mode at its high end", Triangular{.low = 1, .mode = 6, .high = 6}},
          {"empirical", Empirical{{1, 2, 2.5, 7, 11}}},
          {"constant", Constant{4}},
          {"empirical with ties", Empirical{{1, 2, 2, 2, 11}}},
          {"empirical of one value", Empirical{{3}}},
          {"discrete", Discrete{{1, 2, 5}, {-1, 0, 3}}},
          {"bathtub, a quarter reaches the limit", Bathtub{0.375, 2, 1.2, 24}},
          {"bathtub, over before its limit", Bathtub{0.8, 3, 4, 24}},
          {"bathtub, wider than its limit", Bathtub{0.4, 30, 40, 24}}};
}

std::vector<Named> all_forms() {
  auto forms = smooth_forms();
  for (auto& form : piecewise_forms()) forms.push_back(form);
  return forms;
}

/// The integral of f over (0, 1) by the double-exponential rule, exact to rounding for smooth f even where f grows
/// like a power of a logarithm at the ends.
double integrate(const std::function<double(double)>& f) {
  const double step = 1.0 / 256;
  double sum = 0;
  for (int k = -800; k <= 800; ++k) {
    const double t = k * step;
    const double half_pi = std::numbers::pi / 2;
    const double u = 1 / (1 + std::exp(-2 * half_pi * std::sinh(t)));
    if (u <= 0 || u >= 1) continue;
    const double slope = 2 * half_pi * std::cosh(t) * u / (1 + std::exp(2 * half_pi * std::sinh(t)));
    sum += slope * f(u);
  }
  return sum * step;
}

/// The same by the mean over the middles of equal cells; its error is at most one cell's for monotone f.
double integrate_cells(const std::function<double(double)>& f, int cells) {
  double sum = 0;
  for (int k = 0; k < cells; ++k) sum += f((k + 0.5) / cells);
  return sum / cells;
}

}  // namespace

TEST_CASE("distribution: the quantile function inverts the distribution function", "[distribution][property]") {
  for (const auto& [name, distribution] : smooth_forms()) {
    INFO(name);
    for (const double u : {1e-12, 1e-6, 1e-3, 0.05, 0.25, 0.4999, 0.5, 0.5001, 0.75, 0.95, 0.999, 1 - 1e-6}) {
      INFO("u = " << u);
      CHECK_THAT(distribution.cdf(distribution.quantile(u)), WithinAbs(u, 1e-11 * u + 1e-15));
    }
  }
  for (const auto& form : {Triangular{1, 2, 6}, Triangular{1, 1, 6}, Triangular{1, 6, 6}})
    for (const double u : {0.001, 0.1, 0.2, 0.5, 0.9, 0.999})
      CHECK_THAT(Distribution(form).cdf(Distribution(form).quantile(u)), WithinRel(u, 1e-12));
}

TEST_CASE("distribution: with steps, the quantile is the least value whose share reaches u",
          "[distribution][property]") {
  for (const auto& [name, distribution] : piecewise_forms()) {
    INFO(name);
    for (int k = 1; k < 1000; ++k) {
      const double u = k / 1000.0;
      const double x = distribution.quantile(u);
      CHECK(distribution.cdf(x) >= u - 1e-12);
      CHECK(distribution.cdf(x - 1e-6) <= u);
    }
  }
}

TEST_CASE("distribution: a larger uniform number gives no smaller value", "[distribution][property]") {
  for (const auto& [name, distribution] : all_forms()) {
    INFO(name);
    double last = distribution.quantile(1e-15);
    for (int k = 1; k < 20'000; ++k) {
      const double x = distribution.quantile(k / 20'000.0);
      INFO("u = " << k << " / 20000");
      REQUIRE(x >= last);
      last = x;
    }
    CHECK(distribution.quantile(1 - 1e-15) >= last);
  }
}

TEST_CASE("distribution: mean and variance are those of the quantile function", "[distribution][analytic]") {
  for (const auto& [name, distribution] : smooth_forms()) {
    INFO(name);
    const double mean = distribution.mean();
    CHECK_THAT(integrate([&](double u) { return distribution.quantile(u); }), WithinAbs(mean, 1e-8));
    CHECK_THAT(integrate([&](double u) { return std::pow(distribution.quantile(u) - mean, 2); }),
               WithinRel(distribution.variance(), 1e-6));
  }
  for (const auto& [name, distribution] : piecewise_forms()) {
    INFO(name);
    const int cells = 40'000;
    const double range = distribution.quantile(1 - 1e-9) - distribution.quantile(1e-9);
    const double mean = distribution.mean();
    CHECK_THAT(integrate_cells([&](double u) { return distribution.quantile(u); }, cells),
               WithinAbs(mean, range / cells + 1e-12));
    CHECK_THAT(integrate_cells([&](double u) { return std::pow(distribution.quantile(u) - mean, 2); }, cells),
               WithinAbs(distribution.variance(), 2 * range * range / cells + 1e-12));
  }
}

TEST_CASE("distribution: published and closed-form quantiles", "[distribution][table]") {
  const Distribution normal = Normal{};
  CHECK_THAT(normal.quantile(0.975), WithinAbs(1.959963985, 1e-9));
  CHECK_THAT(normal.quantile(0.995), WithinAbs(2.575829304, 1e-9));
  CHECK_THAT(normal.quantile(0.5), WithinAbs(0, 1e-15));

  // Chi-square with n degrees of freedom is gamma of shape n / 2 and scale 2.
  CHECK_THAT(Distribution(Gamma{5, 2}).quantile(0.95), WithinAbs(18.307, 5e-4));
  CHECK_THAT(Distribution(Gamma{0.5, 2}).quantile(0.95), WithinAbs(3.841, 5e-4));
  CHECK_THAT(Distribution(Gamma{15, 2}).quantile(0.01), WithinAbs(14.953, 5e-4));
  // With two degrees of freedom it is exponential of mean 2.
  CHECK_THAT(Distribution(Gamma{1, 2}).quantile(0.99), WithinRel(-2 * std::log(0.01), 1e-12));

  CHECK_THAT(Distribution(Exponential{5}).quantile(0.5), WithinRel(5 * std::numbers::ln2, 1e-15));
  // The scale of a Weibull is its quantile of 1 - 1/e, whatever the shape.
  CHECK_THAT(Distribution(Weibull{0.6, 7}).quantile(1 - 1 / std::numbers::e), WithinRel(7.0, 1e-14));
  CHECK_THAT(Distribution(Weibull{1, 7}).quantile(0.3), WithinRel(Distribution(Exponential{7}).quantile(0.3), 1e-14));
  CHECK_THAT(Distribution(LogNormal{3, 0.8}).quantile(0.5), WithinRel(3.0, 1e-15));
  CHECK_THAT(Distribution(LogNormal{1, 1}).quantile(0.975), WithinRel(std::exp(1.959963985), 1e-9));
  CHECK(Distribution(LogNormal{3, 0}).quantile(0.2) == 3.0);
}

TEST_CASE("distribution: a hyper-exponential with means 1 and 2 has a quantile in closed form",
          "[distribution][analytic]") {
  // With y = exp(-x / 2) the survival function (y^2 + y) / 2 = 1 - u is a quadratic.
  const Distribution mixture = HyperExponential{{0.5, 0.5}, {1, 2}};
  for (int k = 1; k < 100; ++k) {
    const double u = k / 100.0;
    const double y = (std::sqrt(1 + 8 * (1 - u)) - 1) / 2;
    CHECK_THAT(mixture.quantile(u), WithinRel(-2 * std::log(y), 1e-12));
  }
}

TEST_CASE("distribution: a hyper-exponential converges whatever lies between its branches",
          "[distribution][property]") {
  for (const double ratio : {1.0, 1.001, 3.0, 1e3, 1e6, 1e9})
    for (const double rare : {0.5, 0.1, 1e-3, 1e-6}) {
      const Distribution mixture = HyperExponential{{1 - rare, rare}, {1, ratio}};
      // Both sides of the share at which the rare branch takes over.
      for (const double u : {1e-9, 0.1, 0.5, 1 - 2 * rare, 1 - rare, 1 - rare / 2, 1 - rare * 1e-3}) {
        if (u <= 0) continue;
        CAPTURE(ratio, rare, u);
        CHECK_THAT(mixture.cdf(mixture.quantile(u)), WithinRel(u, 1e-12));
      }
    }
}

TEST_CASE("distribution: an empirical one interpolates between its values as type 7 does", "[distribution][table]") {
  const Distribution sample = Empirical{{1, 2, 3, 4}};
  CHECK(sample.quantile(0.25) == 1.75);
  CHECK(sample.quantile(0.5) == 2.5);
  CHECK_THAT(sample.quantile(0.9), WithinAbs(3.7, 1e-12));
  CHECK(sample.cdf(1.75) == 0.25);
  CHECK(Distribution(Empirical{{3}}).quantile(0.7) == 3);
  // Two thirds of the way lie two of three gaps, one of them of width zero: F jumps there.
  const Distribution tied = Empirical{{1, 2, 2, 5}};
  CHECK_THAT(tied.cdf(1.999999), WithinAbs(1.0 / 3, 1e-6));
  CHECK_THAT(tied.cdf(2), WithinAbs(2.0 / 3, 1e-15));
}

TEST_CASE("distribution: a discrete one keeps the order of its values and normalizes its weights",
          "[distribution][table]") {
  const Distribution zones = Discrete{{2, 1, 1}, {7, 3, 5}};
  CHECK(zones.quantile(0.001) == 7);
  CHECK(zones.quantile(0.5) == 7);
  CHECK(zones.quantile(0.500001) == 3);
  CHECK(zones.quantile(0.75) == 3);
  CHECK(zones.quantile(0.999999) == 5);
  CHECK(zones.mean() == 5.5);
  CHECK(zones.variance() == 2.75);  // 0.5 * 1.5^2 + 0.25 * 2.5^2 + 0.25 * 0.5^2
  CHECK(zones.cdf(4) == 0.25);
  CHECK(zones.cdf(7) == 1);
  CHECK(std::get<Discrete>(zones.form()).weights == std::vector<double>{0.5, 0.25, 0.25});
}

TEST_CASE("distribution: what a bathtub lacks at its limit dies there, and where it passes one it has ended",
          "[distribution][analytic]") {
  // A quarter reaches 24 h: the share 0.375 counts twice, for the early failures and for the wall, less e^-12.
  const Distribution walled = Bathtub{.share = 0.375, .early = 2, .late = 1.2, .limit = 24};
  CHECK_THAT(walled.cdf(24 - 1e-9), WithinAbs(0.75, 1e-5));
  CHECK(walled.cdf(24) == 1);
  CHECK(walled.quantile(0.7501) == 24);
  CHECK(walled.quantile(1 - 1e-12) == 24);
  // In the flat middle the early failures are over and the wall is far: F = share.
  CHECK_THAT(walled.cdf(13), WithinAbs(0.375 * (1 - std::exp(-6.5) + std::exp(-11 / 1.2)), 1e-15));
  // F(0) = 0.8 e^-0.25 = 0.623 die at once, and 0.8 (1 - e^-1 + 1) = 1.31 is above 1, so none reaches the limit.
  const Distribution brief = Bathtub{.share = 0.8, .early = 1, .late = 4, .limit = 1};
  CHECK(brief.quantile(0.62) == 0);
  CHECK(brief.quantile(0.63) > 0);
  CHECK(brief.cdf(-1e-9) == 0);
  CHECK_THAT(brief.cdf(0), WithinRel(0.8 * std::exp(-0.25), 1e-15));
  const double end = brief.quantile(1 - 1e-15);
  CHECK((end > 0 && end < 1));
  CHECK_THAT(0.8 * (1 - std::exp(-end) + std::exp((end - 1) / 4)), WithinAbs(1, 1e-12));
}

TEST_CASE("distribution: a parameter out of its range is a broken invariant", "[distribution][table]") {
  const double nan = std::nan("");
  const std::vector<DistributionForm> broken = {
      Constant{nan}, Exponential{0}, Exponential{nan}, Weibull{0, 1}, Weibull{1, -1}, LogNormal{0, 1},
      LogNormal{1, -1}, HyperExponential{{}, {}}, HyperExponential{{1}, {1, 2}}, HyperExponential{{1, 0}, {1, 2}},
      Gamma{0, 1}, Gamma{1, INFINITY}, Normal{0, -1}, Uniform{1, 1}, Triangular{0, 2, 1}, Triangular{1, 1, 1},
      Discrete{{}, {}}, Discrete{{1}, {nan}}, Empirical{{}}, Empirical{{2, 1}}, Bathtub{0, 1, 1, 1},
      Bathtub{1, 0, 1, 1}, Bathtub{1, 1, -1, 1}, Bathtub{1, 1, 1, nan}};
  for (std::size_t i = 0; i < broken.size(); ++i) {
    INFO("case " << i);
    CHECK_THROWS_AS(Distribution(broken[i]), InvariantViolation);
  }
}

TEST_CASE("duration distribution: seconds become nanoseconds, exactly for a constant", "[distribution][table]") {
  for (const Duration constant : {0_s, 1_ns, 90_s, 1_h, 30_d + 1_ns, 365_d + 1_ns}) {
    INFO(constant.count() << " ns");
    CHECK((DurationDistribution(constant).quantile(0.3) == constant));
    CHECK((DurationDistribution(constant).mean() == constant));
  }
  const DurationDistribution boot{Uniform{.low = 60, .high = 180}};
  CHECK(boot.quantile(0.25) == 90_s);
  CHECK(boot.mean() == 2_min);
}

TEST_CASE("duration distribution: a normal's negative tail counts as zero, in the mean too",
          "[distribution][analytic]") {
  const DurationDistribution half{Normal{.mean = 0, .sigma = 10}};
  CHECK(half.quantile(0.2) == 0_s);
  // E max(0, X) = sigma / sqrt(2 pi) for a mean of zero.
  CHECK_THAT(to_seconds(half.mean()), WithinAbs(10 / std::sqrt(2 * std::numbers::pi), 1e-8));
  CHECK_THROWS_AS(DurationDistribution(Uniform{-1, 1}), InvariantViolation);
}

TEST_CASE("duration distribution: a draw past 73 years is cut there", "[distribution][property]") {
  const DurationDistribution endless{Weibull{.shape = 0.05, .scale = 1e6}};
  CHECK(endless.quantile(1 - 1e-15) == Duration::of(std::int64_t{1} << 61));
}
