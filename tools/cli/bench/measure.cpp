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
#include <queue>
#include <utility>
#include <vector>

namespace fleetsim::cli::bench {

namespace {
constexpr double least_seconds = 0.05;  // of a round, so that a short run is told from the noise of the clock
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

Measured measure(const Scenario& scenario, std::uint64_t seed, std::uint64_t replications, int rounds,
                 const std::function<void()>& finished) {
  RunOptions options;
  options.seed = seed;
  options.replications = replications;
  options.jobs = 1;
  options.progress = [&](std::uint64_t, std::uint64_t) { finished(); };
  Measured measured;
  InstructionCounter counter;
  std::vector<double> loops;
  double before = calibration_seconds();
  for (int round = 0; round < rounds; ++round) {
    int runs = 0;
    double seconds = 0;
    const double begun = processor_seconds();
    do {
      counter.start();
      RunResult result = run(scenario, options);
      const double instructions = counter.stop();
      seconds = processor_seconds() - begun;
      if (round == 0 && runs == 0) {
        measured.result = std::move(result);
        if (counter.works()) {
          measured.instructions = instructions / static_cast<double>(replications);
          measured.counted_by = "perf";
        }
      } else {
        measured.deterministic = measured.deterministic && result.fingerprint == measured.result.fingerprint;
      }
      ++runs;
    } while (seconds < least_seconds);
    // The machine's load changes while a scenario runs: the loop right before and right after it meets the same.
    const double after = calibration_seconds();
    loops.push_back(seconds / runs / static_cast<double>(replications) / ((before + after) / 2));
    before = after;
  }
  std::nth_element(loops.begin(), loops.begin() + static_cast<std::ptrdiff_t>(loops.size() / 2), loops.end());
  measured.loops = loops[loops.size() / 2];
  return measured;
}

}  // namespace fleetsim::cli::bench
