#pragma once
/// Small worlds of protected data: three sites, stores without surprises, schedules given as text.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "support/catch.hpp"

namespace fleetsim::test {

inline constexpr SiteId here{0}, there{1}, vault{2};
inline constexpr RegionId east{0}, west{1};

inline Schedule schedule_of(std::string_view text) {
  Schedule schedule;
  REQUIRE(config::parse_scalar(text, false, schedule).problem == "");
  return schedule;
}

/// 100 GiB of data, 1 MiB each second written anywhere in it.
inline StoreConfig store_named(std::string name) {
  StoreConfig store;
  store.name = std::move(name);
  store.blocks.size = 200_GiB;
  store.blocks.data = 100_GiB;
  store.blocks.working_set = 100_GiB;
  store.write_rate = mib_per_second(1);
  store.home = here;
  return store;
}

/// Two Regions; `vault` is the second Region in another account. No stores yet.
inline DataReplicationConfig sites() {
  DataReplicationConfig config;
  config.run_start = config::parse_utc_time("2024-01-01T00:00:00Z").value();
  config.run_length = 30_d;
  config.site_region = {east, west, west};
  config.site_account = {0, 0, 1};
  config.site_names = {"us-east-1", "us-west-2", "vault/us-west-2"};
  config.zone_region = {east, east};
  config.links = {{east, west, {}}, {west, east, {}}};
  return config;
}

inline DataId add(DataReplicationConfig& config, StoreConfig store) {
  config.data.push_back({store.name, {static_cast<std::uint32_t>(config.stores.size())}});
  config.stores.push_back(std::move(store));
  return {static_cast<std::uint32_t>(config.data.size() - 1)};
}

/// Snapshots that take `s`, and copies to `there` that take `c`.
inline PolicyConfig policy_for(DataId data, std::string_view schedule, Duration s, std::optional<Duration> c = {}) {
  PolicyConfig policy;
  policy.name = "policy";
  policy.protects = {data};
  policy.schedule = schedule_of(schedule);
  policy.timing.whole = s;
  if (c) {
    CopyConfig copy;
    copy.site = there;
    copy.whole = *c;
    policy.copies.push_back(copy);
  }
  return policy;
}

struct DataWorld {
  explicit DataWorld(DataReplicationConfig given, std::uint64_t seed = 1)
      : config(std::move(given)), sim({.seed = seed}), model(sim, config) {
    model.start();
  }
  void run() { sim.run_until(Time::at(config.run_length)); }
  /// Of the first thing.
  std::optional<Duration> rpa(SiteId site, Time at) const {
    const auto newest = model.newest(DataId{0}, site, at);
    if (!newest) return std::nullopt;
    return at - newest->point;
  }

  DataReplicationConfig config;
  Simulation sim;
  DataReplication model;
};

}  // namespace fleetsim::test
