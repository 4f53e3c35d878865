/// Two exponential branches by expectation-maximization: which branch an amount came from is what is missing
/// (Asmussen, Nerman, Olsson, "Fitting phase-type distributions via the EM algorithm", Scand. J. Statist. 23, 1996).

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/fit/likelihood.hpp"

namespace fleetsim::fit {
namespace {

struct Branches {
  double weight;  // of the first
  std::array<double, 2> means;
};

/// What one pass over the sample gives: better branches, and the likelihood of the old ones.
struct Step {
  Branches next;
  double log_likelihood;
};

Step improve(const Sample& sample, const Branches& old) {
  const double log_weight = std::log(old.weight / (1 - old.weight));
  const double log_means = std::log(old.means[1] / old.means[0]);
  const double rates = 1 / old.means[0] - 1 / old.means[1];
  double share = 0, share_ended = 0, time = 0, time_all = 0, likelihood = 0;
  const auto add = [&](double x, bool ended) {
    // Odds of the first branch.
    const double log_odds = log_weight - x * rates + (ended ? log_means : 0);
    const double odds = std::exp(-std::abs(log_odds));
    const double larger = 1 / (1 + odds);
    const double first = log_odds >= 0 ? larger : 1 - larger;
    share += first;
    if (ended) share_ended += first;
    time += first * x;
    time_all += x;
    const double second = std::log(1 - old.weight) - x / old.means[1] - (ended ? std::log(old.means[1]) : 0);
    likelihood += second + std::max(log_odds, 0.0) + std::log1p(odds);
  };
  for (const double x : sample.ended) add(x, true);
  for (const double x : sample.censored) add(x, false);
  const auto count = static_cast<double>(sample.size());
  const auto ended = static_cast<double>(sample.ended.size());
  // A branch that has lost all its amounts keeps its mean.
  constexpr double least = 1e-12;
  Branches next = old;
  next.weight = std::clamp(share / count, least, 1 - least);
  if (share_ended > least) next.means[0] = time / share_ended;
  if (ended - share_ended > least) next.means[1] = (time_all - time) / (ended - share_ended);
  return {next, likelihood};
}

std::array<double, 3> to_free(const Branches& b) {
  return {std::log(b.weight / (1 - b.weight)), std::log(b.means[0]), std::log(b.means[1])};
}

Branches from_free(const std::array<double, 3>& x) {
  const double weight = std::clamp(1 / (1 + std::exp(-x[0])), 1e-12, 1 - 1e-12);
  return {weight, {std::exp(x[1]), std::exp(x[2])}};
}

/// Steps until they no longer help. Each round extrapolates two steps (Varadhan, Roland, "Simple and globally
/// convergent methods for accelerating the convergence of any EM algorithm", Scand. J. Statist. 35, 2008, scheme S3),
/// and falls back on the plain steps where that lowers the likelihood.
Step climb(const Sample& sample, Branches start) {
  constexpr int rounds_max = 2'000;
  Step current = improve(sample, start);
  Branches at = start;
  for (int round = 0; round < rounds_max; ++round) {
    const Branches once = current.next;
    const Step second = improve(sample, once);
    const auto x0 = to_free(at), x1 = to_free(once), x2 = to_free(second.next);
    double step2 = 0, bend2 = 0;
    std::array<double, 3> step{}, bend{};
    for (std::size_t i = 0; i < 3; ++i) {
      step[i] = x1[i] - x0[i];
      bend[i] = x2[i] - x1[i] - step[i];
      step2 += step[i] * step[i];
      bend2 += bend[i] * bend[i];
    }
    if (step2 < 1e-22) return {once, second.log_likelihood};
    const double length = bend2 > 0 ? std::max(1.0, std::sqrt(step2 / bend2)) : 1.0;
    std::array<double, 3> far{};
    for (std::size_t i = 0; i < 3; ++i) far[i] = x0[i] + 2 * length * step[i] + length * length * bend[i];
    const Branches guess = from_free(far);
    const Step tried = improve(sample, guess);
    if (std::isfinite(tried.log_likelihood) && tried.log_likelihood >= second.log_likelihood) {
      at = guess;
      current = tried;
    } else {
      at = second.next;
      current = improve(sample, at);
    }
  }
  return {at, current.log_likelihood};
}

}  // namespace

std::optional<Fit> hyper_exponential(const Sample& sample) {
  check(sample);
  if (sample.ended.size() < 4) return std::nullopt;
  const double centre = mean(sample);
  std::optional<Step> best;
  // A maximum that one start misses another finds: few long ones, half and half, few short ones.
  for (const Branches& start : {Branches{0.9, {0.5 * centre, 5 * centre}}, Branches{0.5, {0.2 * centre, 2 * centre}},
                                Branches{0.2, {0.05 * centre, 1.2 * centre}}}) {
    const Step found = climb(sample, start);
    if (!best || found.log_likelihood > best->log_likelihood) best = found;
  }
  const Branches& b = best->next;
  const bool swap = b.means[0] > b.means[1];
  HyperExponential form{{b.weight, 1 - b.weight}, {b.means[0], b.means[1]}};
  if (swap) form = {{1 - b.weight, b.weight}, {b.means[1], b.means[0]}};
  return make_fit(sample, std::move(form), 3);
}

}  // namespace fleetsim::fit
