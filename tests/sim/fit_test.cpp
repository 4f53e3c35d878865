/// Maximum-likelihood fits, with amounts cut off, against results that are known.

#include <array>
#include <cmath>
#include <vector>

#include "fleetsim/sim/fit.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// Weeks of remission under 6-MP: Freireich et al., Blood 21 (1963), the example of most textbooks on survival.
const fit::Sample remissions{.ended = {6, 6, 6, 7, 10, 13, 16, 22, 23},
                             .censored = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}};

/// The middle quantiles of n equal cells, cut off at `end`: a sample without the chance of one.
fit::Sample quantile_sample(const Distribution& distribution, int n, double end = 1e300) {
  fit::Sample sample;
  for (int i = 0; i < n; ++i) {
    const double x = distribution.quantile((i + 0.5) / n);
    (x <= end ? sample.ended : sample.censored).push_back(std::min(x, end));
  }
  return sample;
}

template <class Form>
Form form_of(const std::optional<fit::Fit>& fitted) {
  REQUIRE(fitted);
  return std::get<Form>(fitted->distribution.form());
}

}  // namespace

TEST_CASE("fit: an exponential's mean is the total time over the number that ended", "[fit][analytic]") {
  const fit::Sample sample{.ended = {1, 2, 3}, .censored = {4, 5}};
  const auto fitted = fit::exponential(sample);
  CHECK(form_of<Exponential>(fitted).mean == 5);
  CHECK_THAT(fitted->log_likelihood, WithinRel(-3 * std::log(5.0) - 15.0 / 5, 1e-14));
  CHECK_THAT(fitted->aic(), WithinRel(2 - 2 * fitted->log_likelihood, 1e-14));
  CHECK_FALSE(fit::exponential({.ended = {}, .censored = {4, 5}}));
  CHECK_THAT(form_of<Exponential>(fit::exponential(remissions)).mean, WithinRel(359.0 / 9, 1e-14));
}

TEST_CASE("fit: the remissions' Weibull is that of the textbooks", "[fit][table]") {
  // survreg of R 4 gives an intercept of 3.519 and a scale of 0.739: scale e^3.519 and shape 1 / 0.739.
  const auto form = form_of<Weibull>(fit::weibull(remissions));
  CHECK_THAT(std::log(form.scale), WithinAbs(3.519, 0.0005));
  CHECK_THAT(1 / form.shape, WithinAbs(0.739, 0.0005));
}

TEST_CASE("fit: the estimates are a maximum: moving any parameter lowers the likelihood", "[fit][property]") {
  const fit::Sample sample = quantile_sample(LogNormal{2, 1.3}, 200, 9);
  const auto is_peak = [&](const std::optional<fit::Fit>& fitted, auto moved) {
    for (const double f : {0.999, 1.001}) {
      for (const auto& [a, b, c] : {std::array{f, 1.0, 1.0}, {1.0, f, 1.0}, {1.0, 1.0, f}}) {
        CHECK(fit::log_likelihood(sample, moved(a, b, c)) < fitted->log_likelihood);
      }
    }
  };
  const auto weibull = fit::weibull(sample);
  const auto w = form_of<Weibull>(weibull);
  is_peak(weibull, [&](double a, double b, double c) { return Weibull{w.shape * a, w.scale * b * c}; });
  const auto log_normal = fit::log_normal(sample);
  const auto l = form_of<LogNormal>(log_normal);
  is_peak(log_normal, [&](double a, double b, double c) { return LogNormal{l.median * a, l.sigma * b * c}; });
  const auto hyper = fit::hyper_exponential(sample);
  const auto h = form_of<HyperExponential>(hyper);
  is_peak(hyper, [&](double a, double b, double c) {
    return HyperExponential{{h.weights[0] * c, 1 - h.weights[0] * c}, {h.means[0] * a, h.means[1] * b}};
  });
}

TEST_CASE("fit: parameters come back from a sample of their quantiles, whole or cut off", "[fit][analytic]") {
  // Quantiles at the middles of n cells lie nearer to their distribution than a random sample, so each estimate is
  // within the standard error of one, which for these forms is at most 1.4 x parameter / sqrt(number that ended).
  constexpr int n = 4'000;
  const double share = GENERATE(1.0, 0.8, 0.5);  // that ends before the cut
  const auto near = [&](double truth) { return WithinRel(truth, 1.4 / std::sqrt(n * share)); };
  const auto sample_of = [&](const Distribution& d) {
    return quantile_sample(d, n, share < 1 ? d.quantile(share) : 1e300);
  };
  const auto one = form_of<Weibull>(fit::weibull(sample_of(Exponential{3})));
  CHECK_THAT(one.shape, near(1));
  CHECK_THAT(one.scale, near(3));
  const auto w = form_of<Weibull>(fit::weibull(sample_of(Weibull{0.6, 2})));
  CHECK_THAT(w.shape, near(0.6));
  CHECK_THAT(w.scale, WithinRel(2, 1.4 / 0.6 / std::sqrt(n * share)));  // ln(scale) has 1 / shape times that error
  const auto l = form_of<LogNormal>(fit::log_normal(sample_of(LogNormal{5, 1.5})));
  CHECK_THAT(l.median, WithinRel(5, 1.4 * 1.5 / std::sqrt(n * share)));
  CHECK_THAT(l.sigma, near(1.5));
}

TEST_CASE("fit: two far branches come back with their own means and shares", "[fit][analytic]") {
  // With means 1 and 1000 nearly every amount shows its branch, so a share has the standard error of a share and a
  // mean that of an exponential's mean.
  constexpr int n = 10'000;
  const HyperExponential truth{{0.7, 0.3}, {1, 1000}};
  const double end = GENERATE(1e300, 1500.0);
  const fit::Sample sample = quantile_sample(truth, n, end);
  const auto h = form_of<HyperExponential>(fit::hyper_exponential(sample));
  CHECK_THAT(h.weights[0], WithinAbs(0.7, std::sqrt(0.21 / n)));
  CHECK_THAT(h.means[0], WithinRel(1, 1 / std::sqrt(0.7 * n)));
  CHECK_THAT(h.means[1], WithinRel(1000, 1 / std::sqrt(0.3 * n * (1 - std::exp(-end / 1000)))));
}

TEST_CASE("fit: nested forms are ordered by likelihood, and a regular sample needs no second branch", "[fit][property]") {
  const fit::Sample sample = quantile_sample(Weibull{0.7, 1}, 300);
  CHECK(fit::weibull(sample)->log_likelihood >= fit::exponential(sample)->log_likelihood);
  CHECK(fit::hyper_exponential(sample)->log_likelihood >= fit::exponential(sample)->log_likelihood);
  // A sample that varies less than an exponential: the mixture is the exponential.
  const fit::Sample regular{.ended = {4, 5, 6, 5, 4, 6}, .censored = {}};
  CHECK_THAT(fit::hyper_exponential(regular)->log_likelihood,
             WithinRel(fit::exponential(regular)->log_likelihood, 1e-6));
  CHECK_FALSE(fit::weibull({.ended = {5, 5, 5}, .censored = {2}}));
  CHECK_FALSE(fit::log_normal({.ended = {5}, .censored = {2, 9}}));
  CHECK_FALSE(fit::hyper_exponential({.ended = {1, 2, 3}, .censored = {}}));
}

TEST_CASE("fit: Kaplan and Meier's own example", "[fit][table]") {
  // JASA 53 (1958), section 3: deaths at 0.8, 3.1, 5.4, 9.2; losses at 1.0, 2.7, 7.0, 12.1.
  const auto points = fit::kaplan_meier({.ended = {0.8, 3.1, 5.4, 9.2}, .censored = {1.0, 2.7, 7.0, 12.1}});
  REQUIRE(points.size() == 4);
  const std::vector<double> survival = {7.0 / 8, 7.0 / 10, 21.0 / 40, 21.0 / 80};
  for (std::size_t i = 0; i < 4; ++i) CHECK_THAT(points[i].survival, WithinRel(survival[i], 1e-14));
  CHECK(points[1].at_risk == 5);
}

TEST_CASE("fit: survival of the remissions, ties and losses at the same week included", "[fit][table]") {
  struct Row { double week; std::size_t at_risk, ended; double survival, standard_error; };
  const std::vector<Row> published = {{6, 21, 3, .857, .076}, {7, 17, 1, .807, .087}, {10, 15, 1, .753, .096},
                                      {13, 12, 1, .690, .107}, {16, 11, 1, .627, .114}, {22, 7, 1, .538, .128},
                                      {23, 6, 1, .448, .135}};
  const auto points = fit::kaplan_meier(remissions);
  REQUIRE(points.size() == published.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].time == published[i].week);
    CHECK(points[i].at_risk == published[i].at_risk);
    CHECK(points[i].ended == published[i].ended);
    CHECK_THAT(points[i].survival, WithinAbs(published[i].survival, 0.0005));
    CHECK_THAT(points[i].standard_error, WithinAbs(published[i].standard_error, 0.0005));
  }
}

TEST_CASE("fit: the Kolmogorov-Smirnov distance is the largest step between the two functions", "[fit][analytic]") {
  // Against x on (0, 1): below 0.2 nothing has ended where 0.2 should have, and all by 0.8 where 0.8 should have.
  const auto points = fit::kaplan_meier({.ended = {0.2, 0.4, 0.6, 0.8}, .censored = {}});
  CHECK_THAT(fit::ks_distance(points, Uniform{0, 1}), WithinAbs(0.2, 1e-14));
  // One of two is cut off before the other ends: the estimate falls from 1 to 0 at 0.5.
  CHECK_THAT(fit::ks_distance(fit::kaplan_meier({.ended = {0.5}, .censored = {0.1}}), Uniform{0, 1}),
             WithinAbs(0.5, 1e-14));
  // As many amounts in each of ten equal cells, recorded as the cell's middle: no distance but at the raw steps.
  fit::Sample rounded;
  for (int i = 0; i < 10; ++i) rounded.ended.insert(rounded.ended.end(), 3, 0.05 + 0.1 * i);
  CHECK_THAT(fit::ks_distance(fit::kaplan_meier(rounded), Uniform{0, 1}, 0.1), WithinAbs(0, 1e-14));
  CHECK_THAT(fit::ks_distance(fit::kaplan_meier(rounded), Uniform{0, 1}), WithinAbs(0.05, 1e-14));
  // The same with each amount a hundredth early or late.
  for (std::size_t i = 0; i < rounded.ended.size(); ++i) rounded.ended[i] += i % 3 == 0 ? -0.01 : 0.01;
  CHECK_THAT(fit::ks_distance(fit::kaplan_meier(rounded), Uniform{0, 1}, 0.1), WithinAbs(0.01, 1e-14));
  // The table of Massey (JASA 46, 1951) has 0.294 for n = 20; 1.36 / sqrt(n) above 35.
  CHECK_THAT(fit::ks_critical_5_percent(20), WithinAbs(0.294, 0.001));
  CHECK_THAT(fit::ks_critical_5_percent(10'000), WithinAbs(0.0136, 0.0001));
}

TEST_CASE("fit: mean and coefficient of variation are of what ended", "[fit][analytic]") {
  const fit::Sample sample{.ended = {1, 2, 3}, .censored = {100}};
  CHECK(fit::mean(sample) == 2);
  CHECK_THAT(fit::coefficient_of_variation(sample), WithinRel(0.5, 1e-14));
  CHECK(fit::coefficient_of_variation({.ended = {4}, .censored = {}}) == 0);
}
