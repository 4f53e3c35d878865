/// Statements about performance as factors, and the CPU credits of burstable types.

#include <cmath>
#include <string>

#include "fleetsim/models/catalog.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

auto read(std::string_view text) { return test::read_text(text, read_catalog); }

}  // namespace

TEST_CASE("catalog: the two statements about Graviton2 contradict each other, and each is a preset", "[catalog][table]") {
  // 40 % more performance at a price 20 % lower is 75 % more for the money; 40 % more for the money is 12 % more
  // performance.
  const Catalog performance(read("catalog: {performance: [graviton2_performance]}").value);
  const Catalog price_performance(read("catalog: {performance: [graviton2_price_performance]}").value);
  CHECK_THAT(performance.type("m6g.large")->performance_factor / 0.8, WithinRel(1.75, 1e-12));
  CHECK_THAT(price_performance.type("m6g.large")->performance_factor, WithinRel(1.12, 1e-12));
  CHECK(performance.type("m5.large")->performance_factor == 1);
  CHECK(performance.type("c6g.2xlarge")->performance_factor == 1.4);
  CHECK(performance.type("m7g.large")->performance_factor == 1);  // Graviton3
  // The prices that ship do differ by 20 %.
  const double ratio = *performance.price({"us-east-1", "m6g.large"}, Purchase::on_demand) /
                       *performance.price({"us-east-1", "m5.large"}, Purchase::on_demand);
  CHECK_THAT(ratio, WithinAbs(0.8, 0.003));
}

TEST_CASE("catalog: M6i does up to 15 % more at the price of M5", "[catalog][table]") {
  const Catalog catalog(read("catalog: {performance: [m6i_price_performance]}").value);
  CHECK(catalog.type("m6i.xlarge")->performance_factor == 1.15);
  CHECK(catalog.type("m6id.xlarge")->performance_factor == 1);
  CHECK(catalog.price({"us-east-1", "m6i.xlarge"}, Purchase::on_demand) ==
        catalog.price({"us-east-1", "m5.xlarge"}, Purchase::on_demand));
}

TEST_CASE("catalog: a type's own factor replaces a statement's", "[catalog][table]") {
  const Catalog catalog(
      read("catalog: {performance: [graviton2_performance], instance_types: {m6g.large: {performance_factor: 1.2}}}").value);
  CHECK(catalog.type("m6g.large")->performance_factor == 1.2);
  CHECK(catalog.type("m6g.xlarge")->performance_factor == 1.4);
}

TEST_CASE("catalog: an unknown statement and two that contradict each other are refused", "[catalog][table]") {
  CHECK_THAT(read("catalog: {performance: [graviton3]}").problems,
             ContainsSubstring("1:25: error: there is no statement 'graviton3' about performance"));
  CHECK_THAT(read("catalog: {performance: [graviton2_performance, graviton2_price_performance]}").problems,
             ContainsSubstring("'graviton2_price_performance' says something else of c6g than the statement before"));
}

TEST_CASE("catalog: the nine sizes of M6i are those that were announced", "[catalog][table]") {
  struct Size {
    const char* name;
    std::int64_t vcpus, gib;
    double network, ebs;  // Gbps, at most
  };
  for (const Size& size : {Size{"large", 2, 8, 12.5, 10}, Size{"xlarge", 4, 16, 12.5, 10}, Size{"2xlarge", 8, 32, 12.5, 10},
                           Size{"4xlarge", 16, 64, 12.5, 10}, Size{"8xlarge", 32, 128, 12.5, 10},
                           Size{"12xlarge", 48, 192, 18.75, 15}, Size{"16xlarge", 64, 256, 25, 20},
                           Size{"24xlarge", 96, 384, 37.5, 30}, Size{"32xlarge", 128, 512, 50, 40}}) {
    const InstanceType type = Catalog().type(std::string("m6i.") + size.name).value();
    CHECK(type.vcpus == size.vcpus);
    CHECK(type.memory == 1_GiB * size.gib);
    CHECK(size.gib == 4 * size.vcpus);
    CHECK_THAT(static_cast<double>(type.network_burst->count()) / 125e6, WithinAbs(size.network, 1e-9));
    CHECK_THAT(static_cast<double>(type.ebs_throughput_max->count()) / 125e6, WithinAbs(size.ebs, 1e-9));
    // "Up to" for the first four: they burst.
    CHECK((*type.network_baseline < *type.network_burst) == (size.vcpus <= 16));
  }
}

TEST_CASE("catalog: credits of burstable types agree with their baselines", "[catalog][table]") {
  // instance type, credits an hour, most, % of each vCPU: Amazon EC2 user guide, earning CPU credits.
  struct Row {
    const char* type;
    double earned, most, baseline;
  };
  for (const Row& row : {Row{"t2.nano", 3, 72, 5}, Row{"t2.micro", 6, 144, 10}, Row{"t2.xlarge", 54, 1296, 22.5},
                         Row{"t2.2xlarge", 81.6, 1958.4, 17}, Row{"t3.nano", 6, 144, 5}, Row{"t3.small", 24, 576, 20},
                         Row{"t3.large", 36, 864, 30}, Row{"t3a.xlarge", 96, 2304, 40}, Row{"t4g.2xlarge", 192, 4608, 40}}) {
    const InstanceType type = Catalog().type(row.type).value();
    REQUIRE(type.cpu_credits);
    CHECK(static_cast<double>(type.cpu_credits->earned_per_hour) == row.earned * 1e6);
    CHECK(static_cast<double>(type.cpu_credits->accrued_max) == std::round(row.most * 1e6));
    CHECK_THAT(row.earned, WithinRel(row.baseline / 100 * static_cast<double>(type.vcpus) * 60, 1e-12));
  }
  int burstable = 0;
  for (const std::string& name : Catalog().type_names()) {
    const InstanceType type = Catalog().type(name).value();
    if (family_of(name) == "t1") continue;  // it has no credits that were published
    CHECK(type.burstable == type.cpu_credits.has_value());
    if (!type.cpu_credits) continue;
    ++burstable;
    CHECK(type.cpu_credits->accrued_max == 24 * type.cpu_credits->earned_per_hour);
    const bool t2 = family_of(name) == "t2";
    CHECK(type.cpu_credits->launch == (t2 ? 30'000'000 * type.vcpus : 0));
    CHECK(type.cpu_credits->unlimited_by_default == !t2);
  }
  CHECK(burstable == 28);
}

TEST_CASE("catalog: surplus credits cost by family and system, or what the scenario says", "[catalog][table]") {
  CHECK(Catalog().surplus_credit_price("t3.large", OperatingSystem::linux) == 0.05_usd_per_h);
  CHECK(Catalog().surplus_credit_price("t4g.large", OperatingSystem::linux) == 0.04_usd_per_h);
  CHECK(Catalog().surplus_credit_price("t3.large", OperatingSystem::windows) == 0.096_usd_per_h);
  const Catalog own(read("catalog: {surplus_credits: 0.03 USD/h}").value);
  CHECK(own.surplus_credit_price("t3.large", OperatingSystem::windows) == 0.03_usd_per_h);
}
