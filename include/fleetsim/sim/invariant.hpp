#pragma once
/// Invariants: conditions that only a bug of ours can break. They are checked in every build. A broken one stops the
/// run; `Simulation::run_until` adds clock, event, seed and replication to the message before it leaves.
/// Wrong input is never an invariant (it is a config::Diagnostic), and a simulated failure is an event.

#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fleetsim {

/// A bug of ours, caught. `what()` is ready to print.
class InvariantViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws InvariantViolation naming `claim` and the place in the code. Out of line: the caller stays small.
[[noreturn]] void invariant_broken(std::string_view claim, std::source_location where);

/// Requires that `holds`; `claim` says what should have been true, such as "a pool never runs more than it has".
inline void invariant(bool holds, std::string_view claim,
                      std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] invariant_broken(claim, where);
}

}  // namespace fleetsim
