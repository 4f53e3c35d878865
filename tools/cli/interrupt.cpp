#include "tools/cli/interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

namespace fleetsim::cli {

namespace {

// A signal has no owner but the process: this flag is the one thing a handler may touch.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) {
  const int saved = errno;
  interrupted.store(true, std::memory_order_relaxed);
  constexpr std::string_view text =
      "\nfleetsim: interrupted; finishing the replications in flight (Ctrl-C again ends at once)\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  errno = saved;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted.store(false, std::memory_order_relaxed);
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second one does what it does by default
  sigaction(SIGINT, nullptr, &before_);
  sigaction(SIGTERM, nullptr, &before_term_);
  // Whoever started the program with a signal ignored (nohup, a shell's background) wants it so.
  if (before_.sa_handler != SIG_IGN) sigaction(SIGINT, &action, nullptr);
  if (before_term_.sa_handler != SIG_IGN) sigaction(SIGTERM, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

const std::atomic<bool>& InterruptGuard::flag() const { return interrupted; }

bool InterruptGuard::requested() const { return interrupted.load(std::memory_order_relaxed); }

}  // namespace fleetsim::cli
