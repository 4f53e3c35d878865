#include "models/scenario/study/surrogate.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/experiment/gaussian_process.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "models/scenario/study/constraints.hpp"

namespace fleetsim::scenario {

namespace {

using experiment::GaussianProcess;
using experiment::Measured;
using experiment::UnitPoint;

/// Places looked at by the surrogate for the next point.
constexpr std::size_t candidates_each_round = 2000;
/// With less than this share of the points' spread to be gained the search ends.
constexpr double gain_worth_a_point = 1e-3;

class Surrogate {
 public:
  explicit Surrogate(Workbench& bench) : bench_(bench), constraints_(bench.plan, bench.runner) {}

  SearchResult run() {
    result_.method = "surrogate";
    result_.end = experiment::SelectionEnd::budget;
    for (const UnitPoint& point : unit_points(bench_.plan))
      if (!add(point)) return interrupted();
    for (std::size_t round = 0; round < bench_.plan.search->further_points; ++round) {
      const std::optional<UnitPoint> next = propose(round);
      if (!next) {
        result_.end = experiment::SelectionEnd::decided;
        break;
      }
      if (!add(*next)) return interrupted();
    }
    result_.best = best();
    for (std::size_t p = 0; p < bench_.plan.parameters.size(); ++p)
      result_.lengths.emplace_back(bench_.plan.parameters[p].name, objective().lengths()[p]);
    for (const std::size_t design : numbers_)
      result_.feasibility.push_back(meets(design) ? experiment::Feasibility::feasible : experiment::Feasibility::infeasible);
    return result_;
  }

 private:
  SearchResult interrupted() {
    result_.end = experiment::SelectionEnd::interrupted;
    return result_;
  }

  std::uint64_t replications() const { return bench_.plan.replications; }

  /// Runs the design at the point, unless it is there; false if asked to stop.
  bool add(const UnitPoint& point) {
    const std::size_t number = bench_.store.find_or_add({design_at(bench_.plan, point)}).front();
    if (std::find(numbers_.begin(), numbers_.end(), number) != numbers_.end()) return true;
    if (!bench_.bring_to(number, replications())) return false;
    points_.push_back(point);
    numbers_.push_back(number);
    if (std::find(bench_.designs.begin(), bench_.designs.end(), number) == bench_.designs.end())
      bench_.designs.push_back(number);
    return true;
  }

  template <class Value>
  GaussianProcess process_of(const Value& value) const {
    std::vector<Measured> measured;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      Tally tally;
      for (std::uint64_t k = 0; k < replications(); ++k) tally.add(value(numbers_[i], k));
      measured.push_back({points_[i], tally.mean(), tally.standard_error() * tally.standard_error()});
    }
    return GaussianProcess(std::move(measured));
  }
  /// With common random numbers what is left after the first design's value is taken away: chance moves both alike, so
  /// the surrogate sees the differences without most of the noise.
  double minimized(std::size_t design, std::uint64_t k) const {
    const auto value = [&](std::size_t of) { return observed_value(bench_.plan, bench_.runner, of, bench_.plan.minimize, k); };
    return bench_.plan.common_random_numbers ? value(design) - value(numbers_.front()) : value(design);
  }
  GaussianProcess objective() const {
    return process_of([&](std::size_t design, std::uint64_t k) { return minimized(design, k); });
  }

  double mean(std::size_t design) const {
    Tally tally;
    for (std::uint64_t k = 0; k < replications(); ++k) tally.add(minimized(design, k));
    return tally.mean();
  }
  bool meets(std::size_t design) const {
    for (std::size_t c = 0; c < constraints_.count(); ++c) {
      Tally tally;
      for (std::uint64_t k = 0; k < replications(); ++k) tally.add(constraints_.excess(design, c, k));
      if (tally.mean() > 0) return false;
    }
    return true;
  }
  /// Of the points so far; empty if none meets the objectives.
  std::optional<std::size_t> best() const {
    std::optional<std::size_t> found;
    for (const std::size_t design : numbers_)
      if (meets(design) && (!found || mean(design) < mean(*found))) found = design;
    return found;
  }

  /// Anywhere, and near the best so far.
  std::vector<UnitPoint> candidates(std::size_t round) const {
    Stream stream(bench_.plan.seed, round, "study/surrogate/candidates");
    const std::optional<std::size_t> found = best();
    UnitPoint center;
    if (found)
      center = points_[static_cast<std::size_t>(std::find(numbers_.begin(), numbers_.end(), *found) - numbers_.begin())];
    std::vector<UnitPoint> points;
    for (std::size_t i = 0; i < candidates_each_round; ++i) {
      UnitPoint point(bench_.plan.parameters.size());
      const double reach = 0.2 * stream.uniform();
      for (std::size_t p = 0; p < point.size(); ++p) {
        const double u = stream.uniform();
        const bool near = !center.empty() && i % 2 == 1;
        point[p] = near ? std::clamp(center[p] + reach * (2 * u - 1), 0.0, 1.0) : u;
      }
      points.push_back(std::move(point));
    }
    return points;
  }

  /// Where the expected gain times the chance of meeting the objectives is largest; empty if nothing is worth a look.
  std::optional<UnitPoint> propose(std::size_t round) const {
    const GaussianProcess cost = objective();
    std::vector<GaussianProcess> limits;
    for (std::size_t c = 0; c < constraints_.count(); ++c)
      limits.push_back(process_of([&](std::size_t design, std::uint64_t k) { return constraints_.excess(design, c, k); }));
    const std::optional<std::size_t> found = best();
    const double lowest = found ? mean(*found) : 0;
    Tally spread;
    for (const std::size_t design : numbers_) spread.add(mean(design));

    std::optional<UnitPoint> next;
    double most = 0;
    for (UnitPoint& point : candidates(round)) {
      double chance = 1;
      for (const GaussianProcess& limit : limits) chance *= experiment::probability_below(limit.at(point), 0);
      const double worth = found ? chance * experiment::expected_improvement(cost.at(point), lowest) : chance;
      if (worth > most && !known(point)) {
        most = worth;
        next = std::move(point);
      }
    }
    const double least = std::max(bench_.plan.search->indifference / 10, gain_worth_a_point * spread.standard_deviation());
    if (found && most < least) return std::nullopt;
    return next;
  }

  bool known(const UnitPoint& point) const {
    const std::string name = design_at(bench_.plan, point).name;
    return std::any_of(numbers_.begin(), numbers_.end(),
                       [&](std::size_t design) { return bench_.store.designs()[design].name == name; });
  }

  Workbench& bench_;
  Constraints constraints_;
  std::vector<UnitPoint> points_;
  std::vector<std::size_t> numbers_;  // in the store, of the points
  SearchResult result_;
};

}  // namespace

SearchResult surrogate_search(Workbench& bench) { return Surrogate(bench).run(); }

}  // namespace fleetsim::scenario
