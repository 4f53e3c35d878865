/// The output forms, whole, on a result made by hand.

#include <limits>

#include "cli/sample_result.hpp"
#include "support/catch.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using cli::to_csv;
using cli::to_json;
using cli::to_table;

TEST_CASE("table: a whole result", "[cli][table]") {
  CHECK(to_table(sample_result(), {}) == "");
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
    {"name":"fleet.web.drop_fraction below 10% with probability 95%","met":true,"decided":true,"probability":1.0,"target":0.95,"measured":0.0625,"bound":"below 10%"},
    {"name":"cost.total below 1,000 USD","met":false,"decided":true,"probability":0.0,"target":0.0,"measured":1274.0,"bound":"below 1,000 USD"}
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
  result.metrics = {metric("cost.total", "USD", 1274, 32), metric("a \"b\", c", "s", 0.1, 0, 1)};
  CHECK(to_csv(result) ==
        "name,unit,mean,ci95_low,ci95_high,stddev,min,p05,p50,p95,max,n\n"
        "cost.total,USD,1274,1242,1306,32,1210,1210,1274,1338,1338,10\n"
        "\"a \"\"b\"\", c\",s,0.1,,,0,0.1,0.1,0.1,0.1,0.1,1\n");
}

}  // namespace fleetsim::test
