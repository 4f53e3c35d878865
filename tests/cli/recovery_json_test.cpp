/// What the JSON of a run tells of protected data and recovery plans: every value by hand.

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

namespace {

/// Snapshots at each hour are usable at home after 5 minutes, in the other Region after 15.
const char* const scenario = R"(
fleetsim: 1
name: a failover and back
run: {start: 2024-01-01T00:00:00Z, duration: 2d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, region: us-east-1, writes: {rate: 1 MB/s, working_set: 5 GiB, pattern: sequential}}}
  policies: {hourly: {protects: [files], schedule: rate(1 hour), snapshot: {time: 5m}, copies: [{region: us-west-2, time: 10m}]}}
environments:
  production: {region: us-east-1, volumes: {files: {}}}
  copy: {clone_of: production, region: us-west-2}
recovery:
  plan:
    protects: production
    target: copy
    objectives: {rpo: 1h, rto: 30m}
    steps: {detect: {kind: detect, duration: 3m}, restore: {kind: restore, of: [files], after: [detect], duration: 7m}}
    failback: {bandwidth: 100 MB/s, switch_duration: 2m}
faults: {loss: {kind: region, regions: [us-east-1], at: [10h30m], duration: 2h}}
)";

}  // namespace

TEST_CASE("json: recovery, protection and the course of a disaster, by hand", "[cli][analytic]") {
  const TemporaryFolder folder;
  const ProgramRun run = run_program({"run", folder.write("scenario.yaml", scenario).string(), "--format", "json"});
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  const nlohmann::json json = nlohmann::json::parse(run.out);
  std::map<std::string, nlohmann::json> metrics;
  for (const auto& metric : json.at("metrics")) metrics[metric.at("name").get<std::string>()] = metric;
  const auto mean = [&](const std::string& name) {
    INFO(name);
    REQUIRE(metrics.contains(name));
    return metrics[name].at("mean").get<double>();
  };
  // Recovery: the snapshot of 10:00 was copied by 10:15.
  CHECK(mean("recovery.plan.disasters") == 1);
  CHECK(mean("recovery.plan.rpa") == 1800);
  CHECK(mean("recovery.plan.data_lost") == 1.8);
  CHECK(mean("recovery.plan.rta") == 600);
  CHECK(mean("recovery.plan.full_speed_after") == 600);
  CHECK(mean("recovery.plan.rpo_missed_probability") == 0);
  CHECK(mean("recovery.plan.rto_missed_probability") == 0);
  CHECK(mean("recovery.plan.step.detect.critical_time") == 180);
  CHECK(mean("recovery.plan.step.restore.critical_time") == 420);
  CHECK(mean("recovery.plan.resource.files.rpa") == 1800);
  CHECK(metrics["recovery.plan.rpa"].at("unit") == "s");
  CHECK(metrics["recovery.plan.data_lost"].at("unit") == "GB");
  // Served from 10:40, the source is back at 12:30: 110 minutes of 1 MB/s go once round the working set, and all of it is sent.
  const double sent = 5.0 * 1024 * 1024 * 1024;
  CHECK_THAT(mean("recovery.plan.failback_data"), Catch::Matchers::WithinAbs(sent / 1e9, 1e-9));
  const double back = mean("recovery.plan.ready_again_after");
  CHECK_THAT(back, Catch::Matchers::WithinAbs(2 * 3600 + sent / 99e6 + 120, 1e-6));
  // Protection: a snapshot at each hour from 1:00 of the first to 23:00 of the second day, but at 11:00 and 12:00.
  CHECK(mean("data.hourly.snapshots_skipped") == 2);
  CHECK(mean("data.hourly.snapshots") == 47 - 2);
  CHECK(mean("data.hourly.us-east-1.points") == 47 - 2);
  CHECK(mean("data.hourly.copies") == 47 - 2);
  CHECK(mean("data.hourly.copies_full") == 1);
  // The course.
  REQUIRE(json.at("courses").size() == 1);
  const nlohmann::json& course = json.at("courses")[0];
  CHECK(course.at("plan") == "plan");
  CHECK(course.at("fault") == "loss");
  CHECK(course.at("time") == "2024-01-01T10:30:00Z");
  struct Row {
    double at;
    const char *step, *resource, *what;
  };
  const Row rows[] = {{0, "", "", "fault loss strikes"},
                      {0, "", "files", "newest usable data is 30m old; 1.8 GB written since is lost"},
                      {0, "detect", "", "begins"},
                      {180, "detect", "", "done"},
                      {180, "restore", "files", "begins"},
                      {600, "restore", "files", "done"},
                      {600, "", "", "users are served"},
                      {600, "", "", "full speed"},
                      {back - 120, "", "", "in sync with the source after 5.37 GB to send back; clients are moved in 2m"},
                      {back, "", "", "back at the source"}};
  REQUIRE(course.at("events").size() == std::size(rows));
  for (std::size_t r = 0; r < std::size(rows); ++r) {
    const nlohmann::json& event = course.at("events")[r];
    INFO(event.dump());
    CHECK_THAT(event.at("at_s").get<double>(), Catch::Matchers::WithinAbs(rows[r].at, 1e-6));
    CHECK(event.value("step", "") == rows[r].step);
    CHECK(event.value("resource", "") == rows[r].resource);
    CHECK(event.at("what") == rows[r].what);
  }
}

}  // namespace fleetsim::test
