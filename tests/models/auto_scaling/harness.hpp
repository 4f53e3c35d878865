#pragma once
/// Groups on capacity that a test opens, closes and takes away, and that writes down every attempt.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::test {

/// Steps for an expected size of 100: 5, 15 and 35 instances at 0, 5 and 15 points above 75 %.
inline GroupConfig simple_group(std::vector<std::string> zones = {"a"}) {
  GroupConfig config;
  config.name = "g";
  config.purchases = {Purchase::on_demand};
  for (std::string& zone : zones) config.zones.push_back({std::move(zone), {}});
  config.instance_types = {{"c5.large", {}}};
  config.min = 2;
  config.max = 1000;
  config.scale_out_above = 75;
  config.scale_out_alarm = {1, 1};
  config.scale_out_steps = {{0, 5}, {5, 15}, {15, 35}};
  config.scale_in_below = 60;
  config.scale_in_alarm = {1, 1};
  config.scale_in_count = 5;
  config.launch_retry.jitter = Ratio{0};
  return config;
}

struct Attempt {
  Time at;
  std::size_t zone = 0;
  std::size_t type = 0;
  bool launched = false;
  bool operator==(const Attempt&) const = default;
};

/// What one zone has to give and holds, by purchase option.
struct FakeZone {
  std::int64_t free = 1'000'000;      ///< launches left
  std::int64_t free_other_type = 1'000'000;  ///< of the second instance type
  std::array<std::int64_t, 2> count{};  ///< units
  std::int64_t noticed = 0;           ///< of them, those that can't be terminated
};

/// One group on zones of its own making. An instance counts as warming from its launch until `warm_up`.
class GroupRun : private GroupCapacity {
 public:
  explicit GroupRun(GroupConfig config = simple_group(), SimulationOptions options = {})
      : sim(options),
        zones(config.zones.size()),
        scaling(sim, *this),
        group(scaling.add_group("f", std::move(config))) {}

  void run_until(Duration until) { sim.run_until(Time::at(until)); }
  /// The metric of the next minute.
  void metric(std::optional<double> percent) {
    run_until(sim.now().since_start() + 60_s);
    scaling.metric_published(group, percent);
  }
  void warm_up() { warming_count = 0; }
  /// Takes instances of a zone away, as an interruption does.
  void lose(std::size_t zone, std::int64_t instances, std::size_t purchase = 0) {
    for (; instances > 0; --instances) {
      --zones[zone].count[purchase];
      scaling.instance_interrupted(group);
    }
  }
  std::int64_t count() const { return capacity(group); }
  std::int64_t desired() const { return scaling.desired(group); }
  std::optional<double> reported(const std::string& name) const {
    MetricSink sink;
    scaling.report(sink);
    for (const MetricValue& value : sink.values()) {
      if (value.name == "fleet.f.group.g." + name) return value.value;
    }
    return std::nullopt;
  }

  Simulation sim;
  std::vector<FakeZone> zones;
  AutoScaling scaling;
  GroupId group;
  std::int64_t warming_count = 0;
  std::vector<std::size_t> preference = {0};  ///< the types in the order of the group's strategy
  std::int64_t weight = 1;                    ///< units of an instance
  std::vector<std::pair<std::size_t, std::int64_t>> rounds;  ///< purchase option and units missing
  std::vector<Attempt> attempts;
  std::vector<std::size_t> terminations;  // zones

 private:
  std::int64_t give(LaunchOption option) {
    FakeZone& zone = zones[option.zone];
    std::int64_t& free = option.type == 0 ? zone.free : zone.free_other_type;
    attempts.push_back({sim.now(), option.zone, option.type, free > 0});
    if (free == 0) return 0;
    --free;
    zone.count[option.purchase] += weight;
    return weight;
  }
  void round_began(GroupId, std::size_t purchase, std::int64_t units) override { rounds.push_back({purchase, units}); }
  std::optional<std::size_t> choose_type(GroupId, std::size_t, std::size_t, std::uint64_t tried) override {
    for (const std::size_t type : preference) {
      if (((tried >> type) & 1U) == 0) return type;
    }
    return std::nullopt;
  }
  std::int64_t launch(GroupId, LaunchOption option) override {
    const std::int64_t units = give(option);
    warming_count += units;
    return units;
  }
  std::int64_t launch_in_service(GroupId, LaunchOption option) override { return give(option); }
  std::int64_t terminate_oldest(GroupId, std::size_t zone, std::size_t purchase, std::int64_t units) override {
    if (zones[zone].count[purchase] <= zones[zone].noticed || weight > units) return 0;
    zones[zone].count[purchase] -= weight;
    terminations.push_back(zone);
    return weight;
  }
  std::int64_t capacity(GroupId) const override {
    std::int64_t sum = 0;
    for (const FakeZone& zone : zones) sum += zone.count[0] + zone.count[1];
    return sum;
  }
  std::int64_t capacity(GroupId, std::size_t zone, std::size_t purchase) const override {
    return zones[zone].count[purchase];
  }
  std::int64_t warming(GroupId) const override { return warming_count; }
};

inline Time at(Duration since_start) { return Time::at(since_start); }

}  // namespace fleetsim::test
