/// The limits of EBS and network of 205 instance types, in the units in which AWS publishes them.
/// Source: DescribeInstanceTypes, EbsInfo and NetworkInfo (2026), as in scenarios/data/catalogue/README.md; this copy was
/// taken from the columns in Mbps, which the catalogue does not have.

#include <cmath>
#include <sstream>
#include <string>

#include "fleetsim/models/catalog.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

// instance type, EBS Mbps base and maximum, EBS IOPS base and maximum, network Gbps base and burst, Nitro
constexpr const char* published =
    "a1.2xlarge,1750,3500,10000,20000,2.5,10,true\n"
    "a1.4xlarge,3500,3500,20000,20000,5,10,true\n"
    "a1.large,525,3500,4000,20000,0.75,10,true\n"
    "a1.medium,300,3500,2500,20000,0.5,10,true\n"
    "a1.metal,3500,3500,20000,20000,5,10,true\n"
    "a1.xlarge,800,3500,6000,20000,1.25,10,true\n"
    "c4.2xlarge,1000,1000,8000,8000,2.5,10,false\n"
    "c4.4xlarge,2000,2000,16000,16000,5,10,false\n"
    "c4.8xlarge,4000,4000,32000,32000,10,10,false\n"
    "c4.large,500,500,4000,4000,0.625,1.2,false\n"
    "c4.xlarge,750,750,6000,6000,1.25,2.8,false\n"
    "c5.12xlarge,9500,9500,40000,40000,12,12,true\n"
    "c5.18xlarge,19000,19000,80000,80000,25,25,true\n"
    "c5.24xlarge,19000,19000,80000,80000,25,25,true\n"
    "c5.2xlarge,2300,4750,10000,20000,2.5,10,true\n"
    "c5.4xlarge,4750,4750,20000,20000,5,10,true\n"
    "c5.9xlarge,9500,9500,40000,40000,12,12,true\n"
    "c5.large,650,4750,4000,20000,0.75,10,true\n"
    "c5.metal,19000,19000,80000,80000,25,25,true\n"
    "c5.xlarge,1150,4750,6000,20000,1.25,10,true\n"
    "c5n.18xlarge,19000,19000,80000,80000,100,100,true\n"
    "c5n.2xlarge,2300,4750,10000,20000,10,25,true\n"
    "c5n.4xlarge,4750,4750,20000,20000,15,25,true\n"
    "c5n.9xlarge,9500,9500,40000,40000,50,50,true\n"
    "c5n.large,650,4750,4000,20000,3,25,true\n"
    "c5n.metal,19000,19000,80000,80000,100,100,true\n"
    "c5n.xlarge,1150,4750,6000,20000,5,25,true\n"
    "c6g.12xlarge,14250,14250,50000,50000,20,20,true\n"
    "c6g.16xlarge,19000,19000,80000,80000,25,25,true\n"
    "c6g.2xlarge,2375,4750,12000,20000,2.5,10,true\n"
    "c6g.4xlarge,4750,4750,20000,20000,5,10,true\n"
    "c6g.8xlarge,9500,9500,40000,40000,12,12,true\n"
    "c6g.large,630,4750,3600,20000,0.75,10,true\n"
    "c6g.medium,315,4750,2500,20000,0.5,10,true\n"
    "c6g.metal,19000,19000,80000,80000,25,25,true\n"
    "c6g.xlarge,1188,4750,6000,20000,1.25,10,true\n"
    "c6i.12xlarge,15000,15000,60000,60000,18.75,18.75,true\n"
    "c6i.16xlarge,20000,20000,80000,80000,25,25,true\n"
    "c6i.24xlarge,30000,30000,120000,120000,37.5,37.5,true\n"
    "c6i.2xlarge,2500,10000,12000,40000,3.125,12.5,true\n"
    "c6i.32xlarge,40000,40000,160000,160000,50,50,true\n"
    "c6i.4xlarge,5000,10000,20000,40000,6.25,12.5,true\n"
    "c6i.8xlarge,10000,10000,40000,40000,12.5,12.5,true\n"
    "c6i.large,650,10000,3600,40000,0.781,12.5,true\n"
    "c6i.metal,40000,40000,160000,160000,50,50,true\n"
    "c6i.xlarge,1250,10000,6000,40000,1.562,12.5,true\n"
    "c7g.12xlarge,15000,15000,60000,60000,22.5,22.5,true\n"
    "c7g.16xlarge,20000,20000,80000,80000,30,30,true\n"
    "c7g.2xlarge,2500,10000,12000,40000,3.75,15,true\n"
    "c7g.4xlarge,5000,10000,20000,40000,7.5,15,true\n"
    "c7g.8xlarge,10000,10000,40000,40000,15,15,true\n"
    "c7g.large,630,10000,3600,40000,0.937,12.5,true\n"
    "c7g.medium,315,10000,2500,40000,0.52,12.5,true\n"
    "c7g.metal,20000,20000,80000,80000,30,30,true\n"
    "d3.2xlarge,1700,2800,10000,15000,6,15,true\n"
    "d3.4xlarge,2800,2800,15000,15000,12.5,15,true\n"
    "d3.8xlarge,5000,5000,30000,30000,25,25,true\n"
    "d3.xlarge,850,2800,5000,15000,3,15,true\n"
    "g4dn.12xlarge,9500,9500,40000,40000,50,50,true\n"
    "g4dn.16xlarge,9500,9500,40000,40000,50,50,true\n"
    "g4dn.2xlarge,1150,3500,6000,20000,10,25,true\n"
    "g4dn.4xlarge,4750,4750,20000,20000,20,25,true\n"
    "g4dn.8xlarge,9500,9500,40000,40000,50,50,true\n"
    "g4dn.metal,19000,19000,80000,80000,100,100,true\n"
    "g4dn.xlarge,950,3500,3000,20000,5,25,true\n"
    "g5.12xlarge,16000,16000,65000,65000,40,40,true\n"
    "g5.16xlarge,16000,16000,65000,65000,25,25,true\n"
    "g5.24xlarge,19000,19000,80000,80000,50,50,true\n"
    "g5.2xlarge,850,3500,3500,15000,5,10,true\n"
    "g5.48xlarge,19000,19000,80000,80000,100,100,true\n"
    "g5.4xlarge,4750,4750,20000,20000,10,25,true\n"
    "g5.8xlarge,16000,16000,65000,65000,25,25,true\n"
    "g5.xlarge,700,3500,3000,15000,2.5,10,true\n"
    "i3.16xlarge,14000,14000,65000,65000,25,25,false\n"
    "i3.2xlarge,1700,1700,12000,12000,2.5,10,false\n"
    "i3.4xlarge,3500,3500,16000,16000,5,10,false\n"
    "i3.8xlarge,7000,7000,32500,32500,10,10,false\n"
    "i3.large,425,425,3000,3000,0.75,10,false\n"
    "i3.metal,19000,19000,80000,80000,25,25,true\n"
    "i3.xlarge,850,850,6000,6000,1.25,10,false\n"
    "i3en.12xlarge,9500,9500,40000,40000,50,50,true\n"
    "i3en.24xlarge,19000,19000,80000,80000,100,100,true\n"
    "i3en.3xlarge,3800,4750,15000,20000,12.5,25,true\n"
    "i3en.6xlarge,4750,4750,20000,20000,25,25,true\n"
    "i3en.metal,19000,19000,80000,80000,100,100,true\n"
    "m4.10xlarge,4000,4000,32000,32000,10,10,false\n"
    "m4.16xlarge,10000,10000,65000,65000,25,25,false\n"
    "m4.2xlarge,1000,1000,8000,8000,1,10,false\n"
    "m4.4xlarge,2000,2000,16000,16000,2,10,false\n"
    "m4.large,450,450,3600,3600,0.45,1.2,false\n"
    "m4.xlarge,750,750,6000,6000,0.75,2.8,false\n"
    "m5.12xlarge,9500,9500,40000,40000,12,12,true\n"
    "m5.16xlarge,13600,13600,60000,60000,20,20,true\n"
    "m5.24xlarge,19000,19000,80000,80000,25,25,true\n"
    "m5.2xlarge,2300,4750,12000,18750,2.5,10,true\n"
    "m5.4xlarge,4750,4750,18750,18750,5,10,true\n"
    "m5.8xlarge,6800,6800,30000,30000,10,10,true\n"
    "m5.large,650,4750,3600,18750,0.75,10,true\n"
    "m5.metal,19000,19000,80000,80000,25,25,true\n"
    "m5.xlarge,1150,4750,6000,18750,1.25,10,true\n"
    "m5zn.12xlarge,19000,19000,80000,80000,100,100,true\n"
    "m5zn.2xlarge,3170,3170,13333,13333,10,25,true\n"
    "m5zn.3xlarge,4750,4750,20000,20000,15,25,true\n"
    "m5zn.6xlarge,9500,9500,40000,40000,50,50,true\n"
    "m5zn.large,800,3170,3333,13333,3,25,true\n"
    "m5zn.metal,19000,19000,80000,80000,100,100,true\n"
    "m5zn.xlarge,1564,3170,6667,13333,5,25,true\n"
    "m6g.12xlarge,14250,14250,50000,50000,20,20,true\n"
    "m6g.16xlarge,19000,19000,80000,80000,25,25,true\n"
    "m6g.2xlarge,2375,4750,12000,20000,2.5,10,true\n"
    "m6g.4xlarge,4750,4750,20000,20000,5,10,true\n"
    "m6g.8xlarge,9500,9500,40000,40000,12,12,true\n"
    "m6g.large,630,4750,3600,20000,0.75,10,true\n"
    "m6g.medium,315,4750,2500,20000,0.5,10,true\n"
    "m6g.metal,19000,19000,80000,80000,25,25,true\n"
    "m6g.xlarge,1188,4750,6000,20000,1.25,10,true\n"
    "m6i.12xlarge,15000,15000,60000,60000,18.75,18.75,true\n"
    "m6i.16xlarge,20000,20000,80000,80000,25,25,true\n"
    "m6i.24xlarge,30000,30000,120000,120000,37.5,37.5,true\n"
    "m6i.2xlarge,2500,10000,12000,40000,3.125,12.5,true\n"
    "m6i.32xlarge,40000,40000,160000,160000,50,50,true\n"
    "m6i.4xlarge,5000,10000,20000,40000,6.25,12.5,true\n"
    "m6i.8xlarge,10000,10000,40000,40000,12.5,12.5,true\n"
    "m6i.large,650,10000,3600,40000,0.781,12.5,true\n"
    "m6i.metal,40000,40000,160000,160000,50,50,true\n"
    "m6i.xlarge,1250,10000,6000,40000,1.562,12.5,true\n"
    "m7g.12xlarge,15000,15000,60000,60000,22.5,22.5,true\n"
    "m7g.16xlarge,20000,20000,80000,80000,30,30,true\n"
    "m7g.2xlarge,2500,10000,12000,40000,3.75,15,true\n"
    "m7g.4xlarge,5000,10000,20000,40000,7.5,15,true\n"
    "m7g.8xlarge,10000,10000,40000,40000,15,15,true\n"
    "m7g.large,630,10000,3600,40000,0.937,12.5,true\n"
    "m7g.medium,315,10000,2500,40000,0.52,12.5,true\n"
    "m7g.metal,20000,20000,80000,80000,30,30,true\n"
    "p3.16xlarge,14000,14000,80000,80000,25,25,false\n"
    "p3.2xlarge,1750,1750,10000,10000,2.5,10,false\n"
    "p3.8xlarge,7000,7000,40000,40000,10,10,false\n"
    "r4.16xlarge,14000,14000,75000,75000,25,25,false\n"
    "r4.2xlarge,1700,1700,12000,12000,2.5,10,false\n"
    "r4.4xlarge,3500,3500,18750,18750,5,10,false\n"
    "r4.8xlarge,7000,7000,37500,37500,10,10,false\n"
    "r4.large,425,425,3000,3000,0.75,10,false\n"
    "r4.xlarge,850,850,6000,6000,1.25,10,false\n"
    "r5.12xlarge,9500,9500,40000,40000,12,12,true\n"
    "r5.16xlarge,13600,13600,60000,60000,20,20,true\n"
    "r5.24xlarge,19000,19000,80000,80000,25,25,true\n"
    "r5.2xlarge,2300,4750,12000,18750,2.5,10,true\n"
    "r5.4xlarge,4750,4750,18750,18750,5,10,true\n"
    "r5.8xlarge,6800,6800,30000,30000,10,10,true\n"
    "r5.large,650,4750,3600,18750,0.75,10,true\n"
    "r5.metal,19000,19000,80000,80000,25,25,true\n"
    "r5.xlarge,1150,4750,6000,18750,1.25,10,true\n"
    "r5b.12xlarge,30000,30000,130000,130000,12,12,true\n"
    "r5b.16xlarge,40000,40000,173333,173333,20,20,true\n"
    "r5b.24xlarge,60000,60000,260000,260000,25,25,true\n"
    "r5b.2xlarge,5000,10000,21667,43333,2.5,10,true\n"
    "r5b.4xlarge,10000,10000,43333,43333,5,10,true\n"
    "r5b.8xlarge,20000,20000,86667,86667,10,10,true\n"
    "r5b.large,1250,10000,5417,43333,0.75,10,true\n"
    "r5b.metal,60000,60000,260000,260000,25,25,true\n"
    "r5b.xlarge,2500,10000,10833,43333,1.25,10,true\n"
    "r6g.12xlarge,14250,14250,50000,50000,20,20,true\n"
    "r6g.16xlarge,19000,19000,80000,80000,25,25,true\n"
    "r6g.2xlarge,2375,4750,12000,20000,2.5,10,true\n"
    "r6g.4xlarge,4750,4750,20000,20000,5,10,true\n"
    "r6g.8xlarge,9500,9500,40000,40000,12,12,true\n"
    "r6g.large,630,4750,3600,20000,0.75,10,true\n"
    "r6g.medium,315,4750,2500,20000,0.5,10,true\n"
    "r6g.metal,19000,19000,80000,80000,25,25,true\n"
    "r6g.xlarge,1188,4750,6000,20000,1.25,10,true\n"
    "r6i.12xlarge,15000,15000,60000,60000,18.75,18.75,true\n"
    "r6i.16xlarge,20000,20000,80000,80000,25,25,true\n"
    "r6i.24xlarge,30000,30000,120000,120000,37.5,37.5,true\n"
    "r6i.2xlarge,2500,10000,12000,40000,3.125,12.5,true\n"
    "r6i.32xlarge,40000,40000,160000,160000,50,50,true\n"
    "r6i.4xlarge,5000,10000,20000,40000,6.25,12.5,true\n"
    "r6i.8xlarge,10000,10000,40000,40000,12.5,12.5,true\n"
    "r6i.large,650,10000,3600,40000,0.781,12.5,true\n"
    "r6i.metal,40000,40000,160000,160000,50,50,true\n"
    "r6i.xlarge,1250,10000,6000,40000,1.562,12.5,true\n"
    "t3.2xlarge,695,2780,4000,15700,2.048,5,true\n"
    "t3.large,695,2780,4000,15700,0.512,5,true\n"
    "t3.medium,347,2085,2000,11800,0.256,5,true\n"
    "t3.micro,87,2085,500,11800,0.064,5,true\n"
    "t3.nano,43,2085,250,11800,0.032,5,true\n"
    "t3.small,174,2085,1000,11800,0.128,5,true\n"
    "t3.xlarge,695,2780,4000,15700,1.024,5,true\n"
    "t4g.2xlarge,695,2780,4000,15700,2.048,5,true\n"
    "t4g.large,695,2780,4000,15700,0.512,5,true\n"
    "t4g.medium,347,2085,2000,11800,0.256,5,true\n"
    "t4g.micro,87,2085,500,11800,0.064,5,true\n"
    "t4g.nano,43,2085,250,11800,0.032,5,true\n"
    "t4g.small,174,2085,1000,11800,0.128,5,true\n"
    "t4g.xlarge,695,2780,4000,15700,1.024,5,true\n"
    "x2idn.16xlarge,40000,40000,173333,173333,50,50,true\n"
    "x2idn.24xlarge,60000,60000,260000,260000,75,75,true\n"
    "x2idn.32xlarge,80000,80000,260000,260000,100,100,true\n"
    "x2idn.metal,80000,80000,260000,260000,100,100,true\n"
    "z1d.12xlarge,19000,19000,80000,80000,25,25,true\n"
    "z1d.2xlarge,3170,3170,13333,13333,2.5,10,true\n"
    "z1d.3xlarge,4750,4750,20000,20000,5,10,true\n"
    "z1d.6xlarge,9500,9500,40000,40000,12,12,true\n"
    "z1d.large,800,3170,3333,13333,0.75,10,true\n"
    "z1d.metal,19000,19000,80000,80000,25,25,true\n"
    "z1d.xlarge,1580,3170,6667,13333,1.25,10,true\n";

}  // namespace

TEST_CASE("catalog: the published limits of EBS and network, to the unit", "[catalog][table]") {
  const Catalog catalog;
  std::istringstream rows(published);
  int types = 0;
  for (std::string line; std::getline(rows, line); ++types) {
    std::istringstream cells(line);
    std::string name, cell;
    std::getline(cells, name, ',');
    INFO(name);
    const auto number = [&] {
      std::getline(cells, cell, ',');
      return std::stod(cell);
    };
    const auto type = catalog.type(name);
    REQUIRE(type);
    const auto mbps = [&] { return BytesPerSecond::of(std::llround(number() * 125'000)); };  // 10^6 bit/s
    CHECK(type->ebs_throughput_baseline == mbps());
    CHECK(type->ebs_throughput_max == mbps());
    CHECK(type->ebs_iops_baseline == Iops::of(std::llround(number())));
    CHECK(type->ebs_iops_max == Iops::of(std::llround(number())));
    const auto gbps = [&] { return BytesPerSecond::of(std::llround(number() * 125e6)); };
    CHECK(type->network_baseline == gbps());
    CHECK(type->network_burst == gbps());
    std::getline(cells, cell, ',');
    CHECK(type->nitro == (cell == "true"));
  }
  CHECK(types >= 100);
}

TEST_CASE("catalog: what volumes cost in us-east-1, and none where they are not sold", "[catalog][table]") {
  const Catalog catalog;
  CHECK(catalog.volume_prices("us-east-1", "gp2")->per_gib == 0.10_usd);
  const auto gp3 = catalog.volume_prices("us-east-1", "gp3");
  REQUIRE(gp3);
  CHECK(gp3->per_gib == 0.08_usd);
  CHECK(gp3->per_iops[0] == 0.005_usd);
  CHECK(gp3->per_mibps == 0.04_usd);
  const auto io2 = catalog.volume_prices("us-east-1", "io2");
  REQUIRE(io2);
  CHECK(io2->per_gib == 0.125_usd);
  CHECK(io2->per_iops[0] == 0.065_usd);
  CHECK(io2->per_iops[1] == 0.0455_usd);
  CHECK(io2->per_iops[2] == 0.03185_usd);
  CHECK(catalog.volume_prices("us-east-1", "st1")->per_gib == 0.045_usd);
  CHECK_FALSE(catalog.volume_prices("af-south-1", "io2"));
  CHECK_FALSE(catalog.volume_prices("us-east-9", "gp3"));
  CHECK_FALSE(catalog.volume_prices("us-east-1", "gp4"));
}
