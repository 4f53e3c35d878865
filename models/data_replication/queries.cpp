/// The recovery points of one thing at one site, at any instant of the run; and the model's public face.

#include <algorithm>
#include <source_location>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

std::string_view to_name(RecoveryMeans means) {
  switch (means) {
    case RecoveryMeans::snapshot: return "snapshot";
    case RecoveryMeans::log_backup: return "log backup";
    case RecoveryMeans::stream: return "stream";
    case RecoveryMeans::mirror: return "mirror";
  }
  return {};
}

std::string_view to_name(Scheduler scheduler) {
  switch (scheduler) {
    case Scheduler::api: return "api";
    case Scheduler::dlm: return "dlm";
    case Scheduler::aws_backup: return "aws_backup";
    case Scheduler::rds: return "rds";
  }
  return {};
}

std::optional<DataId> DataReplicationConfig::find(std::string_view name) const {
  for (std::uint32_t d = 0; d < data.size(); ++d) {
    if (data[d].name == name) return DataId{d};
  }
  return std::nullopt;
}

MirrorCost mirror_cost(const ReplicaConfig& mirror) {
  const Duration write = std::max(mirror.local_write, mirror.round_trip + mirror.remote_write);
  if (write == Duration{}) return {};
  return {write, static_cast<double>(mirror.queue_depth) / to_seconds(write)};
}

void Engine::find_covers() {
  covers_.resize(config_.data.size());
  const auto holds = [&](DataId whole, DataId part) {
    const std::vector<std::uint32_t>& stores = config_.data[whole.index].stores;
    return std::all_of(config_.data[part.index].stores.begin(), config_.data[part.index].stores.end(),
                       [&](std::uint32_t s) { return std::find(stores.begin(), stores.end(), s) != stores.end(); });
  };
  std::vector<Covers> of_store(stores_.size());
  for (std::uint32_t s = 0; s < series_.size(); ++s) {
    for (const std::uint32_t store : config_.data[series_[s].data.index].stores) of_store[store].series.push_back(s);
  }
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    for (const std::uint32_t store : config_.data[replicas_[r].config->data.index].stores) of_store[store].replicas.push_back(r);
  }
  for (std::uint32_t d = 0; d < covers_.size(); ++d) {
    const Covers& of_first = of_store[config_.data[d].stores.front()];
    for (const std::uint32_t s : of_first.series) {
      if (holds(series_[s].data, {d})) covers_[d].series.push_back(s);
    }
    for (const std::uint32_t r : of_first.replicas) {
      if (holds(replicas_[r].config->data, {d})) covers_[d].replicas.push_back(r);
    }
  }
}

namespace {

bool ships_logs(const Engine::Place& place) { return place.copy != nullptr && place.copy->logs; }

}  // namespace

/// The last instant up to which the logs of a series are at a place; empty without logs or without a snapshot to start from.
std::optional<Time> Engine::log_point(const Series& series, std::size_t p, const PointQuery& query) const {
  const PolicyConfig& policy = config_.policies[series.policy];
  if (!policy.logs || (p > 0 && !ships_logs(series.places[p]))) return std::nullopt;
  const std::int64_t every = policy.logs->every.count();
  const auto shipped_by = [&](Time at) { return Time::at(policy.logs->every * (std::max<std::int64_t>(0, at.since_start().count()) / every)); };
  // A log that is ready while the link is cut arrives when it is whole again.
  const RegionId home = config_.site_region[series.places.front().site.index];
  const Time sent_by = p == 0 ? query.at : links_.cut_since(home, config_.site_region[series.places[p].site.index], query.at).value_or(query.at);
  if (sent_by < Time::at(policy.logs->delay)) return std::nullopt;
  Time point = shipped_by(sent_by - policy.logs->delay);
  for (const std::uint32_t s : config_.data[series.data.index].stores) {
    for (auto down = stores_[s].down.rbegin(); down != stores_[s].down.rend(); ++down) {
      if (point > down->from && point <= down->to) point = shipped_by(down->from);
    }
  }
  if (query.not_after) point = std::min(point, *query.not_after);
  if (!series.places[p].history.newest(query.at, point)) return std::nullopt;
  return point;
}

std::optional<NewestPoint> Engine::newest(DataId data, SiteId site, const PointQuery& query) const {
  std::optional<NewestPoint> best;
  const auto offer = [&](std::optional<Time> point, RecoveryMeans means, bool in_sync = true, Duration retrieval = {}) {
    if (!point || (best && best->point >= *point)) return;
    best = NewestPoint{.point = *point, .means = means, .restored = {}, .lost = {}, .retrieval = retrieval, .in_sync = in_sync};
  };
  for (const std::uint32_t s : covers_[data.index].series) {
    for (std::size_t p = 0; p < series_[s].places.size(); ++p) {
      const Place& place = series_[s].places[p];
      if (place.site != site) continue;
      offer(query.not_after ? place.history.newest(query.at, *query.not_after) : place.history.newest(query.at), RecoveryMeans::snapshot,
            true, place.archive != nullptr ? place.archive->restore : Duration{});
      offer(log_point(series_[s], p, query), RecoveryMeans::log_backup);
    }
  }
  for (const std::uint32_t r : covers_[data.index].replicas) {
    const Replica& replica = replicas_[r];
    const ReplicaConfig& config = *replica.config;
    const bool lies_down = config.zone && std::find(query.without.begin(), query.without.end(), *config.zone) != query.without.end();
    const bool gone = std::any_of(replica.destroyed.begin(), replica.destroyed.end(),
                                  [&](const Outage& outage) { return query.at >= outage.from && query.at < outage.to; });
    if (config.site != site || lies_down || gone) continue;
    const std::optional<Time> point = replica_point(replica, query.at);
    const RecoveryMeans means = config.kind == ReplicaKind::mirror ? RecoveryMeans::mirror : RecoveryMeans::stream;
    if (!query.not_after || (point && *point <= *query.not_after)) {
      offer(point, means, replica_knot(replica, std::max(Time{}, query.at - config.latency)).state != ReplicaState::resync);
    } else if (config.points_in_time) {
      offer(replica.points.history.newest(query.at, *query.not_after), means);
    }
  }
  if (best) {
    best->restored = data_size(data, best->point);
    best->lost = written_between(data, best->point, query.at);
  }
  return best;
}

std::vector<const PointHistory*> Engine::histories(DataId data, SiteId site) const {
  std::vector<const PointHistory*> found;
  for (const std::uint32_t s : covers_[data.index].series) {
    for (const Place& place : series_[s].places) {
      if (place.site == site && place.archive == nullptr) found.push_back(&place.history);
    }
  }
  for (const std::uint32_t r : covers_[data.index].replicas) {
    if (replicas_[r].config->site == site && replicas_[r].config->points_in_time) found.push_back(&replicas_[r].points.history);
  }
  return found;
}

bool Engine::continuous(DataId data, SiteId site) const {
  for (const std::uint32_t s : covers_[data.index].series) {
    const Series& series = series_[s];
    for (std::size_t p = 0; p < series.places.size(); ++p) {
      if (series.places[p].site == site && config_.policies[series.policy].logs && (p == 0 || ships_logs(series.places[p]))) return true;
    }
  }
  return std::any_of(covers_[data.index].replicas.begin(), covers_[data.index].replicas.end(),
                     [&](std::uint32_t r) { return replicas_[r].config->site == site; });
}

std::vector<SiteId> Engine::sites(DataId data) const {
  std::vector<SiteId> found;
  const auto add = [&](SiteId site) {
    if (std::find(found.begin(), found.end(), site) == found.end()) found.push_back(site);
  };
  for (const std::uint32_t s : covers_[data.index].series) {
    for (const Place& place : series_[s].places) add(place.site);
  }
  for (const std::uint32_t r : covers_[data.index].replicas) add(replicas_[r].config->site);
  return found;
}

// The public face.

DataReplication::DataReplication(Simulation& sim, const DataReplicationConfig& config, FailbackListener* failback)
    : engine_(std::make_unique<ReplicationEngine>(sim, config, failback)) {}
DataReplication::~DataReplication() = default;

void DataReplication::start() { engine_->start(); }
void DataReplication::begin_measurement() { engine_->begin_measurement(); }
void DataReplication::set_write_rate(std::size_t store, BytesPerSecond rate) { engine_->set_write_rate(store, rate); }

void DataReplication::set_host(std::size_t replica, ReplicationHost& host) { engine_->replicas_[replica].host = &host; }
void DataReplication::host_rate_changed(std::size_t replica, BytesPerSecond rate) { engine_->host_rate_changed(replica, rate); }

void DataReplication::set_snapshot_host(std::size_t store, SnapshotHost& host) { engine_->stores_[store].host = &host; }
void DataReplication::snapshot_read(std::size_t store) { engine_->snapshot_read(store); }

std::optional<NewestPoint> DataReplication::newest(DataId data, SiteId site, const PointQuery& query) const {
  engine_->catch_up_for(data);
  return engine_->newest(data, site, query);
}
std::vector<const PointHistory*> DataReplication::histories(DataId data, SiteId site) const {
  engine_->catch_up_for(data);
  return engine_->histories(data, site);
}
const PointHistory& DataReplication::history(std::size_t policy, DataId data, SiteId site) const {
  engine_->catch_up_for(data);
  for (const std::uint32_t s : engine_->series_of_policy_[policy]) {
    if (engine_->series_[s].data != data) continue;
    for (const Engine::Place& place : engine_->series_[s].places) {
      if (place.site == site) return place.history;
    }
  }
  invariant_broken("a policy has points of what it protects at its sites", std::source_location::current());
}
bool DataReplication::continuous(DataId data, SiteId site) const { return engine_->continuous(data, site); }
std::vector<SiteId> DataReplication::sites(DataId data) const { return engine_->sites(data); }
SiteId DataReplication::home(DataId data) const {
  return engine_->stores_[engine_->config_.data[data.index].stores.front()].config->home;
}
Bytes DataReplication::written_between(DataId data, Time from, Time to) const { return engine_->written_between(data, from, to); }
Bytes DataReplication::changed_between(DataId data, Time from, Time to) const { return engine_->changed_between(data, from, to); }
Bytes DataReplication::diverged(DataId data, const Divergence& since, Time at) const { return engine_->diverged(data, since, at); }
Bytes DataReplication::data_size(DataId data, Time at) const { return engine_->data_size(data, at); }

ReplicaState DataReplication::replica_state(std::size_t replica, Time at) const {
  return engine_->replica_knot(engine_->replicas_[replica], at).state;
}
std::optional<Duration> DataReplication::replica_lag(std::size_t replica, Time at) const {
  const std::optional<Time> point = engine_->replica_point(engine_->replicas_[replica], at);
  if (!point) return std::nullopt;
  return at - *point;
}
Bytes DataReplication::replica_backlog(std::size_t replica, Time at) const {
  return engine_->replica_backlog(engine_->replicas_[replica], at);
}

void DataReplication::region_lost(RegionId region) { engine_->region_lost(region); }
void DataReplication::region_back(RegionId region) { engine_->region_back(region); }
void DataReplication::zone_lost(ZoneId zone) { engine_->zone_changed(zone, true); }
void DataReplication::zone_back(ZoneId zone) { engine_->zone_changed(zone, false); }
void DataReplication::account_compromised(std::uint32_t account) { engine_->account_compromised(account); }
void DataReplication::account_back(std::uint32_t account) { engine_->account_back(account); }
void DataReplication::volume_lost(DataId data) { engine_->volume_changed(data, true); }
void DataReplication::volume_back(DataId data) { engine_->volume_changed(data, false); }
void DataReplication::set_link(RegionId from, RegionId to, Ratio share) { engine_->set_link(from, to, share); }
void DataReplication::control_plane(RegionId region, bool up) { engine_->control_plane(region, up); }
void DataReplication::given_up(DataId data) { engine_->move(data, ReplicationEngine::Lives::nowhere); }
void DataReplication::failed_over(DataId data, std::optional<SiteId> promoted_at) {
  engine_->move(data, ReplicationEngine::Lives::elsewhere, promoted_at);
}
void DataReplication::failed_back(DataId data) { engine_->move(data, ReplicationEngine::Lives::at_home); }
Bytes DataReplication::fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most) {
  return engine_->fail_back(data, from, to, resync, since, most);
}

const PolicyStatistics& DataReplication::statistics(std::size_t policy) const {
  engine_->catch_up(engine_->sim_.now());
  return engine_->statistics_[policy];
}
ReplicaStatistics DataReplication::replica_statistics(std::size_t replica) const {
  return engine_->replica_statistics(engine_->replicas_[replica]);
}
StoredData DataReplication::stored(std::size_t store, SiteId site) const {
  engine_->catch_up(engine_->stores_[store].timeline, engine_->sim_.now());
  return engine_->stored(store, site);
}
StoredData DataReplication::archived(std::size_t store) const {
  engine_->catch_up(engine_->stores_[store].timeline, engine_->sim_.now());
  return engine_->archived(store);
}
Int128 DataReplication::deleted_early(std::size_t store) const {
  engine_->catch_up(engine_->stores_[store].timeline, engine_->sim_.now());
  return engine_->deleted_early(store);
}
DataVolume DataReplication::transferred(SiteId from, SiteId to) const {
  engine_->catch_up(engine_->sim_.now());
  return engine_->transferred(from, to);
}
DataVolume DataReplication::copied_time_based(std::size_t policy, std::size_t copy) const {
  return engine_->time_based_[policy][copy];
}

}  // namespace fleetsim
