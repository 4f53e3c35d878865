// What a plan finds after a disaster where other faults, before it or after it, had their part: each figure by hand.

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

bool observed(const RunResult& result, const std::string& name) {
  const Metric* metric = result.find(name);
  return metric != nullptr && metric->n > 0;
}

/// Snapshots at each whole hour take 5 minutes, their copies to an account of its own 10.
const std::string vaulted = R"(
fleetsim: 1
name: hourly copies to a vault
run: {start: 2024-01-01T00:00:00Z, duration: 20d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
  us-west-2: {zones: [us-west-2a]}
  eu-west-1: {zones: [eu-west-1a]}
accounts: [main, vault]
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, zone: us-east-1a, writes: {rate: 1 MB/s, working_set: 5 GiB}}}
  policies:
    hourly: {protects: [files], schedule: rate(1 hour), snapshot: {time: 5m}, copies: [{region: us-west-2, account: vault, time: 10m}]}
environments:
  production: {region: us-east-1, volumes: {files: {zone: us-east-1a}}}
  copy: {clone_of: production, region: us-west-2, account: vault}
)";

std::string plan_with(const std::string& steps, const std::string& more = "") {
  return fmt::format("recovery: {{plan: {{protects: production, target: copy, answers: [loss], steps: {{{}}}{}}}}}\n", steps, more);
}

const std::string restore = "restore: {kind: restore, of: [files]}";  // 10 s
const std::string region_loss = "loss: {kind: region, regions: [us-east-1], at: [10d30m], duration: 1h";

}  // namespace

TEST_CASE("plans: an intruder of days ago, in the source's account or the target's, takes nothing of today", "[scenarios][analytic]") {
  for (const char* account : {"main", "vault"}) {
    INFO(account);
    const RunResult result = run_text(vaulted + plan_with(restore) +
                                      fmt::format("faults: {{{}}}, intruder: {{kind: account, accounts: [{}], at: [1d], duration: 1h}}}}\n",
                                                  region_loss, account));
    CHECK(value(result, "recovery.plan.rpa") == 1800);
    CHECK(value(result, "recovery.plan.total_loss_probability") == 0);
  }
}

TEST_CASE("plans: an intruder who comes before the restore leaves nothing to restore", "[scenarios][analytic]") {
  const RunResult result = run_text(vaulted + plan_with("decide: {kind: decide, duration: 30m}, restore: {kind: restore, of: [files], after: [decide]}") +
                                    "faults: {" + region_loss + ", brings: [{fault: intruder, after: 10m}]}, intruder: {kind: account, accounts: [vault], duration: 1h}}\n");
  CHECK(value(result, "recovery.plan.total_loss_probability") == 1);
  CHECK(value(result, "recovery.plan.failed_probability") == 1);
  CHECK_FALSE(observed(result, "recovery.plan.rpa"));
  CHECK_FALSE(observed(result, "recovery.plan.rta"));
}

TEST_CASE("plans: to a volume that is gone all of its data are sent back, in the run and in a branch", "[scenarios][analytic]") {
  const std::string way_back = ", failback: {bandwidth: 100 MB/s, wait: 0s, switch_duration: 0s}";
  for (const char* when : {"at: [1d30m]", "what_if: 3"}) {
    INFO(when);
    const RunResult result = run_text(vaulted + plan_with(restore, way_back) +
                                      fmt::format("faults: {{loss: {{kind: volume, resources: [files], {}}}}}\n", when));
    const double bytes = 50.0 * 1024 * 1024 * 1024;
    CHECK_THAT(value(result, "recovery.plan.failback_data"), WithinAbs(bytes / 1e9, 1e-3));
    // Restored after 10 s, then D / (b - w).
    CHECK_THAT(value(result, "recovery.plan.ready_again_after"), WithinAbs(10 + bytes / 99e6, 1));
  }
}

TEST_CASE("plans: a volume that is restored in place is protected again", "[scenarios][analytic]") {
  const RunResult result = run_text(vaulted +
                                    "recovery: {plan: {protects: production, target: production, steps: {restore: {kind: restore, of: [files]}}}}\n"
                                    "faults: {loss: {kind: volume, resources: [files], at: [1d30m]}, later: {kind: volume, resources: [files], at: [10d30m]}}\n");
  CHECK(value(result, "recovery.plan.disasters") == 2);
  CHECK(value(result, "recovery.plan.rpa.max") == 1800);
  CHECK(value(result, "data.hourly.snapshots_skipped") == 0);
}

TEST_CASE("plans: a warm standby serves no sooner than its Region is back", "[scenarios][analytic]") {
  const std::string standby = R"(
fleetsim: 1
name: a warm standby
run: {start: 2024-01-01T00:00:00Z, duration: 2d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}
environments:
  production: {region: us-east-1, instances: {app: {instance_type: m5.large}}}
  copy: {clone_of: production, region: us-west-2, standing: {app: {count: 1}}}
recovery:
  plan:
    protects: production
    target: copy
    answers: [loss]
    steps: {boot: {kind: boot, of: [app], duration: 2m}, redirect: {kind: redirect, after: [boot], duration: 1m}}
)";
  const std::string loss = "faults: {loss: {kind: region, regions: [us-east-1], at: [1h]";
  CHECK(value(run_text(standby + loss + "}}\n"), "recovery.plan.rta") == 60);
  const std::string other = "other: {kind: region, regions: [us-west-2], duration: 12h}}\n";
  const RunResult both = run_text(standby + loss + ", brings: [{fault: other}]}, " + other);
  CHECK(value(both, "recovery.plan.rta") == 12 * 3600 + 180);
  const RunResult later = run_text(standby + loss + ", brings: [{fault: other, after: 30s}]}, " + other);
  CHECK(value(later, "recovery.plan.rta") == 12 * 3600 + 30 + 180);
  CHECK(value(later, "recovery.plan.second_strikes") == 1);
}

TEST_CASE("plans: a grey failure elsewhere hides no other disaster", "[scenarios][analytic]") {
  const RunResult result = run_text(vaulted + plan_with("detect: {kind: detect}, restore: {kind: restore, of: [files], after: [detect]}") +
                                    "faults: {" + region_loss + "}, elsewhere: {kind: grey, regions: [eu-west-1], at: [10d30m], duration: 1h}}\n");
  CHECK(value(result, "recovery.plan.rta") == 190);  // 3 minutes to detect, 10 s to restore
}

TEST_CASE("plans: one that fails costs as long an outage as it would go on trying", "[scenarios][analytic]") {
  const std::string cost = ", outage_cost: {per_hour: 1000 USD/h}, gives_up_after: 2d";
  const auto outage = [&](const std::string& step) {
    return value(run_text(vaulted + plan_with("restore: {kind: restore, of: [files], duration: 10h" + step + "}", cost) + "faults: {" + region_loss + "}}\n"),
                 "recovery.plan.outage_cost");
  };
  CHECK_THAT(outage(""), WithinAbs(10'000, 1e-6));
  CHECK_THAT(outage(", failure_probability: 100%"), WithinAbs(48'000, 1e-6));
  CHECK_THAT(outage(", failure_probability: 100%, retry: {attempts: 1}"), WithinAbs(48'000, 1e-6));
}

TEST_CASE("plans: what is sent back was written after the recovery point while users were served, in the run and in a branch", "[scenarios][analytic]") {
  // Anywhere in 50 GiB, a block of 512 KiB at a time: of W blocks n writes hit W (1 - (1 - 1/W)^n).
  std::string wide = vaulted;
  const std::string narrow = "working_set: 5 GiB";
  REQUIRE(wide.find(narrow) != std::string::npos);
  wide.replace(wide.find(narrow), narrow.size(), "working_set: 50 GiB, write_size: 512 KiB");
  const std::string way_back = ", failback: {bandwidth: 100 MB/s, wait: 0s, switch_duration: 0s}";
  const auto seconds_at_the_target = [&](const char* when, const char* served_after, const char* lost_for) {
    const RunResult result = run_text(wide + plan_with(fmt::format("restore: {{kind: restore, of: [files], duration: {}}}", served_after), way_back) +
                          fmt::format("faults: {{loss: {{kind: region, regions: [us-east-1], duration: {}, {}}}}}\n", lost_for, when));
    constexpr double block = 512 * 1024, blocks = 50.0 * 2048;
    const double hits = std::log1p(-value(result, "recovery.plan.failback_data") * 1e9 / block / blocks) / std::log1p(-1 / blocks);
    return hits * block / 1e6 - value(result, "recovery.plan.rpa");
  };
  for (const char* when : {"at: [5d30m]", "what_if: 1"}) {
    INFO(when);
    // To a second of writes, as blocks are whole.
    CHECK_THAT(seconds_at_the_target(when, "6h", "6h"), WithinAbs(0, 1));
    CHECK_THAT(seconds_at_the_target(when, "8h", "6h"), WithinAbs(0, 1));  // the source is back, and nobody is there
    CHECK_THAT(seconds_at_the_target(when, "1h", "3h"), WithinAbs(7200, 1));
    CHECK_THAT(seconds_at_the_target(when, "4h", "6h"), WithinAbs(7200, 1));
  }
}

TEST_CASE("plans: after a grey failure the source is written to and protected until its clients are redirected", "[scenarios][analytic]") {
  const RunResult result = run_text(vaulted + plan_with("detect: {kind: detect, grey_after: 150m}, restore: {kind: restore, of: [files], duration: 10m, after: [detect]}",
                                                        ", failback: {bandwidth: 100 MB/s, wait: 5h, switch_duration: 0s}") +
                                    "faults: {loss: {kind: grey, regions: [us-east-1], at: [10d30m], duration: 3h}}\n");
  CHECK(value(result, "recovery.plan.rta") == 160 * 60);
  // Those of 1:00, 2:00 and 3:00 are taken; of 4:00 to 8:00 the application is away, from 3:10 to somewhat after 8:30.
  CHECK(value(result, "data.hourly.snapshots_skipped") == 5);
}

TEST_CASE("plans: a grey failure that ends before it is noticed moves nothing, and is no failure of the plan", "[scenarios][analytic]") {
  const auto grey = [&](const char* noticed_after, const char* when) {
    return run_text(vaulted + plan_with(fmt::format("detect: {{kind: detect, grey_after: {}}}, restore: {{kind: restore, of: [files], after: [detect]}}", noticed_after),
                                        ", failback: {bandwidth: 100 MB/s, wait: 0s, switch_duration: 0s}, gives_up_after: 2d, objectives: {rto: 2h}") +
                    fmt::format("faults: {{loss: {{kind: grey, regions: [us-east-1], duration: 1h, {}}}}}\n", when));
  };
  for (const char* when : {"at: [10d30m]", "what_if: 3"}) {
    INFO(when);
    const RunResult unnoticed = grey("3d", when);
    CHECK(value(unnoticed, "recovery.plan.unnoticed_probability") == 1);
    CHECK(value(unnoticed, "recovery.plan.failed_probability") == 0);
    CHECK(value(unnoticed, "recovery.plan.rta") == 3600);  // users are served again with its end
    CHECK(value(unnoticed, "recovery.plan.rto_missed_probability") == 0);
    CHECK(value(unnoticed, "recovery.plan.rpa") == 0);
    CHECK(value(unnoticed, "recovery.plan.data_lost") == 0);
    CHECK(value(unnoticed, "recovery.plan.double_serving_probability") == 0);
    CHECK_FALSE(observed(unnoticed, "recovery.plan.ready_again_after"));
    CHECK(value(unnoticed, "data.hourly.snapshots_skipped") == 0);  // the application never left
    const RunResult noticed = grey("50m", when);
    CHECK(value(noticed, "recovery.plan.unnoticed_probability") == 0);
    CHECK(value(noticed, "recovery.plan.rta") == 50 * 60 + 10);
    CHECK(value(noticed, "recovery.plan.data_lost") == 0);
    CHECK(value(noticed, "recovery.plan.rpa") > 0);
  }
}

TEST_CASE("plans: the time line says that a grey failure leaves what was written at the source, and a disaster loses it", "[scenarios][table]") {
  const auto said = [&](const char* kind) {
    const RunResult result = run_text(vaulted + plan_with("detect: {kind: detect, grey_after: 20m}, restore: {kind: restore, of: [files], after: [detect]}") +
                                      fmt::format("faults: {{loss: {{kind: {}, regions: [us-east-1], at: [10d30m], duration: 1h}}}}\n", kind));
    REQUIRE(result.courses.size() == 1);
    std::string text;
    for (const auto& entry : result.courses.front().entries) text += entry.what + "\n";
    return text;
  };
  // 1 MB/s since the snapshot of half an hour ago.
  CHECK(said("grey").find("newest usable data is 30m old; 1.8 GB written since stays at the source") != std::string::npos);
  CHECK(said("region").find("newest usable data is 30m old; 1.8 GB written since is lost") != std::string::npos);
}

TEST_CASE("plans: what is not moved stays protected where it is", "[scenarios][analytic]") {
  const std::string both = R"(
fleetsim: 1
name: two zones
run: {start: 2024-01-01T00:00:00Z, duration: 10d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a, us-east-1b]}}
protection:
  volumes:
    a: {size: 100 GiB, data: 50 GiB, zone: us-east-1a, writes: {rate: 1 MB/s, working_set: 5 GiB}}
    b: {size: 100 GiB, data: 50 GiB, zone: us-east-1b, writes: {rate: 1 MB/s, working_set: 5 GiB}}
  policies:
    of-a: {protects: [a], schedule: rate(1 hour), snapshot: {time: 5m}}
    of-b: {protects: [b], schedule: rate(1 hour), snapshot: {time: 5m}}
environments:
  production: {region: us-east-1, volumes: {a: {zone: us-east-1a}, b: {zone: us-east-1b}}}
  copy: {clone_of: production}
recovery: {plan: {protects: production, target: copy, moves: struck, steps: {restore: {kind: restore, of: [a, b]}}}}
faults: {loss: {kind: zone, zones: [us-east-1a], at: [2d30m], duration: 1h}}
)";
  const RunResult result = run_text(both);
  CHECK(value(result, "data.of-b.snapshots_skipped") == 0);
  CHECK(value(result, "data.of-a.snapshots") == 48);  // of each hour until the zone is lost; its application is elsewhere ever after
}

TEST_CASE("plans: one that restores no data, or launches nothing, is worth a warning", "[scenarios][table]") {
  const std::string scenario = R"(
fleetsim: 1
name: a plan with gaps
run: {start: 2024-01-01T00:00:00Z, duration: 2d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}
protection:
  volumes: {files: {size: 100 GiB, region: us-east-1, writes: {rate: 1 MB/s}}}
  streams: {live: {protects: files, region: us-west-2}}
environments:
  production: {region: us-east-1, volumes: {files: {}}, instances: {app: {instance_type: m5.large, count: 2, uses: [files]}}}
  copy: {clone_of: production, region: us-west-2, standing: {app: {count: STANDING}}}
recovery: {plan: {protects: production, target: copy, steps: {STEPS}}}
)";
  struct Row {
    const char *standing, *steps;
    bool data, instances;
  };
  const char* all = "promote: {kind: promote, of: [files]}, boot: {kind: boot, of: [app]}";
  for (const Row& row : {Row{"0", all, false, false}, Row{"0", "promote: {kind: promote, of: [files]}, boot: {kind: boot}", false, true},
                         Row{"1", "promote: {kind: promote, of: [files]}", false, true}, Row{"2", "promote: {kind: promote, of: [files]}", false, false},
                         Row{"0", "check: {kind: verify, of: [files]}, boot: {kind: boot, of: [app]}", true, false}}) {
    INFO(row.steps << ", standing " << row.standing);
    std::string text = scenario;
    text.replace(text.find("STANDING"), 8, row.standing);
    text.replace(text.find("STEPS"), 5, row.steps);
    const test::TemporaryFolder folder;
    const LoadedScenario loaded = load_scenario(folder.write("scenario.yaml", text).string());
    std::string said;
    for (const auto& diagnostic : loaded.diagnostics) said += to_text(diagnostic);
    INFO(said);
    REQUIRE(loaded.scenario);
    CHECK((said.find("restores or promotes files") != std::string::npos) == row.data);
    CHECK((said.find("launches app") != std::string::npos) == row.instances);
  }
}
