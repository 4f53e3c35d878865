#pragma once
/// Studies: what-if questions about a scenario, answered with intervals. A study file names a scenario, what may change
/// in it, what is measured, and what is asked; its replications are kept in a store that survives any interruption.
///
///   const LoadedStudy loaded = load_study("scenarios/studies/thresholds.yaml");
///   if (loaded.study) const StudyResult result = run_study(*loaded.study, {.store = "thresholds.db", .session = me});

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/experiment/estimate.hpp"
#include "fleetsim/sim/experiment/selection.hpp"
#include "fleetsim/sim/experiment/store.hpp"
#include "fleetsim/sim/summary.hpp"

namespace fleetsim {

struct StudyPlan;  // in models/scenario/study/

/// A study file that has been read and checked whole, with the scenario it names. Cheap to copy; immutable.
class Study {
 public:
  explicit Study(std::shared_ptr<const StudyPlan> plan) : plan_(std::move(plan)) {}
  const std::string& name() const;
  /// Points of the design that is run first, as the file asks for them: rounding may make some equal, a search may add
  /// some.
  std::uint64_t designs() const;
  /// Whether all replications are known before the first is run, so that shares can be made of them.
  bool divisible() const;
  const StudyPlan& plan() const { return *plan_; }

 private:
  std::shared_ptr<const StudyPlan> plan_;
};

struct LoadStudyOptions {
  std::vector<std::string> sets{};  ///< "path=value" for every design
  std::optional<std::uint64_t> seed{}, replications{};
};

struct LoadedStudy {
  std::optional<Study> study{};                   ///< empty if there are errors
  std::vector<config::Diagnostic> diagnostics{};
  std::vector<std::string> files{};               ///< that it is read from
};
/// Reads the file and checks every path, every value, every metric and, up to a few hundred, every design against the
/// scenario. Runs nothing.
LoadedStudy load_study(const std::string& path, const LoadStudyOptions& options = {});

/// The JSON Schema of a study file.
std::string study_schema();

/// A value of a parameter as a number in the base unit of its kind: 1 (numbers and shares), s, B, B/s, requests/s, USD,
/// USD/h or USD/GB. "1m35s" is 95 s, "82%" is 0.82.
struct Amount {
  double value = 0;
  std::string unit{};
};
/// Empty for a text that is no such value, such as a name.
std::optional<Amount> amount_of(const std::string& text);
/// Whether two texts say the same: 0.82 and 82%, 9,000 requests/s and 9000 requests/s.
bool is_same_value(const std::string& a, const std::string& b);

struct StudyProgress {
  std::uint64_t done = 0, total = 0;  ///< replications there, of those asked for so far
  std::string precision{};            ///< "cost 1.3 % of 1 %", for people; empty if none is wanted
};

struct RunStudyOptions {
  std::string store{};                ///< path of the database
  experiment::Share share{};
  experiment::Session session{};
  unsigned jobs = 0;                  ///< threads; 0: as many as the machine has
  const std::atomic<bool>* stop_requested = nullptr;
  std::function<void(const StudyProgress&)> progress{};
  /// Told before anything is run what a user might not expect: sentences without a full stop.
  std::function<void(const std::string&)> notice{};
};

/// One metric of one design.
struct StudyMetricResult {
  experiment::Statistics plain{};
  experiment::Estimate estimate{};              ///< of the mean, with the techniques asked for
  /// Of the paired difference with the first design of the same world; empty for that one.
  std::optional<PairedComparison> against_first{};
  /// Of the paired difference with the chosen design, which is what a search found, or StudyResult::best, over the
  /// replications that both have; empty for that one and where nothing is chosen.
  std::optional<PairedComparison> against_chosen{};
};

struct StudyDesignResult {
  std::string name{};
  std::vector<experiment::Setting> settings{};
  std::string world{};                          ///< empty without worlds
  std::uint64_t replications = 0;
  std::vector<StudyMetricResult> metrics{};     ///< in the order of the study
  std::vector<ObjectiveResult> objectives{};
  bool meets_all = true;
  std::optional<std::string> dominated_by{};    ///< name of a design, in a study with a frontier
  /// The intervals of the frontier's statistics leave no doubt of it: of one that is dominated, that some design is as good
  /// in each and better in one; of one on the frontier, that every other is worse in one or never differs.
  bool domination_decided = false;

  /// Every objective is met, and no interval leaves one open.
  bool surely_meets() const;
  /// No objective is missed beyond doubt.
  bool may_meet() const;
};

/// How near a wanted precision came, in the worst design.
struct PrecisionResult {
  std::string what{};                           ///< "mean of cost within 1 %"
  bool reached = false;
  std::string worst{};                          ///< design where it is farthest
  std::string half_width{};                     ///< there, in the same terms; empty if there is no interval
  std::optional<std::uint64_t> needed{};        ///< replications that would probably reach it there
  std::uint64_t at_most = 0;                    ///< replications of a design that the study allows
};

struct SearchResult {
  std::string method{};                         ///< "KN", "OCBA", "surrogate"
  experiment::SelectionEnd end = experiment::SelectionEnd::decided;
  /// Design; empty if none meets the objectives. Of a selection that has not decided the cheapest of what is still possible
  /// that surely meets them by its own intervals, where one does.
  std::optional<std::size_t> best{};
  std::vector<std::size_t> survivors{};
  std::vector<experiment::Feasibility> feasibility{};  ///< by design; empty without objectives
  double probability = 0;                       ///< wanted or, for OCBA, estimated
  std::uint64_t replications = 0;               ///< in all
  std::vector<std::pair<std::string, double>> lengths{};  ///< surrogate: parameter and its length, short where it matters
  std::string indifference{};                   ///< KN: "5 USD", as the study has it; empty without one
};

/// Tornado: what one value of a parameter does to the metric's mean, all others at their base.
struct SensitivityEnd {
  std::string value{};
  bool is_base = false;
  double change = 0;                            ///< from the base; of the base itself zero
  std::optional<Interval> interval{};           ///< of the paired difference
};

struct SensitivityRow {
  std::string parameter{};
  /// Tornado: the first and the last value as the study has them, and between them those that change the mean by more in
  /// either direction; the base is among them where it is one of these.
  std::vector<SensitivityEnd> ends{};
  /// Tornado: the least and the greatest change of the metric's mean among all values, the base's zero too.
  /// Morris: low is mu, high is mu*. Sobol': low is the first-order index, high the total one.
  double low = 0, high = 0;
  std::optional<Interval> low_interval{}, high_interval{};
  double spread = 0;                            ///< Morris: sigma
  std::string low_value{}, high_value{};
  std::string base{};                           ///< tornado: the parameter's value in the design that ends are compared with
  std::size_t low_design = 0, high_design = 0;  ///< tornado: the designs at those ends
};
struct SensitivityResult {
  std::string method{};                         ///< "tornado", "Morris", "Sobol"
  std::size_t metric = 0;
  std::vector<SensitivityRow> rows{};           ///< the most important first
  /// Rows that may be as important as the first, of a tornado by paired differences, else where intervals overlap. Empty if
  /// the first is surely the most important.
  std::vector<std::size_t> rivals{};
};

/// The best design of one world.
struct WorldResult {
  std::string world{};
  std::size_t best = 0;                         ///< design
  std::optional<std::size_t> second{};
  double gap = 0;                               ///< mean of second - best in the metric that is minimized
  std::optional<Interval> gap_interval{};
  /// The best surely meets the objectives, and is surely ahead of each other that does or may.
  bool decided = false;
  bool any_meets = true;                        ///< whether a design meets the objectives there
};

/// An objective whose bound can be drawn beside a statistic of a metric.
struct ObjectiveBound {
  std::size_t metric = 0;
  std::string statistic{};                      ///< "mean", "p95", ...
  double bound = 0;                             ///< in the metric's unit
  std::string words{};                          ///< "drops below 0.3%"
};

struct StudyResult {
  std::string name{};
  std::string scenario{};                       ///< empty if each design has one of its own
  std::uint64_t seed = 0;
  bool complete = true;                         ///< false: interrupted, or a share
  std::uint64_t replications = 0, executed = 0; ///< that the answer stands on; run now rather than found
  std::uint64_t wanted = 0;                     ///< of an incomplete one: asked for so far
  std::vector<experiment::MetricColumn> metrics{};
  std::size_t minimized = 0;                    ///< metric
  std::vector<StudyDesignResult> designs{};     ///< in the order of the study file; empty if incomplete
  /// The design with the least mean of what is minimized among those that meet the objectives in these replications: of a
  /// study with objectives and without a search, worlds or an analysis of sensitivity.
  std::optional<std::size_t> best{};
  std::vector<PrecisionResult> precision{};
  std::vector<std::pair<std::size_t, std::string>> frontier{};  ///< metric and statistic
  std::vector<ObjectiveBound> bounds{};
  std::optional<SearchResult> search{};
  std::vector<SensitivityResult> sensitivity{};
  std::vector<WorldResult> worlds{};
  std::vector<std::string> warnings{};
};

/// Runs what the store does not have yet, and answers. Throws experiment::StoreError, and InvariantViolation if a bug
/// of ours shows. Requires: a share of one, or a divisible study.
StudyResult run_study(const Study& study, const RunStudyOptions& options);

}  // namespace fleetsim
