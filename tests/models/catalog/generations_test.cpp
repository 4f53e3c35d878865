/// Since when families are offered and where, what replaces the old ones, which types take an Elastic Fabric Adapter.

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "models/catalog/tables.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;

namespace {

auto read(std::string_view text) { return test::read_text(text, read_catalog); }

constexpr std::chrono::sys_days day(int year, unsigned month, unsigned of_month) {
  return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month};
}

bool has_family(const Catalog& catalog, std::string_view family) {
  const std::vector<std::string> names = catalog.type_names();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return family_of(name) == family; });
}

}  // namespace

TEST_CASE("catalog: M6i begins on 16 August 2021 in six Regions", "[catalog][table]") {
  const Catalog catalog;
  for (const char* region : {"us-east-1", "us-west-2", "us-east-2", "eu-west-1", "eu-central-1", "ap-southeast-1"}) {
    CHECK(catalog.refusal("m6i.large", region, day(2021, 8, 15)));
    CHECK_FALSE(catalog.refusal("m6i.large", region, day(2021, 8, 16)));
  }
  const auto elsewhere = catalog.refusal("m6i.large", "eu-west-3", day(2021, 8, 31));
  REQUIRE(elsewhere);
  CHECK(elsewhere->problem == "instance type 'm6i.large' is not offered in Region 'eu-west-3' on 2021-08-31: since 2021-08-16 it "
                              "is in ap-southeast-1, eu-central-1, eu-west-1, us-east-1, us-east-2, us-west-2");
  CHECK_FALSE(catalog.refusal("m6i.large", "eu-west-3", day(2021, 9, 1)));
  // Another family, though its name begins alike, and one of no table.
  CHECK_FALSE(catalog.refusal("m6id.large", "eu-west-3", day(2021, 8, 1)));
  CHECK_FALSE(catalog.refusal("m5.large", "us-east-1", day(2006, 8, 25)));
}

TEST_CASE("catalog: a type's own beginning replaces that of its family", "[catalog][table]") {
  const Catalog catalog(read("catalog: {instance_types: {m6i.large: {offered_since: 2021-08-01T00:00:00Z}, "
                             "m5.large: {offered_since: 2021-08-01T06:00:00Z}}}").value);
  CHECK_FALSE(catalog.refusal("m6i.large", "eu-west-3", day(2021, 8, 1)));
  CHECK(catalog.refusal("m6i.large", "eu-west-3", day(2021, 7, 31)));
  CHECK(catalog.refusal("m6i.xlarge", "eu-west-3", day(2021, 8, 1)));
  // The first whole day.
  CHECK(catalog.refusal("m5.large", "us-east-1", day(2021, 8, 1)));
  CHECK_FALSE(catalog.refusal("m5.large", "us-east-1", day(2021, 8, 2)));
}

TEST_CASE("catalog: AWS's successors of old generations, size by size", "[catalog][table]") {
  // Two that are in no table of ours.
  const Catalog catalog(read("catalog: {instance_types: {cr1.8xlarge: {vcpus: 32, memory: 244 GiB}, "
                             "hs1.8xlarge: {vcpus: 16, memory: 117 GiB}}}").value);
  const auto becomes = [&](const char* type) { return successor_of(catalog, type).value().type.value_or(""); };
  CHECK(becomes("m1.large") == "t2.large");
  CHECK(becomes("m1.small") == "t2.small");
  CHECK(becomes("t1.micro") == "t2.micro");
  CHECK(becomes("m3.2xlarge") == "m5.2xlarge");
  CHECK(becomes("c3.8xlarge") == "c5.9xlarge");  // no 8xlarge: 32 vCPUs and 60 GiB fit into 36 and 72
  CHECK(becomes("c1.medium") == "c5.large");
  CHECK(becomes("cr1.8xlarge") == "r4.8xlarge");
  CHECK(becomes("m2.4xlarge") == "r4.4xlarge");
  CHECK(becomes("r3.xlarge") == "r4.xlarge");
  CHECK(becomes("d2.8xlarge") == "d3.8xlarge");
  CHECK(becomes("hs1.8xlarge") == "d2.8xlarge");  // AWS's list, followed once
  CHECK(becomes("i2.2xlarge") == "i3.2xlarge");
  CHECK(becomes("g2.2xlarge") == "g3.4xlarge");   // the smallest that there is
  // A service is none.
  CHECK(successor_of(catalog, "cc2.8xlarge")->family == "AWS ParallelCluster");
  CHECK_FALSE(successor_of(catalog, "cc2.8xlarge")->type);
  CHECK_FALSE(successor_of(catalog, "m5.large"));
}

TEST_CASE("catalog: of M6i only the largest takes an Elastic Fabric Adapter", "[catalog][table]") {
  const Catalog catalog(read("catalog: {instance_types: {m5.large: {efa: true}, m6i.metal: {efa: false}}}").value);
  for (const std::string& name : catalog.type_names()) {
    if (family_of(name) == "m6i") CHECK(catalog.type(name)->efa == (name == "m6i.32xlarge"));
  }
  CHECK(Catalog{}.type("m6i.metal")->efa);  // came in November 2021, and is no size
  CHECK(catalog.type("m5.large")->efa);
  CHECK_FALSE(Catalog{}.type("m5.large")->efa);
}

TEST_CASE("catalog: the small tables name things that there are", "[catalog][property]") {
  const Catalog catalog;
  for (std::string_view rest = catalog::efa_table(); !rest.empty();) {
    const auto cells = catalog::cells_of(catalog::next_line(rest));
    INFO(std::string(cells[0]));
    REQUIRE(catalog.type(cells[0]));
    CHECK(catalog.type(cells[0])->efa);
  }
  for (std::string_view rest = catalog::launch_table(); !rest.empty();) {
    const auto cells = catalog::cells_of(catalog::next_line(rest));
    const FamilyLaunch launch = launch_of_family(cells[0]).value();
    CHECK(has_family(catalog, cells[0]));
    CHECK(launch.since < launch.elsewhere_unknown_from);
    CHECK(std::is_sorted(launch.regions.begin(), launch.regions.end()));
    for (const std::string& region : launch.regions) CHECK(catalog.volume_prices(region, "gp3"));
  }
  for (std::string_view rest = catalog::successor_table(); !rest.empty();) {
    const auto cells = catalog::cells_of(catalog::next_line(rest));
    CHECK((has_family(catalog, cells[0]) || cells[0] == "cr1" || cells[0] == "hs1"));
    CHECK((has_family(catalog, cells[1]) || cells[1] == "AWS ParallelCluster"));
  }
}

TEST_CASE("catalog: energy is told only where it is asked for", "[catalog][table]") {
  CHECK_FALSE(Catalog{}.power("m5.large"));
  const Catalog catalog(read("catalog: {energy: {}}").value);
  CHECK(catalog.power("m5.large")->idle == 0.74);
  CHECK(catalog.power("m5.large")->busy == 3.5);
  CHECK_FALSE(catalog.power("none.large"));
  const Catalog own(read("catalog: {energy: {idle_watts_per_vcpu: 1, busy_watts_per_vcpu: 4}, "
                         "instance_types: {m5.large: {busy_watts_per_vcpu: 5}}}").value);
  CHECK(own.power("m5.large")->idle == 1);
  CHECK(own.power("m5.large")->busy == 5);
}

TEST_CASE("catalog: so many times the work for each watt, whatever the performance", "[catalog][analytic]") {
  for (const char* performance : {"", "performance: [graviton2_performance], "}) {
    for (const auto& [preset, ratio] : {std::pair{"graviton2_2x", 2.0}, std::pair{"graviton2_3.5x", 3.5}}) {
      const Catalog catalog(read(fmt::format("catalog: {{{}energy: {{performance_per_watt: [{}]}}}}", performance, preset)).value);
      const double factor = catalog.type("m6g.large")->performance_factor;
      const auto per_watt = [&](const char* type, double of) { return of / catalog.power(type)->busy; };
      CHECK_THAT(per_watt("m6g.large", factor) / per_watt("m5.large", 1), Catch::Matchers::WithinRel(ratio, 1e-12));
    }
  }
}

TEST_CASE("catalog: unknown and contradictory statements about energy are refused", "[catalog][table]") {
  CHECK_THAT(read("catalog: {energy: {performance_per_watt: [graviton3]}}").problems,
             ContainsSubstring("there is no statement 'graviton3' about performance per watt"));
  CHECK_THAT(read("catalog: {energy: {performance_per_watt: [graviton2_2x, graviton2_3.5x]}}").problems,
             ContainsSubstring("'graviton2_3.5x' says something else of c6g than the statement before"));
  CHECK_THAT(read("catalog: {energy: {idle_watts_per_vcpu: 4}}").problems,
             ContainsSubstring("busy_watts_per_vcpu: 3.5 is below idle_watts_per_vcpu, 4"));
}
