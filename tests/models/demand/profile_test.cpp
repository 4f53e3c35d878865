/// A demand as a function of time: points worked out by hand, means that hold to rounding.

#include "fleetsim/models/demand/profile.hpp"

#include <algorithm>
#include <memory>

#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

const config::UtcTime monday = *config::parse_utc_time("2021-08-02T00:00:00Z");
const config::UtcTime sunday = *config::parse_utc_time("2021-08-01T00:00:00Z");

DemandConfig trace_of(std::vector<double> requests, Duration step, std::optional<RequestRate> mean = {}) {
  auto series = std::make_shared<config::RegularSeries>();
  series->step = step;
  for (const double count : requests) series->values.push_back(detail::nearest(count * 1e6));
  TraceDemand trace;
  trace.trace = std::move(series);
  trace.mean = mean;
  DemandConfig demand;
  demand.shape = std::move(trace);
  return demand;
}

/// Mean of the profile over [0, length), from its pieces one by one.
double mean_of(const DemandProfile& profile, Duration length) {
  Requests total;
  for (Duration t; t < length;) {
    const DemandProfile::Piece piece = profile.at(t);
    const Duration end = std::min(piece.end, length);
    total += piece.rate * (end - t);
    t = end;
  }
  return to_double(total) / to_seconds(length);
}

/// An uneven series without a pattern: i^2 mod 97.
std::vector<double> uneven(std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(i * i % 97));
  return values;
}

}  // namespace

TEST_CASE("demand: 10^12 requests in 30 days are 385,802 a second", "[demand][table]") {
  DemandConfig demand;
  demand.shape = ConstantDemand{requests_per_second(1e12 / 2'592'000)};
  const DemandProfile profile(demand, {sunday, 30_d}, {});
  const DemandProfile::Piece piece = profile.at(17_d);
  CHECK(piece.rate == requests_per_second(385'802.469136));
  CHECK(piece.end == Duration::max());
  CHECK_THAT(to_double(piece.rate * 30_d), WithinAbs(1e12, 0.5e-6 * 2'592'000));  // half a micro-request/s over 30 days
}

TEST_CASE("demand: steps hold until the next, with nothing before the first", "[demand][table]") {
  DemandConfig demand;
  demand.shape = SteppedDemand{{{10_min, 80_per_s}, {20_min, 160_per_s}}};
  demand.factor = 1.5;
  const DemandProfile profile(demand, {sunday, 1_h}, {});
  CHECK(profile.at(0_s).rate == 0_per_s);
  CHECK(profile.at(0_s).end == 10_min);
  CHECK(profile.at(10_min).rate == 120_per_s);
  CHECK(profile.at(20_min - 1_ns).rate == 120_per_s);
  CHECK(profile.at(20_min).rate == 240_per_s);
  CHECK(profile.at(20_min).end == Duration::max());
}

TEST_CASE("demand: a trace without a mean is replayed at its own rates", "[demand][table]") {
  const DemandConfig demand = trace_of({3600, 7200, 900}, 1_h);
  const DemandProfile profile(demand, {sunday, 2_h}, 30_min);  // begins in the middle of the first hour
  CHECK(profile.at(0_s).rate == 1_per_s);
  CHECK(profile.at(0_s).end == 30_min);
  CHECK(profile.at(30_min).rate == 2_per_s);
  CHECK(profile.at(90_min).rate == requests_per_second(0.25));
}

TEST_CASE("demand: a line runs through the middles of the intervals", "[demand][table]") {
  // 1/s in the first hour and 3/s in the second: the line is level to 0:30, rises by 2/s over an hour to 1:30, then
  // is level again. Held for 10 minutes at the value of the middle: from 0:30 on 1 + 2 * 5/60, 1 + 2 * 15/60, …
  DemandConfig demand = trace_of({3600, 10'800}, 1_h);
  demand.interpolation = Interpolation::linear;
  demand.resolution = 10_min;
  const DemandProfile profile(demand, {sunday, 2_h}, {});
  CHECK(profile.at(0_s).rate == 1_per_s);
  CHECK(profile.at(29_min).rate == 1_per_s);
  CHECK(profile.at(30_min).rate == requests_per_second(1 + 2 * 5.0 / 60));
  CHECK(profile.at(30_min).end == 40_min);
  CHECK(profile.at(40_min).rate == requests_per_second(1 + 2 * 15.0 / 60));
  CHECK(profile.at(80_min).rate == requests_per_second(1 + 2 * 55.0 / 60));
  CHECK(profile.at(90_min).rate == 3_per_s);
  CHECK(profile.at(119_min).rate == 3_per_s);
}

TEST_CASE("demand: a line that repeats joins the last interval with the first", "[demand][table]") {
  DemandConfig demand = trace_of({3600, 10'800}, 1_h);
  std::get<TraceDemand>(demand.shape).repeat = true;
  demand.interpolation = Interpolation::linear;
  demand.resolution = 20_min;
  const DemandProfile profile(demand, {sunday, 10_h}, {});
  // Middles at 0:30 (1/s) and 1:30 (3/s), and every two hours again; 0:00 lies halfway between 3/s and 1/s.
  CHECK(profile.at(0_s).rate == requests_per_second(1 + 2 * 20.0 / 60));       // middle 0:10, 20 min before 0:30
  CHECK(profile.at(20_min).rate == 1_per_s);                                   // middle 0:30
  CHECK(profile.at(100_min).rate == requests_per_second(3 - 2 * 20.0 / 60));   // middle 1:50, 20 min after 1:30
  CHECK(profile.at(120_min).rate == profile.at(0_s).rate);
  CHECK(profile.at(8_h + 20_min).rate == 1_per_s);
}

TEST_CASE("demand: scaled to a mean, a trace has it over the run, wherever it begins", "[demand][property]") {
  const auto interpolation = GENERATE(Interpolation::step, Interpolation::linear);
  const auto resolution = GENERATE(60_s, 7_min, 95_min);  // divides the step; does not; is longer than it
  const auto begin = GENERATE(0_s, 24_h, 49_h + 13_min);
  const auto repeat = GENERATE(false, true);
  DemandConfig demand = trace_of(uneven(240), 1_h, 385'802_per_s);
  demand.interpolation = interpolation;
  demand.resolution = resolution;
  std::get<TraceDemand>(demand.shape).repeat = repeat;
  const DemandRun run{sunday, repeat ? 23_d + 5_min : 100_h + 5_min};
  const DemandProfile profile(demand, run, begin);
  // Each level is rounded to a micro-request twice at most: as a row and as a point between rows.
  CHECK(std::abs(mean_of(profile, run.length) - 385'802) <= 1e-6);
}

TEST_CASE("demand: scaling keeps proportions", "[demand][table]") {
  const DemandConfig demand = trace_of({10, 20, 30}, 1_h, 100_per_s);
  const DemandProfile profile(demand, {sunday, 3_h}, {});
  CHECK(profile.at(0_s).rate == 50_per_s);
  CHECK(profile.at(1_h).rate == 100_per_s);
  CHECK(profile.at(2_h).rate == 150_per_s);
}

TEST_CASE("demand: a factor comes on top of the mean", "[demand][table]") {
  DemandConfig demand = trace_of({10, 30}, 1_h, 100_per_s);
  demand.factor = 1.15;
  const DemandProfile profile(demand, {sunday, 2_h}, {});
  CHECK(profile.at(0_s).rate == requests_per_second(57.5));
  CHECK(profile.at(1_h).rate == requests_per_second(172.5));
}

TEST_CASE("demand: a repeated trace starts again at its beginning", "[demand][table]") {
  DemandConfig demand = trace_of({3600, 7200, 10'800}, 1_h);
  std::get<TraceDemand>(demand.shape).repeat = true;
  const DemandProfile profile(demand, {sunday, 30_d}, 1_h);
  CHECK(profile.at(0_s).rate == 2_per_s);
  CHECK(profile.at(2_h).rate == 1_per_s);
  CHECK(profile.at(300_h + 1_s).rate == 2_per_s);
}

TEST_CASE("demand: a daily shape has its mean over the week, and its hours in proportion", "[demand][analytic]") {
  DailyDemand daily;
  daily.hourly.assign(24, 1.0);
  daily.hourly[20] = 2.0;  // 25 parts a day
  daily.mean = 2'500_per_s;
  DemandConfig demand;
  demand.shape = daily;
  SECTION("all days alike") {
    const DemandProfile profile(demand, {monday, 14_d}, {});
    CHECK(profile.at(3_h).rate == 2'400_per_s);  // 2,500 * 24 / 25
    CHECK(profile.at(20_h).rate == 4'800_per_s);
    CHECK(profile.at(20_h).end == 21_h);
    CHECK_THAT(mean_of(profile, 7_d), WithinAbs(2'500, 1e-6));
    CHECK_THAT(mean_of(profile, 1_d), WithinAbs(2'500, 1e-6));
  }
  SECTION("the run's own hour and weekday") {
    std::get<DailyDemand>(demand.shape).weekly = {1, 1, 1, 1, 1, 1, 0};  // nothing on Sundays
    const DemandProfile profile(demand, {sunday, 14_d}, {});
    CHECK(profile.at(20_h).rate == 0_per_s);
    CHECK(profile.at(24_h + 20_h).rate == 5'600_per_s);  // Monday: 4,800 * 7 / 6
    CHECK_THAT(mean_of(profile, 7_d), WithinAbs(2'500, 1e-6));
    const config::UtcTime monday_evening{monday.seconds_since_1970 + 19 * 3600 + 1800};
    const DemandProfile later(demand, {monday_evening, 14_d}, {});
    CHECK(later.at(29_min).rate == 2'800_per_s);
    CHECK(later.at(30_min).rate == 5'600_per_s);
  }
  SECTION("a line by the minute keeps the mean") {
    demand.interpolation = Interpolation::linear;
    const DemandProfile profile(demand, {monday, 14_d}, {});
    CHECK(profile.at(20_h + 30_min).rate < 4'800_per_s);
    CHECK_THAT(mean_of(profile, 7_d), WithinAbs(2'500, 1e-6));
  }
}

TEST_CASE("demand: a time before 1970 has its weekday too", "[demand][table]") {
  DailyDemand daily;
  daily.hourly.assign(24, 1.0);
  daily.weekly = {0, 0, 0, 1, 0, 0, 0};  // Thursdays
  daily.mean = 1_per_s;
  DemandConfig demand;
  demand.shape = daily;
  // 1969-12-25 was a Thursday, as 1970-01-01 was.
  const DemandProfile profile(demand, {*config::parse_utc_time("1969-12-25T00:00:00Z"), 7_d}, {});
  CHECK(profile.at(0_s).rate == 7_per_s);
  CHECK(profile.at(24_h).rate == 0_per_s);
}

TEST_CASE("demand: bursts multiply, also each other", "[demand][table]") {
  DemandConfig demand;
  demand.shape = ConstantDemand{100_per_s};
  demand.bursts = {{1_h, 2_h, 3.0}, {2_h, 2_h, 0.5}};
  const DemandProfile profile(demand, {sunday, 1_d}, {});
  CHECK(profile.at(0_s).rate == 100_per_s);
  CHECK(profile.at(0_s).end == 1_h);
  CHECK(profile.at(1_h).rate == 300_per_s);
  CHECK(profile.at(1_h).end == 2_h);
  CHECK(profile.at(2_h).rate == 150_per_s);
  CHECK(profile.at(3_h).rate == 50_per_s);
  CHECK(profile.at(4_h).rate == 100_per_s);
  CHECK(profile.at(4_h).end == Duration::max());
}

TEST_CASE("demand: the closed form of a line's integral is the sum of its pieces", "[demand][property]") {
  RegularShape shape;
  for (const double value : uneven(50)) shape.rows.push_back(static_cast<std::int64_t>(value) << 40);
  shape.interpolation = Interpolation::linear;
  shape.step = GENERATE(5_min, 1_h);
  shape.resolution = GENERATE(1_s, 60_s, 11_min, 3_h);
  shape.repeat = true;
  const Duration begin = GENERATE(0_s, 3_h + 17_s);
  const Duration length = 5_h + 3_s;
  Int128 sum = 0;
  for (Duration t; t < length;) {
    const RegularShape::Piece piece = shape.at(begin, t);
    const Duration end = std::min(piece.end, length);
    sum += static_cast<Int128>(piece.value) * (end - t).count();
    t = end;
  }
  // A point is rounded by at most half a unit, a sum of points between two rows once.
  const Int128 difference = shape.integral(begin, length) - sum;
  CHECK((difference < 0 ? -difference : difference) <= static_cast<Int128>(length.count()));
}

TEST_CASE("demand: a run begins on any day that leaves it inside the trace", "[demand][table]") {
  DemandConfig demand = trace_of(uneven(10 * 24), 1_h);
  auto& trace = std::get<TraceDemand>(demand.shape);
  CHECK(demand_beginnings(demand, {sunday, 7_d}).days == 1);
  trace.random_day = true;
  CHECK(demand_beginnings(demand, {sunday, 7_d}).days == 4);  // days 0, 1, 2, 3 of 10
  CHECK(demand_beginnings(demand, {sunday, 7_d + 1_s}).days == 3);
  CHECK(demand_beginnings(demand, {sunday, 10_d}).days == 1);
  trace.repeat = true;
  CHECK(demand_beginnings(demand, {sunday, 7_d}).days == 10);
  trace.random_day = false;
  trace.start = config::UtcTime{36'000};
  CHECK(demand_beginnings(demand, {sunday, 7_d}).first == 10_h);
}
