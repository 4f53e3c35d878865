/// Fees of operating systems by size, against the price lists, and the words of their errors.

#include "fleetsim/models/catalog.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;

namespace {

constexpr std::chrono::sys_days in_2021 = std::chrono::year{2021} / 8 / 15;
constexpr std::chrono::sys_days in_2025 = std::chrono::year{2025} / 8 / 15;

UsdPerHour fee(OperatingSystem os, std::int64_t vcpus, std::chrono::sys_days as_of) {
  return licence_fee(default_licence_fees(os, as_of), vcpus);
}
auto read(std::string_view text) { return test::read_text(text, read_catalog); }

}  // namespace

TEST_CASE("licence: AWS's fees by size and date", "[catalog][table]") {
  CHECK(fee(OperatingSystem::linux, 8, in_2021) == UsdPerHour{});
  CHECK(fee(OperatingSystem::windows, 8, in_2021) == 0.368_usd_per_h);
  CHECK(fee(OperatingSystem::windows, 128, in_2025) == 5.888_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 4, in_2021) == 0.06_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 5, in_2021) == 0.13_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 128, in_2021) == 0.13_usd_per_h);
  CHECK(fee(OperatingSystem::suse, 2, in_2021) == 0.10_usd_per_h);
  // Since 2024 by the vCPU: the three sizes whose price is known to us, and the one that is known to be below 0.13.
  CHECK(fee(OperatingSystem::rhel, 4, in_2025) == 0.0576_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 12, in_2025) == 0.1296_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 16, in_2025) == 0.1728_usd_per_h);
  CHECK(fee(OperatingSystem::rhel, 128, in_2025) == 1.2288_usd_per_h);
}

TEST_CASE("licence: an instance costs Linux's price and the fee, unless a list prices the whole", "[catalog]") {
  const Catalog built_in;
  const auto large = built_in.price_with_licence({"us-east-1", "m5.2xlarge", "rhel"}, Purchase::on_demand, in_2021);
  REQUIRE(large);
  CHECK(large->instance + large->licence == 0.514_usd_per_h);  // as the price list of 2018 has it
  CHECK_FALSE(built_in.price({"us-east-1", "m5.2xlarge", "rhel"}, Purchase::on_demand));
  CHECK_FALSE(built_in.price_with_licence({"mars-1", "m5.2xlarge", "rhel"}, Purchase::on_demand, in_2021));

  CatalogConfig config;
  config.prices[{"us-east-1", "m5.2xlarge", "rhel"}].on_demand = 0.5_usd_per_h;
  const auto listed = Catalog(config).price_with_licence({"us-east-1", "m5.2xlarge", "rhel"}, Purchase::on_demand, in_2021);
  REQUIRE(listed);
  CHECK(listed->instance == 0.5_usd_per_h);
  CHECK(listed->licence == UsdPerHour{});
}

TEST_CASE("licence: a scenario's own tiers replace AWS's, and must cover every size once", "[catalog]") {
  const auto own = read("catalog: {licences: {rhel: [{vcpus_up_to: 3, fee: 0.06 USD/h}, {fee_per_vcpu: 0.01 USD/h}]}}");
  REQUIRE(own.problems == "");
  const LicenceFees fees = Catalog(own.value).licence_fees(OperatingSystem::rhel, in_2021);
  CHECK(licence_fee(fees, 3) == 0.06_usd_per_h);
  CHECK(licence_fee(fees, 4) == 0.04_usd_per_h);

  CHECK(read("catalog: {licences: {rhel: [{fee: 0.06 USD/h}, {fee: 0.13 USD/h}]}}").problems ==
        "test.yaml:1:48: error: rhel: no size is left for this tier\n"
        "  help: give every tier but the last vcpus_up_to\n");
  CHECK(read("catalog: {licences: {suse: [{vcpus_up_to: 4, fee: 0.06 USD/h}]}}").problems ==
        "test.yaml:1:28: error: catalog.licences.suse: sizes above 4 vCPUs have no fee\n"
        "  help: let the last tier have no vcpus_up_to\n");
}
