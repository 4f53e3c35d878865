#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "fleetsim/sim/experiment.hpp"

namespace fleetsim::detail {
namespace {

/// Shared by the threads of one experiment. Replications are handed out in the order of their numbers: when k throws,
/// every lower one has been handed out and will finish, so the lowest that throws is always among those that ran.
class Replications {
 public:
  Replications(const ExperimentOptions& options, const std::function<void(std::uint64_t)>& run)
      : options_(options), run_(run) {}

  /// Runs replications until none is left to start. Never throws.
  void work() {
    while (!stopped()) {
      const std::uint64_t k = next_.fetch_add(1, std::memory_order_relaxed);
      if (k >= options_.replications) return;
      try {
        run_(k);
        finished();
      } catch (...) {
        failed(k, std::current_exception());
      }
    }
  }

  /// After all work: how many are done.
  std::uint64_t result() const {
    if (exception_) std::rethrow_exception(exception_);
    return done_;
  }

 private:
  bool stopped() const {
    if (failed_.load(std::memory_order_relaxed)) return true;
    return options_.stop_requested != nullptr && options_.stop_requested->load(std::memory_order_relaxed);
  }

  void finished() {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, options_.replications);
  }

  void failed(std::uint64_t k, std::exception_ptr exception) {
    const std::lock_guard lock(mutex_);
    failed_.store(true, std::memory_order_relaxed);
    if (k < lowest_failed_) {
      lowest_failed_ = k;
      exception_ = std::move(exception);
    }
  }

  const ExperimentOptions& options_;
  const std::function<void(std::uint64_t)>& run_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // guards what follows, and the calls of progress
  std::uint64_t done_ = 0;
  std::uint64_t lowest_failed_ = std::numeric_limits<std::uint64_t>::max();
  std::exception_ptr exception_;
};

/// Calls `work` on `jobs` threads at once, this one among them, and returns when every call has.
void on_threads(unsigned jobs, const std::function<void()>& work) {
#ifdef __SANITIZE_THREAD__
  // ThreadSanitizer does not see into oneTBB and would take its joins for races: plain threads do the same work.
  std::vector<std::jthread> others;
  for (unsigned k = 1; k < jobs; ++k) others.emplace_back(work);
  work();
#else
  // oneTBB keeps its threads from one experiment to the next. It grants more than the machine has only on request.
  const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism, jobs);
  tbb::task_arena arena(static_cast<int>(jobs));
  arena.execute([&] { tbb::parallel_for(0U, jobs, [&](unsigned) { work(); }, tbb::simple_partitioner()); });
#endif
}

}  // namespace

std::uint64_t for_each_replication(const ExperimentOptions& options, const std::function<void(std::uint64_t)>& run) {
  Replications replications(options, run);
  const unsigned wanted = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  // A thread without a replication would only wait.
  const auto jobs = static_cast<unsigned>(std::clamp<std::uint64_t>(options.replications, 1, wanted));
  if (jobs == 1) replications.work();
  else on_threads(jobs, [&] { replications.work(); });
  return replications.result();
}

}  // namespace fleetsim::detail
