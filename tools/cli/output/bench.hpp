#pragma once
/// The verdicts of a regression benchmark in three forms. Each function returns the whole text, ending in a newline.

#include <string>
#include <vector>

#include "tools/cli/bench/judge.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli::bench {

struct Report {
  std::string suite;             ///< its name
  std::string baseline;          ///< the file
  std::string baseline_version;  ///< of the program that made it; empty if there was none
  std::string baseline_build, baseline_processor;  ///< of that program; empty if not told
  std::string build, processor;                    ///< of this one
  std::string ended_at;            ///< when the measurement ended, UTC: 2026-01-05T12:00:00
  int rounds = 0;                  ///< of each case, at least
  double calibration_seconds = 0;  ///< the least of the calibration loop in this run; 0: no speed was measured
  Ratio slower_allowed, instructions_allowed;
  std::vector<Verdict> verdicts;       ///< in the order of the suite
  std::vector<std::string> left_over;  ///< cases of the baseline that the suite no longer has
  std::vector<std::string> notes;      ///< sentences
  bool renewed = false;                ///< the baseline has been made of these measurements, so nothing is judged

  bool regressed() const;
};

/// "recorded with 5 replications and seed 1, run with 6 and 1".
std::string settings_in_words(const Verdict& verdict);

/// For people, at most 80 columns wide: a line a case, then what moved and by how much.
std::string to_table(const Report& report, const TextStyle& style);
/// One object: suite, fleetsim, baseline, calibration_s, regressed, renewed, cases.
std::string to_json(const Report& report);
/// For CI: a test suite with a test case each for the result, the speed and the instructions of a case; what is only
/// told is skipped. Valid by the schemas of Jenkins and of Ant.
std::string to_junit(const Report& report);

}  // namespace fleetsim::cli::bench
