/// A scenario's own types and prices, read, and the words of their errors.

#include "fleetsim/models/catalog.hpp"

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/read_text.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;

namespace {

auto read(std::string_view text) { return test::read_text(text, read_catalog); }

std::string problems_of_list(const std::string& rows) {
  const test::TemporaryFolder folder;
  folder.write("p.csv",
               "region,instance_type,os,on_demand_usd_per_hour,ri_1y_no_upfront_usd_per_hour,"
               "ri_3y_no_upfront_usd_per_hour\n" +
                   rows);
  std::string problems =
      test::read_text("catalog: {prices: p.csv}", read_catalog, (folder.path() / "s.yaml").string()).problems;
  const std::size_t prefix = folder.path().string().size() + 1;
  return problems.substr(std::min(prefix, problems.size()));
}

}  // namespace

TEST_CASE("catalog: a scenario's types are read", "[catalog][table]") {
  const auto result = read(R"(
catalog:
  instance_types:
    c5.2xlarge: {performance_factor: 1.15, on_demand: 0.30 USD/h}
    rack.large: {vcpus: 12, memory: 48 GiB, reserved_1y: 0.1 USD/h}
)");
  REQUIRE(result.problems == "");
  const Catalog catalog(result.value);
  CHECK(catalog.type("c5.2xlarge")->performance_factor == 1.15);
  CHECK(catalog.type("c5.2xlarge")->memory == 16_GiB);
  CHECK(catalog.price({"us-east-1", "c5.2xlarge"}, Purchase::on_demand) == 0.30_usd_per_h);
  CHECK(catalog.type("rack.large")->vcpus == 12);
  CHECK(catalog.price({"us-east-1", "rack.large"}, Purchase::reserved_1y) == 0.1_usd_per_h);
  CHECK_FALSE(catalog.price({"us-east-1", "rack.large"}, Purchase::on_demand));
  CHECK(read("").value.prices.empty());
}

TEST_CASE("catalog: a type in no table must be described whole", "[catalog][table]") {
  CHECK(read("catalog: {instance_types: {c5.2xlrge: {on_demand: 0.3 USD/h}}}").problems ==
        "test.yaml:1:28: error: instance type 'c5.2xlrge' is not in the catalogue\n"
        "  help: a type with a similar name exists: c5.2xlarge\n");
  CHECK_THAT(read("catalog: {instance_types: {c5.large: {vcpus: 0, performance_factor: -1}}}").problems,
             ContainsSubstring("vcpus") && ContainsSubstring("performance_factor"));
}

TEST_CASE("catalog: a price list of the scenario's, such as the one that ships", "[catalog][table]") {
  const auto result = test::read_text("catalog: {prices: windows-rhel-suse-2018/prices.csv}", read_catalog,
                                      std::string(test::source_dir) + "/scenarios/data/no-stated-licence/s.yaml");
  REQUIRE(result.problems == "");
  CHECK(result.value.prices.size() == 210);
  const Catalog catalog(result.value);
  CHECK(catalog.price({"us-east-2", "m5.large", "windows"}, Purchase::on_demand) == 0.188_usd_per_h);
  CHECK(catalog.price({"us-east-2", "m5.large", "windows"}, Purchase::reserved_1y) == 0.153_usd_per_h);
  CHECK(catalog.price({"us-east-2", "m5.large"}, Purchase::on_demand) == 0.096_usd_per_h);
}

TEST_CASE("catalog: what is wrong with a price list", "[catalog][table]") {
  CHECK(problems_of_list("us-east-1,c5.large,linux,0.1,,0.05\n") == "");
  CHECK(problems_of_list("us-east-1,c5.large,linux,0.1,,\nus-east-1,c5.large,linux,0.2,,\n") ==
        "p.csv:3:1: error: the price of c5.large with linux in us-east-1 is given twice\n");
  CHECK(problems_of_list("us-east-1,c5.large,linux,-0.1,,\n") ==
        "p.csv:2:26: error: on_demand_usd_per_hour: -0.1 is below zero\n");
  CHECK_THAT(problems_of_list("us-east-1,c5.large,linux,cheap,,\n"),
             ContainsSubstring("p.csv:2:26: error: on_demand_usd_per_hour: "));
}
