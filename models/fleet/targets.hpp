#pragma once
/// The load balancer's targets, counted by how they stand, and how it spreads requests over them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/fleet/fluid.hpp"
#include "models/fleet/latency_record.hpp"
#include "models/fleet/target_kind.hpp"

namespace fleetsim::fleet {

/// What the targets of one host class and kind together receive.
struct TargetFlow {
  std::size_t host = 0;
  TargetKind kind = healthy;
  std::int64_t count = 0;
  double each = 0;           ///< requests/s offered to one of them
  double receiving = 0;      ///< targets that share one stream with it, itself included
  RequestRate offered, admitted, late;
  double each_admitted = 0;  ///< requests/s
  double metric = 0;
  double latency = 0;        ///< mean response time in seconds, where the fleet has target_metrics
};

/// Requires: the fleet has a load balancer.
class Targets {
 public:
  explicit Targets(const FleetConfig& config) : config_(config) {}

  /// Hosts come in the order of their numbers. `travel`: seconds of the round trips to the home zone.
  void add_host(const HostClass& host, std::size_t zone, double travel);
  void set_errors(std::size_t host, double share) { hosts_[host].host.errors = share; }
  /// Between two kinds, or from or to none; `warm` targets count in the metric.
  void move(std::size_t host, std::optional<TargetKind> from, std::optional<TargetKind> to, bool warm);
  /// A target of that kind is warm from now on, or no longer.
  void set_warm(std::size_t host, TargetKind kind, bool warm) { hosts_[host].warm[kind] += warm ? 1 : -1; }
  /// Whether a target is healthy and past its slow start.
  bool any_at_full_share() const { return by_kind_[healthy] + by_kind_[failed_unnoticed] > 0; }
  /// Whether there are targets and none of them is healthy.
  bool all_unhealthy() const;
  std::int64_t unhealthy(std::size_t host) const { return hosts_[host].counts[recovered_unnoticed] + hosts_[host].counts[failed]; }
  std::int64_t unhealthy() const { return by_kind_[recovered_unnoticed] + by_kind_[failed]; }

  /// Writes a flow for each host, summed over its targets. What no target may receive is in none of them.
  void spread(RequestRate offered, std::vector<Flow>& by_host);
  /// The flows of the last spread held for so long.
  void record(double seconds);
  void clear_record();
  /// Of one target of that kind. Requires: the last spread is in force.
  EachLoad load(std::size_t host, TargetKind kind) const;
  /// Requests on one target of that kind, waiting or in service, in the mean. Requires: the last spread is in force.
  double in_flight(std::size_t host, TargetKind kind) const;
  /// Response times of everything admitted since the record began.
  std::vector<LatencyRecord::Part> latencies() const;

 private:
  struct Host {
    HostClass host;
    std::size_t zone = 0;
    double travel = 0;  // seconds
    LatencyRecord latency;
    std::array<std::int64_t, target_kinds> counts{};
    std::array<std::int64_t, target_kinds> warm{};  // of these
  };
  bool receives(TargetKind kind, bool open) const { return open || is_healthy(kind); }
  void choose_receivers(bool open);
  void share_in_turn(std::span<TargetFlow> pool, double offered) const;
  void share_by_outstanding(std::span<TargetFlow> pool, double offered);
  void answer(TargetFlow& flow) const;
  ResponseTime response_of(const HostClass& host, double offered, double receiving) const;
  double late_share(const HostClass& host, double admitted, double receiving) const;
  void set_arrivals(TargetQueue& queue, double receiving) const;
  double nodes() const;

  const FleetConfig& config_;
  std::vector<Host> hosts_;
  std::size_t zones_ = 0;
  std::array<std::int64_t, target_kinds> by_kind_{};
  std::vector<TargetFlow> flows_;       // of the last spread, pool by pool
  std::vector<std::size_t> pool_ends_;  // in flows_
  std::vector<std::size_t> order_;      // scratch
};

}  // namespace fleetsim::fleet
