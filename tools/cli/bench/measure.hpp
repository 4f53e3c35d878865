#pragma once
/// Runs a case and measures its speed against a loop that every machine runs the same way.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/scenario.hpp"

namespace fleetsim::cli::bench {

/// What the processor calls itself; empty if the system does not tell.
std::string processor_name();

/// Processor time of this program, all threads, seconds.
double processor_seconds();

/// Runs the calibration loop once and returns its processor time in seconds: a fixed number of steps of a small
/// simulation without models, a heap of a thousand events and a logarithm for each. It has the mix of branches,
/// arithmetic and cached memory that a scenario has, so most of what makes a machine fast or busy falls on both.
double calibration_seconds();

/// Counts the instructions of this thread, in user mode, through the processor's counters.
class InstructionCounter {
 public:
  InstructionCounter();
  ~InstructionCounter();
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;
  /// Whether this machine lets programs count.
  bool works() const { return file_ >= 0; }
  void start();
  /// Since start().
  double stop();

 private:
  int file_ = -1;
};

/// Whether valgrind is installed.
bool has_callgrind();

/// Instructions of running a scenario by valgrind's callgrind, which simulates the processor: about fifty times slower,
/// the same on every run. Empty if valgrind fails, or if `go_on`, which is asked about once a second, says no.
std::optional<double> callgrind_instructions(const std::string& scenario, const std::vector<std::string>& sets,
                                             std::uint64_t seed, std::uint64_t replications,
                                             const std::function<bool()>& go_on);

struct MeasureOptions {
  std::uint64_t seed = 1, replications = 1;
  int rounds = 1;          ///< at least
  bool with_speed = true;  ///< otherwise each round is one run and nothing is timed
  /// Whether a speed, in calibration loops a replication, needs no more rounds. Without it none does.
  std::function<bool(double loops)> settled = {};
  /// Called after each replication of each round; says whether to go on.
  std::function<bool()> go_on = [] { return true; };
};

/// How many times the rounds that are asked for are run where a speed does not settle. Of the moments of a machine with
/// seven times more work than processors one in four was quiet: a replication meets none in 24 rounds once in a thousand.
constexpr int most_rounds_factor = 8;

struct Measured {
  RunResult result;
  bool complete = true;       ///< false: `go_on` said no, and nothing else here counts
  bool deterministic = true;  ///< all rounds gave the same events
  int rounds = 0;             ///< that were run
  /// A replication in calibration loops: the sum of the least time that each replication took in any run, over their
  /// number and over the least time of the loop. What else a machine does only ever adds time, so the least of many is
  /// nearest to what the program itself takes. Empty if it was not timed.
  std::optional<double> loops;
  double calibration_seconds = 0;      ///< the least of the loop
  double seconds = 0;                  ///< processor time of all rounds, without the loop
  std::optional<double> instructions;  ///< of a replication
  std::string counted_by;
};
/// One thread, so that times compare.
Measured measure(const Scenario& scenario, const MeasureOptions& options);

}  // namespace fleetsim::cli::bench
