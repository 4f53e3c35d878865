#pragma once
/// A fleet whose owner and scaling write down what they hear, with durations that are easy to add up.

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/fleet.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::test {

/// One vCPU serves 100 requests/s, 95 of them before it refuses. A launch runs after 5 s (Spot: 8 s), serves 40 s
/// later and drains for 20 s. The deadline is so far that nothing is late.
inline FleetConfig simple_fleet() {
  FleetConfig config;
  config.name = "bidder";
  config.capacity_per_vcpu = 100_per_s;
  config.deadline = 10_s;
  config.pending_time = 5_s;
  config.spot_fulfilment_time = 3_s;
  config.boot_time = 30_s;
  config.start_time = 10_s;
  config.resume_time = 15_s;
  config.drain_time = 20_s;
  return config;
}

inline PlacementConfig simple_placement(Purchase purchase = Purchase::on_demand, std::uint32_t group = 0) {
  return {.group = {group}, .instance_type = "c5.large", .zone = "us-east-1a", .purchase = purchase, .vcpus = 1,
          .performance_factor = 1, .instance_warmup = 60_s, .home_round_trip = {}, .in_home_zone = true};
}

struct Ran {
  Time at;
  std::uint32_t instance = 0;
  bool operator==(const Ran&) const = default;
};
struct Ended {
  Time at;
  std::uint32_t instance = 0;
  bool was_running = false;
  EndedBy by = EndedBy::owner;
  bool operator==(const Ended&) const = default;
};
struct Published {
  Time at;
  std::uint32_t group = 0;
  std::optional<double> percent;
};

struct HealthSeen {
  Time at;
  std::uint32_t instance = 0;
  bool healthy = false;
};

class FleetRun : private InstanceOwner, private FleetScaling {
 public:
  explicit FleetRun(FleetConfig config = simple_fleet(), std::vector<std::string> groups = {"g"},
                    SimulationOptions options = {})
      : sim(options), fleet(sim, std::move(config), std::move(groups), GroupId{0}, *this, *this) {}

  /// Runs up to `until` since the start, that instant included.
  void run_until(Duration until) { sim.run_until(Time::at(until)); }
  /// The named metric, as the fleet reports it.
  std::optional<double> reported(const std::string& name) const {
    MetricSink sink;
    fleet.report(sink);
    for (const MetricValue& metric : sink.values()) {
      if (metric.name == name) return metric.value;
    }
    return std::nullopt;
  }

  Simulation sim;
  Fleet fleet;
  std::vector<Ran> running;
  std::vector<Ran> in_service;
  std::vector<Ran> stopped;
  std::vector<EndedBy> stopped_by;              // by entry of `stopped`
  std::vector<Ended> ended;
  std::vector<Published> published;
  std::vector<std::optional<PeriodMetrics>> metrics;  // of the same
  std::vector<Ran> lost;                        // instance holds the group
  std::vector<HealthSeen> health;
  std::function<void(GroupId)> on_published;    // what scaling does about a metric

 private:
  void instance_running(InstanceId instance, PlacementId) override { running.push_back({sim.now(), instance.index}); }
  void instance_stopped(InstanceId instance, PlacementId, EndedBy by) override {
    stopped.push_back({sim.now(), instance.index});
    stopped_by.push_back(by);
  }
  void instance_ended(InstanceId instance, PlacementId, bool was_running, EndedBy by) override {
    ended.push_back({sim.now(), instance.index, was_running, by});
  }
  void metrics_published(GroupId first, std::span<const std::optional<PeriodMetrics>> of_groups) override {
    for (std::uint32_t g = 0; g < of_groups.size(); ++g) {
      const std::optional<PeriodMetrics>& of_group = of_groups[g];
      metrics.push_back(of_group);
      const bool has_value = of_group && !std::isnan(of_group->percent);
      published.push_back({sim.now(), first.index + g, has_value ? std::optional(of_group->percent) : std::nullopt});
      if (on_published) on_published({first.index + g});
    }
  }
  void instance_in_service(PlacementId, InstanceId instance) override { in_service.push_back({sim.now(), instance.index}); }
  void instance_interrupted(PlacementId placement, InstanceId) override {
    lost.push_back({sim.now(), fleet.placement(placement).group.index});
  }
  void target_health_changed(PlacementId, InstanceId instance, bool is_healthy) override {
    health.push_back({sim.now(), instance.index, is_healthy});
  }
};

inline Time at(Duration since_start) { return Time::at(since_start); }

}  // namespace fleetsim::test
