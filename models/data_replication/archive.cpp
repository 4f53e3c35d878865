/// Snapshots in the archive tier: full ones, each by itself, of what retention no longer keeps.

#include <algorithm>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

/// A snapshot that is about to be deleted goes to the archive. One that was completed after a younger one had gone there does not.
void Engine::archive_point(std::uint32_t id, std::uint32_t point) {
  Series& series = series_[id];
  Place& archive = series.places.back();
  const Time data = series.places.front().history[point].point;
  PointHistory& history = archive.history;
  if (!history.points().empty() && history.points().back().point > data) return;
  history.mark_usable(history.begin(data), now());
  const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
  for (std::size_t s = 0; s < members.size(); ++s) {
    const Store& store = stores_[members[s]];
    archive.archived[s].set(archive.archived[s].blocks + store.blocks.written(store.log.mark(data)), now());
  }
  if (!archive.expiring) expire_archived(id);
}

void Engine::remove_archived(Series& series, std::size_t point) {
  Place& archive = series.places.back();
  if (archive.history[point].gone != Time::max()) return;
  archive.history.mark_gone(point, now());
  // What is left of the shortest time there, to the nearest hour.
  const Duration left = std::max(archive_minimum - (now() - archive.history[point].usable), Duration{});
  const Duration charged = 1_h * ((left + 30_min).count() / nanoseconds_per_hour);
  const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
  for (std::size_t s = 0; s < members.size(); ++s) {
    const Store& store = stores_[members[s]];
    const std::int64_t held = store.blocks.written(store.log.mark(archive.history[point].point));
    archive.archived[s].set(archive.archived[s].blocks - held, now());
    archive.deleted_early[s] += static_cast<Int128>(held) * charged.count();
  }
}

/// Deletes those whose time is over, and waits for the next.
void Engine::expire_archived(std::uint32_t id) {
  Series& series = series_[id];
  Place& archive = series.places.back();
  const PointHistory& history = archive.history;
  for (; archive.oldest < history.points().size(); ++archive.oldest) {
    const KeptPoint& oldest = history[archive.oldest];
    if (oldest.gone != Time::max()) continue;
    const Time at = oldest.usable + archive.archive->keep;
    if (at <= now()) {
      remove_archived(series, archive.oldest);
      continue;
    }
    if (at > Time::at(config_.run_length)) return;
    archive.expiring = true;
    expect(series.timeline, at, PointExpired{id, static_cast<std::uint32_t>(series.places.size() - 1)});
    return;
  }
}

}  // namespace fleetsim
