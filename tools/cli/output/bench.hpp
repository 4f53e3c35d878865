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
  int rounds = 0;
  double calibration_seconds = 0;  ///< of the calibration loop in this run
  Ratio slower_allowed, instructions_allowed;
  std::vector<Verdict> verdicts;       ///< in the order of the suite
  std::vector<std::string> left_over;  ///< cases of the baseline that the suite no longer has
  std::vector<std::string> notes;      ///< sentences
  bool renewed = false;                ///< the baseline has been made anew of these measurements

  bool regressed() const;
};

/// For people, at most 80 columns wide: a line a case, then what moved and by how much.
std::string to_table(const Report& report, const TextStyle& style);
/// One object: suite, fleetsim, baseline, calibration_s, regressed, cases.
std::string to_json(const Report& report);
/// For CI: a test suite with a test case each for the result, the speed and the instructions of a case.
std::string to_junit(const Report& report);

}  // namespace fleetsim::cli::bench
