#pragma once
/// Ctrl-C while a run is under way: the first asks it to finish what is in flight, the second ends the program.

#include <signal.h>

namespace fleetsim::cli {

/// Catches SIGINT for as long as it lives; one at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether Ctrl-C was pressed. Any thread may ask.
  bool requested() const;

 private:
  struct sigaction before_ {};
};

}  // namespace fleetsim::cli
