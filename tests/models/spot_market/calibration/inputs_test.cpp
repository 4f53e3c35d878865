/// What calibration reads, and the words of what it refuses.

#include <lzma.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::calibration;
using Catch::Matchers::WithinRel;

namespace {

/// A file of a request: its pool, its name and what is in it.
struct File {
  std::string pool, name, text;
};

struct Calibrated {
  std::optional<Report> report;
  std::string errors;
};

Calibrated calibrated(const std::vector<File>& files, Request request = {}) {
  test::TemporaryFolder folder;
  for (const File& file : files) {
    request.inputs.push_back({file.pool, {folder.write(file.name, file.text).string(), file.name}});
  }
  config::Diagnostics diagnostics;
  Calibrated result{calibrate(request, diagnostics), diagnostics.to_text()};
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = result.errors.find(prefix)) != std::string::npos;) result.errors.erase(at, prefix.size());
  return result;
}

const std::string pool = "us-east-1a/p3.2xlarge";

std::string trace(const std::string& metadata, const std::string& data) {
  return "{\"metadata\": {" + metadata + "},\n\"data\": [" + data + "]}";
}

/// The text `times` times.
std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string xz(const std::string& text) {
  std::vector<std::uint8_t> packed(lzma_stream_buffer_bound(text.size()));
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  text.size(), packed.data(), &size, packed.size()) == LZMA_OK);
  return {reinterpret_cast<const char*>(packed.data()), size};
}

std::string gz(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "packed.gz").string();
  const gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(gzclose(file) == Z_OK);
  std::ifstream packed(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(packed), {}};
}

}  // namespace

TEST_CASE("calibration: compressed files are read like plain ones", "[spot_market][calibration]") {
  const std::string capacity = trace("\"gap_seconds\": 100", "0,0,1,0,0,0,1,1,0,1");
  const std::string advisor =
      "{\"spot_advisor\": {\"us-east-1\": {\"Linux\": {\"p3.2xlarge\": {\"s\": 62, \"r\": 1}}}}}";
  const std::string prices = "timestamp_utc,az,instance_type,price_usd_per_hour\n"
                             "2024-01-01T00:00:00Z,us-east-1a,p3.2xlarge,1.00\n"
                             "2024-01-02T00:00:00Z,us-east-1a,p3.2xlarge,1.20\n";
  const Calibrated plain =
      calibrated({{pool, "a.json", capacity}, {"", "advisor.json", advisor}, {"", "p.csv", prices}});
  const Calibrated packed = calibrated(
      {{pool, "a.json.xz", xz(capacity)}, {"", "advisor.json.gz", gz(advisor)}, {"", "p.csv.xz", xz(prices)}});
  CHECK(plain.errors == "");
  CHECK(packed.errors == "");
  REQUIRE(plain.report);
  REQUIRE(packed.report);
  CHECK(packed.report->pools.size() == 1);
  CHECK(packed.report->advisor.size() == 1);
  CHECK(packed.report->prices.size() == 1);
  CHECK(findings(*packed.report) == findings(*plain.report));
}

TEST_CASE("calibration: the last fifth of a recording is held out, and it is said where it is another world",
          "[spot_market][calibration]") {
  // 320 samples in runs of 1 and 3 open, 4 and 8 closed: a quarter open, 2 samples at a time. Then 80 of 3 open, 1 closed:
  // three quarters, 3 at a time; the last run has no known end.
  const Calibrated got =
      calibrated({{pool, "a.json",
                   trace("\"gap_seconds\": 100", repeated("1,0,0,0,0,1,1,1,0,0,0,0,0,0,0,0,", 20) +
                                                     repeated("0,1,1,1,", 19) + "0,1,1,1")}});
  CHECK(got.errors == "");
  REQUIRE(got.report);
  REQUIRE(got.report->pools.front().hold_out);
  const HoldOut& rest = *got.report->pools.front().hold_out;
  CHECK(rest.span == 8000_s);
  CHECK_THAT(rest.availability_seen, WithinRel(0.75, 1e-12));
  CHECK(rest.runs == 19);
  CHECK_THAT(rest.mean_up_hours_seen, WithinRel(300.0 / 3600, 1e-12));
  // Fitted laws have nearly the mean of what they are fitted to.
  CHECK_THAT(rest.availability_predicted, WithinRel(0.25, 0.1));
  CHECK_THAT(rest.mean_up_hours_predicted, WithinRel(200.0 / 3600, 0.1));
  bool told = false;
  for (const std::string& finding : findings(*got.report)) {
    told |= finding.starts_with("Held out") && finding.find("more than two standard errors off") != std::string::npos;
  }
  CHECK(told);
}

TEST_CASE("calibration: a sampled trace becomes runs; the first has no known beginning, the last no end",
          "[spot_market][calibration]") {
  // Closed 2, open 1, closed 3, open 2, closed 1, open 1 samples of 100 s.
  const Calibrated got = calibrated({{pool, "a.json", trace("\"gap_seconds\": 100", "0,0,1,0,0,0,1,1,0,1")}});
  CHECK(got.errors == "");
  REQUIRE(got.report);
  const PoolReport& report = got.report->pools.front();
  CHECK(report.zone == "us-east-1a");
  CHECK(report.region == "us-east-1");
  CHECK(report.span == 1000_s);
  CHECK_THAT(report.availability, WithinRel(0.4, 1e-14));
  CHECK(report.up.seconds.ended == std::vector<double>{100, 200});
  CHECK(report.up.seconds.censored == std::vector<double>{100});
  CHECK(report.down.seconds.ended == std::vector<double>{300, 100});
  CHECK(report.down.seconds.censored.empty());
}

TEST_CASE("calibration: what is needed says from which count on a pool is open", "[spot_market][calibration]") {
  Request request;
  request.needed = 3;
  const Calibrated got = calibrated({{pool, "a.json", trace("\"gap_seconds\": 100", "4,4,2,2,3,0,0,0,0,0")}}, request);
  REQUIRE(got.report);
  CHECK_THAT(got.report->pools.front().availability, WithinRel(0.3, 1e-14));
}

TEST_CASE("calibration: fleet events give lives, those at the end cut off, and bursts", "[spot_market][calibration]") {
  // Four come; two go within three minutes, one much later; one is left at the end.
  const Calibrated got = calibrated({{pool, "events.csv",
                                      "0,add,a\n0,add,b\n0,add,c\n60000,add,d\n600000,remove,a\n700000,remove,b\n"
                                      "3600000,remove,c\n"}});
  CHECK(got.errors == "");
  REQUIRE(got.report);
  const PoolReport& report = got.report->pools.front();
  REQUIRE(report.lives);
  CHECK(report.lives->seconds.ended == std::vector<double>{600, 700, 3600});
  CHECK(report.lives->seconds.censored == std::vector<double>{3540});
  REQUIRE(report.reclaims);
  // The last event ends the recording, so its loss holds for no time and is not in the counts.
  CHECK(report.reclaims->bursts == 1);
  CHECK(report.reclaims->lost == 2);
  CHECK_THAT(report.reclaims->mean_share_lost, WithinRel(0.5, 1e-14));
}

TEST_CASE("calibration: the Advisor's share of a month is a hazard", "[spot_market][calibration][table]") {
  Request request;
  request.pools = {"us-east-1a/c5.large", "us-east-1b/c5.large"};
  const int range = GENERATE(0, 1, 2, 3, 4);
  // Mean times to interruption at the middle of the range: docs/models/calibration.md, "Advisor".
  const std::vector<double> hours = {28'800, 8'760, 5'030, 3'460, 1'640};
  const Calibrated got = calibrated(
      {{"", "advisor.json",
        "{\"spot_advisor\": {\"us-east-1\": {\"Linux\": {\"c5.large\": {\"s\": 62, \"r\": " + std::to_string(range) +
            "}}}}}"}},
      request);
  CHECK(got.errors == "");
  REQUIRE(got.report);
  REQUIRE(got.report->advisor.size() == 1);
  const AdvisorReport& row = got.report->advisor.front();
  CHECK_THAT(to_hours(row.mean_life), WithinRel(hours[static_cast<std::size_t>(range)], 0.005));  // three digits
  CHECK(row.saving == 0.62);
  CHECK(row.pools == request.pools);
}

TEST_CASE("calibration: a price that is an exponential of a straight line has known moments",
          "[spot_market][calibration]") {
  // Half of the time 0.1, half 0.4 USD/h: the geometric mean is 0.2, the logarithm's deviation ln 2.
  Request request;
  request.on_demand_price = [](const auto&, const auto&, const auto&) { return std::optional(0.5_usd_per_h); };
  const Calibrated got = calibrated({{"", "prices.csv",
                                      "timestamp_utc,az,instance_type,price_usd_per_hour\n"
                                      "2024-01-01T00:00:00Z,us-east-1a,c5.large,0.1\n"
                                      "2024-01-02T00:00:00Z,us-east-1a,c5.large,0.4\n"
                                      "2024-01-03T00:00:00Z,us-east-1a,c5.large,0.4\n"}},
                                    request);
  CHECK(got.errors == "");
  REQUIRE(got.report);
  const PriceReport& price = got.report->prices.front();
  CHECK_THAT(price.ratio.value(), WithinRel(0.4, 1e-12));
  CHECK_THAT(price.sd, WithinRel(std::log(2.0), 1e-12));
  CHECK_THAT(price.mean_usd_per_hour, WithinRel(0.25, 1e-12));
  CHECK(price.changes == 1);
  CHECK_FALSE(price.half_life_days);  // two days say nothing about it
}

TEST_CASE("calibration: prices that bids set are told from those since, with what to use instead",
          "[spot_market][calibration]") {
  // Half of the time 0.1, a quarter each 0.2 and 3 USD/h, where on demand is 0.5: for the time not above it 0.4 / 3.
  Request request;
  request.on_demand_price = [](const auto&, const auto&, const auto&) { return std::optional(0.5_usd_per_h); };
  const auto prices = [&](const std::string& year) {
    return calibrated({{"", "prices.csv",
                        "timestamp_utc,az,instance_type,price_usd_per_hour\n" + year +
                            "-01-01T00:00:00Z,us-east-1a,c5.large,0.1\n" + year +
                            "-01-03T00:00:00Z,us-east-1a,c5.large,3\n" + year +
                            "-01-04T00:00:00Z,us-east-1a,c5.large,0.2\n" + year +
                            "-01-05T00:00:00Z,us-east-1a,c5.large,0.2\n"}},
                      request);
  };
  using Catch::Matchers::ContainsSubstring;
  const Calibrated old = prices("2015");
  REQUIRE(old.report);
  CHECK(old.report->prices.front().of_bids);
  CHECK_THAT(old.report->prices.front().share_above_on_demand, WithinRel(0.25, 1e-12));
  CHECK_THAT(old.report->prices.front().mean_up_to_on_demand, WithinRel(0.4 / 3, 1e-12));
  CHECK_THAT(findings(*old.report).front(), ContainsSubstring("above it 25.0 % of the time"));
  CHECK_THAT(findings(*old.report).front(), ContainsSubstring("price: {history: FILE}) with a max_price"));
  CHECK_THAT(to_yaml(*old.report, World::latent), ContainsSubstring("price: {discount: 73.3%}"));
  const Calibrated since = prices("2021");
  REQUIRE(since.report);
  CHECK_FALSE(since.report->prices.front().of_bids);
  CHECK_THAT(findings(*since.report).front(), ContainsSubstring("the on-demand price compared with is of another time"));
}

TEST_CASE("calibration: a trace whose length contradicts its stated span is refused, with the gap that would fit",
          "[spot_market][calibration]") {
  const std::string data = "0,1,1,0,0,1";
  const std::string help =
      "  help: mend gap_seconds (300 would fit) or the span; a daily cycle in the data tells which\n";
  CHECK(calibrated({{pool, "a.json", trace("\"gap_seconds\": 600, \"span_seconds\": 1800", data)}}).errors ==
        "a.json:1:51: error: 6 samples of 10m are 1h, but the file states a span of 30m\n" + help);
  CHECK(calibrated({{pool, "a.json",
                     trace("\"gap_seconds\": 600, \"start\": \"2022-10-26T00:00:00Z\", "
                           "\"end\": \"2022-10-26T00:30:00Z\"",
                           data)}})
            .errors == "a.json:1:75: error: 6 samples of 10m are 1h, but the file states a span of 30m\n" + help);
  CHECK(calibrated({{pool, "a.json", trace("\"gap_seconds\": 300, \"span_seconds\": 1800", data)}}).errors == "");
}

TEST_CASE("calibration: malformed files are refused where they are wrong", "[spot_market][calibration][table]") {
  struct Case {
    File file;
    std::string errors;
  };
  const Case c = GENERATE(values<Case>({
      {{pool, "a.json", "{\"metadata\": {\"gap_seconds\": 300}, \"data\": []}"},
       "a.json:1:44: error: data: has no samples\n  help: it holds the number of instances available at each tick\n"},
      {{pool, "a.json", "{\"metadata\": {\"gap_seconds\": 0},\n\"data\": [1, -1, 0.5,\n\"x\"]}"},
       "a.json:1:30: error: gap_seconds: is 0s, and must be above 0 and at most a day\n"
       "a.json:2:13: error: data: -1 is not a number of instances\n  help: write 0, 1, 2, …\n"
       "a.json:2:17: error: data: 0.5 is not a number of instances\n  help: write 0, 1, 2, …\n"
       "a.json:3:1: error: data: 'x' is not a number\n  help: write a plain decimal number, such as 0.0350\n"},
      {{"", "a.json", "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [1]}"},
       "a.json: error: does not say which pool it is of\n"
       "  help: write it as ZONE/TYPE=a.json, such as us-east-1a/p3.2xlarge=a.json\n"},
      {{"p3.2xlarge", "a.json", "{\"metadata\": {\"gap_seconds\": 300}, \"data\": [1]}"},
       "command line: p3.2xlarge=a.json: error: 'p3.2xlarge' is no pool's name\n"
       "  help: write <zone>/<type>=FILE, such as us-east-1a/p3.2xlarge=trace.json\n"},
      {{"", "a.txt", "hello"},
       "a.txt: error: is of no kind that can be calibrated from\n"
       "  help: known are .json and .csv files (.gz or .xz may follow) with an availability trace, fleet events, a "
       "price history or the Spot Instance Advisor's data\n"},
      {{pool, "events.csv", "0,add,a\n0,add,a\n5,remove,b\n3,add,c\nnow,add,d\n6,kill,a\n7,add\n"},
       "events.csv:2:7: error: node 'a' is added twice\n  help: remove the repeated event\n"
       "events.csv:3:10: error: node 'b' is removed, but is not there\n"
       "  help: remove the event, or add the one that began it\n"
       "events.csv:4:1: error: 3ms is before the event above it\n  help: sort the events by time\n"
       "events.csv:5:1: error: 'now' is no number of milliseconds\n"
       "  help: write whole milliseconds since the start, at most 20 years\n"
       "events.csv:6:3: error: 'kill' is no event\n  help: allowed: add, remove\n"
       "events.csv:7:1: error: an event has three cells\n"
       "  help: write milliseconds,add,node or milliseconds,remove,node\n"},
      {{"", "prices.csv",
        "timestamp_utc,az,instance_type,price_usd_per_hour,product\n"
        "2024-01-01T00:00:00Z,us-east-1a,c5.large,0.1,Windows\n"},
       "prices.csv: error: has no price of Linux/UNIX, only of Windows\n  help: ask for one of them: --product "
       "'Windows'\n"},
      {{"", "advisor.json", "{\"spot_advisor\": {\"us-east-1\": {\"Linux\": {\"c5.large\": {\"s\": 62, \"r\": 7}}}}}"},
       "advisor.json:1:55: error: range 7 is none of 0 to 4\n"},
  }));
  CHECK(calibrated({c.file}).errors == c.errors);
}

TEST_CASE("calibration: a pool recorded twice, and one that no file has, are refused", "[spot_market][calibration]") {
  const std::string text = trace("\"gap_seconds\": 300", "0,1,0");
  CHECK(calibrated({{pool, "a.json", text}, {pool, "b.json", text}}).errors ==
        "b.json: error: pool 'us-east-1a/p3.2xlarge' is also recorded in a.json\n  help: calibrate from one of them\n");
  Request request;
  request.pools = {"us-east-1b/p3.2xlarge"};
  CHECK(calibrated({{pool, "a.json", text}}, request).errors ==
        "command line: --pool us-east-1b/p3.2xlarge: error: no file has this pool\n"
        "  help: a pool with a similar name exists: us-east-1a/p3.2xlarge\n");
}
