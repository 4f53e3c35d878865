/// Price histories in the two forms, and the words of what is refused.

#include <string>

#include "models/spot_market/price_history.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::spot_market;

namespace {

struct Read {
  std::optional<PriceHistory> history;
  std::string errors;
};

Read read(std::string_view text, const std::string& name) {
  test::TemporaryFolder folder;
  const std::string path = folder.write(name, text).string();
  config::Diagnostics diagnostics;
  Read result{read_price_history({path, name}, diagnostics), diagnostics.to_text()};
  for (std::size_t at; (at = result.errors.find(path)) != std::string::npos;)
    result.errors.replace(at, path.size(), name);
  return result;
}

std::string record(const std::string& time, const std::string& price, const std::string& product = "Linux/UNIX") {
  return R"({"AvailabilityZone": "us-east-1a", "InstanceType": "c5.large", "ProductDescription": ")" + product +
         R"(", "SpotPrice": ")" + price + R"(", "Timestamp": ")" + time + "\"}";
}

std::string answer(const std::string& records) { return "{\"SpotPriceHistory\": [\n" + records + "\n]}"; }

const PriceHistoryKey linux_key{"us-east-1a", "c5.large", "Linux/UNIX"};

}  // namespace

TEST_CASE("price history: an answer of AWS, newest record first, is sorted by time", "[spot_market][price_history]") {
  const Read got =
      read(answer(record("2024-01-03T00:00:00.000Z", "0.0412") + ",\n" + record("2024-01-01T00:00:00Z", "0.0350") +
                  ",\n" + record("2024-01-02T00:00:00+00:00", "0.09", "Windows (Amazon VPC)")),
           "prices.json");
  CHECK(got.errors == "");
  REQUIRE(got.history);
  REQUIRE(got.history->size() == 2);  // a product is a pool of its own
  const auto& records = got.history->at(linux_key);
  REQUIRE(records.size() == 2);
  CHECK(config::to_text(records[0].at) == "2024-01-01T00:00:00Z");
  CHECK(records[0].price == 0.035_usd_per_h);
  CHECK(records[0].line == 3);
  CHECK(records[1].price == 0.0412_usd_per_h);
  CHECK(got.history->at({"us-east-1a", "c5.large", "Windows"}).front().price == 0.09_usd_per_h);
}

TEST_CASE("price history: the rows of a CSV are of Linux unless a column says otherwise",
          "[spot_market][price_history]") {
  const std::string rows = "2024-01-01T00:00:00Z,us-east-1a,c5.large,0.0350";
  const Read plain = read("timestamp_utc,az,instance_type,price_usd_per_hour\n" + rows + "\n", "prices.csv");
  CHECK(plain.errors == "");
  REQUIRE(plain.history);
  CHECK(plain.history->at(linux_key).front().price == 0.035_usd_per_h);
  const Read with_product =
      read("timestamp_utc,az,instance_type,price_usd_per_hour,product\n" + rows + ",SUSE Linux\n", "prices.csv");
  CHECK(with_product.errors == "");
  REQUIRE(with_product.history);
  CHECK(with_product.history->contains({"us-east-1a", "c5.large", "SUSE Linux"}));
}

TEST_CASE("price history: all that is wrong with an answer is told at once, with its place",
          "[spot_market][price_history]") {
  const Read got =
      read(answer(record("2024-01-01T00:00:00Z", "cheap") + ",\n" + record("noon", "0.1") + ",\n" +
                  record("2024-01-02T00:00:00Z", "0.0", "Solaris") + ",\n" + "{\"AvailabilityZone\": \"us-east-1a\"}"),
           "prices.json");
  CHECK_FALSE(got.history);
  CHECK(got.errors ==
        "prices.json:2:113: error: SpotPrice: 'cheap' is not a number\n"
        "  help: write a plain decimal number, such as 0.0350\n"
        "prices.json:3:133: error: Timestamp: cannot read 'noon' as an instant\n"
        "  help: write it in UTC as 2021-08-01T00:00:00Z\n"
        "prices.json:4:86: error: product 'Solaris' is none that has a price\n"
        "  help: allowed: Linux/UNIX, Red Hat Enterprise Linux, SUSE Linux, Windows\n"
        "prices.json:4:110: error: the price is 0 USD/h, and must be above 0\n"
        "prices.json:5:1: error: key 'InstanceType' is missing\n"
        "prices.json:5:1: error: key 'ProductDescription' is missing\n"
        "prices.json:5:1: error: key 'SpotPrice' is missing\n  help: write a number\n"
        "prices.json:5:1: error: key 'Timestamp' is missing\n");
}

TEST_CASE("price history: doubled records, a wrong order and other files are refused", "[spot_market][price_history]") {
  const std::string at = "2024-01-01T00:00:00Z";
  CHECK(read(answer(record(at, "0.1") + ",\n" + record(at, "0.1")), "prices.json").errors ==
        "prices.json:3:133: error: Linux/UNIX of c5.large in us-east-1a has two prices at 2024-01-01T00:00:00Z, the "
        "other "
        "in line 2\n  help: keep one of them; answers that overlap repeat each other's records\n");
  const std::string header = "timestamp_utc,az,instance_type,price_usd_per_hour\n";
  // All that is wrong is told at once.
  CHECK(read(header + "2024-01-01T00:00:00Z,a,c5.large,cheap\n2024-01-02T00:00:00Z,a,c5.large,0.1\n"
                      "2024-01-02T00:00:00Z,a,c5.large,0.2\n",
             "prices.csv")
            .errors ==
        "prices.csv:2:33: error: price_usd_per_hour: cannot read 'cheap' as a number\n"
        "  help: write a number such as 0.5 or 20\n"
        "prices.csv:4:1: error: Linux/UNIX of c5.large in a has two prices at 2024-01-02T00:00:00Z, the other in line 3\n"
        "  help: keep one of them; answers that overlap repeat each other's records\n");
  CHECK(read(header + "2024-01-02T00:00:00Z,a,c5.large,0.1\n2024-01-01T00:00:00Z,a,c5.large,0.1\n"
                      "2024-01-02T00:00:00Z,a,c5.large,-1\n",
             "prices.csv")
            .errors ==
        "prices.csv:3:1: error: timestamp_utc: 2024-01-01T00:00:00Z is before 2024-01-02T00:00:00Z, the time of an "
        "earlier row\n  help: sort the rows by time\n"
        "prices.csv:4:33: error: price_usd_per_hour: is -1, and must be above 0\n");
  CHECK(read("{\"NextToken\": \"\"}", "prices.json").errors ==
        "prices.json:1:1: error: is no price history: there is no list SpotPriceHistory\n"
        "  help: save the whole answer of aws ec2 describe-spot-price-history --output json\n");
  CHECK(read("{\"SpotPriceHistory\": []}", "prices.json").errors ==
        "prices.json: error: has no price\n"
        "  help: the answer is empty when the period, the zone or the type asked for has none\n");
  CHECK(read("x", "prices.tsv").errors ==
        "prices.tsv: error: is neither .json nor .csv, so it is no price history that can be read\n"
        "  help: give it the ending of what it holds; .gz or .xz may follow\n");
}

TEST_CASE("price history: the prices of 2021 that ship are read whole", "[spot_market][price_history][data]") {
  config::Diagnostics diagnostics;
  const std::string path =
      std::string(test::source_dir) + "/scenarios/data/no-stated-licence/spot-prices-us-east-1-2021/prices.csv";
  const auto history = read_price_history({path, path}, diagnostics);
  CHECK(diagnostics.to_text() == "");
  REQUIRE(history);
  CHECK(history->size() == 18);  // six types in three zones
}
