// Fast snapshot restore in a recovery: with a credit a restored volume has all its blocks, without one they come lazily.
//
// A volume of 512 GiB: its snapshot is optimized for 512 / 1024 h = 30 min, and then a credit fills in 512 / 1024 h = 30 min,
// so that the first is there an hour after a copy can be used. 200 GiB of data at 100 MiB/s take 2,048 s.

#include <string>

#include <fmt/format.h>

#include "fleetsim/models/storage/restore.hpp"
#include "scenarios/run_text.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;

namespace {

constexpr double detect = 180, restore = 10, loading = 200 * 1024 / 100;

/// Snapshots at 0, 6, 12 and 18 o'clock take 5 minutes and their copies 10: usable at a quarter past.
std::string text(const std::string& disaster, const std::string& zones, const std::string& more = "") {
  return fmt::format(R"(fleetsim: 1
name: fast restore
run: {{start: 2024-01-01T00:00:00Z, duration: 10d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
  us-west-2: {{zones: [us-west-2a, us-west-2b]}}
protection:
  volumes: {{files: {{size: 512 GiB, data: 200 GiB, zone: us-east-1a, writes: {{rate: 100 KB/s, working_set: 5 GiB}}}}}}
  policies:
    quarterly:
      protects: [files]
      schedule: rate(6 hours)
      snapshot: {{time: 5m}}
      copies: [{{region: us-west-2, time: 10m, fast_restore_zones: {}}}]
environments:
  production: {{region: us-east-1, volumes: {{files: {{zone: us-east-1a}}}}}}
  copy: {{clone_of: production, region: us-west-2, built: true}}
faults: {{loss: {{kind: region, regions: [us-east-1], at: [{}], duration: 5h{}}}}}
recovery:
  plan:
    protects: production
    target: copy
    steps:
      detect: {{kind: detect, duration: 3m}}
      restore: {{kind: restore, of: [files], after: [detect], hydration: 100 MiB/s}}
)",
                     zones, disaster, more);
}

double full_speed(const RunResult& result) { return value(result, "recovery.plan.full_speed_after"); }
double rta(const RunResult& result) { return value(result, "recovery.plan.rta"); }

}  // namespace

TEST_CASE("fast restore: without a credit a restored volume is loaded lazily, with one it is at full speed at once", "[scenarios][analytic]") {
  // 30 min after the copy was usable: being optimized, 0 credits.
  const RunResult too_soon = run_text(text("3d45m", "1"));
  CHECK(rta(too_soon) == detect + restore);
  CHECK(full_speed(too_soon) == detect + restore + loading);
  // Two hours after: the credit is there.
  const RunResult fast = run_text(text("3d2h15m", "1"));
  CHECK(rta(fast) == detect + restore);
  CHECK(full_speed(fast) == detect + restore);
  // The same without fast restore.
  CHECK(full_speed(run_text(text("3d2h15m", "0"))) == detect + restore + loading);
}

TEST_CASE("fast restore: what counts is the credit when the volume is made, not at the disaster", "[scenarios][analytic]") {
  // The first credit is there at 1:15:00; the volume is made three minutes after the disaster.
  CHECK(full_speed(run_text(text("3d1h11m59s", "1"))) == detect + restore + loading);
  CHECK(full_speed(run_text(text("3d1h12m", "1"))) == detect + restore);
}

TEST_CASE("fast restore: where users wait for all blocks it is the recovery time that a credit saves", "[scenarios][analytic]") {
  const auto with = [](const std::string& disaster) {
    std::string waits = text(disaster, "1");
    waits.replace(waits.find("100 MiB/s}"), 10, "100 MiB/s, hydrate_first: true}");
    return run_text(waits);
  };
  CHECK(rta(with("3d45m")) == detect + restore + loading);
  CHECK(rta(with("3d2h15m")) == detect + restore);
}

TEST_CASE("fast restore: a zone without it gives a lazy volume", "[scenarios][analytic]") {
  // The first zone of the target fails with the source, so the volume is made in the second.
  const std::string brings = ", brings: [{fault: zone-too}]}, zone-too: {kind: zone, zones: [us-west-2a], duration: 5h";
  CHECK(full_speed(run_text(text("3d2h15m", "1", brings))) == detect + restore + loading);
  CHECK(full_speed(run_text(text("3d2h15m", "2", brings))) == detect + restore);
}

TEST_CASE("fast restore: the course says that a credit is taken", "[scenarios][table]") {
  const RunResult fast = run_text(text("3d2h15m", "1"));
  REQUIRE(fast.courses.size() == 1);
  bool said = false;
  for (const auto& entry : fast.courses[0].entries) said = said || entry.what == "begins, with a credit of fast restore";
  CHECK(said);
}

TEST_CASE("fast restore: the first credit comes when one has filled, whatever the size", "[scenarios][property]") {
  for (const std::int64_t gib : {1, 10, 100, 102, 103, 128, 512, 1000, 1024, 5000, 16384}) {
    const Duration filling = fast_restore_first_credit(gib) - fast_restore_optimizing(gib);
    const Date as_of = std::chrono::year{2024} / 1 / 1;
    INFO(gib);
    CHECK(fast_restore_credits(gib, filling, as_of) >= 1'000'000 - 1);  // the filling is rounded down to a nanosecond
    CHECK(fast_restore_credits(gib, filling - 1_s, as_of) < 1'000'000);
  }
}
