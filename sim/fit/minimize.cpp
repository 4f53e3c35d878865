#include "sim/fit/minimize.hpp"

#include <algorithm>
#include <utility>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::fit {

Minimum minimize(const std::function<double(const std::vector<double>&)>& function, std::vector<double> start,
                 const std::vector<double>& steps, int calls_max, double tolerance) {
  invariant(!start.empty() && start.size() == steps.size(), "each parameter has its first step");
  int calls = 0;
  const auto evaluate = [&](std::vector<double> at) {
    ++calls;
    const double value = function(at);
    return Minimum{std::move(at), value};
  };
  const auto lower = [](const Minimum& a, const Minimum& b) { return a.value < b.value; };

  std::vector<Minimum> simplex{evaluate(start)};
  for (std::size_t i = 0; i < start.size(); ++i) {
    std::vector<double> corner = start;
    corner[i] += steps[i];
    simplex.push_back(evaluate(std::move(corner)));
  }
  while (true) {
    std::stable_sort(simplex.begin(), simplex.end(), lower);
    Minimum& worst = simplex.back();
    if (calls >= calls_max || worst.value - simplex.front().value < tolerance) break;
    std::vector<double> centre(start.size(), 0);
    for (std::size_t i = 0; i + 1 < simplex.size(); ++i) {
      for (std::size_t j = 0; j < centre.size(); ++j) centre[j] += simplex[i].at[j] / static_cast<double>(start.size());
    }
    // The point as far beyond the centre as `factor` says, on the line from the worst one.
    const auto beyond = [&](double factor) {
      std::vector<double> at = centre;
      for (std::size_t j = 0; j < at.size(); ++j) at[j] += factor * (centre[j] - worst.at[j]);
      return evaluate(std::move(at));
    };
    Minimum reflected = beyond(1);
    if (reflected.value < simplex.front().value) {
      Minimum expanded = beyond(2);
      worst = lower(expanded, reflected) ? std::move(expanded) : std::move(reflected);
      continue;
    }
    if (reflected.value < simplex[simplex.size() - 2].value) {
      worst = std::move(reflected);
      continue;
    }
    Minimum contracted = beyond(reflected.value < worst.value ? 0.5 : -0.5);
    if (contracted.value < std::min(worst.value, reflected.value)) {
      worst = std::move(contracted);
      continue;
    }
    for (std::size_t i = 1; i < simplex.size(); ++i) {
      for (std::size_t j = 0; j < centre.size(); ++j) {
        simplex[i].at[j] = (simplex[i].at[j] + simplex.front().at[j]) / 2;
      }
      simplex[i] = evaluate(std::move(simplex[i].at));
    }
  }
  return simplex.front();
}

}  // namespace fleetsim::fit
