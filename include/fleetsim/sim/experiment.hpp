#pragma once
/// Replications: many independent runs of one experiment, on several threads.
///
/// A replication's result depends on its number alone, and results are kept by number, so the number of threads cannot
/// reach a result. One run is never an answer: summarize() turns the results into intervals.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <vector>

namespace fleetsim {

struct ExperimentOptions {
  std::uint64_t replications = 1;
  /// Threads at work; 0: one for each of the machine's.
  unsigned jobs = 0;
  /// Set from any thread or from a signal handler: replications in flight finish, no other starts. Those done are then
  /// the first ones, so that stopping does not favour the quick.
  const std::atomic<bool>* stop_requested = nullptr;
  /// Told after each replication how many are done. Called from any thread, one call at a time, `done` rising.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
};

/// What each replication returned, by its number; empty from the first that a stop forestalled.
template <class T>
struct ExperimentResult {
  std::vector<std::optional<T>> by_replication;
  std::uint64_t done = 0;
  bool complete() const { return done == by_replication.size(); }
};

namespace detail {
/// Calls run(k) for the replications k = 0, 1, ... as run_replications() says; returns how many are done.
std::uint64_t for_each_replication(const ExperimentOptions& options, const std::function<void(std::uint64_t)>& run);
}  // namespace detail

/// Calls `replicate(k)`, from several threads at once, for each replication k from 0 and keeps what it returns.
/// Replications start in the order of their numbers. When one leaves by an exception no other starts, those in flight
/// finish, and the exception of the lowest replication that threw is rethrown: the same one whatever the threads.
template <class Replicate>
auto run_replications(const ExperimentOptions& options, Replicate&& replicate) {
  using T = std::invoke_result_t<Replicate&, std::uint64_t>;
  ExperimentResult<T> result;
  result.by_replication.resize(options.replications);
  result.done = detail::for_each_replication(
      options, [&](std::uint64_t k) { result.by_replication[k].emplace(replicate(k)); });
  return result;
}

}  // namespace fleetsim
