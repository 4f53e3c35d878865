#pragma once
/// Runs the replications that a study's store does not have yet, on several threads, and commits them in batches.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "fleetsim/sim/experiment/sampler.hpp"
#include "fleetsim/sim/experiment/store.hpp"

namespace fleetsim::experiment {

/// Runs one replication of a design and returns the value of each metric, in the order of the study's metrics;
/// not-a-number where it was not observed. A function of its arguments alone; called from several threads at once.
using Replicate = std::function<std::vector<double>(std::size_t design, std::uint64_t replication)>;

/// One replication of one design.
struct Job {
  std::uint32_t design = 0;
  std::uint64_t replication = 0;
};

struct RunnerOptions {
  /// Threads; 0: one for each of the machine's.
  unsigned jobs = 0;
  /// Set from any thread or from a signal handler: replications in flight finish and are committed, no other starts.
  const std::atomic<bool>* stop_requested = nullptr;
  /// Told after each replication how many of those asked for so far are there, of how many. Called from any thread, one
  /// call at a time.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
  /// A batch is committed when this much time has passed, and more where commits take long: twenty times what the last
  /// one took, so that the store never costs more than a twentieth.
  std::chrono::milliseconds commit_interval{500};
};

/// Keeps all values of a study in memory beside its store.
class Runner : public Sampler {
 public:
  /// Reads what the store has. The store outlives the runner.
  Runner(StudyStore& store, Replicate replicate, RunnerOptions options);
  ~Runner() override;

  bool bring_to(std::span<const std::uint64_t> wanted) override;
  std::span<const double> values(std::size_t design, std::size_t metric, std::uint64_t count) const override;

  /// Runs those of the jobs that are not there yet. False if it was asked to stop before all were.
  bool run(std::span<const Job> jobs);
  bool has(std::size_t design, std::uint64_t replication) const;
  /// Replications of a design without a gap from number 0.
  std::uint64_t complete(std::size_t design) const;
  const std::string& design_name(std::size_t design) const;
  /// Replications run by this runner, not found in the store.
  std::uint64_t executed() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleetsim::experiment
