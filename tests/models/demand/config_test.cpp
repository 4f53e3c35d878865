/// A scenario's demand, read, and the words of its errors.

#include "fleetsim/models/demand.hpp"

#include "fleetsim/sim/config/description.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/read_text.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;

namespace {

const config::UtcTime run_start = *config::parse_utc_time("2021-08-01T00:00:00Z");

/// Ten days by the hour from 2016-08-07, one request in the first hour of each, none in the others.
std::string ten_days() {
  const config::UtcTime first = *config::parse_utc_time("2016-08-07T00:00:00Z");
  std::string text = "time_utc,requests\n";
  for (std::int64_t hour = 0; hour < 240; ++hour) {
    const config::UtcTime time{first.seconds_since_1970 + hour * 3600};
    text += config::to_text(time) + (hour % 24 == 0 ? ",1\n" : ",0\n");
  }
  return text;
}

struct Read {
  std::vector<DemandConfig> demands;
  std::string problems;  ///< with the folder taken off each file name
};

Read read(const std::string& demand, Duration length = 1_d, const std::string& trace = ten_days()) {
  const test::TemporaryFolder folder;
  folder.write("t.csv", trace);
  auto result = test::read_text(
      "demand: {bids: {" + demand + "}}",
      [&](config::Section& root) { return read_demands(root, {run_start, length}); },
      (folder.path() / "s.yaml").string());
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at = 0; (at = result.problems.find(prefix, at)) != std::string::npos;) {
    result.problems.erase(at, prefix.size());
  }
  return {std::move(result.value), std::move(result.problems)};
}

}  // namespace

TEST_CASE("demand: each shape is read", "[demand][table]") {
  const Read constant = read("constant: 1e12 requests/month, scale: {factor: 1.15}");
  REQUIRE(constant.problems == "");
  CHECK(constant.demands[0].name == "bids");
  CHECK(constant.demands[0].factor == 1.15);
  CHECK(std::get<ConstantDemand>(constant.demands[0].shape).rate == requests_per_second(385'802.469136));

  const Read stepped = read("steps: [{at: 0s, rate: 80 requests/s}, {at: 1h, rate: 160 requests/s}], "
                            "bursts: [{at: 10m, duration: 5m, factor: 2}]");
  REQUIRE(stepped.problems == "");
  CHECK(std::get<SteppedDemand>(stepped.demands[0].shape).steps[1].at == 1_h);
  CHECK(stepped.demands[0].bursts[0].factor == 2.0);

  const Read daily = read("daily: {hourly: [0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}, "
                          "scale: {mean: 300 requests/s}, interpolation: linear, resolution: 5m");
  REQUIRE(daily.problems == "");
  CHECK(std::get<DailyDemand>(daily.demands[0].shape).mean == 300_per_s);
  CHECK(daily.demands[0].resolution == 5_min);

  const Read trace = read("trace: t.csv, start: 2016-08-10T00:00:00Z, repeat: true");
  REQUIRE(trace.problems == "");
  const auto& shape = std::get<TraceDemand>(trace.demands[0].shape);
  CHECK(shape.trace->values.size() == 240);
  CHECK(shape.repeat);
  CHECK_FALSE(shape.mean);
}

TEST_CASE("demand: the shipped traces have no gap and last as long as their pages say", "[demand][table]") {
  const auto shipped = [](const std::string& set, const std::string& more, Duration length) {
    const std::string text = "demand: {bids: {trace: " + set + ", " + more + "}}";
    return test::read_text(
        text, [&](config::Section& root) { return read_demands(root, {run_start, length}); },
        std::string(test::source_dir) + "/scenarios/data/demand/s.yaml");
  };
  const auto server = shipped("application-server/requests.csv",
                              "replay_start: random_day, scale: {mean: 1e12 requests/month}", 30_d);
  CHECK(server.problems == "");
  CHECK(std::get<TraceDemand>(server.value[0].shape).trace->span() == 91_d);
  CHECK(demand_beginnings(server.value[0], {run_start, 30_d}).days == 62);
  const auto cup = shipped("worldcup98/requests.csv.gz", "interpolation: step", 30_d);
  CHECK(cup.problems == "");
  CHECK(std::get<TraceDemand>(cup.value[0].shape).trace->span() == 30_d);
  const auto balancer = shipped("nab-load-balancer/requests.csv", "interpolation: step", 14_d);
  CHECK(balancer.problems == "");
  CHECK(std::get<TraceDemand>(balancer.value[0].shape).trace->span() == 4'040 * 5_min);
}

TEST_CASE("demand: exactly one shape", "[demand][table]") {
  CHECK_THAT(read("scale: {factor: 2}").problems, ContainsSubstring("constant, steps, daily, trace"));
  CHECK_THAT(read("constant: 1 requests/s, trace: t.csv").problems, ContainsSubstring("constant, steps, daily, trace"));
}

TEST_CASE("demand: keys of another shape are unknown", "[demand][table]") {
  CHECK_THAT(read("constant: 1 requests/s, repeat: true").problems, ContainsSubstring("key 'repeat' has no meaning in demand.bids"));
  CHECK_THAT(read("constant: 1 requests/s, scale: {mean: 1 requests/s}").problems,
             ContainsSubstring("key 'mean' has no meaning in demand.bids.scale"));
  CHECK_THAT(read("trace: t.csv, resolution: 60s").problems, ContainsSubstring("key 'resolution' has no meaning in demand.bids"));
}

TEST_CASE("demand: a trace that ends before the run is an error unless it repeats", "[demand][table]") {
  CHECK(read("trace: t.csv", 10_d).problems == "");
  CHECK(read("trace: t.csv", 11_d).problems ==
        "s.yaml:1:24: error: demand.bids.trace: lasts 10d from 2016-08-07T00:00:00Z on, the run 11d\n"
        "  help: repeat: true starts the trace again when it ends\n");
  CHECK(read("trace: t.csv, start: 2016-08-10T12:00:00Z", 7_d).problems ==
        "s.yaml:1:24: error: demand.bids.trace: lasts 6d12h from 2016-08-10T12:00:00Z on, the run 7d\n"
        "  help: repeat: true starts the trace again when it ends\n");
  CHECK(read("trace: t.csv, repeat: true", 365_d).problems == "");
}

TEST_CASE("demand: a burst after the end of the run is told", "[demand][table]") {
  CHECK(read("constant: 5 requests/s, bursts: [{at: 2d, duration: 1h, factor: 2}]", 2_d).problems ==
        "s.yaml:1:49: warning: demand.bids.bursts: the one at 2d comes after the end of the run, which lasts 2d\n"
        "  help: it has no effect\n");
}

TEST_CASE("demand: a start outside the trace, or two ways to begin", "[demand][table]") {
  CHECK(read("trace: t.csv, start: 2016-08-17T00:00:00Z").problems ==
        "s.yaml:1:38: error: demand.bids.start: 2016-08-17T00:00:00Z is not in the trace, which lasts from "
        "2016-08-07T00:00:00Z to 2016-08-17T00:00:00Z\n");
  CHECK_THAT(read("trace: t.csv, start: 2016-08-08T00:00:00Z, replay_start: random_day").problems,
             ContainsSubstring("start, replay_start"));
  CHECK_THAT(read("trace: t.csv, replay_start: random_day", 10_d).problems,
             ContainsSubstring("warning: demand.bids.replay_start: the trace lasts 10d, the run 10d: there is only one day to begin on"));
}

TEST_CASE("demand: no mean can be had from no demand", "[demand][table]") {
  CHECK(read("trace: t.csv, start: 2016-08-07T01:00:00Z, scale: {mean: 5 requests/s}", 2_h).problems ==
        "s.yaml:1:24: error: demand.bids.trace: there is no request in the 2h from 2016-08-07T01:00:00Z on, so they can't be "
        "scaled to a mean\n");
  CHECK(read("trace: t.csv, start: 2016-08-07T01:00:00Z", 2_h).problems == "");
}

TEST_CASE("demand: what is wrong with a daily shape", "[demand][table]") {
  CHECK_THAT(read("daily: {hourly: [1, 2]}, scale: {mean: 5 requests/s}").problems,
             ContainsSubstring("hourly: found 2 numbers, expected 24\n"));
  CHECK_THAT(read("daily: {hourly: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}").problems,
             ContainsSubstring("daily: a shape needs a mean\n  help: give scale: {mean: 1000 requests/s}\n"));
  CHECK_THAT(read("daily: {hourly: [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}, scale: {mean: 5 requests/s}")
                 .problems,
             ContainsSubstring("hourly: all are zero\n"));
}

TEST_CASE("demand: steps rise, rates are bounded", "[demand][table]") {
  CHECK_THAT(read("steps: [{at: 1h, rate: 1 requests/s}, {at: 1h, rate: 2 requests/s}]").problems,
             ContainsSubstring("1h is not after 1h, the step before\n  help: sort the steps by time\n"));
  CHECK_THAT(read("constant: -1 requests/s").problems, ContainsSubstring("constant"));
  CHECK_THAT(read("trace: t.csv, scale: {mean: 1e11 requests/s}", 1_d).problems,
             ContainsSubstring("demand reaches 2.4e+12 requests/s, at most 1,000,000,000,000 requests/s are allowed"));
  CHECK_THAT(read("constant: 1e12 requests/s, bursts: [{at: 0s, duration: 1h, factor: 2}]").problems,
             ContainsSubstring("demand reaches 2e+12 requests/s"));
}

TEST_CASE("demand: errors of the trace file are found with the rest", "[demand][table]") {
  const Read read_bad = read("trace: t.csv, scale: {factor: -1}", 1_d,
                             "time_utc,requests\n2016-08-07T00:00:00Z,1\n2016-08-07T01:00:00Z,-2\n");
  CHECK_THAT(read_bad.problems, ContainsSubstring("s.yaml:1:"));
  CHECK_THAT(read_bad.problems, ContainsSubstring("t.csv:3:22: error: requests: -2 is below zero\n"));
  CHECK_THAT(read("trace: t.csv, column: hits").problems,
             ContainsSubstring("t.csv:1:1: error: column 'hits' is missing"));
  CHECK_THAT(read("trace: u.csv").problems, ContainsSubstring("there is no file 'u.csv'"));
}

TEST_CASE("demand: the reader describes itself", "[demand]") {
  const config::Description root =
      config::describe([](config::Section& in) { read_demands(in, {run_start, 1_d}); });
  const config::Description* demand = root.find("demand");
  REQUIRE(demand != nullptr);
  CHECK(demand->find("interpolation")->default_text == "step");
  CHECK(demand->find("replay_start")->condition == "trace is given");
  CHECK(demand->find("scale")->find("mean") != nullptr);
  CHECK(demand->find("constant")->default_text == "");
}
