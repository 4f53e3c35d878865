// Recorded reads and writes of a machine.

#include <fmt/format.h>

#include "fleetsim/models/storage/config.hpp"
#include "fleetsim/sim/config/csv.hpp"

namespace fleetsim {
namespace {

/// A year of one-second windows is more than any of these recordings has.
constexpr std::int64_t windows_max = 50'000'000;

}  // namespace

BlockTrace read_block_trace(const config::FilePath& file, const config::Located<std::string>& machine, Duration window,
                            config::Diagnostics& diagnostics) {
  BlockTrace trace;
  trace.window = window;
  config::CsvReader csv(file, {"machine", "window_end_s", "reads", "writes", "read_bytes", "write_bytes"}, diagnostics);
  std::vector<std::string> machines;
  while (csv.next()) {
    if (machines.empty() || machines.back() != csv.text(0)) machines.emplace_back(csv.text(0));
    if (csv.text(0) != machine.value) continue;
    Duration end;
    BlockTrace::Window row;
    if (!csv.read(1, 1_s, end) || !csv.read(2, row.reads) || !csv.read(3, row.writes) || !csv.read(4, 1_B, row.read_bytes) ||
        !csv.read(5, 1_B, row.write_bytes)) {
      continue;
    }
    const std::int64_t index = (end.count() - 1) / window.count();
    if (end <= Duration{} || index >= windows_max) {
      csv.error(1, fmt::format("window_end_s: {} is no end of a window", csv.text(1)));
    } else if (row.reads < 0 || row.writes < 0 || row.read_bytes < Bytes{} || row.write_bytes < Bytes{}) {
      csv.error(2, "a number of the window is below zero");
    } else if ((row.reads == 0) != (row.read_bytes == Bytes{}) || (row.writes == 0) != (row.write_bytes == Bytes{})) {
      csv.error(2, "the window has requests without bytes, or bytes without requests");
    } else {
      if (trace.windows.size() <= static_cast<std::size_t>(index)) trace.windows.resize(static_cast<std::size_t>(index) + 1);
      BlockTrace::Window& sum = trace.windows[static_cast<std::size_t>(index)];
      sum.reads += row.reads;
      sum.writes += row.writes;
      sum.read_bytes += row.read_bytes;
      sum.write_bytes += row.write_bytes;
    }
  }
  if (csv.ok() && trace.windows.empty()) {
    diagnostics.error(machine.where, fmt::format("{} has no machine '{}'", file.as_given, machine.value),
                      config::name_help("machine", machine.value, machines));
  }
  return trace;
}

}  // namespace fleetsim
