/// The tables built into the program, and a scenario's rows over them.

#include "fleetsim/models/catalog.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "models/catalog/tables.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

const PriceKey c5_2xlarge{"us-east-1", "c5.2xlarge"};

InstanceTypeRow row(std::string name) {
  InstanceTypeRow row;
  row.name.value = std::move(name);
  return row;
}

}  // namespace

TEST_CASE("catalog: known rows are what AWS publishes", "[catalog][table]") {
  const Catalog catalog;
  const auto type = catalog.type("m6i.large");
  REQUIRE(type);
  CHECK(type->name == "m6i.large");
  CHECK(type->vcpus == 2);
  CHECK(type->memory == 8_GiB);
  CHECK(type->architecture == "x86_64");
  CHECK(type->performance_factor == 1.0);
  CHECK(type->network_burst == BytesPerSecond::of(1'562'500'000));       // 12.5 Gbps
  CHECK(type->ebs_throughput_max == BytesPerSecond::of(1'250'000'000));  // 10 Gbps
  CHECK(type->ebs_iops_max == Iops::of(40'000));
  CHECK(type->instance_store == Bytes{});
  CHECK_FALSE(type->burstable);
  CHECK(catalog.type("t3.micro")->burstable);
  CHECK(catalog.type("m6g.large")->architecture == "arm64");
  CHECK(catalog.type("u-6tb1.56xlarge")->memory == 6144_GiB);
}

TEST_CASE("catalog: a limit that is not published is empty, not zero", "[catalog][table]") {
  const auto type = Catalog{}.type("m1.small");
  REQUIRE(type);
  CHECK(type->vcpus == 1);
  CHECK_FALSE(type->ebs_throughput_max);
}

TEST_CASE("catalog: known prices, and none for what is not sold", "[catalog][table]") {
  const Catalog catalog;
  CHECK(catalog.price(c5_2xlarge, Purchase::on_demand) == 0.34_usd_per_h);
  CHECK(catalog.price({"us-east-1", "m5.large"}, Purchase::on_demand) == 0.096_usd_per_h);
  CHECK(catalog.price({"us-east-1", "m5.large"}, Purchase::reserved_1y) == 0.06_usd_per_h);
  CHECK(catalog.price({"us-east-1", "m5.large"}, Purchase::reserved_3y) == 0.041_usd_per_h);
  CHECK(catalog.price({"us-east-1", "m1.small"}, Purchase::on_demand) == 0.044_usd_per_h);
  CHECK_FALSE(catalog.price({"eu-central-1", "x2gd.large"}, Purchase::on_demand));
  CHECK_FALSE(catalog.price({"us-east-1", "c5.2xlarge", "windows"}, Purchase::on_demand));
  CHECK_FALSE(catalog.price({"us-east-9", "c5.2xlarge"}, Purchase::on_demand));
  CHECK_FALSE(catalog.type("c5.3xlarge"));
  CHECK_FALSE(catalog.type("c5.2xlarg"));
  CHECK_FALSE(catalog.type(""));
  CHECK_THROWS_AS(catalog.price(c5_2xlarge, Purchase::spot), InvariantViolation);
}

TEST_CASE("catalog: every row of both tables is found by its key, and read whole", "[catalog][property]") {
  const Catalog catalog;
  std::size_t types = 0;
  for (std::string_view rest = catalog::instance_table(); !rest.empty(); ++types) {
    const std::string_view line = catalog::next_line(rest);
    const std::string_view name = line.substr(0, line.find(','));
    const auto type = catalog.type(name);
    REQUIRE(type);
    CHECK(type->name == name);
    CHECK(type->vcpus > 0);
    CHECK(type->memory > Bytes{});
  }
  CHECK(types == 1'395);
  std::size_t prices = 0;
  for (std::string_view rest = catalog::price_table(); !rest.empty(); ++prices) {
    const auto cells = catalog::cells_of(catalog::next_line(rest));
    const PriceKey key{std::string(cells[0]), std::string(cells[1]), std::string(cells[2])};
    REQUIRE(catalog.price(key, Purchase::on_demand));
    const UsdPerHour on_demand = *catalog.price(key, Purchase::on_demand);
    CHECK(on_demand > UsdPerHour{});
    // A commitment is never dearer than none, nor a longer one than a shorter one.
    const UsdPerHour one_year = catalog.price(key, Purchase::reserved_1y).value_or(on_demand);
    CHECK(one_year <= on_demand);
    CHECK(catalog.price(key, Purchase::reserved_3y).value_or(one_year) <= one_year);
  }
  CHECK(prices == 10'925);
  CHECK(catalog.type_names().size() == types);
  CHECK(catalog.regions().size() == 16);
}

TEST_CASE("catalog: a row is found at the ends of a table and nowhere between rows", "[catalog][table]") {
  constexpr std::string_view table = "a1.large,2\nb2.large,4\nb2.large-flex,8\nc3.large,16\n";
  CHECK(catalog::find_row(table, "a1.large,") == "a1.large,2");
  CHECK(catalog::find_row(table, "b2.large,") == "b2.large,4");
  CHECK(catalog::find_row(table, "b2.large-flex,") == "b2.large-flex,8");
  CHECK(catalog::find_row(table, "c3.large,") == "c3.large,16");
  for (const std::string_view missing : {"a,", "a1.larg,", "b2.large-f,", "b3,", "c3.large.,", "d,", ","}) {
    CHECK(catalog::find_row(table, missing) == "");
  }
  CHECK(catalog::find_row("", "a,") == "");
}

TEST_CASE("catalog: a scenario's row wins over its price list, and that over the built-in row", "[catalog][table]") {
  CatalogConfig config;
  config.prices[c5_2xlarge] = {0.30_usd_per_h, std::nullopt, 0.15_usd_per_h};
  config.prices[{"us-east-1", "c5.4xlarge", "linux"}] = {0.61_usd_per_h, std::nullopt, std::nullopt};
  config.prices[{"us-east-1", "c5.2xlarge", "windows"}] = {0.71_usd_per_h, std::nullopt, std::nullopt};
  config.instance_types["c5.2xlarge"] = row("c5.2xlarge");
  config.instance_types["c5.2xlarge"].on_demand = 0.10_usd_per_h;
  config.instance_types["c5.2xlarge"].performance_factor = 1.15;
  const Catalog catalog(config);
  CHECK(catalog.price(c5_2xlarge, Purchase::on_demand) == 0.10_usd_per_h);
  CHECK(catalog.price({"eu-west-1", "c5.2xlarge"}, Purchase::on_demand) == 0.10_usd_per_h);
  CHECK_FALSE(catalog.price(c5_2xlarge, Purchase::reserved_1y));  // the price list's row replaces the whole row
  CHECK(catalog.price(c5_2xlarge, Purchase::reserved_3y) == 0.15_usd_per_h);
  CHECK(catalog.price({"us-east-1", "c5.4xlarge"}, Purchase::on_demand) == 0.61_usd_per_h);
  CHECK(catalog.price({"us-east-1", "c5.2xlarge", "windows"}, Purchase::on_demand) == 0.71_usd_per_h);
  CHECK(catalog.price({"us-east-1", "c5.xlarge"}, Purchase::on_demand) == 0.17_usd_per_h);
  const auto type = catalog.type("c5.2xlarge");
  CHECK(type->performance_factor == 1.15);
  CHECK(type->vcpus == 8);  // what the row leaves out stays
}

TEST_CASE("catalog: a type of the scenario's own", "[catalog][table]") {
  CatalogConfig config;
  config.instance_types["rack.large"] = row("rack.large");
  config.instance_types["rack.large"].vcpus = 12;
  config.instance_types["rack.large"].memory = 48_GiB;
  config.instance_types["rack.large"].on_demand = 0.2_usd_per_h;
  const Catalog catalog(config);
  const auto type = catalog.type("rack.large");
  REQUIRE(type);
  CHECK(type->vcpus == 12);
  CHECK(type->memory == 48_GiB);
  CHECK(catalog.price({"anywhere", "rack.large"}, Purchase::on_demand) == 0.2_usd_per_h);
  CHECK(catalog.type_names().size() == 1'396);
}

TEST_CASE("catalog: help for what is not there", "[catalog][table]") {
  const Catalog catalog;
  CHECK(catalog.type_help("c5.2xlrge") == "a type with a similar name exists: c5.2xlarge");
  CHECK(catalog.type_help("mainframe") ==
        "describe it under catalog.instance_types, with vcpus, memory and a price");
  CHECK(catalog.type_help("hs1.8xlarge") ==
        "hs1 is of an old generation, and AWS names d2 instead: choose a type of that, or describe hs1.8xlarge under "
        "catalog.instance_types, with vcpus, memory and a price");
  CHECK(catalog.price_help({"eu-south-1", "x2gd.large"}, Purchase::on_demand).starts_with("priced in eu-west-1, "));
  CHECK(catalog.price_help({"us-esat-1", "c5.2xlarge"}, Purchase::on_demand) ==
        "a Region with a similar name exists: us-east-1; or state on_demand of c5.2xlarge under catalog.instance_types");
  CHECK(catalog.price_help({"eu-central-1", "x2gd.large"}, Purchase::on_demand) ==
        "priced in eu-west-1, us-east-1, us-east-2, us-west-2; or state on_demand of x2gd.large under "
        "catalog.instance_types");
  CHECK(catalog.price_help({"us-east-1", "rack.large"}, Purchase::on_demand) ==
        "state on_demand of rack.large under catalog.instance_types");
  CHECK(catalog.price_help({"us-east-1", "m1.small"}, Purchase::reserved_3y) ==
        "state reserved_3y of m1.small under catalog.instance_types");
}
