#include "fleetsim/models/storage/config.hpp"

#include <fmt/format.h>

#include "fleetsim/models/storage/network.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

constexpr Bytes largest_io = 1_GiB;

/// How many of the unit a value is, rounded up, which is an error unless it is a whole number of them.
template <class Value>
std::int64_t whole(Section& in, std::string_view key, Value value, Value unit, std::string_view unit_name) {
  const std::int64_t count = (value.count() + unit.count() - 1) / unit.count();
  if (value != unit * count) {
    in.error(key, fmt::format("{} is not a whole number of {}", key, unit_name),
             fmt::format("write a whole number of {}, such as {} {}", unit_name, count, unit_name));
  }
  return count;
}

/// Size, IOPS and throughput of a volume or of a change of one.
void read_performance(Section& in, VolumeSettings& volume, bool size_needed) {
  std::optional<Bytes> size;
  std::optional<BytesPerSecond> throughput;
  const std::string_view size_doc = "a whole number of GiB";
  if (size_needed && (in.describing() || volume.request.type == VolumeType::instance_store)) {
    in.optional("size", size)
        .positive()
        .default_is("all disks of the instance for an instance store; other types need it")
        .doc(size_doc);
  } else if (size_needed) {
    in.required("size", size).positive().doc(size_doc);
  } else {
    in.optional("size", size).positive().default_is("as it is").doc(size_doc);
  }
  in.optional("iops", volume.request.iops).positive().default_is("what the type includes").doc(
      "provisioned I/Os a second: gp3, io1, io2");
  in.optional("throughput", throughput)
      .positive()
      .default_is("what the type includes")
      .doc("provisioned, a whole number of MiB/s: gp3");
  if (in.describing()) return;
  if (size) volume.request.size_gib = whole<Bytes>(in, "size", *size, 1_GiB, "GiB");
  if (throughput) volume.request.mibps = whole(in, "throughput", *throughput, mib_per_second(1), "MiB/s");
  for (const char* key : {"size", "iops", "throughput", "type", "boot", "encrypted"}) {
    volume.where[key] = in.where(key);
  }
  volume.where["fast_snapshot_restore"] = in.where("restore");
}

std::vector<std::pair<std::string, VolumeType>> volume_types() {
  std::vector<std::pair<std::string, VolumeType>> types;
  for (const VolumeType type : {VolumeType::gp2, VolumeType::gp3, VolumeType::io1, VolumeType::io2, VolumeType::st1,
                                VolumeType::sc1, VolumeType::standard, VolumeType::instance_store}) {
    types.emplace_back(to_name(type), type);
  }
  return types;
}

VolumeChangeSettings read_change(Section& in, const VolumeSettings& volume) {
  VolumeChangeSettings change;
  change.to = volume;
  Duration at;
  in.required("at", at).not_negative().at_most(config::longest_duration).doc("since the start of the run");
  change.at = Time::at(at);
  in.optional_choice("type", change.to.request.type, volume_types()).default_is("as it is").doc("the new type");
  if (!in.describing() && change.to.request.type != volume.request.type) {
    change.to.request.iops = change.to.request.mibps = std::nullopt;
  }
  read_performance(in, change.to, false);
  if (in.describing()) return change;
  change.where = in.where();
  if (volume.request.type == VolumeType::gp2 && change.to.request.type == VolumeType::gp3 && !in.has("iops") &&
      !in.has("throughput") && volume.request.size_gib > 0) {
    const VolumeRequest kept = gp3_from_gp2(volume.request, {});
    change.to.request.iops = kept.iops;
    change.to.request.mibps = kept.mibps;
  }
  return change;
}

RestoreSettings read_restore(Section& in) {
  RestoreSettings restore;
  std::optional<Bytes> snapshot;
  in.required("data", restore.data).positive().doc("written blocks of the snapshot");
  in.optional("initialization_rate", restore.initialization_rate)
      .between(mib_per_second(100), mib_per_second(300))
      .default_is("none is paid for")
      .doc("at which data are loaded, for a charge; goes before fast restore");
  in.optional("background_rate", restore.background_rate)
      .between(mib_per_second(1), mib_per_second(1024))
      .doc("at which data are loaded where no rate is paid for; AWS publishes none");
  in.optional("first_touch", restore.first_touch)
      .not_negative()
      .at_most(10_s)
      .doc("more for an I/O whose block is not there yet");
  in.optional("snapshot_size", snapshot).positive().default_is("the volume's").doc("size of the volume it was taken of");
  in.optional("fast_restore_enabled_for", restore.fast_restore_enabled_for)
      .not_negative()
      .at_most(config::longest_duration)
      .default_is("fast snapshot restore is off")
      .doc("since fast snapshot restore was turned on; it is optimized for 60 min a TiB before the first credit begins to fill");
  in.optional("read_whole_depth", restore.read_whole_depth)
      .between(std::int64_t{1}, std::int64_t{1024})
      .default_is("it is not read")
      .doc("the instance reads the volume whole with so many blocks of 512 KiB in flight, which draws on its limits");
  in.optional("initialization_price", restore.initialization_price)
      .not_negative()
      .doc("of the paid rate; AWS charges by the snapshot's data, at a price not published to us");
  in.at_most_one_of({"read_whole_depth", "initialization_rate"});
  if (in.describing()) return restore;
  if (snapshot) restore.snapshot_gib = whole<Bytes>(in, "snapshot_size", *snapshot, 1_GiB, "GiB");
  restore.where = in.where();
  return restore;
}

void read_volume(const Located<std::string>& name, Section& in, StorageMachineSettings& machine) {
  VolumeSettings volume;
  volume.name = name.value;
  in.required_choice("type", volume.request.type, volume_types()).doc("of the EBS volume");
  read_performance(in, volume, true);
  in.optional("boot", volume.request.boot).doc("the instance boots from it");
  in.optional("encrypted", volume.request.encrypted).doc("its data are encrypted");
  in.optional("from_unencrypted_or_shared_image", volume.request.from_unencrypted_or_shared_image)
      .doc("it is made from such an image, which io2 Block Express refused in 2021 for large encrypted volumes");
  in.optional_section("restore", "it is made from a snapshot when the run begins", [&](Section& section) {
    volume.restore = read_restore(section);
    volume.request.fast_snapshot_restore = volume.restore->fast_restore_enabled_for.has_value();
  });
  in.optional("stripes", volume.stripes)
      .between(std::int64_t{1}, std::int64_t{40})
      .doc("so many such volumes as a RAID 0: sizes, IOPS, throughput and prices add up");
  in.optional("temporary", volume.temporary).doc("its data may be lost, so `advise` may move it to an instance store");
  in.when(volume.request.type == VolumeType::instance_store, "type is instance_store", [&](Section& of_store) {
    of_store.optional("store_iops", volume.store_iops)
        .positive()
        .default_is("that of the instance type, as far as AWS prints it")
        .doc("random reads of 4 KiB each second, all disks together");
    of_store.optional("content", volume.content)
        .positive()
        .default_is("nothing")
        .doc("written again after each start of the instance");
    of_store.optional("content_from", volume.content_from)
        .default_is("none: it is made anew")
        .doc("the volume that the content is read from");
  });
  std::vector<VolumeChangeSettings> changes;
  VolumeSettings latest = volume;
  in.list("changes", changes,
          [&](Section& item, VolumeChangeSettings& change) {
            change = read_change(item, latest);
            latest = change.to;
          })
      .doc("modifications while the volume is in use, by time");
  if (in.describing()) return;
  machine.volumes.push_back(std::move(volume));
  for (VolumeChangeSettings& change : changes) machine.changes.push_back(std::move(change));
}

BlockTraceSettings read_trace(Section& in) {
  BlockTraceSettings settings;
  config::FilePath file;
  Located<std::string> machine;
  Duration window = 30_min;
  const bool given = in.required("file", file)
                         .doc("a CSV with columns machine, window_end_s, reads, writes, read_bytes, write_bytes")
                         .given();
  in.required("machine", machine).doc("whose rows are replayed");
  in.optional("window", window).between(1_s, 24_h).doc("of the recording");
  in.optional("repeat", settings.repeat).doc("start again when the trace ends before the run");
  in.optional("factor", settings.factor).between(0, 1e6).doc("multiplies the I/Os, not their sizes");
  if (!in.describing() && given) settings.trace = read_block_trace(file, machine, window, in.diagnostics());
  return settings;
}

RecurringWorkSettings read_moves(Section& in) {
  RecurringWorkSettings moves;
  Duration first;
  in.required("data", moves.work.data).positive().doc("moved each time");
  in.optional("first", first).not_negative().at_most(config::longest_duration).doc("since the start of the run");
  in.optional("every", moves.work.every).between(1_min, config::longest_duration).default_is("once").doc("from one time to the next");
  in.optional("pace", moves.pace).positive().default_is("as fast as the limits allow").doc("no faster than this");
  in.optional("through_instance", moves.through_instance)
      .doc("draws on the instance's EBS limits, as a backup by an agent does; false: passes between the volume and S3 alone");
  in.optional("through_network", moves.through_network).doc("draws on the instance's network too, as what is sent elsewhere");
  in.optional("snapshot", moves.snapshot).doc("it is a snapshot: goes on while the instance is stopped, and keeps st1 and sc1 at their base rate until it is done");
  moves.work.first = Time::at(first);
  return moves;
}

NetworkUse read_network(Section& in, FlowKind& kind) {
  NetworkUse use;
  std::optional<std::int64_t> connections;
  in.optional_choice<NetworkDirection>("direction", use.direction, {{"out", NetworkDirection::out},
                                                                    {"in", NetworkDirection::in},
                                                                    {"both", NetworkDirection::both}})
      .doc("in which its bytes go; each direction has the whole bandwidth and a bucket of its own");
  in.optional_choice<NetworkPeer>("to", use.peer, {{"same_region", NetworkPeer::same_region},
                                                   {"other_region", NetworkPeer::other_region},
                                                   {"internet", NetworkPeer::internet}})
      .doc("where the other end is: beyond the Region an instance has 5 Gbps, or half of its network");
  in.optional("connections", connections)
      .between(std::int64_t{1}, std::int64_t{100'000})
      .default_is("so many that none is at its limit")
      .doc("that share its bytes");
  in.optional_choice<FlowKind>("connection_kind", kind, {{"ordinary", FlowKind::ordinary},
                                                        {"cluster_placement_group", FlowKind::cluster_placement_group},
                                                        {"ena_express", FlowKind::ena_express}})
      .doc("one connection carries 5 Gbps, 10 in a cluster placement group, 25 with ENA Express");
  if (in.has("connection_kind") && !connections && !in.has("connections")) {
    in.error("connection_kind", "connection_kind without connections limits nothing", "give connections, the number of them");
  }
  if (kind != FlowKind::ordinary && use.peer != NetworkPeer::same_region) {
    in.error("connection_kind", "connections of a cluster placement group or with ENA Express stay in the Region",
             "let connection_kind be ordinary, or to: same_region");
  }
  if (connections) use.flows_max = flow_max(kind) * *connections;
  return use;
}

void read_load(const Located<std::string>& name, Section& in, StorageMachineSettings& machine) {
  StorageLoadSettings load;
  load.name = name.value;
  in.optional("volume", load.volume).default_is("none: traffic on the network").doc("which it reads and writes");
  in.optional("serves", load.serves).doc("the demand whose requests are its I/Os: an open loop with a backlog");
  in.optional("queue_depth", load.queue_depth)
      .between(std::int64_t{1}, std::int64_t{100'000})
      .doc("I/Os always in flight: a closed loop");
  in.optional_section("trace", "recorded reads and writes with their sizes: an open loop", [&](Section& section) {
    load.trace = read_trace(section);
  });
  in.optional_section("moves", "data moved at times: a backup, a snapshot, a copy", [&](Section& section) {
    load.moves = read_moves(section);
  });
  in.exactly_one_of({"serves", "queue_depth", "trace", "moves"});
  in.when(!in.has("trace") || in.describing(), "trace is not given", [&](Section& of_one_size) {
    of_one_size.optional("io_size", load.io_size).positive().at_most(largest_io).doc("of one I/O; of data that moves 1 MiB");
    of_one_size.optional("reads", load.reads)
        .between(Ratio{0}, Ratio{1})
        .default_is("reads and writes are not told apart")
        .doc("share of its I/Os that read; needed on an instance store, which writes slower than it reads");
  });
  in.when((!in.has("queue_depth") && !in.has("moves")) || in.describing(), "the loop is open", [&](Section& of_open) {
    of_open.optional("deadline", load.deadline)
        .positive()
        .at_most(1_h)
        .default_is("none")
        .doc("an I/O that takes longer is late for the application");
  });
  in.optional("sequential", load.sequential).doc("small I/Os are merged: to 256 KiB on SSD, to 1 MiB on HDD; true for data that moves");
  // What is moved is read from end to end in large blocks, unless told otherwise.
  if (load.moves && !in.has("io_size")) load.io_size = 1_MiB;
  if (load.moves && !in.has("sequential")) load.sequential = true;
  in.optional_section("network", "of a load on the network: which way, where to, over how many connections",
                      [&](Section& section) {
    load.network = read_network(section, load.connection_kind);
    load.network_where = section.where();
  });
  load.where = name.where;
  if (!in.describing()) machine.loads.push_back(std::move(load));
}

}  // namespace

StorageSettings read_storage(Section& scenario) {
  StorageSettings storage;
  scenario.optional_section("storage", "instances with volumes under load, beside the fleets", [&](Section& in) {
    in.optional("rules_as_of", storage.rules_as_of)
        .default_is("the start of the run")
        .doc("the date whose rules and limits of volumes hold");
    in.required_named("machines", "machine", "instances with their volumes and loads",
                      [&](const Located<std::string>& name, Section& item) {
      StorageMachineSettings machine;
      machine.name = name.value;
      machine.where = name.where;
      item.required("instance_type", machine.instance_type).doc("with its limits from the catalogue");
      item.optional("region", machine.region).default_is("the first Region").doc("whose prices hold");
      item.optional("zone", machine.zone).default_is("the first zone of the Region").doc("with whose loss it stops");
      item.optional_choice("operating_system", machine.operating_system, operating_system_choices())
          .doc("what it runs; all but linux cost a licence beside the instance, by `catalog.licences`");
      item.named("volumes", "volume", "EBS volumes attached to it",
                 [&](const Located<std::string>& volume, Section& of) { read_volume(volume, of, machine); });
      item.named("loads", "load", "what reads and writes its volumes or uses its network",
                 [&](const Located<std::string>& load, Section& of) { read_load(load, of, machine); });
      item.list("stops", machine.stops, [&](Section& of, InstanceStopSettings& stop) {
        Duration at;
        of.required("at", at).not_negative().at_most(config::longest_duration).doc("since the start of the run");
        of.optional("for", stop.length)
            .positive()
            .at_most(config::longest_duration)
            .default_is("for good: it is terminated")
            .doc("until it starts again");
        stop.at = Time::at(at);
        if (of.describing() || machine.stops.empty()) return;
        const InstanceStopSettings& before = machine.stops.back();
        if (!before.length || stop.at <= before.at + *before.length) {
          of.error("at", "stops: the instance does not run at that time", "let it start first, and sort the stops by time");
        }
      }).doc("times at which the instance stops: an instance store loses its data, loads rest, volumes stay and cost");
      item.optional("network_burst_time", machine.network_burst_time)
          .between(5_min, 60_min)
          .doc("for which its network holds the maximum from a full bucket; AWS says 5 to 60 minutes, by the size");
      item.optional("review", machine.review)
          .between(1_h, config::longest_duration)
          .default_is("the whole run alone")
          .doc("how often the advice on its network is judged anew");
      if (!item.describing()) storage.machines.push_back(std::move(machine));
    });
  });
  return storage;
}

}  // namespace fleetsim
