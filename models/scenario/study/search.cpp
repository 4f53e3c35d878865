#include "models/scenario/study/search.hpp"

#include <algorithm>
#include <numeric>

#include "models/scenario/study/constraints.hpp"
#include "models/scenario/study/surrogate.hpp"

namespace fleetsim::scenario {

bool Workbench::bring_to(std::size_t design, std::uint64_t count) { return bring_to({{design, count}}); }

bool Workbench::bring_to(const std::vector<std::pair<std::size_t, std::uint64_t>>& wanted) {
  for (const auto& [design, count] : wanted) {
    if (replications.size() <= design) replications.resize(design + 1, 0);
    replications[design] = std::max(replications[design], count);
  }
  return runner.bring_to(replications);
}

namespace {

/// First which designs meet the objectives, then which of those is the best; the error is halved between the two.
class TwoPhases {
 public:
  explicit TwoPhases(Workbench& bench) : bench_(bench), constraints_(bench.plan, bench.runner) {}

  SearchResult run() {
    const SearchSettings& settings = *bench_.plan.search;
    result_.method = settings.method == SearchMethod::kn ? "KN" : "OCBA";
    const bool constrained = constraints_.count() > 0;
    const double error = (1 - settings.probability) / (constrained ? 2 : 1);
    if (constrained && !find_feasible(1 - error)) return finish();
    select(1 - error, constrained ? error : 0);
    return finish();
  }

 private:
  bool find_feasible(double probability) {
    const SearchSettings& settings = *bench_.plan.search;
    const experiment::FeasibilityResult found = experiment::check_feasibility(
        bench_.designs.size(), [&](const auto& wanted) { return bring_to(all(), wanted); },
        [&](std::size_t d, std::size_t c, std::uint64_t k) { return constraints_.excess(bench_.designs[d], c, k); },
        {.probability = probability, .tolerances = constraints_.tolerances(),
         .least_variances = constraints_.least_variances(), .first = settings.first, .at_most = settings.at_most});
    result_.feasibility = found.designs;
    result_.end = found.end;
    if (found.end == experiment::SelectionEnd::interrupted) return false;
    for (std::size_t d = 0; d < found.designs.size(); ++d)
      if (found.designs[d] == experiment::Feasibility::feasible) candidates_.push_back(d);
    if (found.end == experiment::SelectionEnd::budget)
      for (std::size_t d = 0; d < found.designs.size(); ++d)
        if (found.designs[d] == experiment::Feasibility::undecided) result_.survivors.push_back(bench_.designs[d]);
    return !candidates_.empty();
  }

  void select(double probability, double spent) {
    if (candidates_.empty()) candidates_ = all();
    const SearchSettings& settings = *bench_.plan.search;
    const experiment::Observer observer{
        .designs = candidates_.size(),
        .bring_to = [&](const auto& wanted) { return bring_to(candidates_, wanted); },
        .value = [&](std::size_t d, std::uint64_t k) {
          return observed_value(bench_.plan, bench_.runner, bench_.designs[candidates_[d]], bench_.plan.minimize, k);
        }};
    const experiment::SelectionOptions options{.probability = probability, .indifference = settings.indifference,
                                               .first = settings.first, .at_most = settings.at_most};
    const experiment::Selection selected = settings.method == SearchMethod::kn ? experiment::select_kn(observer, options)
                                                                               : experiment::select_ocba(observer, options);
    if (selected.end != experiment::SelectionEnd::decided || result_.end == experiment::SelectionEnd::decided)
      result_.end = selected.end;
    result_.best = bench_.designs[candidates_[selected.best]];
    for (const std::size_t d : selected.survivors) {
      const std::size_t number = bench_.designs[candidates_[d]];
      if (std::find(result_.survivors.begin(), result_.survivors.end(), number) == result_.survivors.end())
        result_.survivors.push_back(number);
    }
    result_.probability = std::max(0.0, selected.probability - spent);
  }

  std::vector<std::size_t> all() const {
    std::vector<std::size_t> numbers(bench_.designs.size());
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return numbers;
  }

  bool bring_to(const std::vector<std::size_t>& which, const std::vector<std::uint64_t>& wanted) {
    std::vector<std::pair<std::size_t, std::uint64_t>> pairs;
    for (std::size_t i = 0; i < which.size(); ++i) pairs.emplace_back(bench_.designs[which[i]], wanted[i]);
    return bench_.bring_to(pairs);
  }

  SearchResult finish() {
    std::sort(result_.survivors.begin(), result_.survivors.end());
    return result_;
  }

  Workbench& bench_;
  Constraints constraints_;
  std::vector<std::size_t> candidates_;  // by place among the study's designs
  SearchResult result_;
};

}  // namespace

SearchResult search(Workbench& bench) {
  SearchResult result = bench.plan.search->method == SearchMethod::surrogate ? surrogate_search(bench) : TwoPhases(bench).run();
  const SearchSettings& settings = *bench.plan.search;
  if (settings.method == SearchMethod::kn && settings.indifference_written) result.indifference = settings.indifference_written->text;
  for (const std::uint64_t count : bench.replications) result.replications += count;
  return result;
}

}  // namespace fleetsim::scenario
