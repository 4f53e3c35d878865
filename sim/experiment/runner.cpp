#include "fleetsim/sim/experiment/runner.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <set>
#include <utility>

#include "fleetsim/sim/experiment.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::experiment {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
/// A batch is committed at this size however little time has passed, so that memory stays bounded.
constexpr std::size_t batch_size_max = 100'000;

/// The values of one design.
class Values {
 public:
  explicit Values(std::size_t metrics) : by_metric_(metrics) {}

  bool has(std::uint64_t replication) const { return replication < present_.size() && present_[replication]; }
  void set(std::uint64_t replication, std::span<const double> values) {
    if (replication >= present_.size()) {
      present_.resize(replication + 1, false);
      for (auto& column : by_metric_) column.resize(replication + 1, not_a_number);
    }
    if (!present_[replication]) ++count_;
    present_[replication] = true;
    for (std::size_t m = 0; m < values.size(); ++m) by_metric_[m][replication] = values[m];
    while (complete_ < present_.size() && present_[complete_]) ++complete_;
  }
  std::uint64_t complete() const { return complete_; }
  std::uint64_t count() const { return count_; }
  std::span<const double> of(std::size_t metric) const { return by_metric_[metric]; }

 private:
  std::vector<std::vector<double>> by_metric_;
  std::vector<bool> present_;
  std::uint64_t complete_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

struct Runner::Impl {
  using Clock = std::chrono::steady_clock;

  StudyStore& store;
  Replicate replicate;
  RunnerOptions options;
  std::size_t metrics;
  std::vector<Values> designs;
  std::uint64_t executed = 0;
  std::uint64_t found = 0;  // replications before those of the present run, for its progress

  std::mutex pending_mutex;  // guards what follows
  Batch pending;
  std::mutex commit_mutex;   // guards the store, `designs` during a run, and what follows
  Clock::time_point last_commit = Clock::now();
  Clock::duration wait{};

  Values& of(std::size_t design) {
    while (designs.size() <= design) designs.emplace_back(metrics);
    return designs[design];
  }

  void load() {
    store.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> values) {
      Values& of_design = of(design);
      if (!of_design.has(replication)) of_design.set(replication, values);
    });
  }

  bool due(std::size_t size) const { return Clock::now() - last_commit >= wait || size >= batch_size_max; }

  void keep(const Job& job, const std::vector<double>& values) {
    invariant(values.size() == metrics, "a replication has a value of each metric");
    std::size_t size = 0;
    {
      const std::lock_guard lock(pending_mutex);
      pending.add(job.design, job.replication, values);
      size = pending.size();
    }
    // Whoever finds a commit due makes it; the others go on.
    const std::unique_lock lock(commit_mutex, std::try_to_lock);
    if (lock.owns_lock() && due(size)) commit();
  }

  /// Requires: commit_mutex is held.
  void commit() {
    Batch batch;
    {
      const std::lock_guard lock(pending_mutex);
      std::swap(batch, pending);
    }
    if (batch.size() == 0) return;
    const Clock::time_point start = Clock::now();
    std::set<std::size_t> touched;
    for (std::size_t k = 0; k < batch.size(); ++k) {
      of(batch.designs[k]).set(batch.replications[k], std::span(batch.values).subspan(k * metrics, metrics));
      touched.insert(batch.designs[k]);
    }
    if (store.changed_by_others()) load();
    std::vector<DesignStatistics> statistics;
    for (const std::size_t design : touched) {
      DesignStatistics& row = statistics.emplace_back(DesignStatistics{.design = design, .replications = designs[design].count()});
      for (std::size_t m = 0; m < metrics; ++m)
        row.metrics.push_back(statistics_of(designs[design].of(m), store.identity().antithetic_pairs));
    }
    store.commit(batch, statistics);
    executed += batch.size();
    last_commit = Clock::now();
    wait = std::max<Clock::duration>(options.commit_interval, 20 * (last_commit - start));
  }
};

Runner::Runner(StudyStore& store, Replicate replicate, RunnerOptions options)
    : impl_(new Impl{.store = store,
                     .replicate = std::move(replicate),
                     .options = std::move(options),
                     .metrics = store.identity().metrics.size(),
                     .designs = {},
                     .pending_mutex = {},
                     .pending = {},
                     .commit_mutex = {}}) {
  impl_->wait = impl_->options.commit_interval;
  impl_->load();
}
Runner::~Runner() = default;

bool Runner::has(std::size_t design, std::uint64_t replication) const {
  return design < impl_->designs.size() && impl_->designs[design].has(replication);
}

std::uint64_t Runner::complete(std::size_t design) const {
  return design < impl_->designs.size() ? impl_->designs[design].complete() : 0;
}

const std::string& Runner::design_name(std::size_t design) const { return impl_->store.designs().at(design).name; }

std::uint64_t Runner::executed() const { return impl_->executed; }

std::span<const double> Runner::values(std::size_t design, std::size_t metric, std::uint64_t count) const {
  if (count == 0) return {};
  invariant(complete(design) >= count, "values that are asked for are there");
  return impl_->designs[design].of(metric).subspan(0, count);
}

bool Runner::bring_to(std::span<const std::uint64_t> wanted) {
  std::vector<Job> jobs;
  impl_->found = 0;
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    impl_->found += std::min(complete(d), wanted[d]);
    for (std::uint64_t k = complete(d); k < wanted[d]; ++k) jobs.push_back({static_cast<std::uint32_t>(d), k});
  }
  const bool all = jobs.empty() || run(jobs);
  impl_->found = 0;
  return all;
}

bool Runner::run(std::span<const Job> jobs) {
  Impl& impl = *impl_;
  if (impl.store.changed_by_others()) impl.load();
  std::vector<Job> missing;
  for (const Job& job : jobs)
    if (!has(job.design, job.replication)) missing.push_back(job);
  const std::uint64_t there = impl.found + jobs.size() - missing.size();
  const std::uint64_t total = impl.found + jobs.size();
  ExperimentOptions experiment{.replications = missing.size(),
                               .jobs = impl.options.jobs,
                               .stop_requested = impl.options.stop_requested};
  if (impl.options.progress)
    experiment.progress = [&](std::uint64_t done, std::uint64_t) { impl.options.progress(there + done, total); };
  const auto commit_rest = [&impl] {
    const std::lock_guard lock(impl.commit_mutex);
    impl.commit();
  };
  std::uint64_t done = 0;
  try {
    done = fleetsim::detail::for_each_replication(experiment, [&](std::uint64_t k) {
      impl.keep(missing[k], impl.replicate(missing[k].design, missing[k].replication));
    });
  } catch (const StoreError&) {
    throw;  // the store is what failed
  } catch (...) {
    commit_rest();  // what others finished is kept
    throw;
  }
  commit_rest();
  return done == missing.size();
}

}  // namespace fleetsim::experiment
