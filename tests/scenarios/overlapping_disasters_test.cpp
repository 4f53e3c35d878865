// Plans that answer different disasters at the same time share people, calls and bandwidth. Each figure by hand.

#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

/// Two applications in two Regions that recover in a third. `first` is lost after an hour.
std::string two(const std::string& first, const std::string& second, const std::string& when_second, int instances = 1) {
  return fmt::format(R"(
fleetsim: 1
name: two applications
run: {{start: 2024-01-01T00:00:00Z, duration: 5h, replications: 1}}
regions: {{us-east-1: {{zones: [us-east-1a]}}, eu-west-1: {{zones: [eu-west-1a]}}, us-west-2: {{zones: [us-west-2a]}}}}
protection:
  volumes:
    files-a: {{size: 100 GB, data: 36 GB, region: us-east-1, writes: {{rate: 0 B/s}}}}
    files-b: {{size: 100 GB, data: 36 GB, region: eu-west-1, writes: {{rate: 0 B/s}}}}
  policies:
    p: {{protects: [files-a], schedule: rate(30 minutes), snapshot: {{time: 1m}}, copies: [{{region: us-west-2, time: 1m}}]}}
    q: {{protects: [files-b], schedule: rate(30 minutes), snapshot: {{time: 1m}}, copies: [{{region: us-west-2, time: 1m}}]}}
environments:
  a: {{region: us-east-1, volumes: {{files-a: {{}}}}, instances: {{app-a: {{instance_type: m5.large, count: {0}}}}}}}
  b: {{region: eu-west-1, volumes: {{files-b: {{}}}}, instances: {{app-b: {{instance_type: m5.large, count: {1}}}}}}}
  a-copy: {{clone_of: a, region: us-west-2, built: true}}
  b-copy: {{clone_of: b, region: us-west-2, built: true}}
people: {{on-call: {{count: 1, reached_after: 0s}}}}
recovery:
  first: {{protects: a, target: a-copy, {2}, failback: {{bandwidth: 100 MB/s, switch_duration: 0s}}}}
  second: {{protects: b, target: b-copy, {3}}}
faults:
  loss-a: {{kind: region, regions: [us-east-1], at: [1h], duration: 10m}}
  loss-b: {{kind: region, regions: [eu-west-1], {4}, duration: 10m}}
)", 2 * instances - 1, instances, first, second, when_second);
}

}  // namespace

TEST_CASE("overlapping disasters: one person does the work of both in the order in which it comes", "[scenarios][analytic]") {
  const std::string two_talks = "steps: {talk: {people: on-call, duration: 1h}, wait: {after: [talk], duration: 30m}, again: {people: on-call, after: [wait], duration: 1h}}";
  const std::string talk = "steps: {talk: {people: on-call, duration: 1h}}";
  // First 1:00 to 2:00, second 2:00 to 3:00, and the other step of the first one, ready at 2:30, from 3:00 to 4:00.
  const RunResult both = run_text(two(two_talks, talk, "at: [90m]"));
  CHECK(value(both, "recovery.first.rta") == 3 * 3600);
  CHECK(value(both, "recovery.second.rta") == 1.5 * 3600);
  // What follows in the run knows: the first application, whose source is back long before, is back when it was served.
  CHECK(value(both, "recovery.first.ready_again_after") == 3 * 3600);
  CHECK(value(both, "service.disasters") == 2);
  CHECK(value(both, "service.rta.max") == 3 * 3600);
  const RunResult apart = run_text(two(two_talks, talk, "at: [4h]"));
  CHECK(value(apart, "recovery.first.rta") == 2.5 * 3600);
  CHECK(value(apart, "recovery.second.rta") == 3600);
  CHECK(value(apart, "recovery.first.ready_again_after") == 2.5 * 3600);
}

TEST_CASE("overlapping disasters: calls to one site are let through one after another", "[scenarios][analytic]") {
  const auto boot = [](const char* app) {
    return fmt::format("api_rate: 0.1 requests/s, steps: {{boot: {{kind: boot, of: [{}], duration: 1m}}}}", app);
  };
  // 61 calls, one at once and one each 10 s; from 5 minutes on 31 more behind them.
  const RunResult both = run_text(two(boot("app-a"), boot("app-b"), "at: [65m]", 31));
  CHECK(value(both, "recovery.first.rta") == 600 + 60);
  CHECK(value(both, "recovery.second.rta") == 610 + 60);
  CHECK(value(run_text(two(boot("app-a"), boot("app-b"), "at: [2h]", 31)), "recovery.second.rta") == 300 + 60);
}

TEST_CASE("overlapping disasters: restores share the bandwidth of their site", "[scenarios][analytic]") {
  const auto restore = [](const char* files) {
    return fmt::format("restore_bandwidth: 10 MB/s, steps: {{restore: {{kind: restore, of: [{}], duration: 0s, hydration: 50 MB/s, hydrate_first: true}}}}", files);
  };
  // 36 GB: half of the first at 10 MB/s, the rest at 5; then the half that is left of the second at 10.
  const RunResult both = run_text(two(restore("files-a"), restore("files-b"), "at: [90m]"));
  CHECK_THAT(value(both, "recovery.first.rta"), WithinAbs(5400, 1));
  CHECK_THAT(value(both, "recovery.second.rta"), WithinAbs(5400, 1));
  CHECK_THAT(value(run_text(two(restore("files-a"), restore("files-b"), "at: [3h]")), "recovery.first.rta"), WithinAbs(3600, 1));
}

TEST_CASE("overlapping disasters: a what-if disaster meets those who are busy with one of the run", "[scenarios][stochastic]") {
  const std::string talk = "steps: {talk: {people: on-call, duration: 1h}}";
  const RunResult result = run_text(two(talk, talk, "what_if: 400"));
  // Of 5 hours the person is busy for one: an instant in it waits for what is left.
  const double mean = 1 + 0.5 / 5, sd = std::sqrt(1.0 / 5 / 3 - 0.01);
  CHECK_THAT(value(result, "recovery.second.rta") / 3600, WithinAbs(mean, 4 * sd / std::sqrt(400.0)));
  CHECK(value(result, "recovery.second.rta.max") > 1.9 * 3600);
  CHECK(value(result, "recovery.second.rta.max") <= 2 * 3600);
  CHECK(value(result, "recovery.first.rta") == 3600);
}

TEST_CASE("overlapping disasters: what a what-if disaster brings is answered too, by the same people", "[scenarios][analytic]") {
  const std::string talk = "steps: {talk: {people: on-call, duration: 1h}}";
  std::string text = two(talk, talk, "BROUGHT");
  text.replace(text.find("at: [1h], duration: 10m"), 23, "what_if: 20, duration: 10m, brings: [{fault: loss-b, after: 30m}]");
  text.replace(text.find("BROUGHT, "), 9, "");
  text.replace(text.find("duration: 5h, replications"), 26, "duration: 40d, replications");
  const RunResult result = run_text(text);
  CHECK(value(result, "recovery.first.disasters") == 20);
  CHECK(value(result, "recovery.second.disasters") == 20);
  CHECK(value(result, "recovery.first.rta") == 3600);
  CHECK(value(result, "recovery.second.rta") == 1.5 * 3600);  // the person is free after half an hour
  CHECK(value(result, "recovery.second.rta.max") == 1.5 * 3600);
}

TEST_CASE("overlapping disasters: a plan that others keep waiting gives up, and its application stays at home", "[scenarios][analytic]") {
  const std::string patient = "gives_up_after: 80m, steps: {wait: {duration: 30m}, talk: {people: on-call, after: [wait], duration: 40m}}";
  const std::string talk = "steps: {talk: {people: on-call, duration: 1h}}";
  // The first would be served at 2:10; but from 1:15 to 2:15 somebody talks about the second.
  const RunResult both = run_text(two(patient, talk, "at: [75m]"));
  CHECK(value(both, "recovery.first.failed_probability") == 1);
  CHECK(value(both, "recovery.second.rta") == 3600);
  // Its source was back at 1:10. Nothing is written or taken until 1:15, when it is clear that nothing will be moved; then as ever.
  CHECK(value(run_text(two(patient, talk, "at: [4h]")), "recovery.first.failed_probability") == 0);
  CHECK(value(both, "data.p.snapshots") > value(run_text(two(patient, talk, "at: [4h]")), "data.p.snapshots"));
}

TEST_CASE("overlapping disasters: whenever the second comes, nobody is served sooner than alone, nor later than one after the other", "[scenarios][property]") {
  const auto plan = [](const char* app, const char* files) {
    return fmt::format("api_rate: 0.05 requests/s, restore_bandwidth: 20 MB/s, steps: {{detect: {{kind: detect, duration: 3m}}, "
                       "decide: {{people: on-call, after: [detect], duration: 20m}}, "
                       "restore: {{kind: restore, of: [{}], after: [decide], hydration: 30 MB/s, hydrate_first: true}}, "
                       "boot: {{kind: boot, of: [{}], after: [decide], duration: 5m}}, "
                       "check: {{people: on-call, after: [restore, boot], duration: 15m}}}}", files, app);
  };
  const std::string first = plan("app-a", "files-a"), second = plan("app-b", "files-b");
  const RunResult apart = run_text(two(first, second, "at: [4h]", 10));
  const double alone_first = value(apart, "recovery.first.rta"), alone_second = value(apart, "recovery.second.rta");
  CHECK(alone_first < 3 * 3600);
  bool delayed = false;
  for (int minute = 50; minute < 200; minute += 2) {
    INFO("second disaster at minute " << minute);
    const RunResult result = run_text(two(first, second, fmt::format("at: [{}m]", minute), 10));
    const double rta_first = value(result, "recovery.first.rta"), rta_second = value(result, "recovery.second.rta");
    delayed = delayed || rta_first > alone_first;
    CHECK(rta_first >= alone_first - 1e-6);
    CHECK(rta_second >= alone_second - 1e-6);
    CHECK(rta_first <= alone_first + alone_second + 1e-6);
    CHECK(rta_second <= alone_first + alone_second + 1e-6);
    // One that is over before the other begins is as it was alone.
    if (minute * 60 >= 3600 + alone_first) CHECK((rta_first == alone_first && rta_second == alone_second));
    for (const char* name : {"first", "second"}) {
      double critical = 0;
      for (const char* step : {"detect", "decide", "restore", "boot", "check"}) {
        critical += value(result, fmt::format("recovery.{}.step.{}.critical_time", name, step));
      }
      CHECK_THAT(critical, WithinAbs(value(result, fmt::format("recovery.{}.rta", name)), 1e-6));
    }
    // The way back begins when the first is served, whose source is back by then.
    CHECK_THAT(value(result, "recovery.first.ready_again_after"), WithinAbs(rta_first, 1e-6));
  }
  CHECK(delayed);
}

TEST_CASE("overlapping disasters: a plan that is carried out in vain is not begun once more, one in place is", "[scenarios][table]") {
  // Tried for a day; struck again each hour meanwhile.
  const std::string in_vain = "gives_up_after: 1d, steps: {talk: {people: on-call, duration: 10m, failure_probability: 100%}}";
  const std::string talk = "steps: {talk: {people: on-call, duration: 1h}}";
  for (const char* people : {"people: on-call, ", ""}) {
    std::string text = two(in_vain, talk, "at: [90m]");
    text.replace(text.find("at: [1h], "), 10, "at: [1h, 2h, 3h, 4h], ");
    for (std::size_t at; (at = text.find("people: on-call, ")) != std::string::npos && *people == '\0';) text.erase(at, 17);
    const RunResult result = run_text(text);
    INFO(people);
    CHECK(value(result, "recovery.first.disasters") == 1);
    CHECK(value(result, "recovery.first.struck_while_away") == 3);
    CHECK(value(result, "recovery.first.failed_probability") == 1);
  }
}

TEST_CASE("overlapping disasters: a what-if instant begins no plan that is being carried out in vain", "[scenarios][analytic]") {
  // All of the measured time, 1:30 to 5:00, lies in the day for which the plan is tried: each instant is only counted.
  const std::string in_vain = "gives_up_after: 1d, steps: {talk: {people: on-call, duration: 10m, failure_probability: 100%}}";
  std::string text = two(in_vain, "steps: {talk: {people: on-call, duration: 1h}}", "at: [4h]");
  text.replace(text.find("duration: 5h"), 12, "duration: 5h, warm_up: 90m");
  text += "  asked: {kind: region, regions: [us-east-1], what_if: 20, duration: 10m}\n";
  const RunResult result = run_text(text);
  CHECK(value(result, "recovery.first.struck_while_away") == 20);
  CHECK(value(result, "recovery.first.disasters") == 0);
  // Tried for ten minutes, until 1:10, each instant finds it at home.
  text.replace(text.find("gives_up_after: 1d"), 18, "gives_up_after: 10m");
  const RunResult soon = run_text(text);
  CHECK(value(soon, "recovery.first.struck_while_away") == 0);
  CHECK(value(soon, "recovery.first.disasters") == 20);
}
