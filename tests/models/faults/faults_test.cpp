// Faults as they are drawn, replayed and brought by each other.

#include <algorithm>
#include <cmath>

#include "fleetsim/models/faults.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;

namespace {

FaultConfig fault(std::string name, FaultKind kind) {
  FaultConfig config;
  config.name = {std::move(name), {}};
  config.kind = kind;
  return config;
}

auto read(std::string_view text, Duration length = 30_d) {
  return test::read_text(text, [&](config::Section& in) {
    return read_faults(in, *config::parse_utc_time("2018-01-01T00:00:00Z"), length);
  });
}

}  // namespace

TEST_CASE("faults: scheduled ones happen at their times, in order, for as long as they last", "[faults][table]") {
  std::vector<FaultConfig> configs{fault("late", FaultKind::zone), fault("early", FaultKind::region)};
  configs[0].at = {5_h, 9_h};
  configs[0].duration = DurationDistribution(2_h);
  configs[1].at = {3_h};
  const Simulation sim;
  const FaultTimeline timeline = FaultTimeline::of_run(configs, sim, 30_d);
  REQUIRE(timeline.faults().size() == 3);
  CHECK(timeline.faults()[0].config == 1);
  CHECK(timeline.faults()[0].end == Time::max());
  CHECK(timeline.faults()[1].begin == Time::at(5_h));
  CHECK(timeline.faults()[1].end == Time::at(7_h));
  CHECK(timeline.faults()[1].active(Time::at(7_h - 1_ns)));
  CHECK_FALSE(timeline.faults()[1].active(Time::at(7_h)));
  CHECK(timeline.faults()[2].number == 1);
}

TEST_CASE("faults: drawn ones are as frequent as their mean gap says", "[faults][stochastic]") {
  std::vector<FaultConfig> configs{fault("often", FaultKind::zone)};
  configs[0].every = DurationDistribution(Exponential{.mean = 3600});
  configs[0].duration = DurationDistribution(1_min);
  Tally counts;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const Simulation sim({.seed = 1, .replication = k});
    counts.add(static_cast<double>(FaultTimeline::of_run(configs, sim, 5_d).faults().size()));
  }
  CHECK_THAT(counts.mean(), Catch::Matchers::WithinAbs(120, 4 * counts.standard_error()));
  // A Poisson process: as much variance as mean.
  CHECK_THAT(counts.variance(), Catch::Matchers::WithinAbs(120, 4 * 120 * std::sqrt(2.0 / 199)));
}

TEST_CASE("faults: one brings another with its probability, in the run and in a branch", "[faults][stochastic]") {
  std::vector<FaultConfig> configs{fault("first", FaultKind::region), fault("second", FaultKind::zone)};
  configs[0].at = {1_d};
  configs[0].brings = {{.fault = {"second", {}}, .probability = {0.3}, .after = DurationDistribution(2_h)}};
  int in_run = 0, in_branch = 0;
  constexpr int n = 2000;
  for (std::uint64_t k = 0; k < n; ++k) {
    const Simulation sim({.seed = 1, .replication = k});
    const FaultTimeline run = FaultTimeline::of_run(configs, sim, 30_d);
    const FaultTimeline branch = FaultTimeline::of_branch(configs, 0, k, Time::at(7_h), 1, 0);
    in_run += static_cast<int>(run.faults().size()) - 1;
    in_branch += static_cast<int>(branch.faults().size()) - 1;
    CHECK(branch.faults()[0].begin == Time::at(7_h));
    if (branch.faults().size() > 1) CHECK(branch.faults()[1].begin == Time::at(9_h));
  }
  const double error = 4 * std::sqrt(0.3 * 0.7 / n);
  CHECK_THAT(in_run / double{n}, Catch::Matchers::WithinAbs(0.3, error));
  CHECK_THAT(in_branch / double{n}, Catch::Matchers::WithinAbs(0.3, error));
}

TEST_CASE("faults: what-if instants fall anywhere in the span, and leave the run alone", "[faults][stochastic]") {
  std::vector<FaultConfig> configs{fault("what", FaultKind::region)};
  configs[0].what_if = 4000;
  const Simulation sim;
  CHECK(FaultTimeline::of_run(configs, sim, 30_d).faults().empty());
  Tally at;
  for (const Time t : FaultTimeline::instants(configs[0], sim, Time::at(10_d), Time::at(20_d))) {
    CHECK(t >= Time::at(10_d));
    CHECK(t < Time::at(20_d));
    at.add(to_hours(t.since_start()));
  }
  CHECK_THAT(at.mean(), Catch::Matchers::WithinAbs(15 * 24, 4 * at.standard_error()));
}

TEST_CASE("faults: a type is short for a whole fault, with the probability given", "[faults][stochastic]") {
  std::vector<FaultConfig> configs{fault("rush", FaultKind::capacity_shortage)};
  configs[0].share = Ratio{0.4};
  int counted = 0;
  constexpr int n = 2000;
  for (std::uint64_t k = 0; k < n; ++k) {
    const FaultTimeline timeline = FaultTimeline::of_branch(configs, 0, k, Time{}, 1, 0);
    const bool is_short = timeline.short_of(timeline.faults()[0], "m5.large");
    CHECK(timeline.short_of(timeline.faults()[0], "m5.large") == is_short);
    counted += is_short;
  }
  CHECK_THAT(counted / double{n}, Catch::Matchers::WithinAbs(0.4, 4 * std::sqrt(0.4 * 0.6 / n)));
  configs[0].instance_types = {{"c5.large", {}}};
  const FaultTimeline timeline = FaultTimeline::of_branch(configs, 0, 0, Time{}, 1, 0);
  CHECK_FALSE(timeline.short_of(timeline.faults()[0], "m5.large"));
}

TEST_CASE("faults: a Region strikes its zones, a zone only itself, an account its sites", "[faults][table]") {
  FaultConfig region = fault("r", FaultKind::region), zone = fault("z", FaultKind::zone), account = fault("a", FaultKind::account),
              volume = fault("v", FaultKind::volume);
  region.region_ids = {{0}};
  zone.zone_ids = {{2}};
  account.accounts = {{"main", {}}};
  volume.resources = {{"db", {}}};
  const FaultPlace in_zone{.region = RegionId{0}, .zone = ZoneId{2}, .account = "main", .resource = "db"};
  const FaultPlace whole{.region = RegionId{0}, .zone = {}, .account = "dr", .resource = {}};
  CHECK(strikes(region, in_zone));
  CHECK(strikes(region, whole));
  CHECK(strikes(zone, in_zone));
  CHECK_FALSE(strikes(zone, whole));
  CHECK(strikes(account, in_zone));
  CHECK_FALSE(strikes(account, whole));
  CHECK(strikes(volume, in_zone));
  CHECK_FALSE(strikes(volume, whole));
}

TEST_CASE("faults: recorded incidents that match happen at their times on the calendar", "[faults][table]") {
  const test::TemporaryFolder folder;
  folder.write("incidents.csv",
               "start_utc,end_utc,service,region,scope,kind\n"
               "2018-01-04T21:53Z,2018-01-04T22:29Z,elb,us-east-1,region,network+api\n"
               "2018-01-10T13:03Z,2018-01-10T13:53Z,ec2,eu-west-1,region,api\n"
               "2018-01-11T00:00Z,,ec2,us-east-1,az,power\n"
               "2018-05-11T00:00Z,2018-05-11T01:00Z,ec2,us-east-1,az,power\n");
  const std::string path = folder.write("scenario.yaml", R"(
faults:
  recorded: {kind: region, regions: [us-east-1], replay: {file: incidents.csv, regions: [us-east-1]}}
)");
  config::Diagnostics diagnostics;
  auto document = config::Document::read(path, {}, diagnostics);
  REQUIRE(document);
  config::Section root = document->root();
  const auto faults = read_faults(root, *config::parse_utc_time("2018-01-01T00:00:00Z"), 30_d);
  CHECK(diagnostics.to_text() == "");
  REQUIRE(faults.size() == 1);
  const auto& incidents = faults[0].replay->incidents;
  REQUIRE(incidents.size() == 2);
  CHECK(incidents[0].begin == Time::at(3_d + 21_h + 53_min));
  CHECK(incidents[0].duration == 36_min);
  CHECK(incidents[1].begin == Time::at(10_d));
  CHECK_FALSE(incidents[1].duration);
}

TEST_CASE("faults: errors of the section", "[faults][table]") {
  CHECK(read("faults: {a: {kind: zone, zones: [us-east-1a]}}").problems.find("fault 'a' never happens") != std::string::npos);
  CHECK(read("faults: {a: {kind: zone, at: [1h]}}").problems.find("strikes nothing") != std::string::npos);
  CHECK(read("faults: {a: {kind: zone, regions: [us-east-1], at: [1h]}}").problems.find("strikes none of these") != std::string::npos);
  CHECK(read("faults: {a: {kind: link, regions: [us-east-1], at: [1h]}}").problems.find("a link has two ends") != std::string::npos);
  const std::string round = read(R"(
faults:
  a: {kind: region, regions: [us-east-1], at: [1h], brings: [{fault: b}]}
  b: {kind: region, regions: [us-east-1], brings: [{fault: a}]}
)").problems;
  CHECK(round.find("faults bring each other without end: a -> b -> a") != std::string::npos);
}
