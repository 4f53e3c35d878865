#pragma once
/// Ctrl-C while a run is under way: the first asks it to finish what is in flight, the second ends the program. SIGTERM,
/// which schedulers send some time before they take a machine away, counts as the same.

#include <signal.h>

#include <atomic>

namespace fleetsim::cli {

/// Catches SIGINT and SIGTERM for as long as it lives; one at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Whether Ctrl-C was pressed. Any thread may ask.
  bool requested() const;
  /// The same, to be watched while a run is under way.
  const std::atomic<bool>& flag() const;

 private:
  struct sigaction before_ {};
  struct sigaction before_term_ {};
};

}  // namespace fleetsim::cli
