#pragma once
/// What moved between a baseline and a measurement, and whether that is a regression. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/bench/measure.hpp"
#include "tools/cli/bench/suite.hpp"

namespace fleetsim::cli::bench {

/// A metric whose mean differs from the recorded one. Empty where it was not observed.
struct MovedMetric {
  std::string name, unit;
  std::optional<double> was, is;
  Ratio tolerance;
  bool within = false;  ///< the tolerance
  /// |is / was - 1|; infinite from or to nothing.
  double change() const;
};

/// How the machine and the program of a measurement differ from those of the baseline.
struct Elsewhere {
  bool other_build = false;      ///< neither speed nor instructions are judged
  bool other_processor = false;  ///< instructions are not: libraries choose their code by the processor
};

/// Why a cost is only told.
enum class Unjudged { not_recorded, other_settings, other_way_of_counting, other_build, other_processor };

/// A cost that was recorded: of speed, or in instructions.
struct Cost {
  double is = 0;
  std::optional<double> was;
  bool regressed = false;
  std::optional<Unjudged> unjudged;  ///< empty: it is judged
  /// is / was - 1.
  std::optional<double> change() const;
};

enum class Outcome {
  same,              ///< as recorded, to the bit where fingerprints are compared
  within_tolerance,  ///< some metric moved, none by more than its tolerance
  moved,             ///< a metric moved by more than its tolerance, or the events differ
  settings_differ,   ///< the baseline is of another seed or number of replications
  not_recorded,      ///< the baseline does not have the case
  not_deterministic  ///< two rounds with one seed differ
};
constexpr bool is_regression(Outcome outcome) { return outcome > Outcome::within_tolerance; }

/// What a case is run with.
struct Settings {
  std::uint64_t seed = 0, replications = 0;
  bool operator==(const Settings&) const = default;
};

struct Verdict {
  std::string name;
  Outcome outcome = Outcome::same;
  Settings recorded_settings, settings;
  std::string recorded_fingerprint, fingerprint;
  std::vector<MovedMetric> moved;  ///< the largest change first
  bool other_tolerances = false;   ///< the suite states others than the baseline was made with
  std::optional<Cost> speed;       ///< in calibration loops; empty if it was not measured
  std::optional<Cost> instructions;
  std::string counted_by;
  int rounds = 0;      ///< that were run
  double seconds = 0;  ///< of processor time that they took

  bool regressed() const {
    return is_regression(outcome) || (speed && speed->regressed) || (instructions && instructions->regressed);
  }
};

/// How a measurement would be recorded.
Recorded to_record(const Case& c, const Measured& measured);

/// `recorded`: null if the baseline does not have the case. A cost that is not judged still tells what it was.
Verdict judge(const Suite& suite, const Case& c, const Measured& measured, const Recorded* recorded,
              Elsewhere elsewhere = {});

/// Whether a speed of so many calibration loops would be judged a regression.
bool is_slower(const Suite& suite, double loops, const Recorded& recorded, Elsewhere elsewhere);

/// Cases of the baseline that the suite no longer has.
std::vector<std::string> left_over(const Suite& suite, const Baseline& baseline);

}  // namespace fleetsim::cli::bench
