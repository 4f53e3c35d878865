/// Series of values in CSV files, and the words of their errors.

#include "fleetsim/sim/config/time_series.hpp"

#include <string_view>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

template <class Series>
struct Read {
  std::optional<Series> series;
  std::string problems;  ///< with the folder taken off each file name
};

template <class ReadFile>
auto read_file(std::string_view text, ReadFile read) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("t.csv", text).string();
  Diagnostics diagnostics;
  auto series = read(FilePath{path, "t.csv"}, diagnostics);
  Read<typename decltype(series)::value_type> result{std::move(series), diagnostics.to_text()};
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at = 0; (at = result.problems.find(prefix, at)) != std::string::npos;) {
    result.problems.erase(at, prefix.size());
  }
  return result;
}

auto regular(std::string_view rows, std::int64_t unit = 1) {
  return read_file("time_utc,requests\n" + std::string(rows), [&](const FilePath& file, Diagnostics& diagnostics) {
    return read_regular_series(file, "time_utc", {"requests", unit}, diagnostics);
  });
}

auto changes(std::string_view text, const ChangeColumns& columns) {
  return read_file(text, [&](const FilePath& file, Diagnostics& diagnostics) {
    return read_change_series(file, columns, diagnostics);
  });
}

const ChangeColumns by_pool{{"pool"}, "t_s", false, {"count", 1}};

}  // namespace

TEST_CASE("time series: the step is the distance between the first two rows", "[config][table]") {
  const auto read = regular(
      "2016-08-07T00:00:00Z,10\n"
      "2016-08-07T00:05:00Z,0\n"
      "2016-08-07T00:10:00Z,2.5\n",
      1'000'000);
  REQUIRE(read.problems == "");
  CHECK(to_text(read.series->start) == "2016-08-07T00:00:00Z");
  CHECK(read.series->step == 5_min);
  CHECK(read.series->span() == 15_min);
  CHECK(read.series->values == std::vector<std::int64_t>{10'000'000, 0, 2'500'000});
}

TEST_CASE("time series: a gap, a time out of order and a time given twice are told apart", "[config][table]") {
  const auto read = regular(
      "2016-08-07T00:00:00Z,1\n"
      "2016-08-07T01:00:00Z,2\n"
      "2016-08-07T04:00:00Z,3\n"
      "2016-08-07T05:00:00Z,4\n"
      "2016-08-07T05:00:00Z,4\n"
      "2016-08-07T02:00:00Z,5\n"
      "2016-08-07T06:00:00Z,6\n");
  CHECK_FALSE(read.series);
  CHECK(read.problems ==
        "t.csv:4:1: error: time_utc: 2016-08-07T04:00:00Z follows 2016-08-07T01:00:00Z, expected "
        "2016-08-07T02:00:00Z\n"
        "  help: all intervals are as long as the first, 1h: fill the gap or cut the series\n"
        "t.csv:6:1: error: time_utc: 2016-08-07T05:00:00Z is given twice\n"
        "  help: sort the rows by time, each time once\n"
        "t.csv:7:1: error: time_utc: 2016-08-07T02:00:00Z is before 2016-08-07T05:00:00Z, the time of an earlier row\n"
        "  help: sort the rows by time, each time once\n");
}

TEST_CASE("time series: a row that can't be read is one error, and no gap", "[config][table]") {
  const auto read = regular(
      "2016-08-07T00:00:00Z,1\n"
      "2016-08-07T01:00:00Z,2\n"
      "2016-08-07T02:00:00Z\n"
      "2016-08-07T03:00:00Z,4\n"
      "yesterday,5\n"
      "2016-08-07T05:00:00Z,6\n"
      "2016-08-07T06:00:00Z,-7\n"
      "2016-08-07T07:00:00Z,many\n"
      "2016-08-07T08:00:00Z,nan\n");
  CHECK_FALSE(read.series);
  CHECK_THAT(read.problems, Catch::Matchers::StartsWith("t.csv:4:1: error: found 1 cell, the header has 2\n"));
  CHECK_THAT(read.problems, Catch::Matchers::ContainsSubstring("t.csv:6:1: error: time_utc: "));
  CHECK_THAT(read.problems, Catch::Matchers::ContainsSubstring("t.csv:8:22: error: requests: -7 is below zero\n"));
  CHECK_THAT(read.problems, Catch::Matchers::ContainsSubstring("t.csv:9:22: error: requests: "));
  CHECK_THAT(read.problems, Catch::Matchers::ContainsSubstring("t.csv:10:22: error: requests: "));
  CHECK_THAT(read.problems, !Catch::Matchers::ContainsSubstring("expected 2016"));
}

TEST_CASE("time series: an interval is at most 366 days long", "[config][table]") {
  CHECK(regular("0001-01-01T00:00:00Z,1\n9999-01-01T00:00:00Z,1\n").problems ==
        "t.csv:3:1: error: time_utc: 9999-01-01T00:00:00Z is too far from the row before or from the first one\n"
        "  help: intervals are at most 366 days long, and a series 100 years\n");
}

TEST_CASE("time series: one row has no step", "[config][table]") {
  CHECK(regular("2016-08-07T00:00:00Z,1\n").problems ==
        "t.csv:2:1: error: a series of one row has no step\n  help: give at least two rows\n");
  CHECK_FALSE(regular("").problems.empty());
}

TEST_CASE("time series: changes of several series, in any mixture of rows", "[config][table]") {
  const auto read = changes("pool,t_s,count\na,0,1\nb,0,0\nb,195,2\na,390,0\n", by_pool);
  REQUIRE(read.problems == "");
  REQUIRE(read.series->size() == 2);
  CHECK((*read.series)[0].key == std::vector<std::string>{"a"});
  CHECK((*read.series)[0].seconds == std::vector<std::int64_t>{0, 390});
  CHECK((*read.series)[1].values == std::vector<std::int64_t>{0, 2});
}

TEST_CASE("time series: changes on the calendar with a price, keyed by two columns", "[config][table]") {
  const ChangeColumns columns{{"az", "instance_type"}, "timestamp_utc", true,
                              {"price_usd_per_hour", usd_per_hour(1).count()}};
  const auto read = changes(
      "timestamp_utc,az,instance_type,price_usd_per_hour\n"
      "1970-01-02T00:00:00Z,us-east-1a,c5.2xlarge,0.1789\n",
      columns);
  REQUIRE(read.problems == "");
  CHECK((*read.series)[0].key == std::vector<std::string>{"us-east-1a", "c5.2xlarge"});
  CHECK((*read.series)[0].seconds == std::vector<std::int64_t>{86'400});
  CHECK((*read.series)[0].values == std::vector<std::int64_t>{178'900'000});
}

TEST_CASE("time series: times rise within a series, whatever the others do", "[config][table]") {
  CHECK(changes("pool,t_s,count\na,100,1\nb,50,1\nb,50,0\na,99,0\n", by_pool).problems ==
        "t.csv:4:3: error: t_s: 50 is given twice\n"
        "  help: sort the rows by time, each time once\n"
        "t.csv:5:3: error: t_s: 99 is before 100, the time of an earlier row\n"
        "  help: sort the rows by time, each time once\n");
}
