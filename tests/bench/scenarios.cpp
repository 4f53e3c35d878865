/// Whole scenarios, as a user runs them: from the file to the result, on one thread, with billing on.
///
///   bench_scenarios                     all of them, in a few minutes
///   bench_scenarios --benchmark_filter=month
///
/// Beside the fleet workload stands its skeleton on a bare event list: the changes of machines and the ticks of groups,
/// and no cloud; beside the other scenarios as many events of the hold model on that list. Each prints processor time, its
/// target, events a second, time, allocations and, where instances are many, bytes for each. What is allocated when a world
/// is built counts.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/support/bare_wheel.hpp"
#include "bench/support/count_allocations.hpp"
#include "bench/support/hold_worlds.hpp"
#include "bench/support/report.hpp"
#include "fleetsim/scenario.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/world.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

const std::filesystem::path source_folder = FLEETSIM_SOURCE_DIR;

Scenario load(const std::string& path, const std::vector<std::string>& sets = {}) {
  const LoadedScenario loaded = load_scenario(path, sets);
  for (const auto& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", to_text(diagnostic));
  if (!loaded.scenario) std::exit(2);
  return *loaded.scenario;
}

/// The most memory that this process held since the last call, where the system tells: bytes.
double peak_bytes() {
  double peak = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) peak = 1024 * std::strtod(line.c_str() + 6, nullptr);
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak;
}

void count_events(benchmark::State& state, std::uint64_t events) {
  const auto number = static_cast<double>(events);
  state.counters["events"] = number;
  state.counters["events/s"] = benchmark::Counter(number, benchmark::Counter::kIsRate);
  state.counters["ns/event"] =
      benchmark::Counter(number / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Events that a scenario had when it was measured last, by its name.
std::map<std::string, std::uint64_t>& events_of() {
  static std::map<std::string, std::uint64_t> events;
  return events;
}

/// As many events as the scenario had, on a bare list; `pending` at a time.
void bare_events(benchmark::State& state, const std::string& scenario, std::size_t pending) {
  const std::uint64_t events = events_of()[scenario];
  if (events == 0) {
    state.SkipWithError("needs the scenario's own benchmark before it");
    return;
  }
  BareWorld<BareWheel> world(pending);
  for (auto _ : state) world.run(events);
  count_events(state, events);
}

/// Replications of a scenario; the target is of all of them together, seconds of processor time.
void run_scenario(benchmark::State& state, const std::string& name, const std::function<Scenario()>& make,
                  std::uint64_t replications, double target, double instances) {
  const Scenario scenario = make();
  peak_bytes();
  const double before = static_cast<double>(bytes_held());
  std::uint64_t events = 0;
  const std::uint64_t allocated = allocations;
  for (auto _ : state) {
    for (std::uint64_t replication = 0; replication < replications; ++replication) {
      events += scenario::run_replication(scenario.data(), scenario.seed(), replication, {}).events;
    }
  }
  count_events(state, events);
  state.counters["allocations/event"] = static_cast<double>(allocations - allocated) / static_cast<double>(events);
  events_of()[name] = events;
  if (instances > 0) state.counters["bytes/instance"] = (peak_bytes() - before) / instances;
  state.counters["target_s"] = target;
}

test::TemporaryFolder& folder() {
  static test::TemporaryFolder made;
  return made;
}

constexpr const char* head = R"(fleetsim: 1
name: a benchmark
run: {{start: 2026-01-05T00:00:00Z, duration: {}, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a, us-east-1b, us-east-1c]}}
)";

/// 10,000 machines in groups of 100: up for 6 h and down for 1 h in the mean, exponentially, and a tick a minute for each
/// group. Down is the time from one instance's interruption until its successor serves, which counts in the life of the
/// successor: 7 h in the mean.
std::string fleet_workload() {
  std::string text = fmt::format(head, "30d");
  text +=
      "spot_market: {notice: 0s, default: {availability: {always: true}, price: {constant: 0.04 USD/h}, life: "
      "{exponential: "
      "{mean: 7h}}}}\n";
  text += "demand:\n";
  for (int f = 0; f < 100; ++f) text += fmt::format("  d{}: {{constant: 10000 requests/s}}\n", f);
  text += "fleets:\n";
  for (int f = 0; f < 100; ++f) {
    text += fmt::format(
        "  f{0}:\n    serves: d{0}\n    instance_types: [c5.large]\n    capacity_per_vcpu: 100 requests/s\n"
        "    expected_instances: 100\n    boot_time: {{exponential: {{mean: 1h}}}}\n    start_time: 0s\n"
        "    pending_time: 0s\n    spot_fulfilment_time: 0s\n    groups:\n"
        "      - {{name: g, purchase: spot, zones: [us-east-1a], scale_out_above: 390%, scale_in_below: 0.1%, min: "
        "100, "
        "max: 100, replacement_delay: 0s}}\n",
        f);
  }
  folder().write("fleet-workload.yaml", text);
  return (folder().path() / "fleet-workload.yaml").string();
}

/// The same on a bare list: two events a machine's cycle, and a tick for each group.
void bare_fleet(benchmark::State& state) {
  std::uint64_t events = 0;
  for (auto _ : state) {
    BareWheel list;
    Increments increments;
    constexpr std::uint64_t hour = 3'600'000'000'000, end = 720 * hour, minute = 60'000'000'000;
    const auto wait = [&](std::uint64_t hours) {
      return static_cast<std::uint64_t>(static_cast<double>(increments.next()) / 1e9 *
                                        static_cast<double>(hours * hour));
    };
    std::vector<std::uint8_t> up(10'000, 1);
    std::vector<std::int64_t> serving(100, 100);
    std::uint64_t sum = 0;
    for (std::uint64_t m = 0; m < 10'000; ++m) list.insert({wait(6), m});
    for (std::uint64_t g = 0; g < 100; ++g) list.insert({minute, 10'000 + g});
    for (;;) {
      BareEvent event = list.take();
      if (event.time > end) break;
      ++events;
      if (event.id >= 10'000) {
        sum += static_cast<std::uint64_t>(serving[event.id - 10'000]);
        event.time += minute;
      } else {
        std::uint8_t& is_up = up[event.id];
        is_up = static_cast<std::uint8_t>(1 - is_up);
        serving[event.id / 100] += is_up != 0 ? 1 : -1;
        event.time += wait(is_up != 0 ? 6 : 1);
      }
      list.insert(event);
    }
    benchmark::DoNotOptimize(sum);
  }
  count_events(state, events);
}

/// A million Spot Instances at once, each taken after ten days in the mean and replaced.
std::string million_instances() {
  std::string text = fmt::format(head, "30d");
  text +=
      R"(spot_market: {default: {availability: {always: true}, price: {constant: 0.04 USD/h}, life: {exponential: {mean: 10d}}}}
demand: {d: {constant: 100000000 requests/s}}
fleets:
  f:
    serves: d
    instance_types: [c5.large]
    capacity_per_vcpu: 100 requests/s
    expected_instances: 1000000
    groups:
      - {name: g, purchase: spot, zones: [us-east-1a, us-east-1b, us-east-1c], scale_out_above: 390%, scale_in_below: 0.1%,
         min: 1000000, max: 1000000, initial: 1000000}
)";
  folder().write("million.yaml", text);
  return (folder().path() / "million.yaml").string();
}

/// A valid file of 5,000 lines: 240 fleets of two groups.
std::string long_file() {
  std::string text = fmt::format(head, "30d");
  text += "demand:\n";
  for (int f = 0; f < 240; ++f) text += fmt::format("  demand-{}:\n    constant: {} requests/s\n", f, 100 + f);
  text += "fleets:\n";
  for (int f = 0; f < 240; ++f) {
    text += fmt::format(
        "  fleet-{0}:\n    serves: demand-{0}\n    instance_types: [c5.large]\n"
        "    capacity_per_vcpu: 100 requests/s\n    expected_instances: 4\n    groups:\n",
        f);
    for (const char* name : {"first", "second"}) {
      text += fmt::format(
          "      - name: {}\n        purchase: on_demand\n        zones: [us-east-1a]\n"
          "        scale_out_above: 75%\n        scale_in_below: 60%\n        min: 2\n        max: 20\n",
          name);
    }
  }
  folder().write("long.yaml", text);
  return (folder().path() / "long.yaml").string();
}

void load_file(benchmark::State& state) {
  const std::string path = long_file();
  std::int64_t lines = 0;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) ++lines;
  const std::uint64_t before = allocations;
  for (auto _ : state) benchmark::DoNotOptimize(load(path));
  state.counters["lines"] = static_cast<double>(lines);
  state.counters["allocations/line"] =
      static_cast<double>(allocations - before) / static_cast<double>(lines * state.iterations());
  state.counters["target_s"] = 0.1;
}

/// Reading the same bytes and counting their lines: what any reader must do.
void bare_load(benchmark::State& state) {
  const std::string path = long_file();
  for (auto _ : state) {
    std::ifstream file(path);
    std::int64_t lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    benchmark::DoNotOptimize(lines);
  }
}

/// Processor time of a child process; the clock's time would be that of the machine's other work too.
void start_up(benchmark::State& state) {
  const auto children = [] {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  };
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
  for (auto _ : state) {
    const double before = children();
    std::string program = FLEETSIM_PROGRAM, help = "--help";
    char* argv[] = {program.data(), help.data(), nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, FLEETSIM_PROGRAM, &actions, nullptr, argv, environ) != 0) {
      state.SkipWithError("the program is not built");
      break;
    }
    waitpid(child, nullptr, 0);
    state.SetIterationTime(std::max(1e-9, children() - before));
  }
  posix_spawn_file_actions_destroy(&actions);
  state.counters["target_s"] = 0.02;
}

/// `pending`: of the bare list beside it; 0 for none.
void add(const char* name, const std::function<Scenario()>& make, std::uint64_t replications, double target,
         double instances, std::size_t pending) {
  benchmark::RegisterBenchmark(name, run_scenario, name, make, replications, target, instances)
      ->Iterations(1)
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
  if (pending == 0) return;
  benchmark::RegisterBenchmark((std::string(name) + "/bare wheel").c_str(), bare_events, name, pending)
      ->Iterations(1)
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string four_groups = (source_folder / "scenarios/rtb-four-groups.yaml").string();
  const std::string year = (source_folder / "tests/bench/four-groups-year.yaml").string();
  add(
      "a month of rtb-four-groups, 10 replications", [=] { return load(four_groups); }, 10, 0.25, 0, 500);
  add(
      "a year of four groups and ten databases, 10 replications", [=] { return load(year); }, 10, 3.0, 0, 500);
  benchmark::RegisterBenchmark("fleet workload/bare wheel", bare_fleet)->Iterations(1)->Unit(benchmark::kMillisecond);
  add(
      "fleet workload", [] { return load(fleet_workload()); }, 1, 0.7, 10'000, 0);
  add(
      "a million instances for 30 days", [] { return load(million_instances()); }, 1, 120, 1'000'000, 1'000'000);
  benchmark::RegisterBenchmark("5,000 lines/bare read", bare_load)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("5,000 lines/read and checked", load_file)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("fleetsim --help", start_up)
      ->UseManualTime()
      ->Iterations(50)
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
