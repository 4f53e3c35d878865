/// The age of the newest recovery point: closed forms to the nanosecond, and against a sweep over all points.

#include "fleetsim/models/data_replication/terms.hpp"
#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// By looking at every point.
std::optional<Time> newest_by_sweep(const PointHistory& history, Time at) {
  std::optional<Time> best;
  for (const KeptPoint& point : history.points()) {
    if (point.usable <= at && at < point.gone && (!best || point.point > *best)) best = point.point;
  }
  return best;
}

}  // namespace

TEST_CASE("recovery points: a daily backup at 20:00 and a disaster at 19:59", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  config.policies.push_back(policy_for(data, "cron(0 20 * * ? *)", 0_s, 0_s));
  DataWorld world(std::move(config));
  world.run();
  const Time eve = Time::at(5_d + 20_h);
  CHECK(world.rpa(there, eve - 1_min) == 86'340_s);
  CHECK(world.rpa(there, eve - 1_ns) == 24_h - 1_ns);
  CHECK(world.rpa(there, eve) == 0_s);
}

TEST_CASE("recovery points: with snapshot and copy the age runs from s + c to I + s + c", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  const Duration s = 7_min, c = 41_min;
  config.policies.push_back(policy_for(data, "cron(0 20 * * ? *)", s, c));
  DataWorld world(std::move(config));
  world.run();
  const Time usable = Time::at(5_d + 20_h) + s + c;
  CHECK(world.rpa(there, usable) == s + c);
  CHECK(world.rpa(there, usable - 1_ns) == 24_h + s + c - 1_ns);
  CHECK(world.rpa(here, Time::at(5_d + 20_h) + s) == s);
  // The copy that is still under way does not count: the point before it is two days old, less a minute.
  CHECK(world.rpa(there, Time::at(5_d + 20_h) - 1_min) == 24_h - 1_min);
  const PointAges ages = world.model.histories(data, there).front()->ages(Time::at(5_d), Time::at(25_d), 24_h);
  CHECK(ages.age_min == s + c);
  CHECK(ages.age_max == 24_h + s + c);
  CHECK(ages.age_mean() == 12_h + s + c);
  CHECK(ages.above_objective == (s + c) * 20);
  CHECK(ages.without_point == 0_s);

  const auto terms = protection_terms(world.config, data, there);
  REQUIRE(terms.size() == 1);
  CHECK(terms[0].best() == s + c);
  CHECK(terms[0].mean() == 12_h + s + c);
  CHECK(terms[0].worst() == 24_h + s + c);
  CHECK_FALSE(terms[0].valid(24_h));
  CHECK(terms[0].valid_by_interval(24_h));
  CHECK(terms[0].arithmetic() == "1d + 7m + 41m + 0s = 1d48m");
}

TEST_CASE("recovery points: where the copy of a day ago is still under way at 19:59, data is of the day before it",
          "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  config.policies.push_back(policy_for(data, "cron(0 20 * * ? *)", 0_s, 23_h + 59_min + 30_s));
  DataWorld world(std::move(config));
  world.run();
  const Time eve = Time::at(5_d + 19_h + 59_min);
  CHECK(world.rpa(there, eve) == 47_h + 59_min);
  CHECK(world.rpa(there, eve + 30_s) == 23_h + 59_min + 30_s);
}

TEST_CASE("recovery points: the start's delay adds its mean and its largest value", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 2_min, 3_min);
  policy.start_delay = 10_min;
  policy.start_delay_max = 10_min;
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  // The data is as of the start: with a constant delay the points stay an hour apart.
  CHECK(world.rpa(there, Time::at(3_h + 15_min)) == 5_min);
  CHECK(world.rpa(there, Time::at(3_h + 15_min) - 1_ns) == 65_min - 1_ns);
}

TEST_CASE("recovery points: copies slower than the interval fall behind without bound", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  const Duration c = 90_min;
  config.policies.push_back(policy_for(data, "rate(1 hour)", 0_s, c));
  DataWorld world(std::move(config));
  world.run();
  // The k-th point is of k h and usable at 1 h + k c: just before the next one the age is 1 h + (k + 1) c - k h.
  for (const std::int64_t k : {1, 10, 100, 400}) {
    const Time usable = Time::at(1_h + c * k);
    CHECK(world.rpa(there, usable) == usable - Time::at(1_h * k));
    CHECK(world.rpa(there, usable + c - 1_ns) == 1_h + c * (k + 1) - 1_h * k - 1_ns);
  }
  CHECK(protection_terms(world.config, data, there).front().overruns());
}

TEST_CASE("recovery points: newest at any instant is what a sweep over all points finds", "[data_replication][property]") {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.snapshots_pending_max = 1000;
  const DataId data = add(config, store);
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 0_s, 0_s);
  policy.timing.whole.reset();
  policy.timing.rate = {mib_per_second(2), 1.0, BytesPerSecond::max()};  // of 0.5 to 2 h: snapshots overtake each other
  policy.copies[0].whole.reset();
  policy.copies[0].rate = {mib_per_second(1), 1.0, mib_per_second(500)};
  policy.failure = Ratio{0.1};
  policy.retention.count = 6;
  policy.copies[0].retention.age = 9_h;
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  for (const SiteId site : {here, there}) {
    const PointHistory& history = *world.model.histories(data, site).front();
    REQUIRE(history.points().size() == 720);
    std::vector<Time> instants;
    for (const KeptPoint& point : history.points()) {
      for (const Time t : {point.point, point.usable, point.gone}) {
        if (t > Time::at(30_d)) continue;
        instants.push_back(t);
        instants.push_back(t - 1_ns);
      }
    }
    for (const Time at : instants) {
      if (history.newest(at) != newest_by_sweep(history, at)) FAIL_CHECK("at " << at.since_start().count());
    }
    CHECK(history.newest(Time::at(29_d), Time::at(28_d + 20_h)) == [&] {
      std::optional<Time> best;
      for (const KeptPoint& p : history.points()) {
        if (p.point <= Time::at(28_d + 20_h) && p.usable <= Time::at(29_d) && p.gone > Time::at(29_d)) best = p.point;
      }
      return best;
    }());
  }
}

TEST_CASE("recovery points: an account that is compromised loses its own, not those of another", "[data_replication]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 1_min, 1_min);
  policy.copies.push_back(policy.copies[0]);
  policy.copies[1].site = vault;
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(10_h + 30_min));
  world.model.account_compromised(0);
  world.run();
  const Time after = Time::at(12_h);
  CHECK_FALSE(world.model.newest(data, here, after).has_value());
  CHECK_FALSE(world.model.newest(data, there, after).has_value());
  CHECK(world.rpa(vault, after) == 2_h);
  CHECK(world.rpa(there, Time::at(10_h + 29_min)) == 29_min);  // before it, as it was
}
