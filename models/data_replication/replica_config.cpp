/// Reads streams, mirrors, Elastic Disaster Recovery and Application Migration Service.

#include "models/data_replication/readers.hpp"

namespace fleetsim {

using config::Section;

namespace {

void read_common(const LocatedName& name, Section& in, ReplicaSettings& replica, PlaceKeys keys) {
  replica.where = name.where;
  replica.config.name = name.value;
  in.required("protects", replica.protects).doc("name of a volume, a database or a set");
  replica.place = read_place(in, keys, "that of what it protects");
  in.optional("bandwidth", replica.config.bandwidth).positive().doc("of its own, beside that of the link between the Regions");
  in.optional("initial_sync", replica.config.initial_sync).doc("the run begins with an empty target, which is filled first");
  in.optional_section("agent", "a machine of `storage` that reads and sends the data: both share its limits", [&](Section& agent) {
    agent.required("machine", replica.machine).doc("name of the machine");
    agent.required("volume", replica.machine_volume).doc("name of its volume that is read");
  });
  in.list("pauses", replica.config.pauses, [](Section& item, PauseConfig& pause) {
      item.required("at", pause.at).not_negative().doc("time since the start of the run");
      item.required("for", pause.length).positive().doc("how long nothing is sent");
    }).doc("times in which it is cut off");
}

void read_mirror(Section& in, ReplicaConfig& mirror) {
  mirror.kind = ReplicaKind::mirror;
  mirror.buffer = Bytes::of(20'000LL * (16 << 10));
  in.optional("queue", mirror.buffer).positive().doc("written faster than sent, this much waits unacknowledged before the mirror pauses");
  in.optional("local_write", mirror.local_write).not_negative().doc("of one write at the source");
  in.optional("remote_write", mirror.remote_write).not_negative().doc("of one write at the target");
  in.optional("queue_depth", mirror.queue_depth).at_least(1).doc("writes of one writer in flight, for its largest rate");
}

}  // namespace

void read_replicas(Section& in, ProtectionSettings& settings) {
  in.named("streams", "stream", "data sent as it is written, without waiting for the target", [&](const LocatedName& name, Section& item) {
    ReplicaSettings stream;
    read_common(name, item, stream, {.region = true, .zone = true, .account = true});
    item.optional("lag", stream.latency).not_negative().default_is("half a round trip").doc("least age of the target's data");
    item.optional("buffer", stream.config.buffer).positive().default_is("no limit").doc("what may wait; above it the changed blocks are sent instead, and the target stays as it was until they are");
    if (!item.describing()) settings.replicas.push_back(std::move(stream));
  });
  in.named("mirrors", "mirror", "data written on both sides before a write is acknowledged", [&](const LocatedName& name, Section& item) {
    ReplicaSettings mirror;
    read_common(name, item, mirror, {.region = true, .zone = true, .account = true});
    read_mirror(item, mirror.config);
    if (!item.describing()) settings.replicas.push_back(std::move(mirror));
  });
  in.named("elastic_disaster_recovery", "source server", "servers replicated by AWS Elastic Disaster Recovery",
           [&](const LocatedName& name, Section& item) {
             ReplicaSettings server;
             read_common(name, item, server, {.region = true, .zone = false, .account = true});
             PointInTimeConfig points;
             item.optional("daily_points", points.days).between(std::int64_t{1}, std::int64_t{365}).doc("days for which a daily point is kept, beside every ten minutes of an hour and every hour of a day");
             server.config.points_in_time = points;
             server.config.after_return = AfterReturn::rescanned;
             if (!item.describing()) settings.replicas.push_back(std::move(server));
           });
  in.named("application_migration", "source server", "servers replicated by AWS Application Migration Service",
           [&](const LocatedName& name, Section& item) {
             ReplicaSettings server;
             read_common(name, item, server, {.region = true, .zone = false, .account = true});
             MigrationConfig migration;
             item.optional("free", migration.free).not_negative().doc("time since its first replication for which nothing is charged for it");
             item.optional("replicating_for", migration.replicating_for).not_negative().doc("how long it has been replicated when the run starts");
             server.config.migration = migration;
             server.config.after_return = AfterReturn::rescanned;
             if (!item.describing()) settings.replicas.push_back(std::move(server));
           });
}

}  // namespace fleetsim
