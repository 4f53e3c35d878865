#pragma once
/// Groups on capacity that a test opens, closes and takes away, and that writes down every attempt.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/maybe.hpp"
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
  config.composite = {.scale_out_above = 75,
                      .scale_out_alarm = {1, 1},
                      .scale_out_steps = {{0, 5}, {5, 15}, {15, 35}},
                      .scale_in_below = 60,
                      .scale_in_alarm = {1, 1},
                      .scale_in_count = 5};
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
  std::array<std::int64_t, 2> count{};  ///< instances
};

/// One group on zones of its own making. An instance counts as warming from its launch until `warm_up`.
class GroupRun : private GroupCapacity {
 public:
  explicit GroupRun(GroupConfig config = simple_group(), SimulationOptions options = {},
                    config::UtcTime run_start = {})
      : sim(options),
        zones(config.zones.size()),
        scaling(sim, *this, run_start),
        weights_(config.weights),
        group(scaling.add_group("f", std::move(config))) {}

  void run_until(Duration until) { sim.run_until(Time::at(until)); }
  /// The metric of the next minute.
  void metric(std::optional<double> percent) {
    run_until(sim.now().since_start() + 60_s);
    publish(percent);
  }
  /// A metric at this instant.
  void publish(std::optional<double> percent) {
    std::optional<GroupMetrics> metrics;
    if (percent) {
      metrics.emplace().values.fill(*percent);
      metrics->units = units();
    }
    scaling.metric_published(group, metrics);
  }
  /// The same of the composite metric alone, as a fleet tells it that has no other.
  void publish_composite(double percent) { scaling.composite_published(group, percent, units()); }
  struct Values {
    double cpu = 0;
    double requests_per_target = 0;
  };
  /// Metrics of the next minute that differ.
  void metrics(Values values) {
    run_until(sim.now().since_start() + 60_s);
    GroupMetrics metrics{};
    metrics[GroupMetric::cpu] = values.cpu;
    metrics[GroupMetric::requests_per_target] = values.requests_per_target;
    metrics.units = units();
    scaling.metric_published(group, metrics);
  }
  void warm_up() { warming_count = 0; }
  /// All that are pending come into service, unless hooks hold them.
  void in_service() {
    for (std::uint32_t i = 0; i < alive_.size(); ++i) {
      if (!alive_[i] || !pending_[i]) continue;
      pending_[i] = false;
      const Duration hold = scaling.boot_finished(group, {i});
      if (hold > Duration{}) holds.push_back(hold);
      else serve(i);
    }
  }
  /// One that nothing holds any longer.
  void serve(std::uint32_t instance) { scaling.instance_in_service(group, {instance}); }
  /// They are warm as well.
  void settle() {
    in_service();
    warm_up();
  }
  /// All of the warm pool that are on their way become ready.
  void pool_ready() {
    for (std::uint32_t i = 0; i < pooled.size(); ++i) {
      if (pooled[i] != 'p') continue;
      pooled[i] = 'r';
      scaling.instance_pooled(group, {i});
    }
  }
  bool is_alive(std::uint32_t instance) const { return alive_[instance]; }
  /// Instances of the warm pool, ready or not.
  std::int64_t in_pool() const {
    return std::count_if(pooled.begin(), pooled.end(), [](char state) { return state == 'p' || state == 'r'; });
  }
  /// Takes the oldest instances of a zone away, as an interruption does.
  void lose(std::size_t zone, std::int64_t instances, std::size_t purchase = 0) {
    for (std::uint32_t i = 0; i < alive_.size() && instances > 0; ++i) {
      if (!alive_[i] || launched_as_[i].zone != zone || launched_as_[i].purchase != purchase) continue;
      end(i);
      scaling.instance_lost(group, {i});
      --instances;
    }
  }
  /// Gives notice to the oldest instances of a zone.
  void notice(std::size_t zone, std::int64_t instances) {
    for (std::uint32_t i = 0; i < alive_.size() && instances > 0; ++i) {
      if (!alive_[i] || launched_as_[i].zone != zone) continue;
      scaling.instance_noticed(group, {i});
      --instances;
    }
  }
  /// Units.
  std::int64_t count() const { return scaling.present(group); }
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

 private:
  std::vector<std::int64_t> weights_;

 public:
  GroupId group;
  std::int64_t warming_count = 0;
  std::vector<std::size_t> preference = {0};  ///< the types in the order of the group's strategy
  std::vector<std::pair<std::size_t, std::int64_t>> rounds;  ///< purchase option and units missing
  std::vector<Attempt> attempts;
  std::vector<std::size_t> terminations;   // zones
  std::vector<std::uint32_t> terminated;   // instances, numbered by launch
  std::vector<Duration> holds;             // by hooks, before service
  std::vector<Duration> end_holds;         // and before the end, by termination
  std::vector<std::pair<std::uint32_t, bool>> failed;  // and whether it stopped
  std::vector<char> pooled;                // by number: 'p' on its way to the pool, 'r' ready
  std::int64_t pool_launches = 0;
  bool available = true;                   // as_available
  Duration drain;                          // of an instance that ends

  /// Instances launched so far that were not refused; reserve before counting allocations.
  void reserve(std::size_t launches) {
    alive_.reserve(launches);
    pending_.reserve(launches);
    launched_as_.reserve(launches);
  }

 private:
  Maybe<InstanceId> give(const LaunchOption& option, bool in_service) {
    FakeZone& zone = zones[option.zone];
    std::int64_t& free = option.type == 0 ? zone.free : zone.free_other_type;
    attempts.push_back({sim.now(), option.zone, option.type, free > 0});
    if (free == 0) return std::nullopt;
    --free;
    ++zone.count[option.purchase];
    std::uint32_t number = static_cast<std::uint32_t>(alive_.size());
    if (reuse_numbers && !ended_.empty()) {
      number = ended_.back();
      ended_.pop_back();
    } else {
      alive_.push_back(false);
      pending_.push_back(false);
      launched_as_.push_back({});
    }
    alive_[number] = true;
    if (pooled.size() <= number) pooled.resize(number + std::size_t{1}, 0);
    pooled[number] = 0;
    pending_[number] = !in_service;
    launched_as_[number] = option;
    return InstanceId{number};
  }
  void end(std::uint32_t instance) {
    alive_[instance] = false;
    --zones[launched_as_[instance].zone].count[launched_as_[instance].purchase];
    ended_.push_back(instance);
  }
  std::int64_t weight_of(std::size_t type) const { return weights_.empty() ? 1 : weights_[type]; }
  void round_began(GroupId, std::size_t purchase, std::int64_t units) override { rounds.push_back({purchase, units}); }
  Maybe<std::size_t> choose_type(GroupId, std::size_t, std::size_t, std::uint64_t tried) override {
    for (const std::size_t type : preference) {
      if (((tried >> type) & 1U) == 0) return type;
    }
    return std::nullopt;
  }
  Maybe<InstanceId> launch(GroupId, const LaunchOption& option) override {
    const Maybe<InstanceId> instance = give(option, false);
    if (instance) warming_count += weight_of(option.type);
    return instance;
  }
  Maybe<InstanceId> launch_in_service(GroupId, const LaunchOption& option) override {
    return give(option, true);
  }
  void fail(GroupId, InstanceId instance, bool stopped) override { failed.push_back({instance.index, stopped}); }
  double units() const { return static_cast<double>(count() - warming_count); }
  Maybe<InstanceId> launch_to_pool(GroupId, const LaunchOption& option, PoolState) override {
    const Maybe<InstanceId> instance = give(option, true);
    if (instance) {
      ++pool_launches;
      pooled[instance->index] = 'p';
      --zones[option.zone].count[option.purchase];
    }
    return instance;
  }
  void take_from_pool(GroupId, InstanceId instance) override {
    pooled[instance.index] = 0;
    pending_[instance.index] = true;
    ++zones[launched_as_[instance.index].zone].count[launched_as_[instance.index].purchase];
    ++warming_count;
  }
  void return_to_pool(GroupId, InstanceId instance, PoolState) override {
    pooled[instance.index] = 'p';
    --zones[launched_as_[instance.index].zone].count[launched_as_[instance.index].purchase];
  }
  void terminate_pooled(GroupId, InstanceId instance) override {
    pooled[instance.index] = 0;
    alive_[instance.index] = false;
  }
  std::size_t rank(GroupId, const LaunchOption& option) override {
    const auto found = std::find(preference.begin(), preference.end(), option.type);
    return static_cast<std::size_t>(found - preference.begin());
  }
  bool as_available(GroupId, InstanceId) const override { return available; }
  Duration terminate(GroupId, InstanceId instance, Duration hold) override {
    end_holds.push_back(hold);
    terminations.push_back(launched_as_[instance.index].zone);
    terminated.push_back(instance.index);
    end(instance.index);
    return drain + hold;
  }
  std::int64_t warming(GroupId) const override { return warming_count; }

  std::vector<char> alive_;                // by number
  std::vector<char> pending_;
  std::vector<LaunchOption> launched_as_;
  std::vector<std::uint32_t> ended_;

 public:
  bool reuse_numbers = false;              ///< of instances that ended
};

inline Time at(Duration since_start) { return Time::at(since_start); }

}  // namespace fleetsim::test
