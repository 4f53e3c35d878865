// Runs a study and gathers its answers.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fleetsim/sim/invariant.hpp"
#include "models/scenario/number_words.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/study/answers.hpp"
#include "models/scenario/study/evaluator.hpp"
#include "models/scenario/study/search.hpp"

namespace fleetsim {

namespace scenario {
namespace {

/// More replications for those designs that are not precise enough, in rounds, until all are or the cap is reached. Each
/// design's number depends on its own values alone, so a share of the designs comes to the same.
bool refine(Workbench& bench, const std::vector<std::size_t>& designs, std::string& precision) {
  const StudyPlan& plan = bench.plan;
  while (true) {
    const Evidence evidence{plan, bench.runner, bench.store.designs(), bench.replications};
    std::vector<std::pair<std::size_t, std::uint64_t>> wanted;
    double farthest = 0;
    for (const std::size_t design : designs) {
      const std::uint64_t there = bench.replications[design];
      experiment::EstimateOptions options = evidence.estimate_options(design);
      options.coverage = plan.confidence;
      std::vector<experiment::Precision> precisions;
      for (const WantedPrecision& item : plan.precision) {
        precisions.push_back(item.precision);
        const experiment::Attained found =
            experiment::attained(item.precision, evidence.values(design, item.precision.metric), options);
        const double distance = found.half_width ? *found.half_width / item.precision.half_width : 100;
        if (distance <= farthest) continue;
        farthest = distance;
        precision = fmt::format("{}: at {:.2g} times that", item.words, distance);
      }
      const std::uint64_t next = experiment::next_replications(
          precisions, [&](std::size_t metric) { return evidence.values(design, metric); }, options, there, plan.at_most);
      if (next > there) wanted.emplace_back(design, next);
    }
    if (wanted.empty()) return true;
    if (!bench.bring_to(wanted)) return false;
  }
}

/// The designs that a share of a study with wanted precision runs.
std::vector<std::size_t> designs_of_share(const std::vector<std::size_t>& all, experiment::Share share) {
  std::vector<std::size_t> mine;
  for (std::size_t i = share.number - 1; i < all.size(); i += share.count) mine.push_back(all[i]);
  return mine;
}

/// The replications of a share of a study with a fixed number of them: an equal part of all, in their order.
std::vector<experiment::Job> jobs_of_share(const std::vector<std::size_t>& designs, std::uint64_t replications,
                                           experiment::Share share) {
  const std::uint64_t all = designs.size() * replications;
  std::vector<experiment::Job> jobs;
  const std::uint64_t begin = all / share.count * (share.number - 1) + std::min<std::uint64_t>(share.number - 1, all % share.count);
  const std::uint64_t end = begin + all / share.count + (share.number <= all % share.count ? 1 : 0);
  for (std::uint64_t k = begin; k < end; ++k)
    jobs.push_back({static_cast<std::uint32_t>(designs[k / replications]), k % replications});
  return jobs;
}

/// What all shares of a division do, in words.
std::string division_of(const StudyPlan& plan) {
  std::string words = fmt::format("{} replications", plan.replications);
  for (const WantedPrecision& item : plan.precision)
    words += fmt::format(", {} at {:g} %", item.words, 100 * plan.confidence);
  if (!plan.precision.empty()) words += fmt::format(", at most {}", plan.at_most);
  return words;
}

/// True once the share's replications are all there.
bool run_share(Workbench& bench, experiment::Share share, StudyResult& result, std::string& precision) {
  const std::uint64_t replications = bench.plan.replications;
  bench.store.set_note(experiment::division_note, division_of(bench.plan));
  if (bench.plan.precision.empty()) {
    const std::vector<experiment::Job> jobs = jobs_of_share(bench.designs, replications, share);
    result.wanted = jobs.size();
    bench.store.set_note(experiment::replications_wanted_note, std::to_string(jobs.size()));
    const bool all = jobs.empty() || bench.runner.run(jobs);
    result.replications = bench.store.replications();
    return all;
  }
  const std::vector<std::size_t> designs = designs_of_share(bench.designs, share);
  std::vector<std::pair<std::size_t, std::uint64_t>> wanted;
  for (const std::size_t design : designs) wanted.emplace_back(design, replications);
  // Until the last round is known the share is unfinished, whatever it holds.
  bench.store.set_note(experiment::replications_wanted_note, std::to_string(designs.size() * bench.plan.at_most));
  const bool all = bench.bring_to(wanted) && refine(bench, designs, precision);
  for (const std::uint64_t count : bench.replications) result.wanted += count;
  result.replications = bench.store.replications();
  if (all) bench.store.set_note(experiment::replications_wanted_note, std::to_string(result.wanted));
  return all;
}

std::string counted(std::uint64_t number) { return grouped(static_cast<std::int64_t>(number)); }

/// Tells what a user might not expect of what is about to be run.
void tell(const Workbench& bench, const RunStudyOptions& options) {
  if (!options.notice) return;
  const StudyPlan& plan = bench.plan;
  // Points of an analysis fall together without loss: each is looked up by its values.
  const std::uint64_t asked = count_designs(plan), there = bench.designs.size();
  if (!plan.sensitivity && !plan.search && there < asked)
    options.notice(fmt::format("of the {} designs that the study asks for only {} differ, for the values of ranges are rounded",
                               counted(asked), counted(there)));
  if (plan.search) return;  // which replications it needs it finds as it goes
  std::uint64_t found = 0;
  for (const std::size_t design : bench.designs)
    for (std::uint64_t k = 0; k < plan.replications; ++k)
      if (bench.runner.has(design, k)) ++found;
  const std::uint64_t wanted = there * plan.replications;
  if (found == 0 || found == wanted) return;
  const std::vector<std::uint32_t> missing = experiment::missing_shares(bench.store);
  std::string shares;
  if (!missing.empty())
    shares = fmt::format(" ({} {} not in it)", missing.size() == 1 ? "share" : "shares",
                         fmt::format("{} {}", fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are"));
  options.notice(fmt::format("{} has {} of the {} replications asked for{}; the other {} are run now", bench.store.path(),
                             counted(found), counted(wanted), shares, counted(wanted - found)));
}

/// True once every replication is there that the answers stand on.
bool run_whole(Workbench& bench, StudyResult& result, std::string& precision) {
  if (bench.plan.search) {
    result.search = search(bench);
    return result.search->end != experiment::SelectionEnd::interrupted;
  }
  std::vector<std::pair<std::size_t, std::uint64_t>> wanted;
  for (const std::size_t design : bench.designs) wanted.emplace_back(design, bench.plan.replications);
  return bench.bring_to(wanted) && (bench.plan.precision.empty() || refine(bench, bench.designs, precision));
}

/// From numbers of the store to places among the study's designs.
void number_by_place(SearchResult& search, const std::vector<std::size_t>& designs) {
  const auto place = [&](std::size_t number) {
    return static_cast<std::size_t>(std::find(designs.begin(), designs.end(), number) - designs.begin());
  };
  if (search.best) search.best = place(*search.best);
  for (std::size_t& design : search.survivors) design = place(design);
  std::sort(search.survivors.begin(), search.survivors.end());
}

constexpr const char* statistic_names[] = {"mean", "p05", "p50", "p95", "min", "max"};

/// The objectives that are a bound on one statistic of one metric.
std::vector<ObjectiveBound> bounds_of(const StudyPlan& plan) {
  std::vector<ObjectiveBound> bounds;
  for (const Objective& objective : plan.objectives) {
    const bool plain = (objective.relation == Relation::below || objective.relation == Relation::above) && !objective.relative_to &&
                       !objective.probability;
    if (!plain) continue;
    for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
      const experiment::MetricColumn& column = plan.metrics[m].column;
      if (column.source != objective.metrics.front().value) continue;
      if (const std::optional<double> bound = in_unit(objective.bound, column.unit))
        bounds.push_back({.metric = m, .statistic = statistic_names[static_cast<std::size_t>(objective.statistic)], .bound = *bound,
                          .words = fmt::format("{}{} {}", objective.statistic == Statistic::mean ? "" : fmt::format("{} of ", statistic_names[static_cast<std::size_t>(objective.statistic)]), column.name, bound_in_words(objective))});
      break;
    }
  }
  return bounds;
}

void add_warnings(StudyResult& result, const StudyPlan& plan, const experiment::StudyStore& store) {
  result.warnings = plan.warnings;
  if (const std::vector<std::string> versions = store.versions(); versions.size() > 1)
    result.warnings.push_back(fmt::format("the replications are of several versions of the program: {}", fmt::join(versions, ", ")));
  for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
    std::uint64_t never = 0, sometimes = 0;
    for (const StudyDesignResult& design : result.designs) {
      if (design.metrics.empty()) continue;
      if (design.metrics[m].plain.n == 0) ++never;
      else if (design.metrics[m].plain.n < design.replications) ++sometimes;
    }
    if (never > 0)
      result.warnings.push_back(fmt::format("no replication of {} of the designs observed {}", never, plan.metrics[m].column.name));
    if (sometimes > 0)
      result.warnings.push_back(fmt::format("in {} of the designs not every replication observed {}; its figures are of those that did",
                                            sometimes, plan.metrics[m].column.name));
  }
  for (const StudyControl& control : plan.controls) {
    const bool far = std::any_of(result.designs.begin(), result.designs.end(), [&](const StudyDesignResult& design) {
      if (design.metrics.empty() || design.metrics[control.metric].plain.n < 2) return false;
      const experiment::Statistics& plain = design.metrics[control.metric].plain;
      constexpr double errors_allowed = 4;
      return std::abs(plain.mean - control.mean) > errors_allowed * plain.stddev / std::sqrt(static_cast<double>(plain.n));
    });
    if (far)
      result.warnings.push_back(fmt::format("what was measured of the control {} lies far from the mean that is said to be known, {}: "
                                            "if that is wrong, so are the estimates",
                                            plan.metrics[control.metric].column.name, control.mean));
  }
  if (plan.search && plan.search->method == SearchMethod::ocba && plan.common_random_numbers)
    result.warnings.push_back("OCBA takes designs for independent, and these have common random numbers: the probability is "
                              "on the safe side where that makes them rise and fall together");
}

}  // namespace
}  // namespace scenario

StudyResult run_study(const Study& study, const RunStudyOptions& options) {
  const StudyPlan& plan = study.plan();
  invariant(options.share.count == 1 || study.divisible(), "a share is of a study whose replications are known before");
  experiment::StudyStore store = experiment::StudyStore::open(options.store, plan.identity(), options.share, options.session);
  store.set_note("study file", plan.text);

  std::string precision;  // changed between runs of replications only, so that threads may read it
  scenario::Evaluator evaluator(plan, store.designs());
  experiment::RunnerOptions runner_options{.jobs = options.jobs, .stop_requested = options.stop_requested};
  if (options.progress)
    runner_options.progress = [&](std::uint64_t done, std::uint64_t total) {
      options.progress({.done = done, .total = total, .precision = precision});
    };
  experiment::Runner runner(
      store, [&](std::size_t design, std::uint64_t replication) { return evaluator(design, replication); }, runner_options);
  constexpr std::uint64_t many_designs = 50'000;
  if (const std::uint64_t designs = scenario::count_designs(plan); options.notice && designs > many_designs && store.designs().size() < designs)
    options.notice(fmt::format("the study has {} designs; they are written to {} before the first is run", scenario::counted(designs),
                               options.store));
  scenario::Workbench bench{.plan = plan, .store = store, .runner = runner,
                            .designs = store.find_or_add(scenario::first_designs(plan)), .replications = {}};

  const bool part = options.share.count > 1;
  if (!part) scenario::tell(bench, options);
  StudyResult result;
  result.name = plan.name;
  // Designs that each have a scenario of their own are of no one scenario.
  if (plan.base && !plan.scenario_file.empty()) result.scenario = plan.base->name();
  result.seed = plan.seed;
  result.minimized = plan.minimize;
  for (const scenario::StudyMetric& metric : plan.metrics) result.metrics.push_back(metric.column);
  result.complete = part ? scenario::run_share(bench, options.share, result, precision)
                         : scenario::run_whole(bench, result, precision);
  result.executed = runner.executed();
  if (part) return result;
  for (const std::uint64_t count : bench.replications) result.wanted += count;
  result.replications = store.replications();
  if (!result.complete) return result;

  // Answers are in the order of the study file, whatever its store held before.
  std::vector<experiment::Design> designs;
  std::vector<std::uint64_t> replications;
  for (const std::size_t number : bench.designs) {
    designs.push_back(store.designs()[number]);
    replications.push_back(number < bench.replications.size() ? bench.replications[number] : 0);
  }
  if (result.search) scenario::number_by_place(*result.search, bench.designs);
  const scenario::Evidence evidence{plan, runner, designs, replications, bench.designs};
  result.replications = result.wanted;
  result.designs = scenario::design_results(evidence);
  if (result.search && result.search->method != "surrogate" && result.search->end == experiment::SelectionEnd::budget)
    result.search->best = scenario::best_undecided(evidence, *result.search, result.designs);
  if (!result.search && plan.worlds.empty() && !plan.sensitivity) result.best = scenario::best_meeting(evidence, result.designs);
  if (const std::optional<std::size_t> chosen = result.search ? result.search->best : result.best)
    scenario::compare_with_chosen(evidence, *chosen, result.designs);
  result.precision = scenario::precision_results(evidence);
  result.sensitivity = scenario::sensitivity_results(evidence);
  result.worlds = scenario::world_results(evidence, result.designs);
  for (const scenario::FrontierAxis& axis : plan.frontier)
    result.frontier.emplace_back(axis.metric, scenario::statistic_names[static_cast<std::size_t>(axis.statistic)]);
  result.bounds = scenario::bounds_of(plan);
  scenario::add_warnings(result, plan, store);
  return result;
}

}  // namespace fleetsim
