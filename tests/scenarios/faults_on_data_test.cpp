// What faults of a run do to protected data, to fleets and to the plans that answer: each truth by hand.

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

/// Snapshots at each whole hour take 5 minutes, their copies 10.
const std::string protection = R"(
fleetsim: 1
name: hourly copies
run: {start: 2024-01-01T00:00:00Z, duration: 20d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
  us-west-2: {zones: [us-west-2a]}
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, zone: us-east-1a, writes: {rate: 1 MB/s, working_set: 5 GiB}}}
  policies:
    hourly: {protects: [files], schedule: rate(1 hour), snapshot: {time: 5m}, copies: [{region: us-west-2, time: 10m}]}
)";
const std::string hourly = protection + R"(environments:
  production: {region: us-east-1, volumes: {files: {zone: us-east-1a}}}
  copy: {clone_of: production, region: us-west-2}
recovery:
  plan:
    protects: production
    target: copy
    steps: {restore: {kind: restore, of: [files]}}
    failback: {bandwidth: 100 MB/s, switch_duration: 0s}
)";

}  // namespace

TEST_CASE("faults: an account that was compromised takes snapshots again when the intruder is gone", "[scenarios][analytic]") {
  const std::string faults = "faults: {intruder: {kind: account, accounts: [main], at: [1d30m], duration: 1h}}\n";
  const RunResult result = run_text(protection + faults);
  CHECK(value(result, "data.hourly.snapshots_skipped") == 1);
}

TEST_CASE("faults: a volume that was failed back is protected as before", "[scenarios][analytic]") {
  const RunResult result = run_text(hourly + "faults: {loss: {kind: volume, resources: [files], at: [1d30m, 10d30m], duration: 1h}}\n");
  CHECK(value(result, "recovery.plan.disasters") == 2);
  CHECK(value(result, "recovery.plan.rpa.max") == 1800);  // both half an hour after a snapshot that was copied
  CHECK(value(result, "data.hourly.snapshots_skipped") == 0);  // back within minutes
}

TEST_CASE("faults: a slow link without a stated bandwidth passes a share of what is asked for", "[scenarios][analytic]") {
  const std::string streamed = R"(
fleetsim: 1
name: a stream
run: {start: 2024-01-01T00:00:00Z, duration: 1d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, region: us-east-1, writes: {rate: 10 MB/s, working_set: 5 GiB}}}
  streams: {live: {protects: files, region: us-west-2, bandwidth: 40 MB/s, lag: 0s}}
  instants: {late: 9h}
)";
  // Half of 40 MB/s is more than is written.
  const RunResult slow = run_text(streamed + "faults: {slow: {kind: link, regions: [us-east-1, us-west-2], share: 50%, at: [2h], duration: 10h}}\n");
  CHECK(value(slow, "data.live.lag_max") < 1);
  // Cut from 1 h to 11 h; that another fault slows it for an hour meanwhile does not mend it.
  const RunResult cut = run_text(streamed +
                                 "faults: {cut: {kind: link, regions: [us-east-1, us-west-2], at: [1h], duration: 10h},"
                                 " slow: {kind: link, regions: [us-east-1, us-west-2], share: 50%, at: [2h], duration: 1h}}\n");
  CHECK_THAT(value(cut, "data.files.us-west-2.rpa.late"), WithinAbs(8 * 3600, 1));
}

TEST_CASE("faults: two zones lost together take the standby in either of them", "[scenarios][table]") {
  const std::string mirrored = R"(
fleetsim: 1
name: a standby in another zone
run: {start: 2024-01-01T00:00:00Z, duration: 1d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a, us-east-1b]}}
protection:
  databases: {orders: {size: 100 GiB, zone: us-east-1a, deployment: multi_az, standby_zones: [us-east-1b]}}
environments: {production: {region: us-east-1, databases: {orders: {zone: us-east-1a}}}}
recovery:
  plan: {protects: production, target: production, steps: {promote: {kind: promote, of: [orders], retry: {attempts: 1}}}}
)";
  CHECK(value(run_text(mirrored + "faults: {f: {kind: zone, zones: [us-east-1a], at: [6h], duration: 1h}}\n"), "recovery.plan.rpa") == 0);
  for (const char* zones : {"us-east-1a, us-east-1b", "us-east-1b, us-east-1a"}) {
    const RunResult both = run_text(mirrored + fmt::format("faults: {{f: {{kind: zone, zones: [{}], at: [6h], duration: 1h}}}}\n", zones));
    CHECK(value(both, "recovery.plan.total_loss_probability") == 1);
  }
}

TEST_CASE("faults: a copy that is completed at the instant of the fault can be used", "[scenarios][analytic]") {
  const RunResult result = run_text(hourly + "faults: {loss: {kind: region, regions: [us-east-1], at: [5d15m], duration: 1h}}\n");
  CHECK(value(result, "recovery.plan.rpa") == 900);
}

TEST_CASE("faults: no what-if disaster strikes an application that is away", "[scenarios][analytic]") {
  const RunResult result = run_text(hourly +
                                    "faults: {loss: {kind: region, regions: [us-east-1], at: [5d30m], duration: 5d},"
                                    " question: {kind: region, regions: [us-east-1], what_if: 400, duration: 1h}}\n");
  CHECK(value(result, "recovery.plan.rpa.max") < 75 * 60);
  CHECK(value(result, "recovery.plan.struck_while_away") > 0);
  CHECK(value(result, "recovery.plan.struck_while_away") + value(result, "recovery.plan.disasters") == 401);
}

TEST_CASE("failback: in the run it takes what was written meanwhile over the link, and is paid for", "[scenarios][analytic]") {
  // Away from 5d30m on, the source is back at 6d30m: 86.4 GB were written, all of a working set of 5 GiB.
  const RunResult result = run_text(hourly + "faults: {loss: {kind: region, regions: [us-east-1], at: [5d30m], duration: 1d}}\n");
  const double bytes = value(result, "recovery.plan.failback_data") * 1e9;
  CHECK_THAT(bytes, WithinAbs(5.0 * 1024 * 1024 * 1024, 1e6));
  // D / (b - w) with b = 100 MB/s, w = 1 MB/s.
  CHECK_THAT(value(result, "recovery.plan.ready_again_after"), WithinAbs(86'400 + bytes / 99e6, 1));
  // The restored volume is paid for from its restore until then: 100 GiB of gp3 at 0.08 USD.
  const double months = value(result, "recovery.plan.ready_again_after") / 86'400 / 30;
  CHECK_THAT(value(result, "cost.failover"), WithinAbs(100 * 0.08 * months, 1e-6));
  CHECK(value(result, "recovery.plan.failover_cost") == value(result, "cost.failover"));
}

TEST_CASE("failback: in a branch it is the same", "[scenarios][analytic]") {
  const RunResult result = run_text(hourly + "faults: {loss: {kind: region, regions: [us-east-1], what_if: 20, duration: 1d}}\n");
  const double bytes = value(result, "recovery.plan.failback_data") * 1e9;
  CHECK_THAT(bytes, WithinAbs(5.0 * 1024 * 1024 * 1024, 1e6));
  CHECK_THAT(value(result, "recovery.plan.ready_again_after"), WithinAbs(86'400 + bytes / 99e6, 1));
  CHECK(value(result, "cost.failover") == 0);
  CHECK(value(result, "recovery.plan.failover_cost") > 0);
}

TEST_CASE("failback: what the source took after the recovery point differs too, in the run and in a branch", "[scenarios][analytic]") {
  // Anywhere in 50 GiB, a block of 512 KiB at a time: of W blocks n writes hit W (1 - (1 - 1/W)^n).
  std::string wide = hourly;
  wide.replace(wide.find("working_set: 5 GiB"), 18, "working_set: 50 GiB, write_size: 512 KiB");
  const double block = 512 * 1024, blocks = 50.0 * 2048;
  const auto differ = [&](double seconds) { return block * blocks * (1 - std::pow(1 - 1 / blocks, seconds * 1e6 / block)); };
  for (const char* when : {"at: [5d45m]", "what_if: 1"}) {
    INFO(when);
    // Away for two hours, less the time to be served; before it, as long as the data is old.
    const RunResult lost = run_text(wide + fmt::format("faults: {{loss: {{kind: region, regions: [us-east-1], {}, duration: 2h}}}}\n", when));
    const double at_the_source = value(lost, "recovery.plan.rpa"), at_the_target = 7200 - value(lost, "recovery.plan.rta");
    CHECK(at_the_source > 0);
    CHECK_THAT(value(lost, "recovery.plan.failback_data") * 1e9, WithinAbs(differ(at_the_source + at_the_target), 2 * block));
    // A grey failure leaves the source running until users are redirected.
    const RunResult grey = run_text(wide + fmt::format("faults: {{sick: {{kind: grey, zones: [us-east-1a], {}, duration: 2h}}}}\n", when));
    CHECK_THAT(value(grey, "recovery.plan.failback_data") * 1e9, WithinAbs(differ(value(grey, "recovery.plan.rpa") + 7200), 2 * block));
  }
}

TEST_CASE("failback: a link that is cut and slow holds it up, in the run and in a branch", "[scenarios][analytic]") {
  // The source is back after a day; the link is cut for an hour then, and half as wide after that.
  const std::string linked = std::string(hourly).replace(hourly.find("protection:"), 0, "region_links: [{between: [us-east-1, us-west-2], bandwidth: 80 MB/s}]\n");
  for (const char* when : {"at: [5d30m]", "what_if: 5"}) {
    INFO(when);
    const RunResult result = run_text(linked + fmt::format("faults: {{loss: {{kind: region, regions: [us-east-1], {}, duration: 1d, brings: [{{fault: cut, after: 1d}}, {{fault: slow, after: 1d}}]}},"
                                                           " cut: {{kind: link, regions: [us-east-1, us-west-2], duration: 1h}},"
                                                           " slow: {{kind: link, regions: [us-east-1, us-west-2], share: 50%, duration: 10d}}}}\n", when));
    const double bytes = 5.0 * 1024 * 1024 * 1024;
    CHECK_THAT(value(result, "recovery.plan.failback_data") * 1e9, WithinAbs(bytes, 1e6));
    // What is written in that hour waits too: D + 3600 w at half of 80 MB/s less w.
    CHECK_THAT(value(result, "recovery.plan.ready_again_after"), WithinAbs(86'400 + 3600 + (bytes + 3600e6) / 39e6, 1));
  }
}

TEST_CASE("faults: a grey failure spoils answers that health checks do not see, an account takes all of a fleet", "[scenarios][analytic]") {
  const std::string fleet = R"(
fleetsim: 1
name: two zones
run: {start: 2024-01-01T00:00:00Z, duration: 4h, replications: 1}
regions: {us-east-1: {zones: [us-east-1a, us-east-1b]}}
demand: {orders: {constant: 100 requests/s}}
fleets:
  shop:
    serves: orders
    capacity_per_vcpu: 250 requests/s
    expected_instances: 2
    groups: [{name: base, purchase: on_demand, zones: [us-east-1a, us-east-1b], instance_types: [m5.large], min: 2, max: 2, scale_out_above: 80%}]
)";
  CHECK(value(run_text(fleet), "fleet.shop.drop_fraction") < 1e-9);
  // One of two instances answers 40 % of its half with errors, for one hour of four.
  const RunResult grey = run_text(fleet + "faults: {f: {kind: grey, zones: [us-east-1b], share: 40%, at: [1h], duration: 1h}}\n");
  CHECK_THAT(value(grey, "fleet.shop.drop_fraction"), WithinAbs(0.4 / 2 / 4, 1e-9));
  CHECK(value(grey, "fleet.shop.instance_hours") == value(run_text(fleet), "fleet.shop.instance_hours"));
  const RunResult lost = run_text(fleet + "faults: {f: {kind: account, accounts: [main], at: [1h], duration: 1h}}\n");
  CHECK(value(lost, "fleet.shop.drop_fraction") > 0.25);
  CHECK(value(lost, "fleet.shop.instance_hours") < 6.1);
}

TEST_CASE("faults: a machine stops with its zone, a volume of it alone", "[scenarios][analytic]") {
  const std::string machine = R"(
fleetsim: 1
name: a machine with two volumes
run: {start: 2024-01-01T00:00:00Z, duration: 4h, replications: 1}
regions: {us-east-1: {zones: [us-east-1a, us-east-1b]}}
demand: {work: {constant: 100 requests/s}}
storage:
  machines:
    db:
      instance_type: m5.large
      zone: us-east-1b
      volumes: {data: {type: gp3, size: 100 GiB}, log: {type: gp3, size: 100 GiB}}
      loads:
        read: {volume: data, serves: work, io_size: 16 KiB}
        write: {volume: log, serves: work, io_size: 16 KiB}
)";
  const auto done = [&](const std::string& fault, const char* load) {
    const std::string faults = fault.empty() ? "" : "faults: {f: {" + fault + ", at: [1h], duration: 1h}}\n";
    return value(run_text(machine + faults), fmt::format("storage.db.load.{}.iops", load));
  };
  CHECK_THAT(done("", "read"), WithinAbs(100, 1e-6));
  for (const char* fault : {"kind: zone, zones: [us-east-1b]", "kind: region, regions: [us-east-1]", "kind: account, accounts: [main]"}) {
    CHECK_THAT(done(fault, "read"), WithinAbs(75, 1e-6));
    CHECK_THAT(done(fault, "write"), WithinAbs(75, 1e-6));
  }
  CHECK_THAT(done("kind: zone, zones: [us-east-1a]", "read"), WithinAbs(100, 1e-6));
  CHECK_THAT(done("kind: volume, resources: [db/log]", "read"), WithinAbs(100, 1e-6));
  CHECK_THAT(done("kind: volume, resources: [db/log]", "write"), WithinAbs(75, 1e-6));
}

TEST_CASE("protection: archived snapshots and copies within an hour cost what they are", "[scenarios][protection][analytic]") {
  const RunResult result = run(test::shipped("scenarios/copies-to-a-vault.yaml"), {.seed = 1, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
  const auto cost = [&](const std::string& resource) {
    double sum = 0;
    for (const ResultLedgerLine& line : result.ledger) sum += line.resource == resource ? line.cost_usd : 0;
    return sum;
  };
  // 100 GiB each: four for 90 days, then those that come on days 36, 43, … 113 and stay to day 120, ten minutes less.
  double days = 4 * 90;
  for (int left = 84; left >= 7; left -= 7) days += left - 10 / 1440.0;
  CHECK_THAT(cost("archived snapshots of tables at us-east-1"), WithinAbs(days * 100 / 30 * 0.0125, 1e-6));
  CHECK_THAT(cost("time-based copies from us-east-1 to us-west-2"), WithinAbs(100 * 0.01, 1e-6));
}

TEST_CASE("protection: what is restored from the archive, or deleted there too early, costs what it is", "[scenarios][protection][analytic]") {
  const std::string archived = R"(
fleetsim: 1
name: an intrusion found late
run: {start: 2024-01-01T00:00:00Z, duration: 60d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}}
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, zone: us-east-1a, writes: {rate: 0 B/s}}}
  policies: {daily: {protects: [files], schedule: rate(1 day), snapshot: {time: 0s}, retain: {count: 7}, archive: {keep: 90d, restore: 48h}}}
environments: {production: {region: us-east-1, volumes: {files: {zone: us-east-1a}}}}
recovery:
  plan: {protects: production, target: production, data_from_before: 20d, steps: {restore: {kind: restore, of: [files], duration: 1h}}}
)";
  const std::string lost = "faults: {loss: {kind: volume, resources: [files], at: [40d30m], duration: 1h}}\n";
  const auto cost = [](const RunResult& result, const std::string& resource) {
    double sum = 0;
    for (const ResultLedgerLine& line : result.ledger) sum += line.resource == resource ? line.cost_usd : 0;
    return sum;
  };
  const RunResult result = run_text(archived + lost);
  CHECK_THAT(value(result, "recovery.plan.rta"), WithinAbs(49 * 3600, 1e-6));
  CHECK_THAT(cost(result, "failover of plan: retrieved from the archive"), WithinAbs(50 * 0.03, 1e-6));
  CHECK_THAT(value(result, "cost.failover"), WithinAbs(50 * 0.03, 1e-6));
  std::string priced = archived;
  priced.insert(priced.find("  policies:"), "  prices: {archive_retrieval_gib: 0.06 USD}\n");
  const RunResult dearer = run_text(priced + lost);
  CHECK_THAT(cost(dearer, "failover of plan: retrieved from the archive"), WithinAbs(50 * 0.06, 1e-6));
  // On day 40, those that came on days 8 to 40 are deleted by an intruder; day k is charged for to day k + 90.
  const RunResult intruder = run_text(archived + "faults: {bad: {kind: account, accounts: [main], at: [40d30m], duration: 1h}}\n");
  double days = 0;
  for (int came = 8; came <= 40; ++came) days += came + 90 - 40;
  CHECK_THAT(cost(intruder, "early deletion of archived snapshots of files at us-east-1"), WithinAbs(days * 50 / 30 * 0.0125, 33 * 50 / 30.0 * 0.0125 / 24));
}
