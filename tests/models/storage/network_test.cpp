/// The network of an instance: its two directions, what goes beyond the Region, and single connections.

#include "fleetsim/models/storage.hpp"
#include "fleetsim/models/storage/network.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t gbps = 125'000'000;
BytesPerSecond rate(std::int64_t count) { return BytesPerSecond::of(count * gbps); }

/// In I/Os of 1 MB, so that a Gbps is 125 a second.
StorageLoadConfig traffic(std::string name, NetworkUse use) {
  StorageLoadConfig load{.name = std::move(name), .volume = {}, .io_size = Bytes::of(1'000'000), .queue_depth = {}};
  load.network = use;
  return load;
}
StorageMachineConfig machine_of(std::int64_t network, std::vector<StorageLoadConfig> loads) {
  StorageMachineConfig config{.name = "web", .limits = {}, .volumes = {}, .loads = std::move(loads), .modifications = {}};
  config.limits.network = BurstLimit{network * gbps, network * gbps};
  return config;
}
void offer(StorageMachine& machine, std::size_t load, std::int64_t count) {
  machine.offer(load, RequestRate::of(count * 125 * 1'000'000));
}

}  // namespace

TEST_CASE("storage: each direction of the network has the whole bandwidth", "[storage][network][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, machine_of(10, {traffic("answers", {.direction = NetworkDirection::out}),
                                              traffic("uploads", {.direction = NetworkDirection::in}),
                                              traffic("mirror", {.direction = NetworkDirection::both})}));
  machine.start();
  offer(machine, 0, 8);
  offer(machine, 1, 9);
  machine.update();
  CHECK(machine.throughput(0) == rate(8));
  CHECK(machine.throughput(1) == rate(9));
  // What goes both ways has its share of the direction that is fuller.
  offer(machine, 2, 8);
  machine.update();
  CHECK(machine.throughput(2) == rate(5));
  CHECK(machine.throughput(1) == rate(5));
  CHECK(machine.throughput(0) == rate(5));
  CHECK(machine.limit(2) == StorageLimit::network);
}

TEST_CASE("storage: each direction of the network has its own bucket", "[storage][network][analytic]") {
  StorageMachineConfig config = machine_of(10, {traffic("answers", {.direction = NetworkDirection::out}),
                                                traffic("uploads", {.direction = NetworkDirection::in})});
  config.limits.network = BurstLimit{2 * gbps, 10 * gbps};
  config.limits.network_burst_time = 30_min;
  Simulation sim;
  StorageMachine machine(sim, config);
  machine.start();
  offer(machine, 0, 10);
  offer(machine, 1, 2);
  machine.update();
  sim.run_until(Time::at(30_min + 1_s));
  CHECK(machine.throughput(0) == rate(2));
  offer(machine, 1, 10);
  machine.update();
  CHECK(machine.throughput(1) == rate(10));
}

TEST_CASE("storage: what leaves the Region has a limit of its own, other traffic the rest", "[storage][network][analytic]") {
  for (const bool regions : {true, false}) {
    StorageMachineConfig config = machine_of(20, {traffic("copies", {.peer = NetworkPeer::other_region}),
                                                  traffic("answers", {.peer = NetworkPeer::internet}),
                                                  traffic("queries", {})});
    config.limits.network_outside = rate(5);
    config.limits.other_regions_outside = regions;
    Simulation sim;
    StorageMachine machine(sim, config);
    machine.start();
    for (std::size_t load = 0; load < 3; ++load) offer(machine, load, load == 2 ? 20 : 4);
    machine.update();
    // Where other Regions count as outside both share 5 Gbps; else the internet alone has them, and needs 4.
    CHECK(machine.throughput(0) == BytesPerSecond::of(regions ? 5 * gbps / 2 : 4 * gbps));
    CHECK(machine.throughput(1) == BytesPerSecond::of(regions ? 5 * gbps / 2 : 4 * gbps));
    CHECK(machine.throughput(2) == rate(regions ? 15 : 12));
    CHECK(machine.limit(1) == (regions ? StorageLimit::network_outside : StorageLimit::none));
    CHECK(machine.limit(2) == StorageLimit::network);
  }
}

TEST_CASE("storage: a connection carries 5 Gbps whatever the instance has, and that is not the instance's limit",
          "[storage][network][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, machine_of(25, {traffic("one", {.flows_max = flow_max(FlowKind::ordinary)}),
                                              traffic("two", {.flows_max = flow_max(FlowKind::ordinary) * 2})}));
  machine.start();
  offer(machine, 0, 12);
  offer(machine, 1, 12);
  machine.update();
  CHECK(machine.throughput(0) == rate(5));
  CHECK(machine.throughput(1) == rate(10));
  CHECK(machine.limit(0) == StorageLimit::network_flow);
  sim.run_until(Time::at(1_h));
  CHECK(machine.instance_time()[0] == 1_h);
}

TEST_CASE("storage: as many connections as a scenario may give carry all that the instance has", "[storage][network][analytic]") {
  for (const FlowKind kind : {FlowKind::ordinary, FlowKind::cluster_placement_group, FlowKind::ena_express}) {
    Simulation sim;
    StorageMachine machine(sim, machine_of(100, {traffic("many", {.flows_max = flow_max(kind) * 100'000})}));
    machine.start();
    offer(machine, 0, 90);
    machine.update();
    CHECK(machine.throughput(0) == rate(90));
    CHECK(machine.limit(0) == StorageLimit::none);
    offer(machine, 0, 110);
    machine.update();
    CHECK(machine.throughput(0) == rate(100));
    CHECK(machine.limit(0) == StorageLimit::network);
  }
}

TEST_CASE("storage: volumes without bandwidth of their own send what is written and receive what is read",
          "[storage][network][analytic]") {
  const VolumeLimits volume = limits_of({.type = VolumeType::io1, .size_gib = 2000, .iops = 32'000}, {"i2.8xlarge", false},
                                        std::chrono::year{2021} / 8 / 15);
  StorageLoadConfig load{.name = "scan", .volume = 0, .io_size = Bytes::of(200'000), .queue_depth = {}};
  load.reads = Ratio{0.75};
  StorageMachineConfig config{.name = "db", .limits = {}, .volumes = {{"data", volume}}, .loads = {load}, .modifications = {}};
  config.limits.network = BurstLimit{gbps, gbps};
  config.limits.volumes_use_network = true;
  Simulation sim;
  StorageMachine machine(sim, config);
  machine.start();
  machine.offer(0, RequestRate::of(10'000 * std::int64_t{1'000'000}));
  machine.update();
  // 150 kB of each I/O come in: 125 MB/s are 833.3 I/Os a second.
  CHECK(machine.rate(0).count() == 833'333'333);
  CHECK(machine.limit(0) == StorageLimit::network);
}

TEST_CASE("storage: connections of 5, 10 and 25 Gbps; beyond the Region 5 Gbps, later half of large instances",
          "[storage][network][table]") {
  CHECK(flow_max(FlowKind::ordinary) == rate(5));
  CHECK(flow_max(FlowKind::cluster_placement_group) == rate(10));
  CHECK(flow_max(FlowKind::ena_express) == rate(25));
  constexpr Date in_2021{2021y / 8 / 27}, in_2023{2023y / 5 / 1}, today{2026y / 8 / 1};
  for (const Date date : {in_2021, in_2023, today}) {
    CHECK(offered(FlowKind::ordinary, date));
    CHECK(offered(FlowKind::cluster_placement_group, date));
    CHECK(offered(FlowKind::ena_express, date) == (date != in_2021));
  }
  struct Row {
    std::int64_t network, vcpus;
    bool current;
    Date date;
    std::int64_t most;
    bool regions;
  };
  for (const Row& row : {Row{100, 128, true, in_2021, 5, true}, Row{10, 2, true, in_2021, 5, true},
                         Row{100, 128, true, in_2023, 50, true}, Row{12, 32, true, in_2023, 6, true},
                         Row{10, 16, true, in_2023, 5, true}, Row{20, 32, false, in_2023, 5, true},
                         Row{8, 32, true, in_2023, 5, true}, Row{20, 32, false, today, 10, false},
                         Row{12, 16, true, today, 5, false}, Row{2, 2, true, today, 2, false}}) {
    INFO(row.network << " Gbps, " << row.vcpus << " vCPUs");
    const OutsideNetwork outside = outside_network(rate(row.network), row.vcpus, row.current, row.date);
    CHECK(outside.most == rate(row.most));
    CHECK(outside.other_regions == row.regions);
  }
}
