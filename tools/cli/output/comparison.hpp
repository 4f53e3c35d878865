#pragma once
/// Scenarios that ran with common random numbers, side by side: what differs, and whether the difference is decided.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/summary.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

struct ComparedRun {
  std::string file;  ///< the scenario's path, as given
  RunResult result;
  /// What the scenario itself asks for, where it is not the result's; empty if the command line gives both.
  std::string own_settings{};
};

/// One metric of one scenario beside the base's.
struct ComparedValue {
  const ComparedRun* run = nullptr;
  const Metric* metric = nullptr;
  PairedComparison against_base;  ///< scenario - base, at the comparison's confidence; of the base itself all zero

  bool is_base = false;
  std::string verdict;            ///< in_words() of against_base
  /// Replications beyond those there are that would probably decide it; empty if it is decided, or beyond any budget.
  std::optional<std::uint64_t> more_to_decide{};
};

/// A metric that every scenario has; the base's value is the first.
struct ComparedMetric {
  std::string label;  ///< "Fleet bidder: requests dropped"
  std::vector<ComparedValue> values;
};

/// Two runs or more, the base first, with as many replications each.
struct Comparison {
  std::vector<ComparedRun> runs;
  double confidence = 0.95;       ///< of the intervals of differences, and of what each look at them decides
  /// Numbers of replications after which it may end. What is decided at one of them is wrong at most this often times
  /// 1 - confidence (Bonferroni).
  std::size_t looks = 1;
  std::vector<std::string> unmet{};  ///< sentences of unmet()
};

/// What the forms show: the cost of the whole; of each fleet that all have, what it drops and its cost per million
/// requests; of each recovery plan, how old the data is and when users are served. Refers to `comparison`.
std::vector<ComparedMetric> compare(const Comparison& comparison);

/// Sentences about what makes the scenarios unlike beside what is compared: their length, their demand, what they ask
/// for, their fleets.
std::vector<std::string> comparison_warnings(const std::vector<ComparedRun>& runs);
/// A short name for each: its file's name, the path where two files share a name, with a number where a file is given
/// twice.
std::vector<std::string> labels_of(const std::vector<ComparedRun>& runs);

/// What is expected of a difference: "cost.total=less".
struct Expectation {
  std::string metric;
  bool less = true;
};
/// Empty, with what is wrong in `problem`, for a text that is none.
std::optional<Expectation> parse_expectation(const std::string& text, std::string& problem);
/// Sentences about each alternative that does not keep an expectation, decided by its interval, or misses an objective of
/// its own scenario. Empty if all is kept.
std::vector<std::string> unmet(const Comparison& comparison, const std::vector<Expectation>& expectations);
/// Whether every alternative differs from the base in each of these metrics with this confidence, or in no replication. A
/// metric that a scenario lacks is left out.
bool is_decided(const std::vector<ComparedRun>& runs, const std::vector<std::string>& metrics, double confidence);

/// At most 80 columns wide.
std::string comparison_table(const Comparison& comparison, const TextStyle& style);
/// One object: fleetsim, seed, replications, confidence, scenarios, metrics, warnings, unmet.
std::string comparison_json(const Comparison& comparison);
/// One row a metric and scenario, after a header; what the base has not is empty.
std::string comparison_csv(const Comparison& comparison);

}  // namespace fleetsim::cli
