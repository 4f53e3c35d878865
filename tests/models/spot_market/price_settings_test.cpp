/// What a scenario says about a pool's price, from its section to the price's process.

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// An answer of AWS, the newest record first, with the one that is older than the time asked for.
constexpr std::string_view answer = R"json({"SpotPriceHistory": [
  {"AvailabilityZone": "us-east-1a", "InstanceType": "c5.2xlarge", "ProductDescription": "Linux/UNIX",
   "SpotPrice": "0.1500", "Timestamp": "2021-03-03T00:00:00Z"},
  {"AvailabilityZone": "us-east-1a", "InstanceType": "c5.2xlarge", "ProductDescription": "Windows (Amazon VPC)",
   "SpotPrice": "0.5000", "Timestamp": "2021-03-01T12:00:00Z"},
  {"AvailabilityZone": "us-east-1a", "InstanceType": "c5.2xlarge", "ProductDescription": "Linux/UNIX",
   "SpotPrice": "0.4000", "Timestamp": "2021-03-01T06:00:00Z"},
  {"AvailabilityZone": "us-east-1a", "InstanceType": "c5.2xlarge", "ProductDescription": "Linux/UNIX",
   "SpotPrice": "0.1400", "Timestamp": "2021-02-28T22:00:00Z"}
 ], "NextToken": "abc"}
)json";

struct Made {
  PriceProcess price;
  std::string problems;
};

/// The price of c5.2xlarge in us-east-1a, 0.34 USD/h on demand, for a run of a day.
Made make(std::string_view settings, std::string_view history = answer, const std::string& name = "h.json",
          OperatingSystem os = OperatingSystem::linux) {
  TemporaryFolder folder;
  folder.write(name, history);
  const std::string path = (folder.path() / "s.yaml").string();
  config::Diagnostics diagnostics;
  auto document = config::Document::from_text("spot_market:\n  default: {price: " + std::string(settings) + "}\n", path,
                                              {}, diagnostics);
  REQUIRE(document);
  config::Section root = document->root();
  const SpotMarketSettings market = read_spot_market(root);
  Made made{make_spot_pool(market, "us-east-1a", "c5.2xlarge", 0.34_usd_per_h, 24_h, diagnostics, os).price,
            {}};
  document->finish();
  made.problems = diagnostics.to_text();
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = made.problems.find(prefix)) != std::string::npos;) made.problems.erase(at, prefix.size());
  return made;
}

const StepTrace<UsdPerHour>& trace_of(const Made& made) { return *std::get<ReplayedPrice>(made.price).trace; }

}  // namespace

TEST_CASE("price settings: a history is replayed from its oldest record to its newest, held at on demand after 2017",
          "[spot_market][config][table]") {
  const Made made = make("{history: h.json}");
  CHECK(made.problems ==
        "s.yaml:2:30: warning: h.json: 1 of 2 prices of c5.2xlarge in us-east-1a are above on demand (0.34 USD/h) after "
        "2017-11-28; they are held at it\n"
        "  help: since that day a Spot price is never above on demand; see whether the catalogue has the price of the "
        "type, Region, product and time that the file is of, or give the file as `trace`\n");
  CHECK(config::to_text(trace_of(made).start) == "2021-02-28T22:00:00Z");
  CHECK(trace_of(made).times == std::vector<Duration>{0_s, 8_h});
  CHECK(trace_of(made).values == std::vector<UsdPerHour>{0.14_usd_per_h, 0.34_usd_per_h});
  CHECK(trace_of(made).span == 50_h);
}

TEST_CASE("price settings: a trace is replayed as it stands, as is a history of the time of bids",
          "[spot_market][config][table]") {
  const Made trace = make("{trace: h.json}");
  CHECK(trace.problems.empty());
  CHECK(trace_of(trace).values.back() == 0.4_usd_per_h);

  std::string earlier(answer);
  for (std::size_t at; (at = earlier.find("2021-")) != std::string::npos;) earlier.replace(at, 5, "2016-");
  const Made history = make("{history: h.json}", earlier);
  CHECK(history.problems.empty());
  CHECK(trace_of(history).values.back() == 0.4_usd_per_h);
}

TEST_CASE("price settings: the cap begins with 2017-11-28", "[spot_market][config][table]") {
  const Made made = make("{history: h.csv}",
                         "timestamp_utc,az,instance_type,price_usd_per_hour\n"
                         "2017-11-27T00:00:00Z,us-east-1a,c5.2xlarge,3.4\n"
                         "2017-11-27T23:59:59Z,us-east-1a,c5.2xlarge,1.7\n"
                         "2017-11-28T00:00:00Z,us-east-1a,c5.2xlarge,1.6\n"
                         "2017-11-29T00:00:00Z,us-east-1a,c5.2xlarge,0.1\n",
                         "h.csv");
  CHECK(trace_of(made).values == std::vector<UsdPerHour>{3.4_usd_per_h, 1.7_usd_per_h, 0.34_usd_per_h});
}

TEST_CASE("price settings: each product has its records", "[spot_market][config][table]") {
  const Made made = make("{trace: h.json}", answer, "h.json", OperatingSystem::windows);
  CHECK(made.problems.empty());
  CHECK(trace_of(made).values == std::vector<UsdPerHour>{0.5_usd_per_h});
  CHECK(trace_of(made).span == 50_h);  // of the file: pools and products recorded together begin together
}

TEST_CASE("price settings: a generated price takes the pool's on-demand price and the stated defaults",
          "[spot_market][config][table]") {
  const Made defaults = make("{generated: {}}");
  CHECK(defaults.problems.empty());
  const auto& price = std::get<GeneratedPrice>(defaults.price);
  CHECK(price.on_demand == 0.34_usd_per_h);
  CHECK(price.ratio == Ratio{0.35});
  CHECK(price.half_life == 10_d);
  CHECK(price.sd == 0.10);
  CHECK(price.sampled_every == 6_h);
  CHECK(price.publish_above == Ratio{0.01});
  CHECK(price.least == Ratio{0.10});
  CHECK(price.most == Ratio{1});
  CHECK(std::get<GeneratedPrice>(make("{generated: {ratio: 50%, sd: 0.3}}").price).ratio == Ratio{0.5});
}

TEST_CASE("price settings: what cannot be is refused where it stands", "[spot_market][config][table]") {
  struct Row { std::string_view settings, problems; };
  const Row row = GENERATE(
      Row{"{history: h.json, product: Windows}",
          "s.yaml:2:47: error: product 'Windows' is not the fleet's: its instances in us-east-1a/c5.2xlarge run linux, "
          "which is 'Linux/UNIX'\n"
          "  help: leave the key out, or give the group another `operating_system`\n"},
      Row{"{history: h.json, type: m5.large}",
          "s.yaml:2:44: error: h.json has no price of 'm5.large' in zone 'us-east-1a'\n"
          "  help: allowed: c5.2xlarge; `az` and `type` name the records to use\n"},
      Row{"{history: h.json, az: eu-west-1a}",
          "s.yaml:2:42: error: h.json has no price in zone 'eu-west-1a'\n"
          "  help: allowed: us-east-1a; `az` and `type` name the records to use\n"},
      Row{"{generated: {}, product: Windows}",
          "s.yaml:2:45: error: 'product' belongs to a history, and this price has none\n"
          "  help: name the `history` beside it or where it is more general, or leave the key out\n"},
      Row{"{generated: {least: 60%, most: 50%}}",
          "s.yaml:2:32: error: spot_market.default.price.generated.ratio: 35% does not lie between least, 60%, and most, "
          "50%\n"
          "  help: let least be at most the ratio, and most at least the ratio\n"});
  CHECK(make(row.settings).problems == row.problems);
}

TEST_CASE("price settings: a history without the product of the fleet is refused", "[spot_market][config][table]") {
  CHECK(make("{history: h.json}", answer, "h.json", OperatingSystem::suse).problems ==
        "s.yaml:2:30: error: h.json has no price of product 'SUSE Linux' for 'c5.2xlarge' in zone 'us-east-1a'\n"
        "  help: allowed: Linux/UNIX, Windows; the group's `operating_system` says which is used\n");
}

TEST_CASE("price settings: every wrong record of a history is named at once", "[spot_market][config][table]") {
  std::string wrong(answer);
  wrong.replace(wrong.find("\"0.1500\""), 8, "\"cheap\"");
  wrong.replace(wrong.find("Windows (Amazon VPC)"), 20, "Solaris");
  const std::string problems = make("{history: h.json}", wrong).problems;
  CHECK_THAT(problems, Catch::Matchers::ContainsSubstring("h.json:3:"));
  CHECK_THAT(problems, Catch::Matchers::ContainsSubstring("'Solaris'"));
  CHECK_THAT(make("{history: h.json}", "{\"SpotPriceHistory\": []}").problems,
             Catch::Matchers::ContainsSubstring("h.json: error: has no price"));
}

TEST_CASE("price settings: prices are the same shares of on demand as they were of what was on demand then",
          "[spot_market][config][table]") {
  const Made made = make("{trace: h.csv, recorded_on_demand: 0.20 USD/h}",
                         "timestamp_utc,az,instance_type,price_usd_per_hour\n"
                         "2015-06-01T00:00:00Z,us-east-1a,c5.2xlarge,0.05\n2017-06-02T00:00:00Z,us-east-1a,c5.2xlarge,0.30\n"
                         "2019-06-01T00:00:00Z,us-east-1a,c5.2xlarge,0.05\n",
                         "h.csv");
  CHECK(made.problems.empty());
  // A quarter, and one and a half.
  CHECK(trace_of(made).values == std::vector<UsdPerHour>{0.085_usd_per_h, 0.51_usd_per_h});
}
