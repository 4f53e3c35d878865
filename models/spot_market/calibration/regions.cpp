#include "models/spot_market/calibration/regions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "models/spot_market/calibration/latent.hpp"

namespace fleetsim::calibration {
namespace {

/// Walks several recordings at once: calls `piece(length, open flags)` for each stretch in which none changes.
template <class Piece>
void walk(const std::vector<const StepTrace<std::int64_t>*>& traces, std::int64_t needed, Piece piece) {
  Duration end = Duration::max();
  for (const auto* trace : traces) end = std::min(end, trace->span);
  std::vector<std::size_t> next(traces.size(), 0);
  std::vector<bool> open(traces.size(), false);
  Duration at;
  while (at < end) {
    Duration until = end;
    for (std::size_t i = 0; i < traces.size(); ++i) {
      const auto& trace = *traces[i];
      while (next[i] < trace.times.size() && trace.times[next[i]] <= at) open[i] = trace.values[next[i]++] >= needed;
      if (next[i] < trace.times.size()) until = std::min(until, trace.times[next[i]]);
    }
    piece(until - at, open);
    at = until;
  }
}

/// Same Region, same first instant; recordings without one that end together are taken to have begun together.
struct GroupKey {
  std::string region;
  std::int64_t start;
  std::int64_t span;
  auto operator<=>(const GroupKey&) const = default;
};

/// The latent factor of pools that open and close often enough to tell its parameters.
std::optional<LatentFit> latent_of(const std::vector<const PoolReport*>& members, std::int64_t needed,
                                   std::uint64_t seed) {
  constexpr std::size_t runs_min = 20;
  LatentTarget target;
  std::vector<StepTrace<std::int64_t>> traces;
  // The generator was fitted at 195 s; recordings of events or of a coarse grid are compared at that step too.
  target.step = 195_s;
  for (const PoolReport* pool : members) {
    if (pool->up.seconds.ended.size() < runs_min || pool->down.seconds.ended.size() < runs_min) continue;
    if (pool->tick >= 60_s && pool->tick <= 600_s) target.step = pool->tick;
    target.pools.push_back({.pool = pool->pool,
                            .availability = pool->availability,
                            .mean_up_hours = pool->up.mean_hours(),
                            .mean_down_hours = pool->down.mean_hours(),
                            .cv_up = pool->up.cv(),
                            .cv_down = pool->down.cv()});
    traces.push_back(pool->trace);
  }
  if (target.pools.size() < 2) return std::nullopt;
  target.correlation = joint_openness(traces, needed).mean_correlation;
  return fit_latent(target, seed);
}

}  // namespace

JointOpenness joint_openness(const std::vector<StepTrace<std::int64_t>>& traces, std::int64_t needed) {
  JointOpenness joint;
  std::vector<const StepTrace<std::int64_t>*> all;
  for (const auto& trace : traces) all.push_back(&trace);
  double total = 0, any = 0;
  walk(all, needed, [&](Duration length, const std::vector<bool>& open) {
    total += to_seconds(length);
    if (std::find(open.begin(), open.end(), true) != open.end()) any += to_seconds(length);
  });
  joint.any_open = any / total;
  double sum = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    for (std::size_t j = i + 1; j < traces.size(); ++j) {
      const auto correlation = correlation_of(traces[i], traces[j], needed);
      if (!correlation) continue;
      sum += *correlation;
      ++pairs;
    }
  }
  if (pairs > 0) joint.mean_correlation = sum / pairs;
  return joint;
}

std::optional<double> correlation_of(const StepTrace<std::int64_t>& a, const StepTrace<std::int64_t>& b,
                                     std::int64_t needed) {
  double total = 0, first = 0, second = 0, both = 0;
  walk({&a, &b}, needed, [&](Duration length, const std::vector<bool>& open) {
    const double seconds = to_seconds(length);
    total += seconds;
    if (open[0]) first += seconds;
    if (open[1]) second += seconds;
    if (open[0] && open[1]) both += seconds;
  });
  const double p = first / total, q = second / total;
  const double variance = p * (1 - p) * q * (1 - q);
  if (!(variance > 0)) return std::nullopt;
  return (both / total - p * q) / std::sqrt(variance);
}

std::vector<RegionReport> region_reports(const std::vector<PoolReport>& pools, const Request& request) {
  std::map<GroupKey, std::vector<const PoolReport*>> groups;
  for (const PoolReport& pool : pools) {
    const GroupKey key = pool.start
                             ? GroupKey{pool.region, pool.start->seconds_since_1970, 0}
                             : GroupKey{pool.region, std::numeric_limits<std::int64_t>::min(), pool.span.count()};
    groups[key].push_back(&pool);
  }
  std::vector<RegionReport> reports;
  for (const auto& [key, members] : groups) {
    if (members.size() < 2) continue;
    RegionReport report{.region = key.region};
    std::vector<StepTrace<std::int64_t>> traces;
    double all_closed_if_independent = 1;
    for (const PoolReport* pool : members) {
      report.pools.push_back(pool->pool);
      traces.push_back(pool->trace);
      all_closed_if_independent *= 1 - pool->availability;
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = i + 1; j < members.size(); ++j) {
        const auto correlation = correlation_of(traces[i], traces[j], request.needed);
        if (correlation) report.pairs.push_back({members[i]->pool, members[j]->pool, *correlation});
      }
    }
    if (report.pairs.empty()) continue;
    const JointOpenness joint = joint_openness(traces, request.needed);
    report.correlation = joint.mean_correlation;
    report.any_open = joint.any_open;
    report.any_open_if_independent = 1 - all_closed_if_independent;
    report.latent = latent_of(members, request.needed, request.seed);
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace fleetsim::calibration
