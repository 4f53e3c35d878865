#include "tools/cli/bench/measure.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <stop_token>
#include <utility>
#include <vector>

namespace fleetsim::cli::bench {

namespace {
constexpr double least_seconds = 0.05;  // of a round, so that a short run meets more than one moment of the machine
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? "" : line.substr(at);
  }
  return {};
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double calibration_seconds() {
  constexpr int events = 1'000;
  constexpr int steps = 300'000;
  std::uint64_t state = 88172645463325252U;
  const auto increment = [&state] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return -std::log((static_cast<double>(state >> 11U) + 0.5) * 0x1p-53);
  };
  const double begun = processor_seconds();
  std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, std::greater<>> queue;
  for (int event = 0; event < events; ++event) queue.emplace(increment(), event);
  for (int step = 0; step < steps; ++step) {
    const auto [time, event] = queue.top();
    queue.pop();
    queue.emplace(time + increment(), event);
  }
  const double seconds = processor_seconds() - begun;
  // What nobody reads, the compiler may leave out.
  return queue.top().first > 0 ? seconds : 0;
}

InstructionCounter::InstructionCounter() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}
InstructionCounter::~InstructionCounter() {
  if (works()) close(file_);
}
void InstructionCounter::start() {
  if (!works()) return;
  ioctl(file_, PERF_EVENT_IOC_RESET, 0);
  ioctl(file_, PERF_EVENT_IOC_ENABLE, 0);
}
double InstructionCounter::stop() {
  std::uint64_t count = 0;
  if (!works()) return 0;
  ioctl(file_, PERF_EVENT_IOC_DISABLE, 0);
  return read(file_, &count, sizeof count) == sizeof count ? static_cast<double>(count) : 0;
}

namespace {

/// The least processor time that each replication took, and what a run takes beside them.
class LeastTimes {
 public:
  explicit LeastTimes(std::uint64_t replications) : replications_(replications, none) {}
  void begin_run() { last_ = processor_seconds(); }
  /// `done`: replications of this run.
  void replication_ended(std::uint64_t done) { shorten(replications_[done - 1]); }
  /// What the caller did since then is not the run's.
  void resume() { last_ = processor_seconds(); }
  void end_run() { shorten(rest_); }
  double of_a_replication() const {
    return std::accumulate(replications_.begin(), replications_.end(), rest_) /
           static_cast<double>(replications_.size());
  }

 private:
  static constexpr double none = std::numeric_limits<double>::infinity();
  void shorten(double& least) { least = std::min(least, processor_seconds() - last_); }
  std::vector<double> replications_;
  double rest_ = none;
  double last_ = 0;
};

}  // namespace

Measured measure(const Scenario& scenario, const MeasureOptions& options) {
  Measured measured;
  InstructionCounter counter;
  LeastTimes times(options.replications);
  std::stop_source stop;
  RunOptions run_options;
  run_options.seed = options.seed;
  run_options.replications = options.replications;
  run_options.jobs = 1;
  run_options.stop = stop.get_token();
  run_options.progress = [&](std::uint64_t done, std::uint64_t) {
    times.replication_ended(done);
    if (!options.go_on()) stop.request_stop();
    times.resume();
  };
  const auto run_once = [&](bool is_first) {
    times.begin_run();
    counter.start();
    RunResult result = run(scenario, run_options);
    const double instructions = counter.stop();
    times.end_run();
    measured.complete = result.replications == options.replications;
    if (!is_first) {
      measured.deterministic = measured.deterministic && result.fingerprint == measured.result.fingerprint;
      return;
    }
    measured.result = std::move(result);
    if (!counter.works()) return;
    measured.instructions = instructions / static_cast<double>(options.replications);
    measured.counted_by = "perf";
  };

  if (options.with_speed) measured.calibration_seconds = calibration_seconds();
  const int most = options.with_speed && options.settled ? options.rounds * most_rounds_factor : options.rounds;
  const auto wants_round = [&] {
    return measured.rounds < options.rounds || (measured.rounds < most && !options.settled(*measured.loops));
  };
  bool first = true;
  while (measured.complete && wants_round()) {
    const double begun = processor_seconds();
    double seconds = 0;
    do {
      run_once(std::exchange(first, false));
      seconds = processor_seconds() - begun;
    } while (options.with_speed && measured.complete && seconds < least_seconds);
    ++measured.rounds;
    measured.seconds += seconds;
    if (!options.with_speed) continue;
    measured.calibration_seconds = std::min(measured.calibration_seconds, calibration_seconds());
    measured.loops = times.of_a_replication() / measured.calibration_seconds;
  }
  return measured;
}

}  // namespace fleetsim::cli::bench
