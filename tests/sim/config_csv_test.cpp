/// CSV files: what is read, and the words of what is refused.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <lzma.h>
#include <zlib.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/units.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

/// Reads columns t_s (seconds) and count; the diagnostics of doing so.
std::string errors_of(std::string text) {
  Diagnostics diagnostics;
  CsvReader csv(std::move(text), "trace.csv", {"t_s", "count"}, diagnostics);
  while (csv.next()) {
    Duration at;
    std::int64_t count = 0;
    csv.read(0, 1_s, at);
    csv.read(1, count);
  }
  CHECK(csv.ok() == !diagnostics.has_errors());
  return diagnostics.to_text();
}

void write_compressed(const std::string& path, std::string_view text) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
}

}  // namespace

TEST_CASE("csv: columns are found by name, whatever their order and whatever others there are",
          "[config][csv][table]") {
  Diagnostics diagnostics;
  CsvReader csv("# source: example\ncount,note,t_s\r\n3,\"a, \"\"b\"\"\",0.5\r\n-4,,1e3\r\n\r\n", "trace.csv",
                {"t_s", "count", "note"}, diagnostics);
  Duration at;
  std::int64_t count = 0;
  REQUIRE(csv.next());
  REQUIRE((csv.read(0, 1_s, at) && csv.read(1, count)));
  CHECK(at == 500_ms);
  CHECK(count == 3);
  CHECK(csv.text(2) == "a, \"b\"");
  CHECK(csv.where(0) == Location{"trace.csv", 3, 14});
  REQUIRE(csv.next());
  REQUIRE((csv.read(0, 1_s, at) && csv.read(1, count)));
  CHECK(at == 1000_s);
  CHECK(count == -4);
  CHECK(csv.empty(2));
  CHECK_FALSE(csv.next());
  CHECK(csv.rows() == 2);
  CHECK(diagnostics.to_text() == "");
}

TEST_CASE("csv: a price in dollars becomes nano-dollars without rounding on the way", "[config][csv][table]") {
  Diagnostics diagnostics;
  CsvReader csv("usd_per_hour\n0.0853\n123456789.123456789\n", "prices.csv", {"usd_per_hour"}, diagnostics);
  UsdPerHour price;
  REQUIRE((csv.next() && csv.read(0, usd_per_hour(1), price)));
  CHECK(price.count() == 85'300'000);
  REQUIRE((csv.next() && csv.read(0, usd_per_hour(1), price)));
  CHECK(price.count() == 123'456'789'123'456'789);
}

TEST_CASE("csv: what is wrong is told with its line and column", "[config][csv][table]") {
  CHECK(errors_of("") == "trace.csv: error: the file is empty\n  help: its first line names the columns t_s, count\n");
  CHECK(errors_of("t_s,count\n") == "trace.csv:1:1: error: there are no rows below the header\n");
  CHECK(errors_of("time,count\n1,2\n") ==
        "trace.csv:1:1: error: column 't_s' is missing\n  help: the columns found are time, count\n");
  CHECK(errors_of("t_s,count,t_s\n1,2,3\n") == "trace.csv:1:11: error: column 't_s' is named twice\n");
  CHECK(errors_of("t_s,count\n1,2\n\n3\n4,5,6\n7,8\n") ==
        "trace.csv:3:1: error: the line is empty\n"
        "trace.csv:4:1: error: found 1 cell, the header has 2\n"
        "trace.csv:5:1: error: found 3 cells, the header has 2\n");
  CHECK(errors_of("t_s,count\n1,x\n010,2\nnan,2.5\n1e300,99999999999999999999\n,\n") ==
        R"(trace.csv:2:3: error: count: cannot read 'x' as a whole number
  help: write a whole number such as 20
trace.csv:3:1: error: t_s: '010' starts with a zero
  help: write 10
trace.csv:4:1: error: t_s: 'nan' is not a finite number
trace.csv:4:5: error: count: '2.5' is not a whole number
  help: write a whole number such as 20
trace.csv:5:1: error: t_s: '1e300' is too large
trace.csv:5:7: error: count: '99999999999999999999' is too large
  help: the most allowed is 9223372036854775807
trace.csv:6:1: error: t_s: cannot read '' as a number
  help: write a number such as 0.5 or 20
trace.csv:6:2: error: count: cannot read '' as a whole number
  help: write a whole number such as 20
)");
  CHECK(errors_of("t_s,count\n\"1,2\n\"3\"4,5\n") ==
        "trace.csv:2:1: error: a quoted cell is not closed on its line\n"
        "trace.csv:3:1: error: a quoted cell is followed by more than a comma\n");
  CHECK(errors_of(std::string("t_s,count\n1,\0\n", 14)) ==
        "trace.csv:2:3: error: is not a text file: byte 12 is 0x00, a control character\n"
        "  help: save the file as UTF-8 text\n");
}

TEST_CASE("csv: after 20 errors the rest is not read", "[config][csv][table]") {
  std::string text = "t_s,count\n";
  for (int i = 0; i < 1000; ++i) text += "x,1\n";
  const std::string errors = errors_of(text);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 2 * 20 + 1);
  CHECK(errors.ends_with("trace.csv:22:1: error: more than 20 errors: the rest of the file is not read\n"));
}

TEST_CASE("csv: a compressed file reads as the plain one; one that is cut off is refused", "[config][csv][table]") {
  test::TemporaryFolder folder;
  std::string text = "t_s,count\n";
  for (int i = 1; i <= 10'000; ++i) text += std::to_string(i) + "," + std::to_string(i * i) + "\n";
  const std::string path = (folder.path() / "trace.csv.gz").string();
  write_compressed(path, text);

  Diagnostics diagnostics;
  CsvReader csv(FilePath{path, "trace.csv.gz"}, {"t_s", "count"}, diagnostics);
  std::int64_t sum = 0;
  while (csv.next()) {
    std::int64_t t = 0;
    if (csv.read(0, t)) sum += t;
  }
  CHECK(sum == 10'000 * 10'001 / 2);
  CHECK(diagnostics.to_text() == "");

  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CsvReader cut(FilePath{path, "trace.csv.gz"}, {"t_s", "count"}, diagnostics);
  CHECK_FALSE(cut.next());
  CHECK(diagnostics.to_text() == path + ": error: is not a whole gzip file\n");
}

TEST_CASE("csv: a .xz file is read as if it were plain, and a cut-off one is refused", "[config][csv][table]") {
  test::TemporaryFolder folder;
  std::string text = "t_s,count\n";
  for (int i = 1; i <= 100'000; ++i) text += std::to_string(i) + ",1\n";
  std::vector<std::uint8_t> packed(lzma_stream_buffer_bound(text.size()));
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  text.size(), packed.data(), &size, packed.size()) == LZMA_OK);
  const std::string_view whole(reinterpret_cast<const char*>(packed.data()), size);
  const std::string path = folder.write("trace.csv.xz", whole).string();

  Diagnostics diagnostics;
  CsvReader csv(FilePath{path, "trace.csv.xz"}, {"t_s", "count"}, diagnostics);
  std::int64_t sum = 0;
  while (csv.next()) {
    std::int64_t t = 0;
    if (csv.read(0, t)) sum += t;
  }
  CHECK(sum == 100'000LL * 100'001 / 2);
  CHECK(diagnostics.to_text() == "");

  for (const std::string_view broken : {whole.substr(0, size / 2), whole.substr(0, 0), std::string_view("t_s,count")}) {
    const std::string cut_path = folder.write("cut.csv.xz", broken).string();
    Diagnostics problems;
    CsvReader cut(FilePath{cut_path, "cut.csv.xz"}, {"t_s", "count"}, problems);
    CHECK_FALSE(cut.next());
    CHECK(problems.to_text() == cut_path + ": error: is not a whole xz file\n");
  }
}
