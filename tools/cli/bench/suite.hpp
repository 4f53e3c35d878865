#pragma once
/// A regression benchmark: which scenarios it runs and how, and the baseline that their results are compared with.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::cli::bench {

enum class Comparison { fingerprint, metrics };

/// How far a metric's mean may move, as a share of the recorded one.
struct MetricTolerance {
  config::Located<std::string> metric;
  Ratio tolerance;
};

struct Case {
  std::string name;                       ///< one of its suite
  config::Located<std::string> scenario;  ///< the file, as it opens from the working directory
  std::vector<std::string> sets;          ///< "path=value"
  std::optional<std::uint64_t> seed;      ///< instead of the scenario's
  std::optional<std::uint64_t> replications;
  Comparison compare = Comparison::fingerprint;
  Ratio tolerance;                          ///< of a metric's mean, for those without one of their own
  std::vector<MetricTolerance> tolerances;  ///< of single metrics
};

struct Suite {
  std::string name;
  config::Located<std::string> baseline;  ///< the file, as it opens from the working directory
  int rounds = 3;                         ///< how often each case is run for its speed, at least
  Ratio slower_allowed{0.3};
  Ratio instructions_allowed{0.03};
  std::vector<Case> cases;  ///< in the order of the file
};
/// Empty if there are errors.
std::optional<Suite> read_suite(const std::string& path, config::Diagnostics& diagnostics);

struct RecordedMetric {
  std::string name, unit;
  double mean = 0;
  Ratio tolerance;
};

/// What a case gave when the baseline was made.
struct Recorded {
  std::uint64_t seed = 0, replications = 0;
  std::string fingerprint;              ///< 16 hexadecimal digits
  std::optional<double> loops;          ///< processor time of a replication over that of the calibration loop
  double instructions = 0;              ///< of a replication; 0: not counted
  std::string counted_by;               ///< "perf" or "callgrind"
  std::vector<RecordedMetric> metrics;  ///< sorted by name
};

struct Baseline {
  std::string version;                    ///< of the program that made it
  std::string build;                      ///< of that program: compiler and kind of build; empty: not told
  std::string processor;                  ///< that it ran on; empty: not told
  std::map<std::string, Recorded> cases;  ///< by name
};
/// Empty if there are errors.
std::optional<Baseline> read_baseline(const std::string& path, config::Diagnostics& diagnostics);
/// JSON that read_baseline reads: one line a metric, so that version control shows what moved.
std::string to_json(const Baseline& baseline);

}  // namespace fleetsim::cli::bench
