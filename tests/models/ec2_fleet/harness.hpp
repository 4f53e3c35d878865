#pragma once
/// One EC2 Fleet on pools that a test opens, closes and takes from. Its strategy: the first pools in order.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/ec2_fleet.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::test {

struct FakePool {
  std::int64_t seen = 1'000'000;   ///< free instances as the strategy sees them
  std::int64_t free = 1'000'000;   ///< launches that succeed
  int availability = 0;            ///< more is better
  UsdPerHour price = UsdPerHour::of(100'000'000);
  std::int64_t held = 0;
};

class Ec2FleetRun : private Ec2FleetCapacity {
 public:
  Ec2FleetRun(Ec2FleetConfig config, std::vector<Ec2FleetPool> fleet_pools = {{}})
      : pools(fleet_pools.size()), fleets(sim, *this), pools_(fleet_pools) {
    fleet = fleets.add_fleet("f.", config, std::move(fleet_pools));
  }

  void run_until(Duration until) { sim.run_until(Time::at(until)); }
  /// EC2 takes the newest instances of a pool.
  void lose(std::size_t pool, std::int64_t count) {
    for (; count > 0; --count) {
      const auto instance = std::find_if(instances.rbegin(), instances.rend(),
                                         [&](const auto& held) { return held.second == pool; });
      lose_instance(instance->first);
    }
  }
  void lose_instance(InstanceId id) {
    const std::size_t pool = remove(id);
    fleets.instance_lost(fleet, pool, id);
  }
  /// EC2 stops or hibernates it.
  void stop_instance(InstanceId id) {
    const std::size_t pool = remove(id);
    fleets.instance_stopping(fleet, pool, id);
  }
  /// Signals the `count` oldest instances of the pool after the first `skip`.
  void signal(std::size_t pool, std::size_t count, std::size_t skip = 0) {
    std::vector<InstanceId> chosen;
    for (const auto& [id, of] : instances) {
      if (of == pool) chosen.push_back(id);
    }
    for (std::size_t i = skip; i < skip + count; ++i) fleets.rebalance_recommended(fleet, pool, chosen[i]);
  }
  std::int64_t running() const { return static_cast<std::int64_t>(instances.size()); }
  double reported(const std::string& name) const {
    MetricSink sink;
    fleets.report(sink);
    for (const MetricValue& value : sink.values()) {
      if (value.name == "f." + name) return value.value.value();
    }
    return -1;
  }

  Simulation sim;
  std::vector<FakePool> pools;
  Ec2Fleets fleets;
  Ec2FleetId fleet;
  std::vector<std::pair<InstanceId, std::size_t>> instances;  // in the order of their launches
  std::vector<Time> attempts;                                 // at a plan
  std::vector<std::pair<InstanceId, bool>> started;           // of those stopped, and whether the memory was kept
  std::vector<std::pair<InstanceId, Time>> written;           // hibernated

 private:
  Ec2FleetCover plan(Ec2FleetId, const Ec2FleetBatch& batch, std::vector<std::int64_t>& launches) override {
    attempts.push_back(sim.now());
    launches.assign(pools.size(), 0);
    std::int64_t units = 0;
    UsdPerHour spent;
    for (std::size_t p = 0; p < pools.size(); ++p) {
      if (batch.left_out[p] || pools_[p].spot != batch.spot) continue;
      for (std::int64_t n = pools[p].seen; n > 0 && units < batch.units; --n) {
        if (batch.budget && spent + pools[p].price > *batch.budget) return Ec2FleetCover::short_of_budget;
        spent = spent + pools[p].price;
        ++launches[p];
        units += pools_[p].weight;
      }
    }
    return units < batch.units ? Ec2FleetCover::short_of_capacity : Ec2FleetCover::whole;
  }
  Maybe<InstanceId> launch(Ec2FleetId, std::size_t pool, bool) override {
    if (pools[pool].free == 0) return std::nullopt;
    --pools[pool].free;
    ++pools[pool].held;
    instances.push_back({InstanceId{next_++}, pool});
    return instances.back().first;
  }
  bool start(Ec2FleetId, std::size_t pool, InstanceId instance, bool memory_kept) override {
    if (pools[pool].free == 0) return false;
    --pools[pool].free;
    ++pools[pool].held;
    instances.push_back({instance, pool});
    started.emplace_back(instance, memory_kept);
    return true;
  }
  void hibernated(Ec2FleetId, InstanceId instance) override { written.emplace_back(instance, sim.now()); }
  bool terminate(Ec2FleetId, InstanceId instance) override {
    remove(instance);
    return true;
  }
  UsdPerHour price(Ec2FleetId, std::size_t pool) const override { return pools[pool].price; }
  bool as_available(Ec2FleetId, std::size_t pool, std::size_t than) const override {
    return pools[pool].availability >= pools[than].availability;
  }
  std::size_t remove(InstanceId id) {
    const auto held = std::find_if(instances.begin(), instances.end(), [&](const auto& i) { return i.first == id; });
    const std::size_t pool = held->second;
    --pools[pool].held;
    instances.erase(held);
    return pool;
  }

  std::vector<Ec2FleetPool> pools_;
  std::uint32_t next_ = 0;
};

inline Ec2FleetConfig fleet_of(std::int64_t target, Ec2FleetType type = Ec2FleetType::maintain) {
  Ec2FleetConfig config;
  config.type = type;
  config.target = target;
  return config;
}

}  // namespace fleetsim::test
