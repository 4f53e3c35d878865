#pragma once
/// The smallest value of a function of a few parameters, without derivatives.

#include <functional>
#include <vector>

namespace fleetsim::fit {

struct Minimum {
  std::vector<double> at;
  double value = 0;
};

/// The simplex method of Nelder and Mead ("A simplex method for function minimization", Computer Journal 7, 1965) from
/// `start`, the first steps as long as `steps` says; ends after `calls_max` calls, or when the simplex has shrunk to
/// values that differ by less than `tolerance`. The function may be anything that returns a number, and steps of its
/// own do no harm as long as they are small. Requires: as many steps as parameters, none zero.
Minimum minimize(const std::function<double(const std::vector<double>&)>& function, std::vector<double> start,
                 const std::vector<double>& steps, int calls_max, double tolerance);

}  // namespace fleetsim::fit
