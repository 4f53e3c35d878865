/// What is said of recovery plans: their disasters, drills, objectives, costs and recovery points by the hour.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/sample_result.hpp"
#include "support/catch.hpp"
#include "tools/cli/output/course_picture.hpp"
#include "tools/cli/output/heat_map.hpp"
#include "tools/cli/output/recovery_course.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::test {

using namespace cli;
using Catch::Matchers::ContainsSubstring;

namespace {

const TextStyle plain{};

void sort(std::vector<Metric>& metrics) {
  std::sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) { return a.name < b.name; });
}

/// A shop of a database and web servers, with drills; no disaster has struck it yet.
RunResult drilled() {
  RunResult result;
  result.scenario = "a shop & its drills";
  result.replications = result.replications_wanted = 10;
  result.duration = 24_h * 30;
  result.plans = {{.name = "failover", .protects = "shop", .target = "standby", .steps = {"promote", "boot"},
                   .resources = {"orders", "web"}, .answers = {"region-loss"}, .drills = "rate(7 days)",
                   .rpo = 60_s, .rto = 300_s}};
  const std::string drill = "recovery.failover.drill.";
  result.metrics = {metric("recovery.failover.disasters", "1", 0, 0, 10),
                    metric("recovery.failover.standby_cost", "USD", 100, 0, 10),
                    metric(drill + "count", "1", 4, 0, 10),
                    metric(drill + "cost", "USD", 2.5, 0.25, 10),
                    metric(drill + "passed_fraction", "1", 0.75, 0.0625, 10),
                    metric(drill + "longest_without", "s", 14 * 86400, 0, 10),
                    metric(drill + "failed_probability", "1", 0, 0, 10),
                    metric(drill + "rta", "s", 240, 4, 10),
                    metric(drill + "rta.p50", "s", 230, 4, 10),
                    metric(drill + "rta.p95", "s", 400, 4, 10),
                    metric(drill + "rta.max", "s", 500, 4, 10),
                    metric(drill + "rto_missed_probability", "1", 0.25, 0.125, 10)};
  sort(result.metrics);
  result.drills = {{.plan = "failover", .time = "2024-03-10T03:00:00Z", .whole = {.rpa_s = 0.03, .rta_s = 200, .full_speed_s = 200},
                    .rpo_met = true, .rto_met = true, .passed = true, .resources = {{"orders", {.rpa_s = 0.03, .rta_s = 180, .full_speed_s = 180}}}},
                   {.plan = "failover", .time = "2024-03-17T03:00:00Z", .whole = {.rpa_s = 0.03, .rta_s = 400, .full_speed_s = {}},
                    .rpo_met = true, .rto_met = false, .passed = false, .resources = {}}};
  return result;
}

/// The same, struck by disasters.
RunResult struck() {
  RunResult result = drilled();
  std::erase_if(result.metrics, [](const Metric& m) { return m.name == "recovery.failover.disasters"; });
  const std::string own = "recovery.failover.";
  for (const Metric& m :
       {metric(own + "disasters", "1", 2, 0, 10), metric(own + "failed_probability", "1", 0, 0, 10),
        metric(own + "rpa", "s", 30, 2, 10), metric(own + "rpa.p50", "s", 30, 2, 10), metric(own + "rpa.p95", "s", 55, 2, 10),
        metric(own + "rpa.max", "s", 70, 2, 10), metric(own + "rta", "s", 240, 4, 10), metric(own + "rta.p50", "s", 230, 4, 10),
        metric(own + "rta.p95", "s", 400, 4, 10), metric(own + "rta.max", "s", 500, 4, 10),
        metric(own + "rpo_missed_probability", "1", 0.0625, 0.03125, 10),
        metric(own + "rto_missed_probability", "1", 0.25, 0.125, 10),
        metric(own + "double_serving_probability", "1", 0.5, 0.125, 10),
        metric(own + "ready_again_after", "s", 36000, 360, 10), metric(own + "failback_data", "GB", 40, 2, 10),
        metric(own + "failback_outage", "s", 300, 0, 10), metric(own + "failover_cost", "USD", 12, 1, 10),
        metric(own + "outage_cost", "USD", 4000, 250, 10), metric(own + "resource.orders.rpa", "s", 30, 2, 10),
        metric(own + "resource.orders.rpa.p95", "s", 55, 2, 10), metric(own + "resource.orders.rta", "s", 180, 4, 10),
        metric(own + "resource.orders.rta.p95", "s", 300, 4, 10),
        metric(own + "resource.orders.rpo_missed_probability", "1", 0.0625, 0.03125, 10),
        metric(own + "resource.orders.rto_missed_probability", "1", 0.125, 0.0625, 10),
        metric(own + "resource.web.rta", "s", 240, 4, 10), metric(own + "resource.web.rta.p95", "s", 400, 4, 10),
        metric(own + "resource.web.rto_missed_probability", "1", 0.25, 0.125, 10)}) {
    result.metrics.push_back(m);
  }
  sort(result.metrics);
  result.courses = {{.plan = "failover", .fault = "region-loss", .time = "2024-03-12T10:00:00Z",
                     .entries = {{.at_s = 0, .step = "promote", .resource = "orders", .what = "begins"},
                                 {.at_s = 60, .step = "promote", .resource = "orders", .what = "attempt fails: by chance"},
                                 {.at_s = 120, .step = "promote", .resource = "orders", .what = "begins"},
                                 {.at_s = 180, .step = "promote", .resource = "orders", .what = "done"},
                                 {.at_s = 180, .step = "boot", .resource = "web", .what = "waits for capacity"},
                                 {.at_s = 200, .step = "boot", .resource = "web", .what = "begins, as m5.large"},
                                 {.at_s = 240, .step = "boot", .resource = "web", .what = "done"},
                                 {.at_s = 240, .step = {}, .resource = {}, .what = "users are served"},
                                 {.at_s = 9999, .step = {}, .resource = {}, .what = "back at the source"}}}};
  return result;
}

/// One value an hour of the week: that of the day's number in hours, but Sunday's first hour has no copy.
RunResult by_hour() {
  RunResult result = drilled();
  for (std::size_t day = 0; day < 7; ++day) {
    for (int hour = 0; hour < 24; ++hour) {
      const bool none = day == 6 && hour == 0;
      result.metrics.push_back(metric(fmt::format("recovery.failover.rpa_by_hour.{}-{:02}", days_of_week[day], hour), "s",
                                      3600.0 * static_cast<double>(day + 1), 0, none ? 0 : 10));
    }
  }
  sort(result.metrics);
  return result;
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + of.size())) ++count;
  return count;
}

void check_width(const std::string& text) {
  for (std::size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = text.substr(start, end - start);
    INFO(line);
    CHECK(std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) <= 80);
  }
}

}  // namespace

TEST_CASE("recovery: drills are told though no disaster struck", "[cli][table]") {
  const std::string table = to_table(drilled(), plain);
  CHECK_THAT(table, ContainsSubstring("Plan failover: no disaster struck shop."));
  CHECK_THAT(table, ContainsSubstring("Drills of plan failover: 4 in each replication, of which 75 % met the"));
  CHECK_THAT(table, ContainsSubstring("drills, rate(7 days)     mean   median     95 %  longest\n"
                                      "users served (RTA)    4.0 min  3.8 min  6.7 min  8.5 min\n"));
  CHECK_THAT(table, ContainsSubstring("2024-03-10 03:00          0.03 s  3.3 min     3.3 min  met  met     passed\n"
                                      "2024-03-17 03:00          0.03 s  6.7 min       never  met  missed  failed\n"));
  check_width(table);
}

TEST_CASE("recovery: data that is lost and a plan that fails are told in sentences", "[cli][table]") {
  const auto said = [](bool lost, bool served) {
    RunResult result = struck();
    if (lost) result.metrics.push_back(metric("recovery.failover.total_loss_probability", "1", 0.125, 0.0625, 10));
    if (!served) std::erase_if(result.metrics, [](const Metric& m) { return m.name == "recovery.failover.rta"; });
    sort(result.metrics);
    const std::string table = to_table(result, plain);
    check_width(table);
    std::string text = table.substr(table.find("Plan failover"), 240);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  };
  CHECK_THAT(said(false, true), ContainsSubstring(" old, and users are served after "));
  CHECK_THAT(said(true, true), ContainsSubstring(" old where any is left (in 12.5 % all is lost), and users are served after "));
  CHECK_THAT(said(true, false),
             ContainsSubstring(" old where any is left (in 12.5 % all is lost), but the plan never brings the service back."));
}

TEST_CASE("recovery: where snapshots failed, the table says that taken are the others", "[cli][table]") {
  RunResult result = drilled();
  result.protection.policies = {{.name = "hourly", .sites = {"us-east-1"}}};
  const std::string note = "Taken are those that were completed: what failed is not among them.";
  const auto with_failed = [&](double failed) {
    RunResult own = result;
    own.metrics.push_back(metric("data.hourly.snapshots", "1", 700, 0, 10));
    own.metrics.push_back(metric("data.hourly.snapshots_failed", "1", failed, 0, 10));
    sort(own.metrics);
    return to_table(own, plain);
  };
  CHECK_THAT(with_failed(8), ContainsSubstring(note));
  CHECK_THAT(with_failed(0), !ContainsSubstring(note));
}

TEST_CASE("recovery: a plan that no fault sets off is told so", "[cli][table]") {
  RunResult result = drilled();
  result.plans.front().answers.clear();
  CHECK_THAT(to_table(result, plain), ContainsSubstring("Plan failover: no fault of this scenario sets it off."));
}

TEST_CASE("recovery: objectives of the application and of each resource are missed with a probability and its interval",
          "[cli][table]") {
  const std::string table = to_table(struck(), plain);
  CHECK_THAT(table, ContainsSubstring("missed, with 95 % interval  rpo of 1m                rto of 5m\n"
                                      "shop, all of it             6.25 % (3.12 to 9.38 %)  25 % (12.5 to 37.5 %)\n"
                                      "  orders                    6.25 % (3.12 to 9.38 %)  12.5 % (6.25 to 18.8 %)\n"
                                      "  web                       -                        25 % (12.5 to 37.5 %)\n"));
  CHECK_THAT(table, ContainsSubstring("orders           30 s  55 s  3.0 min  5.0 min"));
  check_width(table);
}

TEST_CASE("recovery: of one disaster in each replication the quantiles are those over the replications", "[cli][table]") {
  RunResult result = struck();
  for (Metric& m : result.metrics) {
    if (m.name == "recovery.failover.disasters") m = metric(m.name, "1", 1, 0, 10);
    // Half of the replications took 3 minutes, one in twenty 10 or more, the worst 20.
    if (m.name.starts_with("recovery.failover.rta.")) {
      m.mean = 240;
      m.p50 = 180;
      m.p95 = 600;
      m.max = 1200;
    }
  }
  CHECK_THAT(to_table(result, plain), ContainsSubstring("users served (RTA)     4.0 min  3.0 min  10.0 min  20.0 min\n"));
}

TEST_CASE("recovery: each amount of money says what it is of", "[cli][table]") {
  const std::string table = to_table(struck(), plain);
  for (const char* row : {"standby, whole run            100.00", "drills, whole run               2.50",
                          "at the target, each disaster    12.0", "outage, each disaster          4,000"}) {
    INFO(row);
    CHECK_THAT(table, ContainsSubstring(row));
  }
}

TEST_CASE("recovery: the way back and a source that lives on beside the target are told", "[cli][table]") {
  std::string table = to_table(struck(), plain);
  std::replace(table.begin(), table.end(), '\n', ' ');
  CHECK_THAT(table, ContainsSubstring("It is back at its source after 10.0 h ± 6.0 min, with 40.0 ± 2.0 GB sent back; users wait "
                                      "5.0 min for that switch."));
  CHECK_THAT(table, ContainsSubstring("Split brain: with a probability of 50 % (95 %: 37.5 to 62.5 %) the source is back, or was never gone, while the "
                                      "target serves, and nothing has shut it down"));
}

TEST_CASE("recovery: disasters that no plan answers are counted where nothing else tells of them", "[cli][table]") {
  RunResult result = drilled();
  result.metrics.insert(result.metrics.begin(), metric("faults.unanswered", "1", 3, 0, 10));
  const std::string table = to_table(result, plain);
  CHECK_THAT(table, ContainsSubstring("No plan answers 3 disasters in each replication"));
  CHECK_THAT(table, ContainsSubstring("disasters that no plan answers"));
}

TEST_CASE("heat map: a day a line, two characters an hour, shades between the least and the greatest age", "[cli][table]") {
  const RunResult result = by_hour();
  const auto map = heat_map_of(result, result.plans.front());
  REQUIRE(map);
  CHECK(map->least == 3600);
  CHECK(map->most == 7 * 3600);
  const std::vector<std::string> lines = heat_map_lines(*map, {.color = false, .utf8 = false});
  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "UTC 00    03    06    09    12    15    18    21");
  const auto all_day = [](const std::string& mark) {
    std::string line;
    for (int hour = 0; hour < 24; ++hour) line += mark;
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  CHECK(lines[1] == "mon " + all_day(". "));
  CHECK(lines[2] == "tue " + all_day(". "));  // 2 h is a sixth of the way from 1 h to 7 h
  CHECK(lines[3] == "wed " + all_day("::"));  // 3 h: two sixths, in the second fifth
  CHECK(lines[6] == "sat " + all_day("##"));
  CHECK(lines[7] == "sun ? " + all_day("##").substr(2));
  CHECK_THAT(lines[8], ContainsSubstring("? without"));
  check_width(to_table(result, plain));
}

TEST_CASE("heat map: hours that are alike are told in a sentence", "[cli][table]") {
  RunResult result = by_hour();
  for (Metric& m : result.metrics) {
    if (m.name.starts_with("recovery.failover.rpa_by_hour.")) m = metric(m.name, "s", 2700, 0, 10);
  }
  const auto map = heat_map_of(result, result.plans.front());
  REQUIRE(map);
  CHECK(heat_map_lines(*map, plain) == std::vector<std::string>{"At every hour of the week a disaster finds data 45.0 min old in the mean."});
}

TEST_CASE("json: recovery points by day and hour, and each drill with its verdicts", "[cli][table]") {
  const auto json = nlohmann::json::parse(to_json(by_hour()));
  const auto& map = json.at("heat_maps").at(0);
  CHECK(map.at("plan") == "failover");
  CHECK(map.at("days").size() == 7);
  CHECK(map.at("by_day_and_hour").at(2).at(23) == 3 * 3600.0);
  CHECK(map.at("by_day_and_hour").at(6).at(0).is_null());
  const auto& drills = json.at("drills");
  REQUIRE(drills.size() == 2);
  CHECK(drills.at(0).at("resources").at(0).at("name") == "orders");
  CHECK(drills.at(1).at("rto_met") == false);
  CHECK(drills.at(1).at("full_speed_s").is_null());
  CHECK(drills.at(1).at("passed") == false);
}

TEST_CASE("html: a page that needs nothing else, with a cell for each hour of the week", "[cli][table]") {
  RunResult result = by_hour();
  result.courses = struck().courses;
  const std::string page = to_html(result);
  CHECK_THAT(page, ContainsSubstring("<title>a shop &amp; its drills</title>"));
  CHECK(occurrences(page, ":00 to ") == 168);
  CHECK_THAT(page, ContainsSubstring("<title>wed 23:00 to 24:00, 3.0 h</title>"));
  CHECK_THAT(page, ContainsSubstring("<title>sun 00:00 to 01:00, no copy</title>"));
  CHECK_THAT(page, ContainsSubstring("<td class=\"missed\">missed</td>"));
  CHECK(occurrences(page, "http") == occurrences(page, "xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(occurrences(page, "<script") + occurrences(page, "src=") + occurrences(page, "href=") == 0);
  CHECK(occurrences(page, "<svg") == occurrences(page, "</svg>"));
}

TEST_CASE("course: attempts that fail alike are one line, also where tasks take turns", "[cli][table]") {
  RunResult result;
  ResultCourse course{.plan = "failover", .fault = "zone-loss", .time = "2024-03-12T10:00:00Z", .entries = {}};
  const auto add = [&course](double at_s, const char* resource, const char* what) {
    course.entries.push_back({.at_s = at_s, .step = "boot", .resource = resource, .what = what});
  };
  // Each minute until 0:11:00 neither is launched. Then one attempt of web begins, and fails for another reason.
  for (int minute = 0; minute < 12; ++minute) {
    for (const char* resource : {"web", "app"}) {
      add(60.0 * minute, resource, "attempt fails: no capacity");
      add(60.0 * minute + 30, resource, "waits for somebody");
    }
  }
  add(720, "web", "begins, as m5.large");
  add(740, "web", "attempt fails: it took too long");
  add(800, "web", "begins, as m5.large");
  add(860, "web", "done");
  result.courses = {course};
  PlanSummary plan;
  plan.name = "failover";
  const std::vector<std::string> lines = cli::course_lines(result, plan);
  CHECK(std::vector<std::string>(lines.begin() + 1, lines.end()) ==
        std::vector<std::string>{"   +0:00:00  boot web  attempt fails: no capacity; 12 attempts until +0:11:00",
                                 "   +0:00:00  boot app  attempt fails: no capacity; 12 attempts until +0:11:00",
                                 "   +0:11:30  boot web  waits for somebody",
                                 "   +0:11:30  boot app  waits for somebody",
                                 "   +0:12:00  boot web  begins, as m5.large",
                                 "   +0:12:20  boot web  attempt fails: it took too long",
                                 "   +0:13:20  boot web  begins, as m5.large",
                                 "   +0:14:20  boot web  done"});
}

TEST_CASE("course: a picture has a bar a spell of work or waiting, up to the service", "[cli][table]") {
  const std::string picture = course_svg(struck().courses.front());
  // promote: failed work, then work; boot: a wait, then work.
  CHECK(occurrences(picture, "<title>") == 4);
  CHECK(occurrences(picture, "fill=\"#c0392b\"") == 1);
  CHECK_THAT(picture, ContainsSubstring("boot web: waits for capacity, 3.0 min to 3.3 min"));
  CHECK_THAT(picture, ContainsSubstring("users are served after 4.0 min"));
  CHECK_THAT(picture, !ContainsSubstring("back at the source"));
}

}  // namespace fleetsim::test
