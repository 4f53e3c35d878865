/// Snapshots and copies that concern nothing else take no event each, and the run is the same.

#include <random>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// Three volumes, two of them also a set, with two policies that overtake each other. `shared`: over a line that is shared, but so
/// wide that nobody notices.
DataReplicationConfig three_volumes(bool shared) {
  auto config = sites();
  config.run_length = 6_d;
  for (const char* name : {"a", "b", "c"}) add(config, store_named(name));
  config.data.push_back({"pair", {0, 1}});
  if (shared) config.links = {{east, west, BytesPerSecond::of(std::int64_t{1} << 59U)}, {west, east, {}}};
  PolicyConfig single = policy_for(DataId{1}, "rate(1 hour)", 0_s, 0_s);
  single.protects.push_back({2});
  single.timing.whole.reset();
  single.timing.rate = {mib_per_second(2), 1.0, BytesPerSecond::max()};  // half an hour in the mean, so that they overtake each other
  single.copies[0].whole.reset();
  single.copies[0].rate = {mib_per_second(2), 1.0, mib_per_second(500)};
  single.retention.age = 9_h;
  single.copies[0].retention.count = 5;
  config.policies.push_back(single);
  PolicyConfig set = policy_for(DataId{3}, "rate(3 hours)", 10_min, 7_min);
  set.name = "set";
  set.failure = Ratio{0.2};
  set.retention.count = 4;
  set.copies.push_back(set.copies[0]);
  set.copies[1].site = vault;
  set.copies[1].key_changes = {Time::at(3_d)};
  set.copies[1].retention.age = 1_d;
  config.policies.push_back(set);
  return config;
}

/// Something that happens to both at an instant at which nothing else does.
void strike(DataReplication& model, std::uint64_t what) {
  switch (what % 10) {
    case 0: model.region_lost(east); break;
    case 1: model.region_back(east); break;
    case 2: model.region_lost(west); break;
    case 3: model.region_back(west); break;
    case 4: model.set_link(east, west, Ratio{what / 10 % 2 == 0 ? 0.0 : 1.0}); break;
    case 5: model.account_compromised(1); break;
    case 6: model.account_back(1); break;
    case 7: model.volume_lost({2}); break;
    case 8: model.volume_back({2}); break;
    default: model.control_plane(west, what / 10 % 2 == 0); break;
  }
}

void check_same(const PointHistory& a, const PointHistory& b) {
  REQUIRE(a.points().size() == b.points().size());
  for (std::size_t i = 0; i < a.points().size(); ++i) {
    INFO("point " << i);
    REQUIRE(a[i].point == b[i].point);
    REQUIRE(a[i].usable == b[i].usable);
    REQUIRE(a[i].gone == b[i].gone);
  }
}

}  // namespace

TEST_CASE("timelines: without an event for each, snapshots and copies are what they are with one", "[data_replication][property]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    DataWorld own(three_volumes(false), seed), events(three_volumes(true), seed);
    for (Time at; at < Time::at(6_d);) {
      at += 1_ns * static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>((12_h).count()));
      const std::uint64_t what = random();
      for (DataWorld* world : {&own, &events}) {
        world->sim.run_until(std::min(at, Time::at(6_d)));
        strike(world->model, what);
      }
      const auto asked = own.model.newest({1}, there, own.sim.now());
      const auto expected = events.model.newest({1}, there, events.sim.now());
      REQUIRE(asked.has_value() == expected.has_value());
      if (asked) CHECK(asked->point == expected->point);
    }
    CHECK(own.sim.events_run() < events.sim.events_run());
    for (const auto& [policy, data, site] : {std::tuple{0, 1, here}, {0, 1, there}, {0, 2, here}, {0, 2, there}, {1, 3, here}, {1, 3, there}, {1, 3, vault}}) {
      const auto p = static_cast<std::size_t>(policy);
      const DataId d{static_cast<std::uint32_t>(data)};
      INFO("policy " << policy << ", data " << data << ", site " << site.index);
      check_same(own.model.history(p, d, site), events.model.history(p, d, site));
    }
    for (const std::size_t policy : {0U, 1U}) {
      const PolicyStatistics &a = own.model.statistics(policy), &b = events.model.statistics(policy);
      CHECK(a.snapshots == b.snapshots);
      CHECK(a.snapshots_failed == b.snapshots_failed);
      CHECK(a.snapshots_refused == b.snapshots_refused);
      CHECK(a.copies == b.copies);
      CHECK(a.copies_full == b.copies_full);
      CHECK(a.copies_dropped == b.copies_dropped);
      CHECK(a.copy_wait == b.copy_wait);
    }
    for (const std::size_t store : {0U, 1U, 2U}) {
      for (const SiteId site : {here, there, vault}) {
        CHECK(own.model.stored(store, site).now == events.model.stored(store, site).now);
        CHECK(own.model.stored(store, site).byte_nanoseconds == events.model.stored(store, site).byte_nanoseconds);
      }
    }
    CHECK(own.model.transferred(here, there) == events.model.transferred(here, there));
    CHECK(own.model.transferred(here, vault) == events.model.transferred(here, vault));
  }
}
