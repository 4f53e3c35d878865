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
/// the same on every run. Empty if valgrind fails.
std::optional<double> callgrind_instructions(const std::string& scenario, const std::vector<std::string>& sets,
                                             std::uint64_t seed, std::uint64_t replications);

struct Measured {
  RunResult result;
  bool deterministic = true;           ///< all rounds gave the same events
  double loops = 0;                    ///< a replication in calibration loops: the median of the rounds
  std::optional<double> instructions;  ///< of a replication
  std::string counted_by;
};
/// One thread, so that times compare. Calls `finished` after each replication of each round.
Measured measure(const Scenario& scenario, std::uint64_t seed, std::uint64_t replications, int rounds,
                 const std::function<void()>& finished);

}  // namespace fleetsim::cli::bench
