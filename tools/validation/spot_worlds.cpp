/// Simulated against recorded Spot pools: prints the table of docs/models/spot_market.md.
///
///   fleetsim_spot_worlds scenarios/data/*/*/availability.csv
///
/// For each pool of each recording: the share of the time it is open and the mean open and closed time, as recorded, as
/// blocks of the recording give them, and as an on/off process of hyper-exponential times fitted to it does.

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"

namespace {

using namespace fleetsim;

struct Figures {
  double open = 0;  // share of the time
  double up_hours = 0;
  double down_hours = 0;
};

/// Means over many runs as long as the recording; the first and the last time of each run are cut off, as recorded.
Figures simulate(const SpotPoolConfig& pool, Duration span) {
  constexpr std::uint64_t runs = 40;
  double open_time = 0, up = 0, down = 0;
  int ups = 0, downs = 0;
  for (std::uint64_t replication = 0; replication < runs; ++replication) {
    Simulation sim({.seed = 1, .replication = replication, .fingerprint = false});
    spot_market::CapacityWorldMaker worlds(sim, span);
    const auto world = worlds.make(pool, {}, span);
    bool open = world->initial_units() > 0;
    bool whole = false;
    Time since;
    for (;;) {
      const auto change = world->next();
      if (change && (change->units > 0) == open) continue;
      const double hours = to_seconds((change ? change->at : Time::at(span)) - since) / 3'600;
      if (open) open_time += hours;
      if (!change) break;
      if (whole) (open ? up : down) += hours, ++(open ? ups : downs);
      open = !open;
      whole = true;
      since = change->at;
    }
  }
  return {open_time / (to_seconds(span) / 3'600 * runs), ups > 0 ? up / ups : 0, downs > 0 ? down / downs : 0};
}

std::string in_words(const Figures& f) {
  return fmt::format("{:.3f}, {:.2f}, {:.2f}", f.open, f.up_hours, f.down_hours);
}

SpotPoolConfig pool_of(const calibration::PoolReport& report, CapacityProcess capacity) {
  return {.instance_type = report.instance_type, .zone = report.zone, .capacity = std::move(capacity),
          .price = ConstantPrice{}};
}

void print_row(const std::string& set, const calibration::PoolReport& report) {
  const auto mean = [](const calibration::Durations& d) { return d.seconds.ended.empty() ? 0 : d.mean_hours(); };
  const Figures recorded{report.availability, mean(report.up), mean(report.down)};
  std::string blocks = "too short";
  if (report.span >= 72_h) {  // of fewer days blocks are little but the recording itself
    blocks = in_words(simulate(
        pool_of(report, ReplayedCapacity{.trace = std::make_shared<const StepTrace<std::int64_t>>(report.trace),
                                         .start = ReplayStart::block_bootstrap}),
        report.span));
  }
  std::string on_off = "too few runs";
  const auto* const up = report.up.model("hyperexponential");
  const auto* const down = report.down.model("hyperexponential");
  if (up != nullptr && down != nullptr) {
    on_off = in_words(simulate(pool_of(report, OnOffCapacity{DurationDistribution{Distribution{up->fit.distribution}},
                                                             DurationDistribution{Distribution{down->fit.distribution}}}),
                               report.span));
  }
  fmt::print("| {} {} | {} | {} | {} | {} |\n", set, report.pool, report.up.seconds.ended.size(), in_words(recorded), blocks,
             on_off);
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print("| recording, pool | open runs | recorded: open, mean open h, mean closed h | blocks of 24 h | on/off |\n"
             "|---|---|---|---|---|\n");
  for (int i = 1; i < argc; ++i) {
    const std::string file = argv[i];
    config::Diagnostics diagnostics;
    calibration::Request request;
    request.inputs.push_back({.pool = {}, .file = {file, file}});
    const auto report = calibration::calibrate(request, diagnostics);
    if (!report) {
      fmt::print(stderr, "{}", diagnostics.to_text());
      return 2;
    }
    const std::string folder = file.substr(0, file.rfind('/'));
    for (const auto& pool : report->pools) print_row(folder.substr(folder.rfind('/') + 1), pool);
  }
  return 0;
}
