// Every instance type that is sold in us-east-1, and every type of volume, under loads without end: what they deliver are the
// limits that AWS publishes, which tests/models/catalog and tests/models/storage compare with AWS's pages.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/scenario.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

constexpr double mib = 1'048'576.0;

constexpr std::string_view head = R"(fleetsim: 1
name: loads without end
run: {{start: 2026-03-02T00:00:00Z, duration: {}, warm_up: {}, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
demand:
  flood: {{constant: 4000000 requests/s}}
storage:
  machines:
)";

RunResult run_of(const std::string& machines, std::string_view duration, std::string_view warm_up) {
  const test::TemporaryFolder folder = test::TemporaryFolder::in_memory();
  const auto path = folder.write("loads.yaml", fmt::format(fmt::runtime(head), duration, warm_up) + machines);
  const LoadedScenario loaded = load_scenario(path.string());
  for (const auto& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
  REQUIRE(loaded.scenario);
  return run(*loaded.scenario);
}

double mean(const RunResult& result, const std::string& metric) {
  const Metric* found = result.find(metric);
  INFO(metric);
  REQUIRE(found != nullptr);
  return found->mean;
}

/// Those with bandwidth of their own for EBS, a price and all limits known.
std::vector<InstanceType> types_sold() {
  const Catalog catalog;
  std::vector<InstanceType> sold;
  for (const std::string& name : catalog.type_names()) {
    const InstanceType type = *catalog.type(name);
    const PriceKey key{.region = "us-east-1", .instance_type = name};
    const bool known = type.ebs_iops_max && type.ebs_iops_baseline && type.ebs_throughput_max && type.ebs_throughput_baseline &&
                       type.network_baseline && type.network_burst && type.ebs_optimized;
    if (known && catalog.price_with_licence(key, Purchase::on_demand, std::chrono::sys_days{std::chrono::year{2026} / 3 / 2})) sold.push_back(type);
  }
  return sold;
}

/// A name without the dot, which a machine's may not have.
std::string machine_of(const InstanceType& type) {
  std::string name = type.name;
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

std::string in_yaml(const InstanceType& type) {
  // Enough of the largest io2 volumes that they hold nothing back.
  const std::int64_t iops = type.nitro ? 256'000 : 32'000;
  const std::int64_t stripes = std::max((type.ebs_iops_max->count() + iops - 1) / iops,
                                        type.ebs_throughput_max->count() / (std::int64_t{3900} << 20U) + 1);
  const std::string volume = fmt::format("{{type: io2, size: 1000 GiB, iops: {}, stripes: {}}}", iops, stripes);
  return fmt::format(
      "    small-{0}: {{instance_type: {1}, volumes: {{data: {2}}}, loads: {{x: {{volume: data, queue_depth: 100000, io_size: 4 KiB}}, "
      "net: {{serves: flood, io_size: 1 MB}}}}}}\n"
      "    large-{0}: {{instance_type: {1}, volumes: {{data: {2}}}, loads: {{x: {{volume: data, queue_depth: 100000, io_size: 1 MiB}}}}}}\n",
      machine_of(type), type.name, volume);
}

struct Delivered {
  double iops, bytes_per_second, network;
};
Delivered delivered(const RunResult& result, const InstanceType& type) {
  const std::string name = machine_of(type);
  return {mean(result, "storage.small-" + name + ".load.x.iops"), mean(result, "storage.large-" + name + ".load.x.throughput") * mib,
          mean(result, "storage.small-" + name + ".load.net.throughput") * mib};
}

void check(const Delivered& found, Iops iops, BytesPerSecond throughput, BytesPerSecond network) {
  CHECK_THAT(found.iops, WithinAbs(static_cast<double>(iops.count()), 1e-3));
  // A rate is rounded down to a millionth of an I/O, so to a byte a second; reports are in MiB/s.
  CHECK_THAT(found.bytes_per_second, WithinAbs(static_cast<double>(throughput.count()), 2));
  CHECK_THAT(found.network, WithinAbs(static_cast<double>(network.count()), 2));
}

}  // namespace

TEST_CASE("limits: every instance type delivers what is published, first its maximum, in the end its baseline",
          "[scenarios][storage][table]") {
  const std::vector<InstanceType> types = types_sold();
  CHECK(types.size() >= 100);
  std::string machines;
  for (const InstanceType& type : types) machines += in_yaml(type);
  const RunResult first = run_of(machines, "1m", "0s"), later = run_of(machines, "4h", "3h");
  for (const InstanceType& type : types) {
    INFO(type.name);
    check(delivered(first, type), *type.ebs_iops_max, *type.ebs_throughput_max, *type.network_burst);
    check(delivered(later, type), *type.ebs_iops_baseline, *type.ebs_throughput_baseline, *type.network_baseline);
  }
}

TEST_CASE("limits: every type of volume delivers what is published, first its burst, in the end its baseline",
          "[scenarios][storage][table]") {
  struct Row {
    const char *name, *volume;
    double iops, iops_later, mibps, mibps_later;  // of random I/Os of 16 KiB, of sequential ones of 1 MiB
  };
  // An I/O of 16 KiB is a whole MiB on st1 and sc1.
  const std::vector<Row> rows{
      {"gp2-small", "{type: gp2, size: 100 GiB}", 3000, 300, 128, 75},
      {"gp2-middle", "{type: gp2, size: 334 GiB}", 3000, 1002, 250, 250},
      {"gp2-large", "{type: gp2, size: 6000 GiB}", 16'000, 16'000, 250, 250},
      {"gp3-included", "{type: gp3, size: 1 GiB}", 3000, 3000, 125, 125},
      {"gp3-most", "{type: gp3, size: 160 GiB, iops: 80000, throughput: 2000 MiB/s}", 80'000, 80'000, 2000, 2000},
      {"io1-slow", "{type: io1, size: 100 GiB, iops: 1000}", 1000, 1000, 250, 250},
      {"io1-most", "{type: io1, size: 1280 GiB, iops: 64000}", 64'000, 64'000, 1000, 1000},
      {"io2-most", "{type: io2, size: 256 GiB, iops: 256000}", 240'000, 240'000, 4000, 4000},  // the instance's 240,000
      {"st1", "{type: st1, size: 1024 GiB}", 250, 40, 250, 40},
      {"st1-most", "{type: st1, size: 16384 GiB}", 500, 500, 500, 500},
      {"sc1", "{type: sc1, size: 1024 GiB}", 80, 12, 80, 12},
      {"sc1-most", "{type: sc1, size: 16384 GiB}", 250, 192, 250, 192},
      {"standard", "{type: standard, size: 100 GiB}", 100, 100, 25, 25}};
  std::string machines;
  for (const Row& row : rows) {
    machines += fmt::format(
        "    {0}-small: {{instance_type: m7i.48xlarge, volumes: {{v: {1}}}, loads: {{x: {{volume: v, queue_depth: 100000}}}}}}\n"
        "    {0}-large: {{instance_type: m7i.48xlarge, volumes: {{v: {1}}}, loads: {{x: {{volume: v, queue_depth: 100000, io_size: 1 MiB, "
        "sequential: true}}}}}}\n",
        row.name, row.volume);
  }
  // sc1 of 16 TiB has credits for 16 TiB / (250 - 192) MiB/s, three and a half days.
  const RunResult first = run_of(machines, "1m", "0s"), later = run_of(machines, "5d", "4d");
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string name = std::string("storage.") + row.name;
    CHECK_THAT(mean(first, name + "-small.load.x.iops"), WithinAbs(row.iops, 1e-3));
    CHECK_THAT(mean(later, name + "-small.load.x.iops"), WithinAbs(row.iops_later, 1e-3));
    CHECK_THAT(mean(first, name + "-large.load.x.throughput"), WithinAbs(row.mibps, 1e-5));
    CHECK_THAT(mean(later, name + "-large.load.x.throughput"), WithinAbs(row.mibps_later, 1e-5));
  }
}
