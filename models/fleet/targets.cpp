#include "models/fleet/targets.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "fleetsim/sim/invariant.hpp"
#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

namespace {

/// How long an error takes that a failed instance gives at once; it decides how many requests such an instance draws
/// from the others when the fewest outstanding count.
constexpr double error_seconds = 0.001;

double per_server(const HostClass& host) { return to_requests_per_second(host.capacity) / host.vcpus; }

TargetQueue queue_of(const FleetConfig& config, const HostClass& host) {
  return {.servers = host.vcpus, .capacity = to_requests_per_second(host.capacity), .arrivals = 0,
          .service_cv = config.service_time_cv,
          .queue_limit = config.requests ? std::optional(config.requests->queue_limit) : std::nullopt};
}

}  // namespace

void Targets::add_host(const HostClass& host, std::size_t zone, double travel) {
  zones_ = std::max(zones_, zone + 1);
  hosts_.push_back({.host = host, .zone = zone, .travel = travel, .latency = LatencyRecord(queue_of(config_, host), travel)});
}

double Targets::nodes() const {
  return static_cast<double>(config_.load_balancer->nodes.value_or(static_cast<int>(std::max<std::size_t>(1, zones_))));
}

void Targets::move(std::size_t host, std::optional<TargetKind> from, std::optional<TargetKind> to, bool warm) {
  if (from) {
    --hosts_[host].counts[*from];
    --by_kind_[*from];
    if (warm) set_warm(host, *from, false);
  }
  if (to) {
    ++hosts_[host].counts[*to];
    ++by_kind_[*to];
    if (warm) set_warm(host, *to, true);
  }
}

bool Targets::all_unhealthy() const {
  const std::int64_t all = std::accumulate(by_kind_.begin(), by_kind_.end(), std::int64_t{0});
  return all > 0 && all == unhealthy();
}

void Targets::choose_receivers(bool open) {
  flows_.clear();
  pool_ends_.clear();
  const bool cross_zone = config_.load_balancer->cross_zone;
  // One pool of all zones, or one of each zone that has a target to receive.
  const std::size_t pools = cross_zone ? 1 : zones_;
  for (std::size_t pool = 0; pool < pools; ++pool) {
    const std::size_t begin = flows_.size();
    std::int64_t receiving = 0;
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
      if (!cross_zone && hosts_[h].zone != pool) continue;
      for (std::uint8_t k = 0; k < target_kinds; ++k) {
        const auto kind = static_cast<TargetKind>(k);
        const std::int64_t count = hosts_[h].counts[k];
        if (count == 0 || !(open || is_healthy(kind))) continue;
        TargetFlow& flow = flows_.emplace_back();
        flow.host = h;
        flow.kind = kind;
        flow.count = count;
        receiving += count;
      }
    }
    if (receiving == 0) continue;
    for (std::size_t f = begin; f < flows_.size(); ++f) flows_[f].receiving = static_cast<double>(receiving);
    pool_ends_.push_back(flows_.size());
  }
}

void Targets::share_in_turn(std::span<TargetFlow> pool, double offered) const {
  double sum = 0;
  for (const TargetFlow& flow : pool) sum += share_of(flow.kind) * static_cast<double>(flow.count);
  for (TargetFlow& flow : pool) flow.each = offered * share_of(flow.kind) / sum;
}

void Targets::share_by_outstanding(std::span<TargetFlow> pool, double offered) {
  // All targets have the same number of requests in flight, N. One that answers serves N of them at a time, as far as it
  // has vCPUs and admits requests; one that fails at once is done with N of them every millisecond; one that does not
  // answer holds its N for ever and gets no more.
  const auto speed = [&](const TargetFlow& flow) {  // requests/s for each in flight
    if (flow.kind == failed_unnoticed || flow.kind == failed) {
      return config_.failed_answer() == FailedAnswer::error ? 1 / error_seconds : 0.0;
    }
    return per_server(hosts_[flow.host].host);
  };
  const auto most = [&](const TargetFlow& flow) {  // requests/s
    return answers(flow.kind) ? to_requests_per_second(hosts_[flow.host].host.admitted_max)
                              : std::numeric_limits<double>::infinity();
  };
  // The targets that are full first come first.
  order_.resize(pool.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  const auto full_at = [&](std::size_t f) { return most(pool[f]) / std::max(speed(pool[f]), 1e-300); };
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return full_at(a) < full_at(b); });
  double speed_left = 0;
  double most_in_all = 0;
  for (const TargetFlow& flow : pool) {
    speed_left += speed(flow) * static_cast<double>(flow.count);
    if (speed(flow) > 0) most_in_all += most(flow) * static_cast<double>(flow.count);
  }
  if (speed_left <= 0) return share_in_turn(pool, offered);  // none is ever done with a request
  if (offered > most_in_all) {
    for (TargetFlow& flow : pool) flow.each = speed(flow) > 0 ? offered * most(flow) / most_in_all : 0;
    return;
  }
  double left = offered;
  for (const std::size_t f : order_) {
    TargetFlow& flow = pool[f];
    const double in_flight = speed_left > 0 ? left / speed_left : 0;
    flow.each = std::min(in_flight * speed(flow), most(flow));
    left = std::max(0.0, left - flow.each * static_cast<double>(flow.count));
    speed_left -= speed(flow) * static_cast<double>(flow.count);
  }
}

double Targets::late_share(const HostClass& host, double admitted, double receiving) const {
  if (host.budget <= 0) return 1;
  TargetQueue queue = queue_of(config_, host);
  queue.arrivals = admitted;
  // A tail decays no slower than the slower of service and queue; below e^-40 nothing is left to compute.
  const double drain = queue.capacity - admitted;
  if (queue.service_cv <= 1 && std::min(per_server(host), drain) * host.budget > 40) return 0;
  set_arrivals(queue, receiving);
  return ResponseTime(queue).tail(host.budget);
}

ResponseTime Targets::response_of(const HostClass& host, double offered, double receiving) const {
  TargetQueue queue = queue_of(config_, host);
  queue.arrivals = offered;
  set_arrivals(queue, receiving);
  return ResponseTime(queue);
}

void Targets::set_arrivals(TargetQueue& queue, double receiving) const {
  if (config_.load_balancer->algorithm == BalancingAlgorithm::least_outstanding_requests) queue.targets = receiving;
  else queue.arrival_cv2 = round_robin_cv2(receiving, nodes(), std::min(1.0, queue.arrivals / queue.capacity));
}

void Targets::answer(TargetFlow& flow) const {
  if (!answers(flow.kind)) return;
  const HostClass& host = hosts_[flow.host].host;
  double admitted = std::min(flow.each, to_requests_per_second(host.admitted_max));
  double late = 0;
  if (config_.requests) {
    // A queue of limited length instead of a limit of utilization.
    const ResponseTime response = response_of(host, flow.each, flow.receiving);
    admitted = flow.each * (1 - response.refused());
    late = host.budget > 0 ? response.tail(host.budget) : 1;
    flow.latency = response.mean() + hosts_[flow.host].travel;
    const double share = flow.each > 0 ? admitted / flow.each : 1;
    flow.admitted = std::min(flow.offered, requests_per_second(share * to_requests_per_second(flow.offered)));
  } else {
    const Int128 admitted_max = static_cast<Int128>(host.admitted_max.count()) * flow.count;
    flow.admitted = RequestRate::of(static_cast<std::int64_t>(std::min<Int128>(flow.offered.count(), admitted_max)));
    late = late_share(host, admitted, flow.receiving);
    if (config_.target_metrics) flow.latency = response_of(host, admitted, flow.receiving).mean() + hosts_[flow.host].travel;
  }
  if (host.errors > 0) late = 1 - (1 - late) * (1 - host.errors);
  flow.late = std::min(flow.admitted, requests_per_second(late * to_requests_per_second(flow.admitted)));
  flow.each_admitted = admitted;
  flow.metric = metric_percent(config_, flow.each, admitted, to_requests_per_second(host.nominal));
}

void Targets::spread(RequestRate offered, std::vector<Flow>& by_host) {
  std::fill(by_host.begin(), by_host.end(), Flow{});
  const LoadBalancerConfig& balancer = *config_.load_balancer;
  choose_receivers(all_unhealthy() && balancer.fail_open);
  if (flows_.empty()) return;
  const double to_pool = to_requests_per_second(offered) / static_cast<double>(pool_ends_.size());
  std::size_t begin = 0;
  for (const std::size_t end : pool_ends_) {
    const std::span<TargetFlow> pool(flows_.data() + begin, end - begin);
    if (balancer.algorithm == BalancingAlgorithm::round_robin) share_in_turn(pool, to_pool);
    else share_by_outstanding(pool, to_pool);
    begin = end;
  }
  // Rounded down cumulatively, so that the shares sum to what is offered.
  double sum = 0;
  for (const TargetFlow& flow : flows_) sum += flow.each * static_cast<double>(flow.count);
  double given_so_far = 0;
  RequestRate given;
  for (TargetFlow& flow : flows_) {
    given_so_far += flow.each * static_cast<double>(flow.count);
    const bool last = &flow == &flows_.back();
    const double share = sum > 0 ? std::min(1.0, given_so_far / sum) : 0;
    const RequestRate up_to = last ? offered
                                   : std::min(offered, RequestRate::of(static_cast<std::int64_t>(
                                                           static_cast<double>(offered.count()) * share)));
    flow.offered = up_to - given;
    given = up_to;
    answer(flow);
    Flow& host = by_host[flow.host];
    host.offered += flow.offered;
    host.admitted += flow.admitted;
    host.late += flow.late;
    if (flow.admitted > RequestRate{}) host.answering += flow.latency * to_requests_per_second(flow.admitted);
    if (!answers(flow.kind)) host.lost += flow.offered;
    const auto warm = static_cast<double>(hosts_[flow.host].warm[flow.kind]);
    host.each.offered += flow.each * warm;
    host.each.admitted += flow.each_admitted * warm;
    host.metric += flow.metric * warm;
  }
  for (std::size_t h = 0; h < hosts_.size(); ++h) {
    const auto& warm = hosts_[h].warm;
    const auto all = static_cast<double>(std::accumulate(warm.begin(), warm.end(), std::int64_t{0}));
    if (all == 0) continue;
    by_host[h].each.offered /= all;
    by_host[h].each.admitted /= all;
    by_host[h].metric /= all;
  }
}

void Targets::record(double seconds) {
  for (const TargetFlow& flow : flows_) {
    if (flow.admitted == RequestRate{}) continue;
    const double admitted = to_requests_per_second(flow.admitted);
    const double capacity = to_requests_per_second(hosts_[flow.host].host.capacity) * static_cast<double>(flow.count);
    // With a queue of limited length the load that is offered decides, and may be above the capacity.
    const double load = config_.requests ? flow.each * static_cast<double>(flow.count) / capacity : admitted / capacity;
    hosts_[flow.host].latency.add(load, admitted * seconds, flow.receiving);
  }
}

void Targets::clear_record() {
  for (Host& host : hosts_) host.latency.clear();
}

EachLoad Targets::load(std::size_t host, TargetKind kind) const {
  for (const TargetFlow& flow : flows_) {
    if (flow.host != host || flow.kind != kind) continue;
    return {.offered = flow.each, .admitted = to_requests_per_second(flow.admitted) / static_cast<double>(flow.count)};
  }
  return {};
}

double Targets::in_flight(std::size_t host, TargetKind kind) const {
  for (const TargetFlow& flow : flows_) {
    if (flow.host != host || flow.kind != kind) continue;
    const HostClass& target = hosts_[host].host;
    TargetQueue queue = queue_of(config_, target);
    if (config_.requests) {
      const ResponseTime response = response_of(target, flow.each, flow.receiving);
      return flow.each * (1 - response.refused()) * response.mean();
    }
    queue.arrivals = std::min(flow.each, to_requests_per_second(target.admitted_max));
    // A queue that never settles is as long as the rest of the run; what is in service is all that can be said.
    if (queue.arrivals >= queue.capacity) return target.vcpus;
    set_arrivals(queue, flow.receiving);
    return queue.arrivals * ResponseTime(queue).mean();
  }
  return 0;
}

std::vector<LatencyRecord::Part> Targets::latencies() const {
  std::vector<LatencyRecord::Part> parts;
  const bool pooled = config_.load_balancer->algorithm == BalancingAlgorithm::least_outstanding_requests;
  for (const Host& host : hosts_) host.latency.parts(pooled, nodes(), parts);
  return parts;
}

}  // namespace fleetsim::fleet
