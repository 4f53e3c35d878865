#pragma once
/// What every benchmark prints: time for an event and events a second, beside the same work on a bare machine limit,
/// with the bytes that an entity holds and the allocations for an event. Medians of repetitions that take turns, by
/// processor time, so that what else the machine does falls on all rows alike.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fleetsim::bench {

/// Bytes that this program holds on the heap.
inline std::size_t bytes_held() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Sets the counters that Report reads. `bytes`: of one entity; 0 where that says nothing.
inline void count(benchmark::State& state, std::uint64_t events, std::uint64_t allocated, double bytes = 0) {
  state.counters["event"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["allocations"] =
      static_cast<double>(allocated) / static_cast<double>(std::max<std::uint64_t>(1, events));
  state.counters["bytes"] = bytes;
}

/// Benchmarks are named "heading|row"; the rows of a heading whose names begin with "bare" are its limit, the fastest of
/// them counts.
class Report : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    PrintBasicContext(&GetErrorStream(), context);
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred || !run.counters.contains("event")) continue;
      const std::string name = run.benchmark_name();
      const std::string whole = name.substr(0, name.find('/'));
      const std::size_t bar = whole.find('|');
      const std::string heading = whole.substr(0, bar);
      if (!rows_.contains(heading)) headings_.push_back(heading);
      Row& row = rows_[heading][whole.substr(bar + 1)];
      row.ns.push_back(1e9 * run.counters.at("event").value);
      row.allocations = std::max(row.allocations, run.counters.at("allocations").value);
      row.bytes = run.counters.at("bytes").value;
    }
  }
  /// The largest number of allocations for an event that a row, other than a bare one, had.
  double print() const {
    double most = 0;
    // Numbers in headings rise with their length.
    std::vector<std::string> headings = headings_;
    std::sort(headings.begin(), headings.end(), [](const std::string& a, const std::string& b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    for (const std::string& heading : headings) {
      const auto& rows = rows_.at(heading);
      double bare = std::numeric_limits<double>::infinity();
      for (const auto& [name, row] : rows) {
        if (name.starts_with("bare")) bare = std::min(bare, median(row.ns));
      }
      fmt::print("\n{:<30}{:>11}{:>12}{:>8}{:>9}{:>8}\n", heading, "ns / event", "M events/s", "ratio", "bytes",
                 "allocs");
      for (const auto& [name, row] : rows) {
        const double ns = median(row.ns);
        const bool limited = bare < std::numeric_limits<double>::infinity();
        fmt::print("  {:<28}{:>11.1f}{:>12.3g}{:>8}{:>9}{:>8.3g}\n", name, ns, 1e3 / ns,
                   limited ? fmt::format("{:.2f}", ns / bare) : "-",
                   row.bytes > 0 ? fmt::format("{:.0f}", row.bytes) : "-", row.allocations);
        if (!name.starts_with("bare")) most = std::max(most, row.allocations);
      }
    }
    return most;
  }

 private:
  struct Row {
    std::vector<double> ns;
    double allocations = 0, bytes = 0;
  };
  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  std::vector<std::string> headings_;
  std::map<std::string, std::map<std::string, Row>> rows_;
};

/// Runs what is registered, with `defaults` before the caller's own arguments so that those win. Returns the exit code;
/// 1 if `may_allocate` is false and an event allocated.
inline int run_benchmarks(int argc, char** argv, std::vector<std::string> defaults, bool may_allocate) {
  std::vector<std::string> arguments = {argv[0]};
  arguments.insert(arguments.end(), defaults.begin(), defaults.end());
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  auto left = static_cast<int>(pointers.size());
  benchmark::Initialize(&left, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(left, pointers.data())) return 2;
  Report report;
  benchmark::RunSpecifiedBenchmarks(&report);
  const double most = report.print();
  if (!may_allocate) fmt::print("\nmost allocations for an event in the steady state: {:.3g}\n", most);
  return may_allocate || most == 0 ? 0 : 1;
}

}  // namespace fleetsim::bench
