// A fault at each event of a small scenario and in each of its places, one run each: nothing that must hold breaks.

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "models/scenario/scenario_data.hpp"
#include "models/scenario/world.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;

namespace {

/// A fleet, a volume with snapshots that are copied, a database with a replica and a standby, a plan for each, drills.
const std::string scenario = R"(
fleetsim: 1
name: a bit of everything
run: {start: 2024-01-01T00:00:00Z, duration: 90m, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
  us-west-2: {zones: [us-west-2a]}
region_links: [{between: [us-east-1, us-west-2], bandwidth: 50 MB/s}]
accounts: [main, vault]
demand: {orders: {steps: [{at: 0s, rate: 600 requests/s}, {at: 35m, rate: 1200 requests/s}]}}
spot_market: {default: {availability: {always: true}, price: {discount: 60%}}}
fleets:
  shop:
    serves: orders
    capacity_per_vcpu: 250 requests/s
    expected_instances: 2
    groups: [{name: spot, purchase: spot, zones: [us-east-1a, us-east-1b], instance_types: [m5.large], min: 2, max: 4, scale_out_above: 70%}]
protection:
  volumes: {files: {size: 20 GiB, data: 10 GiB, zone: us-east-1a, writes: {rate: 1 MB/s, working_set: 2 GiB}}}
  databases: {orders: {size: 20 GiB, zone: us-east-1b, deployment: multi_az, standby_zones: [us-east-1a], instance_price: 1 USD/h,
                       read_replicas: [{region: us-west-2}], writes: {rate: 2 MB/s, working_set: 2 GiB}}}
  policies: {p: {protects: [files], schedule: rate(20 minutes), snapshot: {time: 2m}, retain: {count: 2}, copies: [{region: us-west-2, account: vault}]}}
environments:
  production:
    region: us-east-1
    volumes: {files: {zone: us-east-1a}}
    databases: {orders: {zone: us-east-1b}}
    instances: {app: {instance_type: m5.large, count: 3, uses: [files, orders]}}
  copy: {clone_of: production, region: us-west-2, account: vault, leaves_out: [orders]}
  twin: {clone_of: production, region: us-west-2, leaves_out: [files], standing: {app: {count: 1}}}
people: {on-call: {count: 1, reached_after: 1m}}
recovery:
  copied:
    protects: production
    target: copy
    gives_up_after: 1d
    api_rate: 1 requests/s
    steps:
      detect: {kind: detect, duration: 3m, grey_after: 5m}
      decide: {kind: decide, after: [detect], people: on-call, duration: 2m}
      restore: {kind: restore, of: [files], after: [decide], hydration: 20 MB/s}
      boot: {kind: boot, of: [app], after: [decide], after_own: [restore]}
      redirect: {kind: redirect, after: [boot], duration: 1m}
    failback: {bandwidth: 20 MB/s, switch_duration: 1m}
    drills: {schedule: rate(40 minutes), isolated: false, kept_for: 5m}
  replicated:
    protects: production
    target: twin
    gives_up_after: 1d
    steps:
      detect: {kind: detect, health_check: {interval: 10s}, grey_after: 5m}
      promote: {kind: promote, of: [orders], after: [detect], people: on-call}
      redirect: {kind: redirect, after: [promote], dns: {ttl: 60s}}
      boot: {kind: boot, of: [app], after: [detect], needed_for: full_speed}
    failback: {bandwidth: 20 MB/s, switch_duration: 1m}
faults: {fault: {FAULT, at: [1m], duration: 12m}}
)";

ScenarioData read(const std::string& fault) {
  std::string text = scenario;
  text.replace(text.find("FAULT"), 5, fault);
  const test::TemporaryFolder folder;
  const LoadedScenario loaded = load_scenario(folder.write("scenario.yaml", text).string());
  std::string problems;
  for (const auto& diagnostic : loaded.diagnostics) problems += to_text(diagnostic);
  INFO(problems);
  REQUIRE(loaded.scenario);
  return loaded.scenario->data();
}

std::uint64_t events_until(ScenarioData data, Duration until) {
  data.run.duration = until;
  return scenario::run_replication(data, 1, 0, {}).events;
}

/// The instants at which events of the run lie, by halving the times that hold some.
std::vector<Duration> event_times(const ScenarioData& data) {
  std::vector<Duration> times;
  const std::function<void(Duration, Duration, std::uint64_t, std::uint64_t)> search = [&](Duration low, Duration high, std::uint64_t before, std::uint64_t by) {
    if (by <= before) return;
    if (high - low == 1_ns) return times.push_back(high);
    const Duration middle = low + Duration::of((high - low).count() / 2);
    const std::uint64_t half = events_until(data, middle);
    search(low, middle, before, half);
    search(middle, high, half, by);
  };
  const Duration first = 1_ns, last = data.run.duration - 1_ns;
  search(first, last, events_until(data, first), events_until(data, last));
  return times;
}

}  // namespace

TEST_CASE("faults: one at each event time and in each place of a small scenario breaks no invariant", "[scenarios][property]") {
  // A fault that is never felt leaves the events of the scenario itself.
  const std::vector<Duration> times = event_times(read("kind: capacity_shortage, regions: [us-west-2], share: 0%"));
  CHECK(times.size() > 50);
  for (const char* fault : {"kind: zone, zones: [us-east-1a]", "kind: zone, zones: [us-east-1b]", "kind: zone, zones: [us-west-2a]",
                            "kind: region, regions: [us-east-1]", "kind: region, regions: [us-west-2]", "kind: account, accounts: [main]",
                            "kind: account, accounts: [vault]", "kind: volume, resources: [files]", "kind: volume, resources: [orders]",
                            "kind: link, regions: [us-east-1, us-west-2]", "kind: control_plane, regions: [us-east-1]",
                            "kind: capacity_shortage, regions: [us-east-1]", "kind: grey, regions: [us-east-1]",
                            "kind: spot_drought, regions: [us-east-1]"}) {
    ScenarioData data = read(fault);
    for (const Duration at : times) {
      INFO(fault << " at " << to_seconds(at) << " s");
      data.disasters.faults.front().at = {at};
      const scenario::ReplicationResult result = scenario::run_replication(data, 1, 0, {});
      std::map<std::string, std::optional<double>> metrics;
      for (const MetricValue& metric : result.metrics) metrics[metric.name] = metric.value;
      const auto value = [&](const std::string& name) { return metrics.at(name).value(); };
      // Requests are served or dropped.
      const double offered = value("fleet.shop.requests_offered");
      REQUIRE_THAT(value("fleet.shop.requests_served") + value("fleet.shop.requests_dropped"), Catch::Matchers::WithinAbs(offered, 1e-6 * offered));
      // The lines of the ledger sum to the cost.
      Usd sum;
      for (const LedgerLine& line : result.ledger) {
        REQUIRE(line.cost >= Usd{});
        sum += line.cost;
      }
      REQUIRE_THAT(to_usd(sum), Catch::Matchers::WithinAbs(value("cost.total"), 1e-6));
      for (const std::string plan : {"recovery.copied.", "recovery.replicated."}) {
        // Each disaster is answered once, and ends in service or in failure.
        REQUIRE(value(plan + "disasters") + value(plan + "struck_while_away") <= 1);
        if (value(plan + "disasters") == 0) continue;
        const bool failed = value(plan + "failed_probability") == 1;
        REQUIRE(metrics.at(plan + "rta").has_value() != failed);
        REQUIRE(metrics.at(plan + "rpa").has_value() == (value(plan + "total_loss_probability") == 0));
        if (metrics.at(plan + "rpa")) REQUIRE((value(plan + "rpa") >= 0 && value(plan + "rpa") <= to_seconds(at)));
        if (failed) continue;
        // The parts of the critical path sum to the recovery time, which full speed never precedes.
        double critical = 0;
        for (const auto& [name, metric] : metrics) {
          if (name.find(plan + "step.") == 0 && name.ends_with(".critical_time")) critical += metric.value();
        }
        REQUIRE_THAT(critical, Catch::Matchers::WithinAbs(value(plan + "rta"), 1e-6));
        if (metrics.at(plan + "full_speed_after")) REQUIRE(value(plan + "full_speed_after") >= value(plan + "rta"));
      }
      // No more data is kept than was ever made of it.
      REQUIRE(value("data.p.us-east-1.points") <= 3);
      REQUIRE(value("data.p.snapshots") + value("data.p.snapshots_failed") + value("data.p.snapshots_skipped") <= 5);
    }
  }
}
