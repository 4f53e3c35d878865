/// The output forms, whole, on a result made by hand.

#include <algorithm>
#include <limits>

#include "cli/sample_result.hpp"
#include "fleetsim/sim/summary.hpp"
#include "support/catch.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using cli::to_csv;
using cli::to_json;
using cli::to_table;

TEST_CASE("table: a whole result", "[cli][table]") {
  CHECK(to_table(sample_result(), {}) == R"(two groups
10 replications of 30 days, measured after a warm-up of 12 hours; seed 7.

Fleet web costs 1,274 ± 32 USD in 29.5 days and drops 6.25 ± 0.78 % of its
requests.
Here ± is half of the mean's 95 % confidence interval; p05 and p95 are rough: of
fewer than 20 replications more than one in ten lies outside.

Fleet web
                      share of           instance-   cost    inter-    launch
group      purchase   the work               hours    USD  ruptions  failures
spot-home  spot         87.5 %  ███████     12,800  1,024      96.0      12.0
od-home    on_demand    12.5 %  █            1,440    250       0.0       0.0

                          mean                      p05  to p95
requests dropped          6.25  ± 0.78   %         4.69  to 7.81
utilization              75.00  ± 0.78   %        73.44  to 76.56
cost / million requests  0.500  ± 0.062  USD      0.375  to 0.625
requests offered         2,548  ± 0      million  2,548  to 2,548

Totals                   mean                 p05  to p95
cost                    1,274  ± 32   USD   1,210  to 1,338
  Spot instances        1,024  ± 32   USD     960  to 1,088
  on-demand instances  250.00  ± 0    USD  250.00  to 250.00
Spot interruptions       96.0  ± 8.0         80.0  to 112.0

Other metrics        mean           p05  to p95
recovery.pilot.rta  1,024  ± 64  s  896  to 1,152  in 4 of 10

Objectives
met        fleet.web.drop_fraction below 10% with probability 95%
           holds in 100 % of the replications, wanted in 95 %
missed     cost.total below 1,000 USD
           measured 1,274 ± 32 USD, wanted below 1,000 USD

Warning: od-home costs less than spot-home, but starts after it

All 20 metrics with their intervals, the ledger and the series: --format json.
)");
}

TEST_CASE("table: that nine in ten lie between p05 and p95 is said of 20 replications or more", "[cli][table]") {
  // In steps of one: p05 of n lies 0.05 (n - 1) above the least, so that of 2 to 19 the least and the greatest lie outside.
  for (const std::uint64_t n : {2U, 19U, 20U}) {
    std::vector<double> values;
    for (std::uint64_t k = 0; k < n; ++k) values.push_back(static_cast<double>(k));
    const Summary summary = summarize(values);
    const auto inside = std::count_if(values.begin(), values.end(),
                                      [&](double value) { return value >= summary.p05 && value <= summary.p95; });
    RunResult result = sample_result();
    result.replications = result.replications_wanted = n;
    const bool said = to_table(result, {}).find("nine replications in ten\nlie between p05 and p95.\n") != std::string::npos;
    CHECK(said == (static_cast<double>(inside) >= 0.9 * static_cast<double>(n)));
  }
}

TEST_CASE("table: no line of a month of a large fleet is wider than 80 characters", "[cli][property]") {
  RunResult result = sample_result();
  result.metrics = {metric("cost.total", "USD", 1234567, 12345),
                    metric("fleet.web.break_even_gb_per_instance_hour", "GB/h", 7.8, 0.02),
                    metric("fleet.web.cost_per_million_requests", "USD", 0.028, 0.00001),
                    metric("fleet.web.drop_fraction", "1", 0.002, 0.00001),
                    metric("fleet.web.home_gb_per_instance_hour", "GB/h", 1.6, 0.0002),
                    metric("fleet.web.instance_hours", "h", 1234567, 12345),
                    metric("fleet.web.requests_offered", "requests", 1e12, 1e10)};
  const std::string table = to_table(result, {});
  for (std::size_t start = 0, end; (end = table.find('\n', start)) != std::string::npos; start = end + 1) {
    CHECK(cli::width_of(std::string_view(table).substr(start, end - start)) <= 80);
  }
}

TEST_CASE("table: a long name of a metric has a line of its own", "[cli][property]") {
  RunResult result = sample_result();
  const std::string name = "recovery.failover-to-another-region.outage_cost.band.1.fraction";
  result.metrics = {metric(name, "1", 0.43107, 0.00001)};
  const std::string table = to_table(result, {});
  CHECK_THAT(table, ContainsSubstring("\n" + name + "\n"));
  for (std::size_t start = 0, end; (end = table.find('\n', start)) != std::string::npos; start = end + 1) {
    CHECK(cli::width_of(std::string_view(table).substr(start, end - start)) <= 80);
  }
}

TEST_CASE("table: the parts of the bill and the money beside a fleet are told", "[cli][table]") {
  RunResult result = sample_result();
  // 1274 for instances, 5 for the balancer of the fleet, 24 for a commitment of no fleet.
  result.metrics = {metric("commitment.plan.cost", "USD", 24, 0), metric("commitment.plan.savings", "USD", -24, 0),
                    metric("commitment.plan.utilization", "1", 0, 0),
                    metric("cost.commitments", "USD", 24, 0), metric("cost.load_balancers", "USD", 5, 0),
                    metric("cost.on_demand", "USD", 1274, 0), metric("cost.total", "USD", 1303, 0),
                    metric("fleet.web.cost", "USD", 1279, 0), metric("fleet.web.group.od-home.cost", "USD", 250, 0),
                    metric("fleet.web.group.spot-home.cost", "USD", 1024, 0)};
  const std::string table = to_table(result, {});
  CHECK_THAT(table, ContainsSubstring("Fleet web costs 1,279.00 ± 0 USD in 29.5 days.\nThe whole costs 1,303.00 ± 0 USD.\n"));
  CHECK_THAT(table, ContainsSubstring("Its load balancer costs 5.00 USD beside its groups.\n"));
  CHECK_THAT(table, ContainsSubstring("\n  load balancers "));
  CHECK_THAT(table, ContainsSubstring("\nplan: saves  -24.00"));
  CHECK_THAT(table, !ContainsSubstring("Other metrics"));
  result.metrics[6] = metric("cost.total", "USD", 1279, 0);
  CHECK_THAT(to_table(result, {}), !ContainsSubstring("The whole"));
}

TEST_CASE("table: a feature in use shows its zeros, a market that nobody uses nothing", "[cli][table]") {
  RunResult result = sample_result();
  result.metrics = {metric("fleet.web.group.od-home.refreshes_done", "1", 0, 0),
                    metric("fleet.web.group.od-home.refreshes_failed", "1", 1, 0),
                    metric("fleet.web.group.od-home.throttled_hours", "h", 192, 0),
                    metric("spot.interruptions", "1", 0, 0), metric("spot.interruptions.by_capacity", "1", 0, 0),
                    metric("spot.launch_failures.by_price", "1", 0, 0)};
  const std::string table = to_table(result, {});
  CHECK_THAT(table, ContainsSubstring("od-home: slowed down without credits   192"));
  CHECK_THAT(table, ContainsSubstring("od-home: refreshes or rollbacks done     0"));
  CHECK_THAT(table, ContainsSubstring("od-home: instance refreshes failed       1"));
  CHECK_THAT(table, !ContainsSubstring("nterruptions  "));
  CHECK_THAT(table, !ContainsSubstring("spot."));
}

TEST_CASE("table: a terminal without UTF-8 gets ASCII only", "[cli][property]") {
  const std::string table = to_table(sample_result(), {.color = false, .utf8 = false});
  CHECK(std::all_of(table.begin(), table.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK_THAT(table, ContainsSubstring("costs 1,274 +/- 32 USD"));
  CHECK_THAT(table, ContainsSubstring("87.5 %  #######"));
}

TEST_CASE("table: colour adds escape sequences and nothing else", "[cli][property]") {
  std::string colored = to_table(sample_result(), {.color = true});
  CHECK_THAT(colored, ContainsSubstring("\033[32mmet\033[0m"));
  for (std::size_t at; (at = colored.find('\033')) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) + 1 - at);
  }
  CHECK(colored == to_table(sample_result(), {}));
}

TEST_CASE("table: without room for it the bar is left out, never a number", "[cli][property]") {
  RunResult result = sample_result();
  result.groups[0].purchase = "reserved for one year";
  const std::string table = to_table(result, {});
  CHECK_THAT(table, !ContainsSubstring("█"));
  CHECK_THAT(table, ContainsSubstring("spot-home  reserved for one year    87.5 %     12,800  1,024  "));
}

TEST_CASE("table: one replication is told to give no interval", "[cli][table]") {
  RunResult result;
  result.replications = result.replications_wanted = 1;
  result.metrics = {metric("cost.total", "USD", 1274.5, 0, 1)};
  const std::string table = to_table(result, {});
  CHECK_THAT(table, ContainsSubstring("The whole costs 1,274.50 USD.\nOne replication gives no interval"));
  CHECK_THAT(table, !ContainsSubstring("±"));
}

TEST_CASE("table: an interrupted run says how much of it is counted", "[cli][table]") {
  RunResult result = sample_result();
  result.replications_wanted = 20;
  CHECK_THAT(to_table(result, {}), ContainsSubstring("Interrupted: 10 of 20 replications finished"));
  CHECK_THAT(to_json(result), ContainsSubstring("\"interrupted: 10 of 20 replications finished, and only these are counted\""));
  CHECK_THAT(to_csv(result), ContainsSubstring("\nreplications.unfinished,1,10,,,,,,,,,10\n"));
}

TEST_CASE("table: an objective inside the interval is undecided, and the table says which way it leans",
          "[cli][table]") {
  RunResult result = sample_result();
  result.objectives[1].decided = false;
  CHECK_THAT(to_table(result, {}), ContainsSubstring("undecided  cost.total below 1,000 USD\n"));
  CHECK_THAT(to_table(result, {}), ContainsSubstring("; it does not hold so"));
  result.objectives[1].met = true;
  CHECK_THAT(to_table(result, {}), ContainsSubstring("; it holds so far"));
}

TEST_CASE("table: an objective on a percentile is told in the unit of its bound", "[cli][table]") {
  RunResult result = sample_result();
  result.objectives = {{.name = "95th percentile of fleet.web.drop_fraction below 10%",
                        .met = true,
                        .decided = true,
                        .n = 10,
                        .probability = 1,
                        .target = 0,
                        .measured = 0.078125,
                        .unit = "1",
                        .bound = "below 10%", .ordering = {}}};
  CHECK_THAT(to_table(result, {}), ContainsSubstring("measured 7.8125 %, wanted below 10%"));
  result.objectives[0].measured = 0.78125;
  result.objectives[0].bound = "below 1";
  CHECK_THAT(to_table(result, {}), ContainsSubstring("measured 0.7812, wanted below 1\n"));
  result.objectives[0].unit = "h";
  CHECK_THAT(to_table(result, {}), ContainsSubstring("measured 0.7812 h, wanted below 1\n"));
}

TEST_CASE("table and json: an objective on what no replication observed has no number", "[cli][table]") {
  RunResult result = sample_result();
  result.objectives = {{.name = "recovery.pilot.rta below 5m", .decided = false, .unit = "s", .bound = "below 5m", .ordering = {}}};
  CHECK_THAT(to_table(result, {}), ContainsSubstring("not observed in any replication, wanted below 5m\n"));
  CHECK_THAT(to_table(result, {}), !ContainsSubstring("; it does"));
  CHECK_THAT(to_json(result), ContainsSubstring("\"n\":0,\"probability\":null,\"target\":0.0,\"measured\":null,"));
}

TEST_CASE("table: an ordering tells the mean of each metric in its unit, and which were not observed", "[cli][table]") {
  RunResult result = sample_result();
  result.objectives = {{.name = "rising",
                        .decided = false,
                        .unit = "USD",
                        .bound = "rising",
                        .ordering = {"cost.total", "recovery.none"}}};
  CHECK_THAT(to_table(result, {}), ContainsSubstring("measured 1,274 ± 32 USD, then not observed,"));
}

TEST_CASE("table: what shows as zero is left out, but for drops and the bill", "[cli][table]") {
  RunResult result = sample_result();
  result.metrics = {metric("cost.reserved", "USD", 0, 0), metric("cost.total", "USD", 0, 0),
                    metric("fleet.web.drop_fraction", "1", 0, 0), metric("fleet.web.late_fraction", "1", 1e-10, 0)};
  const std::string table = to_table(result, {});
  CHECK_THAT(table, ContainsSubstring("\nrequests dropped     0  ± 0  %    0  to 0\n"));
  CHECK_THAT(table, ContainsSubstring("\ncost       0  ± 0  USD    0  to 0\n"));
  CHECK_THAT(table, ContainsSubstring("All replications are alike"));
  CHECK_THAT(table, !ContainsSubstring("because late"));
  CHECK_THAT(table, !ContainsSubstring("reserved"));
}

TEST_CASE("table: Spot pools are shown side by side, those with the most interruptions if they are many",
          "[cli][table]") {
  RunResult result = sample_result();
  result.metrics = {metric("spot.pool.us-east-1a/m5.large.interruptions", "1", 96, 8),
                    metric("spot.pool.us-east-1a/m5.large.open_fraction", "1", 0.9375, 0.01),
                    metric("spot.pool.us-east-1a/m5.large.price_mean", "USD/h", 0.03125, 0.01)};
  CHECK_THAT(to_table(result, {}), ContainsSubstring("\n                          has  mean price    inter-\n"
                                                     "Spot pool            capacity       USD/h  ruptions\n"
                                                     "us-east-1a/m5.large    93.8 %     0.03125      96.0\n"));
  CHECK_THAT(to_table(result, {}), !ContainsSubstring("Other metrics"));
  result.metrics.clear();
  for (int i = 10; i < 30; ++i) {
    result.metrics.push_back(metric("spot.pool.p" + std::to_string(i) + ".interruptions", "1", i, 1));
  }
  CHECK_THAT(to_table(result, {}), ContainsSubstring("\np29 "));
  CHECK_THAT(to_table(result, {}), !ContainsSubstring("\np10 "));
  CHECK_THAT(to_table(result, {}), ContainsSubstring("and 8 more pools with fewer interruptions\n"));
}

TEST_CASE("table: a fleet that drops nothing is told so", "[cli][table]") {
  RunResult result = sample_result();
  result.metrics[5] = metric("fleet.web.drop_fraction", "1", 0, 0);
  CHECK_THAT(to_table(result, {}), ContainsSubstring("and drops none of its requests."));
}

TEST_CASE("json: a whole result", "[cli][table]") {
  RunResult result = sample_result();
  result.metrics = {metric("cost.total", "USD", 1274, 32), metric("recovery.pilot.rta", "s", 0.1, 0, 1)};
  CHECK(to_json(result) == R"({
  "scenario": "two groups",
  "fleetsim": "1.2.3",
  "seed": 7,
  "replications": 10,
  "replications_wanted": 10,
  "duration_s": 2592000.0,
  "warm_up_s": 43200.0,
  "metrics": [
    {"name":"cost.total","unit":"USD","mean":1274.0,"ci95":[1242.0,1306.0],"stddev":32.0,"min":1210.0,"p05":1210.0,"p50":1274.0,"p95":1338.0,"max":1338.0,"n":10},
    {"name":"recovery.pilot.rta","unit":"s","mean":0.1,"ci95":null,"stddev":0.0,"min":0.1,"p05":0.1,"p50":0.1,"p95":0.1,"max":0.1,"n":1}
  ],
  "objectives": [
    {"name":"fleet.web.drop_fraction below 10% with probability 95%","met":true,"decided":true,"n":10,"probability":1.0,"target":0.95,"measured":0.0625,"unit":"1","bound":"below 10%"},
    {"name":"cost.total below 1,000 USD","met":false,"decided":true,"n":10,"probability":0.0,"target":0.0,"measured":1274.0,"unit":"USD","bound":"below 1,000 USD"}
  ],
  "ledger": [
    {"region":"us-east-1","zone":"us-east-1a","fleet":"web","group":"spot-home","resource":"m5.large","purchase":"spot","quantity":12800.0,"unit":"h","cost_usd":1024.0}
  ],
  "warnings": [
    "od-home costs less than spot-home, but starts after it"
  ],
  "series": [
    {"name":"fleet.web.instances","unit":"1","bucket_s":3600.0,"min":[2.0,3.0],"max":[4.0,3.0],"last":[3.0,3.0]}
  ],
  "fingerprint": "0000000000abcdef"
}
)");
}

TEST_CASE("json: an empty result is an object with empty arrays", "[cli][table]") {
  CHECK_THAT(to_json(RunResult{}), ContainsSubstring("\"metrics\": [],\n  \"objectives\": [],\n"));
}

TEST_CASE("json: a metric that no replication observed has no numbers", "[cli][table]") {
  RunResult result;
  result.metrics = {metric("never", "s", 0, 0, 0)};
  CHECK_THAT(to_json(result), ContainsSubstring(R"({"name":"never","unit":"s","mean":null,"ci95":null,"stddev":null,)"
                                                R"("min":null,"p05":null,"p50":null,"p95":null,"max":null,"n":0})"));
}

TEST_CASE("json: what is not a number is null, also among the values of the replications", "[cli][table]") {
  RunResult result;
  result.metrics = {metric("a", "1", 0.5, 0)};
  result.metrics[0].stddev = std::numeric_limits<double>::infinity();
  result.metrics[0].values = {0.5, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THAT(to_json(result, {.values = true}), ContainsSubstring("\"stddev\":null,"));
  CHECK_THAT(to_json(result, {.values = true}), ContainsSubstring("\"values\":[0.5,null]}"));
  CHECK_THAT(to_json(result), !ContainsSubstring("values"));
}

TEST_CASE("json: names with quotes, line feeds and bytes that are not UTF-8 stay valid", "[cli][table]") {
  RunResult result;
  result.scenario = "a \"b\"\n\xff";
  CHECK_THAT(to_json(result), ContainsSubstring("\"scenario\": \"a \\\"b\\\"\\n\xEF\xBF\xBD\","));
}

TEST_CASE("csv: a row a metric after the header, absent bounds empty, text quoted where it must be", "[cli][table]") {
  RunResult result;
  result.metrics = {metric("cost.total", "USD", 1274, 32), metric("a \"b\", c", "s", 0.1, 0, 1),
                    metric("never", "s", 0, 0, 0)};
  CHECK(to_csv(result) ==
        "name,unit,mean,ci95_low,ci95_high,stddev,min,p05,p50,p95,max,n\n"
        "cost.total,USD,1274,1242,1306,32,1210,1210,1274,1338,1338,10\n"
        "\"a \"\"b\"\", c\",s,0.1,,,0,0.1,0.1,0.1,0.1,0.1,1\n"
        "never,s,,,,,,,,,,0\n");
}

}  // namespace fleetsim::test
