#include "models/scenario/advice/wants.hpp"

#include <algorithm>
#include <memory>

namespace fleetsim::scenario {
namespace {

constexpr double mib = 1'048'576.0;
constexpr Bytes large_io = 128_KiB;

/// What one I/O of a load counts as.
struct Counted {
  double ssd_ops = 0, bytes = 0, hdd_bytes = 0;
};
Counted count(const StorageLoadConfig& load) {
  const auto parts = static_cast<double>(parts_per_operation);
  return {static_cast<double>(counted_io(ssd_io_max, load.io_size, load.sequential).operation_parts) / parts,
          static_cast<double>(load.io_size.count()),
          static_cast<double>(counted_io(hdd_io_max, load.io_size, load.sequential).bytes.count())};
}

/// Rates that held for a time, weighted by the I/Os offered in it.
struct Piece {
  double ssd_iops = 0, iops = 0, mibps = 0, hdd_mibps = 0, ios = 0;
};

class Scan {
 public:
  Scan(Simulation& sim, const ScenarioData& data, const StoragePlan& plan, std::vector<std::vector<Piece>>& pieces)
      : sim_(sim), plan_(plan), pieces_(pieces), rates_(plan.config.loads.size()), since_(pieces.size()) {
    const DemandRun run{.start = data.run.start, .length = data.run.duration};
    for (std::size_t l = 0; l < plan.config.loads.size(); ++l) {
      counted_.push_back(count(plan.config.loads[l]));
      if (const auto depth = plan.config.loads[l].queue_depth) {
        const VolumeLimits& limits = plan.config.volumes[*plan.config.loads[l].volume].limits;
        rates_[l] = static_cast<double>(*depth) / to_seconds(limits.latency);
      }
      if (!plan.demands[l]) continue;
      listeners_.push_back(std::make_unique<Listener>(*this, l));
      demands_.push_back(std::make_unique<Demand>(sim, *plan.demands[l], run, *listeners_.back()));
    }
    for (const auto& demand : demands_) demand->start();
  }
  void finish() {
    for (std::size_t v = 0; v < since_.size(); ++v) close(v);
  }

 private:
  struct Listener final : DemandListener {
    Listener(Scan& scan, std::size_t index) : of(scan), load(index) {}
    void demand_changed(RequestRate offered) override { of.change(load, offered); }
    Scan& of;
    std::size_t load;
  };
  void change(std::size_t load, RequestRate rate) {
    if (plan_.config.loads[load].volume) {
      close(*plan_.config.loads[load].volume);
      close(since_.size() - 1);
    }
    rates_[load] = static_cast<double>(rate.count()) / 1e6;
  }
  /// Ends the piece of a volume, or, as the last one, of all volumes together.
  void close(std::size_t v) {
    const double span = to_seconds(sim_.now() - since_[v]);
    since_[v] = sim_.now();
    if (span <= 0) return;
    Piece piece;
    for (std::size_t l = 0; l < rates_.size(); ++l) {
      const auto& volume = plan_.config.loads[l].volume;
      if (!volume || (v + 1 < since_.size() && *volume != v)) continue;
      piece.ssd_iops += rates_[l] * counted_[l].ssd_ops;
      piece.iops += rates_[l];
      piece.mibps += rates_[l] * counted_[l].bytes / mib;
      piece.hdd_mibps += rates_[l] * counted_[l].hdd_bytes / mib;
      piece.ios += rates_[l] * span;
    }
    pieces_[v].push_back(piece);
  }

  Simulation& sim_;
  const StoragePlan& plan_;
  std::vector<std::vector<Piece>>& pieces_;
  std::vector<double> rates_;
  std::vector<Time> since_;  // by volume, then all together
  std::vector<Counted> counted_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Demand>> demands_;
};

WantedLevel level_of(std::vector<Piece>& pieces, double Piece::*what, double share) {
  std::sort(pieces.begin(), pieces.end(), [what](const Piece& a, const Piece& b) { return a.*what > b.*what; });
  double all = 0;
  for (const Piece& piece : pieces) all += piece.ios;
  WantedLevel level;
  double above = 0;
  for (const Piece& piece : pieces) {
    if (piece.ios <= 0) continue;
    level.most = std::max(level.most, piece.*what);
    level.nearly = piece.*what;
    above += piece.ios;
    if (above > share * all) break;
  }
  return level;
}

Wants wants_of(std::vector<Piece>& pieces, double share, double seconds) {
  Wants wants;
  wants.ssd_iops = level_of(pieces, &Piece::ssd_iops, share);
  wants.instance_iops = level_of(pieces, &Piece::iops, share);
  wants.mibps = level_of(pieces, &Piece::mibps, share);
  wants.hdd_mibps = level_of(pieces, &Piece::hdd_mibps, share);
  for (const Piece& piece : pieces) {
    wants.mean_iops += piece.ios / seconds;
    if (piece.iops > 0) wants.mean_mibps += piece.ios * piece.mibps / piece.iops / seconds;
  }
  return wants;
}

}  // namespace

MachineWants find_wants(const ScenarioData& data, const StoragePlan& plan, std::uint64_t seed,
                        std::uint64_t replications, double share) {
  const std::size_t volumes = plan.config.volumes.size();
  std::vector<std::vector<Piece>> pieces(volumes + 1);
  for (std::uint64_t r = 0; r < replications; ++r) {
    Simulation sim({.seed = seed, .replication = r, .fingerprint = false});
    Scan scan(sim, data, plan, pieces);
    sim.run_until(Time::at(data.run.duration));
    scan.finish();
  }
  const double seconds = to_seconds(data.run.duration) * static_cast<double>(replications);
  MachineWants wants;
  for (std::size_t v = 0; v < volumes; ++v) wants.volumes.push_back(wants_of(pieces[v], share, seconds));
  wants.together = wants_of(pieces[volumes], share, seconds);
  for (const StorageLoadConfig& load : plan.config.loads) {
    if (!load.volume) continue;
    if (!load.sequential && load.io_size < large_io) wants.volumes[*load.volume].large = false;
    if (load.work && load.pace) wants.volumes[*load.volume].work_mibps += to_mib_per_second(*load.pace);
  }
  return wants;
}

}  // namespace fleetsim::scenario
