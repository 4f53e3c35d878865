/// The durations of the pools recorded in 2023, against what was measured from their source's samples.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "models/spot_market/calibration/durations.hpp"
#include "models/spot_market/calibration/regions.hpp"
#include "models/spot_market/trace_files.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;
using namespace fleetsim::calibration;
using Catch::Matchers::WithinAbs;

namespace {

const spot_market::AvailabilityTraces& recordings() {
  static const spot_market::AvailabilityTraces traces = [] {
    config::Diagnostics diagnostics;
    const std::string path =
        std::string(test::source_dir) + "/scenarios/data/no-stated-licence/sky-avail-2023-02/availability.csv";
    return spot_market::read_availability_file({path, path}, diagnostics).value();
  }();
  return traces;
}

struct Mixture {
  double share, first_mean, second_mean;  // of the branch of the smaller mean; hours
};
/// The distance as the table has it: at the recorded durations only, not just before them.
double distance_at_points(const Durations& durations, const Distribution& fitted) {
  double distance = 0;
  for (const fit::SurvivalPoint& point : durations.survival) {
    distance = std::max(distance, std::abs(1 - fitted.cdf(point.time) - point.survival));
  }
  return distance;
}

struct Row {
  std::string zone;
  double availability;
  std::size_t up_count;
  double up_mean, up_cv;
  Mixture up;
  std::vector<double> up_ks;  // exponential, Weibull, hyper-exponential, log-normal
  double down_mean, down_cv;
  Mixture down;
};

}  // namespace

TEST_CASE("calibration: durations of scarce pools are as published", "[spot_market][calibration][table]") {
  // docs/models/calibration.md, "Validation". The table drops both ends of a recording, has two decimals for hours (one
  // from ten hours on), one for CV (with n, where ours has n - 1), two for shares and
  // distances.
  const Row row = GENERATE(
      Row{"us-east-1a", 0.167, 253, 0.72, 1.5, {0.86, 0.47, 2.31}, {.18, .15, .08, .16}, 3.55, 2.6, {0.67, 0.51, 9.84}},
      Row{"us-east-1c", 0.467, 343, 1.48, 2.1, {0.79, 0.55, 4.96}, {.29, .15, .08, .13}, 1.64, 1.6, {0.58, 0.49, 3.24}},
      Row{"us-east-2a", 0.759, 145, 5.51, 2.5, {0.67, 0.84, 14.8}, {.36, .12, .09, .11}, 1.81, 1.7, {0.63, 0.41, 4.22}},
      Row{"us-west-2a", 0.883, 157, 5.76, 2.6, {0.68, 0.92, 16.1}, {.36, .11, .14, .14}, 0.81, 1.4, {0.86, 0.55, 2.47}},
      Row{"us-west-2b", 0.905, 93, 9.75, 2.6, {0.65, 0.90, 26.1}, {.42, .10, .14, .13}, 1.10, 1.3, {0.63, 0.48, 2.19}});
  CAPTURE(row.zone);
  const StepTrace<std::int64_t>& trace = *recordings().at(row.zone + "/p3.2xlarge");
  Runs runs = runs_of(trace, 1, {}, trace.span);
  CHECK_THAT(runs.open_time / trace.span, WithinAbs(row.availability, 0.0005));
  runs.up.censored.clear();
  runs.down.censored.clear();
  // No run is as short as two ticks: the zones were asked less often than the grid says.
  CHECK(resolution_of(runs, 195_s) == 3 * 195_s);
  const Durations up = fit_durations(runs.up, 3 * 195_s);
  const Durations down = fit_durations(runs.down, 3 * 195_s);
  CHECK(runs.up.ended.size() == row.up_count);
  CHECK_THAT(up.mean_hours(), WithinAbs(row.up_mean, 0.005));
  CHECK_THAT(up.cv(), WithinAbs(row.up_cv, 0.06));
  CHECK_THAT(down.mean_hours(), WithinAbs(row.down_mean, 0.005));
  CHECK_THAT(down.cv(), WithinAbs(row.down_cv, 0.06));

  // The published fit stopped its iteration short of the maximum: its last digits may be off by a unit more.
  const auto near = [](double published) { return WithinAbs(published, published < 10 ? 0.015 : 0.15); };
  for (const auto& [durations, published] : {std::pair{&up, row.up}, {&down, row.down}}) {
    const auto form = std::get<HyperExponential>(durations->model("hyperexponential")->fit.distribution.form());
    CHECK_THAT(form.weights[0], WithinAbs(published.share, 0.015));
    CHECK_THAT(form.means[0] / 3600, near(published.first_mean));
    CHECK_THAT(form.means[1] / 3600, near(published.second_mean));
  }
  // Half a unit of the last digit, and half as much again for the fits' own last digits.
  const std::vector<std::string> forms = {"exponential", "weibull", "hyperexponential", "lognormal"};
  for (std::size_t i = 0; i < forms.size(); ++i) {
    CAPTURE(forms[i]);
    CHECK_THAT(distance_at_points(up, up.model(forms[i])->fit.distribution), WithinAbs(row.up_ks[i], 0.0075));
  }
  CHECK(up.model("exponential")->rejected);
  CHECK_FALSE(up.model("hyperexponential")->rejected);
}

TEST_CASE("calibration: zones of a Region are correlated as published", "[spot_market][calibration][table]") {
  const auto correlation = [](const std::string& a, const std::string& b) {
    return correlation_of(*recordings().at(a + "/p3.2xlarge"), *recordings().at(b + "/p3.2xlarge"), 1).value();
  };
  // Pairs of us-east-1 lie in 0.25 to 0.53, those of us-west-2 in 0.39 to 0.49, those across Regions in 0.03 to 0.27.
  CHECK_THAT(correlation("us-west-2a", "us-west-2b"), WithinAbs(0.44, 0.055));
  CHECK_THAT(correlation("us-east-1a", "us-east-1c"), WithinAbs(0.39, 0.145));
  CHECK_THAT(correlation("us-east-2a", "us-west-2a"), WithinAbs(0.15, 0.125));
}
