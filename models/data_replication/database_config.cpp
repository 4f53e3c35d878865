/// Reads managed databases: standbys, replicas, global databases and automated backups.

#include <fmt/format.h>

#include "models/data_replication/readers.hpp"

namespace fleetsim {

using config::Section;

namespace {

constexpr Duration global_lag = 1_s;    // "typically less than a second"
constexpr Duration replica_lag = 5_s;   // "seconds to minutes"

void read_standbys(const LocatedName& name, Section& in, std::optional<UsdPerHour> price, ProtectionSettings& settings) {
  enum class Deployment { single_az, multi_az, multi_az_cluster };
  Deployment deployment = Deployment::single_az;
  in.optional_choice<Deployment>("deployment", deployment,
                                 {{"single_az", Deployment::single_az},
                                  {"multi_az", Deployment::multi_az},
                                  {"multi_az_cluster", Deployment::multi_az_cluster}})
      .doc("multi_az: a synchronous standby in another zone; multi_az_cluster: two readable ones");
  std::vector<LocatedName> zones;
  in.optional("standby_zones", zones).doc("one zone for multi_az, two for multi_az_cluster");
  if (in.describing()) return;
  const std::size_t wanted = deployment == Deployment::single_az ? 0 : deployment == Deployment::multi_az ? 1 : 2;
  if (zones.size() != wanted) {
    in.error("standby_zones", fmt::format("standby_zones: this deployment has {} of them, not {}", wanted, zones.size()),
             wanted == 0 ? "leave the key out, or write deployment: multi_az" : "name the zones of its standbys");
    return;
  }
  for (std::size_t z = 0; z < zones.size(); ++z) {
    ReplicaSettings standby;
    standby.where = zones[z].where;
    standby.config.name = fmt::format("{}-standby{}", name.value, wanted == 1 ? "" : "-" + std::to_string(z + 1));
    standby.config.kind = ReplicaKind::mirror;
    standby.config.bandwidth.reset();
    standby.protects = name;
    standby.place.zone = zones[z];
    standby.instance_price = price;
    settings.replicas.push_back(std::move(standby));
  }
}

void read_followers(const LocatedName& name, Section& in, std::string_view key, std::string_view suffix, Duration lag,
                    std::string_view doc, std::optional<UsdPerHour> price, AfterReturn after_return, ProtectionSettings& settings) {
  std::vector<ReplicaSettings> read;
  in.list(key, read, [&](Section& item, ReplicaSettings& follower) {
      follower.where = item.where();
      follower.place = read_place(item, {.region = true, .zone = false, .account = false}, "that of the database");
      follower.latency = lag;
      item.optional("lag", follower.latency).not_negative().doc("least age of its data, while the line keeps up");
      follower.instance_price = price;
      item.optional("instance_price", follower.instance_price)
          .not_negative()
          .default_is("that of the database")
          .doc("of its instance for an hour");
      item.optional("bandwidth", follower.config.bandwidth).positive().doc("of its own, beside that of the link");
    }).doc(doc);
  for (std::size_t r = 0; r < read.size(); ++r) {
    read[r].config.name = fmt::format("{}-{}{}", name.value, suffix, read.size() == 1 ? "" : "-" + std::to_string(r + 1));
    read[r].config.after_return = after_return;
    read[r].protects = name;
    settings.replicas.push_back(std::move(read[r]));
  }
}

void read_backups(const LocatedName& name, Section& in, ProtectionSettings& settings) {
  PolicySettings policy;
  PolicyConfig& config = policy.config;
  const bool given = in.optional_section("automated_backups", "daily snapshots, and logs to restore any second between them", [&](Section& item) {
    policy.where = item.where();
    (void)config::parse_scalar("cron(0 3 * * ? *)", false, config.schedule);
    item.optional("window_starts", config.schedule).doc("when the daily window of 30 minutes begins");
    config.retention.age = 7_d;
    item.optional("retention", config.retention.age).between(1_d, 35_d).doc("how long backups are kept; without automated_backups they are off");
    config.logs.emplace();
    item.optional("log_every", config.logs->every).positive().doc("transaction logs are shipped at this interval");
    item.optional("log_delay", config.logs->delay).not_negative().doc("from the end of a log until it can be used");
    item.list("replicate_to", policy.copies, [&](Section& copy_in, CopySettings& copy) {
        copy.where = copy_in.where();
        copy.place = read_place(copy_in, {.region = true, .zone = false, .account = true}, "that of the database");
        copy.config.retention.age = config.retention.age;
        copy_in.optional("retention", copy.config.retention.age).between(1_d, 35_d).doc("how long replicated backups are kept");
        copy_in.optional("time", copy.config.whole).default_is("data / rate").doc("what a copy takes over a whole link, whatever its data; over one of which a share is left it takes 1 / share as long");
        copy.config.rate = read_rate(copy_in, copy.config.rate, "median rate of a copy; at most 500 MiB/s");
        copy.config.logs = true;
        copy.config.queued = true;
      }).doc("Regions that snapshots and logs are replicated to as soon as they are ready");
    item.optional("snapshot_time", config.timing.whole).default_is("60 s + data / rate").doc("what a snapshot takes, whatever its data");
    item.optional("rpo", config.rpo).positive().doc("recovery point objective at each of its sites; what misses it is reported");
    policy.schedule_where = item.where("window_starts");
    policy.rpo_where = item.where("rpo");
  });
  if (!given || in.describing()) return;
  config.name = name.value + "-backup";
  config.scheduler = Scheduler::rds;
  config.start_delay = DurationDistribution(Distribution(Uniform{.low = 0, .high = 1800}));
  config.start_delay_max = 30_min;
  policy.protects = {name};
  settings.policies.push_back(std::move(policy));
}

}  // namespace

void read_databases(Section& in, ProtectionSettings& settings, ReadStore read_store) {
  in.named("databases", "database", "managed databases (RDS, Aurora) with their standbys, replicas and backups",
           [&](const LocatedName& name, Section& item) {
             StoreSettings store = read_store(name, item);
             store.config.database = true;
             item.optional("instance_price", store.instance_price)
                 .not_negative()
                 .default_is("the database itself is not charged for")
                 .doc("of its instance for an hour; charges its storage too, and its standbys and replicas");
             const std::optional<UsdPerHour> price = store.instance_price;
             if (!item.describing()) settings.stores.push_back(std::move(store));
             read_standbys(name, item, price, settings);
             read_followers(name, item, "read_replicas", "replica", replica_lag, "asynchronous replicas, in any Region", price,
                            AfterReturn::copied_anew, settings);
             read_followers(name, item, "global", "global", global_lag, "secondary Regions of an Aurora global database", price,
                            AfterReturn::continues, settings);
             read_backups(name, item, settings);
           });
}

}  // namespace fleetsim
