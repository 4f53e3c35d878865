/// Reads the section `protection`: what is protected.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/data_replication/settings.hpp"
#include "fleetsim/text.hpp"
#include "models/data_replication/readers.hpp"

namespace fleetsim {

using config::Section;

PlaceSettings read_place(Section& in, PlaceKeys keys, std::string_view default_place) {
  PlaceSettings place;
  if (keys.region) in.optional("region", place.region).default_is(default_place).doc("Region that it lies in");
  if (keys.zone) in.optional("zone", place.zone).doc("zone that it lies in, if that matters");
  if (keys.account) in.optional("account", place.account).default_is("the first account").doc("account that it lies in");
  return place;
}

namespace {

constexpr Bytes most_size = 64_GiB * 1024;

void read_writes(Section& in, StoreSettings& store) {
  DirtyBlockConfig& blocks = store.config.blocks;
  in.optional_section("writes", "what is written, and where; without it nothing is", [&](Section& writes) {
    writes.optional("rate", store.config.write_rate).not_negative().doc("written each second, beside what follows a demand");
    writes.optional("follows", store.follows).doc("a demand, of which each request writes bytes_per_request");
    writes.optional("bytes_per_request", store.bytes_per_request).not_negative().doc("written for each request of that demand");
    std::optional<Bytes> working_set;
    writes.optional("working_set", working_set).positive().default_is("the data").doc("part of the data that is overwritten");
    if (working_set) blocks.working_set = *working_set;
    writes.optional("hot_writes", blocks.hot_writes).between(Ratio{0}, Ratio{1}).doc("share of the overwriting that falls on the hot set");
    writes.optional("hot_set", blocks.hot_set).between(Ratio{0}, Ratio{1}).doc("share of the working set that is hot");
    writes.optional("new_data", blocks.new_data).between(Ratio{0}, Ratio{1}).doc("share of the bytes that go to blocks never written, until the volume is full");
    writes.optional("write_size", blocks.write_size).positive().doc("size of one write; each changes a block, or as many as it covers");
    writes.optional_choice<WritePattern>("pattern", blocks.pattern,
                                         {{"random", WritePattern::random}, {"sequential", WritePattern::sequential}})
        .doc("any block of the working set alike, or one after another, as a log is written");
    if (writes.describing()) return;
    if (store.follows && store.bytes_per_request == Bytes{}) {
      writes.error("follows", "follows needs bytes_per_request", "write such as bytes_per_request: 2 KB");
    }
    if (blocks.working_set > blocks.data) {
      writes.error("working_set", fmt::format("working_set: {} is more than the data, {}", to_text(blocks.working_set), to_text(blocks.data)),
                   "let data be what is written when the run begins");
      blocks.working_set = blocks.data;
    }
  });
}

StoreSettings read_store(const LocatedName& name, Section& in) {
  StoreSettings store;
  store.where = name.where;
  store.config.name = name.value;
  DirtyBlockConfig& blocks = store.config.blocks;
  in.required("size", blocks.size).positive().at_most(most_size).doc("of the volume");
  std::optional<Bytes> data;
  in.optional("data", data).not_negative().default_is("the size").doc("written when the run begins; a first snapshot holds this, not the size");
  blocks.data = data.value_or(blocks.size);
  if (blocks.data > blocks.size) {
    in.error("data", fmt::format("data: {} is more than the size, {}", to_text(blocks.data), to_text(blocks.size)));
    blocks.data = blocks.size;
  }
  blocks.working_set = blocks.data;
  in.optional_choice<Encryption>("encryption", store.config.encryption,
                                 {{"none", Encryption::none},
                                  {"aws_managed_key", Encryption::aws_managed_key},
                                  {"customer_managed_key", Encryption::customer_managed_key}})
      .doc("what another account can copy: snapshots under the AWS managed key cannot be shared with it");
  store.place = read_place(in, {.region = true, .zone = true, .account = true}, "that of the zone, or the first");
  read_writes(in, store);
  return store;
}

void read_volumes(Section& in, ProtectionSettings& settings) {
  in.named("volumes", "volume", "volumes whose data is protected", [&](const LocatedName& name, Section& item) {
    StoreSettings store = read_store(name, item);
    enum class Kind { ssd, hdd };
    Kind kind = Kind::ssd;
    item.optional_choice<Kind>("type", kind, {{"gp3", Kind::ssd}, {"gp2", Kind::ssd}, {"io1", Kind::ssd}, {"io2", Kind::ssd},
                                             {"standard", Kind::ssd}, {"st1", Kind::hdd}, {"sc1", Kind::hdd}})
        .doc("EBS volume type: five snapshots may be pending, of st1 and sc1 one");
    if (kind == Kind::hdd) store.config.snapshots_pending_max = 1;
    item.optional_section("attached_to", "a volume of `storage`: snapshots and replication of the data share its limits and its machine's",
                          [&](Section& in_storage) {
      AttachmentSettings& attachment = store.attached_to.emplace();
      in_storage.required("machine", attachment.machine).doc("name of the machine");
      in_storage.required("volume", attachment.volume).doc("name of its volume");
      in_storage.optional("through_instance", attachment.through_instance)
          .doc("snapshots draw on the instance's EBS limits too, as a backup by an agent does; false: on the volume's alone");
    });
    if (!item.describing()) settings.stores.push_back(std::move(store));
  });
}

void read_copy_steps(Section& in, ProtectionPrices& prices) {
  std::vector<TimeBasedPrice>& steps = prices.time_based_copy_steps;
  in.list("time_based_copy_steps", steps, [&](Section& item, TimeBasedPrice& step) {
      item.required("within", step.within).between(15_min, 48_h).doc("copies that have so long, or longer, up to the next step");
      item.required("gib", step.gib).not_negative().doc("a GiB of them");
      if (item.describing() || steps.empty() || step.within > steps.back().within) return;
      item.error("within", fmt::format("within: {} comes after {}, which is no shorter", to_text(step.within), to_text(steps.back().within)),
                 "write the steps with the shortest first, each once");
    }).doc("prices of time-based copies by the time that they have; AWS asks less of those that have longer");
}

}  // namespace

ProtectionSettings read_protection(Section& scenario) {
  ProtectionSettings settings;
  scenario.optional_section("protection", "what data is protected: snapshots, copies, replication", [&](Section& in) {
    read_volumes(in, settings);
    read_databases(in, settings, read_store);
    in.named("sets", "set of volumes", "volumes whose snapshots are of one instant", [&](const LocatedName& name, Section& item) {
      SetSettings set{.name = name, .volumes = {}};
      item.required("volumes", set.volumes).at_least_count(1).doc("names of the volumes, at most 40 as of one instance");
      if (item.describing()) return;
      if (set.volumes.size() > 40) {
        item.error("volumes", fmt::format("volumes: {} are more than the 40 of one multi-volume snapshot", set.volumes.size()),
                   "make two sets");
      }
      settings.sets.push_back(std::move(set));
    });
    read_policies(in, settings);
    read_replicas(in, settings);
    in.named_values("instants", "instant", "instants at which the age of every newest point is reported",
                    [&](const LocatedName& name, Section& item) {
                      InstantConfig instant{.name = name.value, .at = {}};
                      item.required(name.value, instant.at).doc("time since the start of the run");
                      if (!item.describing()) settings.instants.push_back(std::move(instant));
                    });
    in.optional_section("prices", "what protection costs beside transfer", [&](Section& prices) {
      ProtectionPrices& p = settings.prices;
      prices.optional("snapshot_gib_month", p.snapshot_gib_month).not_negative().default_is("the Region's").doc("a GiB of snapshots for a month of 30 days");
      prices.optional("archive_gib_month", p.archive_gib_month).not_negative().default_is("a quarter of snapshot_gib_month").doc("a GiB of snapshots in the archive tier");
      prices.optional("archive_retrieval_gib", p.archive_retrieval_gib).not_negative().doc("a GiB of data that a plan restores from the archive tier");
      prices.optional("database_backup_gib_month", p.database_backup_gib_month).not_negative().doc("a GiB of a database's backups beyond its size");
      prices.optional("database_gib_month", p.database_gib_month).not_negative().doc("a GiB of storage of a database with an instance_price");
      prices.optional("replica_gib_month", p.replica_gib_month).not_negative().default_is("gp3 in the Region").doc("a GiB of a replica's disks, and of restored volumes");
      prices.optional("time_based_copy_gib", p.time_based_copy_gib).not_negative().doc("a GiB of a time-based copy within 15m, and of longer ones up to the first step; beside the transfer");
      read_copy_steps(prices, p);
      prices.optional("fast_restore", p.fast_restore).not_negative().default_is("the Region's").doc("fast snapshot restore of a snapshot in a zone");
      prices.optional("recovery_server", p.recovery_server).not_negative().doc("a source server of Elastic Disaster Recovery");
      prices.optional("migration_server", p.migration_server).not_negative().doc("a source server of Application Migration Service, after its free time");
    });
    in.optional("copies_max", settings.copies_max).at_least(1).doc("copies at once to one Region of an account");
    in.optional("time_based_pair_rate_max", settings.time_based_pair_rate_max).positive().doc("of all time-based copies between two Regions together");
  });
  return settings;
}

}  // namespace fleetsim
