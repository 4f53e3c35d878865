#include "models/fleet/one_by_one.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "models/fleet/response_time.hpp"

namespace fleetsim::fleet {

namespace {

std::string stream_name(const FleetConfig& config, std::string_view use) {
  return "fleet/" + config.name + "/requests/" + std::string(use);
}

/// The earliest of a heap is replaced by a later time.
void replace_earliest(std::vector<Time>& heap, Time later) {
  std::size_t hole = 0;
  const std::size_t size = heap.size();
  for (;;) {
    std::size_t child = 2 * hole + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1] < heap[child]) ++child;
    if (later <= heap[child]) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = later;
}

}  // namespace

RequestsOneByOne::RequestsOneByOne(Simulation& sim, const FleetConfig& config)
    : EventHandler(sim),
      sim_(sim),
      config_(config),
      fewest_(config.load_balancer->algorithm == BalancingAlgorithm::least_outstanding_requests),
      shape_(config.service_time_cv),
      arrivals_(sim.stream(stream_name(config, "arrivals"))),
      services_(sim.stream(stream_name(config, "services"))),
      choices_(sim.stream(stream_name(config, "balancer"))),
      back_off_(sim.stream(stream_name(config, "back_off"))) {}

void RequestsOneByOne::add_host(const RequestHost& host) {
  hosts_.push_back(host);
  totals_.emplace_back();
  if (group_work_.size() <= host.group) group_work_.resize(host.group + 1);
  if (config_.target_metrics) group_service_.resize(group_work_.size());
}

// --- targets

void RequestsOneByOne::add(InstanceId instance, std::size_t host, TargetKind kind) {
  if (targets_.size() <= instance.index) targets_.resize(instance.index + 1);
  Target& target = targets_[instance.index];
  target.host = static_cast<std::uint32_t>(host);
  target.free_at.assign(static_cast<std::size_t>(hosts_[host].servers), sim_.now());
  target.first = target.count = target.started = 0;
  target.outstanding = 0;
  ++target.tenure;
  target.credit = target.uncounted = 0;
  target.warm = false;
  target.kind = kind;
  pools_stale_ = true;
}

void RequestsOneByOne::set_kind(InstanceId instance, std::optional<TargetKind> kind) {
  targets_[instance.index].kind = kind;
  pools_stale_ = true;
}

void RequestsOneByOne::set_warm(InstanceId instance, bool warm) {
  Target& target = targets_[instance.index];
  if (warm) target.uncounted = ahead(target);
  else count_work(target);
  target.warm = warm;
}

Duration RequestsOneByOne::busy_for(InstanceId instance) {
  Time last = sim_.now();
  Target& target = targets_[instance.index];
  for (std::size_t i = 0; i < target.count; ++i) last = std::max(last, record(target, i).departure);
  return last - sim_.now();
}

void RequestsOneByOne::lose_requests(InstanceId instance) {
  if (targets_.size() <= instance.index) return;
  Target& target = targets_[instance.index];
  const Time now = sim_.now();
  Totals& totals = totals_[target.host];
  const double undone = ahead(target);
  GroupService* const service = config_.target_metrics ? &group_service_[hosts_[target.host].group] : nullptr;
  totals.busy -= undone;
  target.uncounted -= undone;
  for (std::size_t i = 0; i < target.count; ++i) {
    Record& request = record(target, i);
    if (request.departure <= now) {
      answer(target, request);
      continue;
    }
    if (service != nullptr) ++service->failed;
    if (request.abandoned) continue;
    ++lost_;
    fail(request.first, request.attempt, now);
  }
  target.first = target.count = target.started = 0;
  target.outstanding = 0;
  ++target.tenure;
  std::fill(target.free_at.begin(), target.free_at.end(), now);
}

void RequestsOneByOne::rebuild_pools() {
  const LoadBalancerConfig& balancer = *config_.load_balancer;
  std::size_t zones = 1;
  for (const RequestHost& host : hosts_) zones = std::max(zones, host.zone + 1);
  const std::size_t pools = balancer.cross_zone ? 1 : zones;
  const auto nodes = static_cast<std::size_t>(balancer.nodes.value_or(static_cast<int>(zones)));
  pools_.resize(pools);
  bool any_healthy = false;
  for (const Target& target : targets_) any_healthy = any_healthy || (target.kind && is_healthy(*target.kind));
  for (Pool& pool : pools_) {
    pool.targets.clear();
    pool.next.resize(std::max<std::size_t>(1, balancer.cross_zone ? nodes : nodes / zones), 0);
  }
  for (std::uint32_t t = 0; t < targets_.size(); ++t) {
    const Target& target = targets_[t];
    if (!target.kind) continue;
    const bool receives = any_healthy ? is_healthy(*target.kind) : balancer.fail_open;
    if (receives) pools_[balancer.cross_zone ? 0 : hosts_[target.host].zone].targets.push_back(t);
  }
  open_pools_.clear();
  for (std::size_t p = 0; p < pools; ++p) {
    if (!pools_[p].targets.empty()) open_pools_.push_back(p);
  }
  pools_stale_ = false;
}

// --- the way of a request

void RequestsOneByOne::set_rate(RequestRate offered) {
  rate_ = to_requests_per_second(offered);
  // Arrivals have no memory, so the next one is drawn anew.
  sim_.cancel(next_arrival_);
  schedule_arrival();
}

void RequestsOneByOne::schedule_arrival() {
  if (rate_ <= 0) return;
  next_arrival_ = sim_.schedule(*this, seconds(-std::log(arrivals_.uniform()) / rate_), RequestArrived{});
}

void RequestsOneByOne::on(const RequestArrived&) {
  schedule_arrival();
  attempt(sim_.now(), 0);
}

void RequestsOneByOne::on(const RequestRetried& event) {
  ++retries_;
  const Waiting request = waiting_[event.retry];
  free_waiting_.give_back(event.retry);
  attempt(request.first, request.attempt);
}

void RequestsOneByOne::on(const RequestAnswered& event) {
  Target& target = targets_[event.target];
  if (target.tenure == event.tenure) --target.outstanding;
}

void RequestsOneByOne::attempt(Time first, int attempt) {
  ++attempts_;
  const std::optional<std::uint32_t> target = choose();
  if (target) return send(*target, first, attempt);
  ++refused_;
  fail(first, attempt, sim_.now());
}

std::optional<std::uint32_t> RequestsOneByOne::choose() {
  if (pools_stale_) rebuild_pools();
  if (open_pools_.empty()) return std::nullopt;
  const std::size_t which = open_pools_.size() > 1 ? static_cast<std::size_t>(choices_.below(open_pools_.size())) : 0;
  Pool& pool = pools_[open_pools_[which]];
  std::size_t& next = pool.next[pool.next.size() > 1 ? static_cast<std::size_t>(choices_.below(pool.next.size())) : 0];
  const std::size_t size = pool.targets.size();
  if (next >= size) next = 0;
  if (!fewest_) {
    for (;;) {
      const std::uint32_t chosen = pool.targets[next];
      next = next + 1 == size ? 0 : next + 1;
      if (takes_turn(targets_[chosen])) return chosen;
    }
  }
  // Of those with the fewest, the next in turn.
  std::uint32_t best = pool.targets[next];
  std::size_t best_at = next;
  for (std::size_t step = 1, at = next; step < size; ++step) {
    at = at + 1 == size ? 0 : at + 1;
    if (targets_[pool.targets[at]].outstanding >= targets_[best].outstanding) continue;
    best = pool.targets[at];
    best_at = at;
  }
  next = best_at + 1;
  return best;
}

bool RequestsOneByOne::takes_turn(Target& target) {
  if (*target.kind >= healthy) return true;
  // In slow start a target takes a turn whenever its shares of them sum to a whole one.
  target.credit += share_of(*target.kind);
  if (target.credit < 1) return false;
  target.credit -= 1;
  return true;
}

double RequestsOneByOne::sample_service() {
  if (shape_.branches == 0) return shape_.constant;
  double u = services_.uniform();
  double rate = shape_.rates[0];
  if (shape_.branches == 2) {
    // One uniform number chooses the branch, and what is left of it draws from the branch.
    if (u < shape_.weights[0]) {
      u /= shape_.weights[0];
    } else {
      u = (u - shape_.weights[0]) / shape_.weights[1];
      rate = shape_.rates[1];
    }
    u = std::max(u, 0x1p-53);
  }
  return shape_.constant - std::log(u) / rate;
}

void RequestsOneByOne::send(std::uint32_t index, Time first, int attempt) {
  Target& target = targets_[index];
  const RequestHost& host = hosts_[target.host];
  const Time now = sim_.now();
  GroupWork& work = group_work_[host.group];
  if (target.warm) ++work.sent;
  GroupService* const seen = config_.target_metrics ? &group_service_[host.group] : nullptr;
  if (seen != nullptr) ++seen->sent;
  if (!answers(*target.kind)) {
    ++lost_;
    if (seen != nullptr) ++seen->failed;
    const bool error = config_.failed_answer() == FailedAnswer::error;
    const Time told = now + (error ? error_time : config_.requests->timeout);
    if (fewest_) {
      ++target.outstanding;
      sim_.schedule_at(*this, told, RequestAnswered{index, target.tenure});
    }
    return fail(first, attempt, told);
  }
  pop_answered(target);
  const double share = target.warm ? 1 / host.capacity : 0;
  work.offered += share;
  if (target.count - target.started >= static_cast<std::size_t>(config_.requests->queue_limit) &&
      target.free_at.front() > now) {
    ++refused_;
    if (seen != nullptr) ++seen->failed;
    return fail(first, attempt, now);
  }
  work.admitted += share;
  if (target.warm) ++work.taken;
  const double service = sample_service() * host.service_seconds;
  const Time start = std::max(now, target.free_at.front());
  const Time departure = start + seconds(service);
  replace_earliest(target.free_at, departure);
  if (seen != nullptr) seen->answering += to_seconds(departure - now + host.travel);
  totals_[target.host].busy += service;
  target.uncounted += service;
  const Time given_up = now + config_.requests->timeout;
  const bool abandoned = departure + host.travel > given_up;
  push(target, {.start = start, .departure = departure, .first = first, .attempt = attempt, .abandoned = abandoned});
  if (fewest_) {
    ++target.outstanding;
    sim_.schedule_at(*this, departure, RequestAnswered{index, target.tenure});
  }
  if (abandoned) {
    ++timed_out_;
    fail(first, attempt, given_up);
  }
}

void RequestsOneByOne::fail(Time first, int attempt, Time when) {
  const RetryConfig& retries = config_.requests->retries;
  if (attempt >= retries.count) {
    ++dropped_;
    return;
  }
  double wait = to_seconds(retries.initial);
  const double most = to_seconds(retries.max);
  for (int n = 0; n < attempt && wait < most; ++n) wait *= retries.factor;
  wait = std::min(wait, most);
  if (wait > 0) {
    if (retries.jitter == BackOffJitter::full) wait *= back_off_.uniform();
    else if (retries.jitter == BackOffJitter::equal) wait *= 0.5 + 0.5 * back_off_.uniform();
  }
  std::uint32_t slot = 0;
  if (free_waiting_.empty()) {
    slot = static_cast<std::uint32_t>(waiting_.size());
    waiting_.emplace_back();
    free_waiting_.make_room(waiting_.capacity());
  } else {
    slot = free_waiting_.take();
  }
  waiting_[slot] = {.first = first, .attempt = attempt + 1};
  sim_.schedule_at(*this, when + seconds(wait), RequestRetried{slot});
}

// --- the requests on a target

void RequestsOneByOne::push(Target& target, const Record& request) {
  if (target.count == target.records.size()) {
    std::vector<Record> larger(std::max<std::size_t>(16, 2 * target.records.size()));
    for (std::size_t i = 0; i < target.count; ++i) larger[i] = record(target, i);
    target.records = std::move(larger);
    target.first = 0;
  }
  record(target, target.count++) = request;
}

void RequestsOneByOne::pop_answered(Target& target) {
  const Time now = sim_.now();
  while (target.started < target.count && record(target, target.started).start <= now) ++target.started;
  while (target.started > 0 && record(target, 0).departure <= now) {
    answer(target, record(target, 0));
    if (++target.first == target.records.size()) target.first = 0;
    --target.count;
    --target.started;
  }
}

void RequestsOneByOne::answer(const Target& target, Record& request) {
  if (request.counted) return;
  request.counted = true;
  if (request.abandoned) return;
  const Duration latency = request.departure - request.first + hosts_[target.host].travel;
  Totals& totals = totals_[target.host];
  ++totals.answered;
  ++answered_;
  RequestHost& host = hosts_[target.host];
  host.errors_due += host.errors;
  const bool useless = host.errors_due >= 1;
  if (useless) host.errors_due -= 1;
  if (latency > config_.deadline || useless) ++totals.late;
  latency_sum_ += to_seconds(latency);
  latencies_.add(to_seconds(latency));
}

void RequestsOneByOne::settle() {
  const Time now = sim_.now();
  for (Target& target : targets_) {
    for (std::size_t i = 0; i < target.count; ++i) {
      if (record(target, i).departure <= now) answer(target, record(target, i));
    }
  }
}

double RequestsOneByOne::worked() const {
  double worked = 0;
  for (std::size_t h = 0; h < hosts_.size(); ++h) worked += totals_[h].busy / hosts_[h].service_seconds;
  return worked;
}

double RequestsOneByOne::ahead(Target& target) {
  const Time now = sim_.now();
  double seconds = 0;
  for (std::size_t i = 0; i < target.count; ++i) {
    const Record& request = record(target, i);
    if (request.departure > now) seconds += to_seconds(request.departure - std::max(now, request.start));
  }
  return seconds;
}

void RequestsOneByOne::count_work(Target& target) {
  const double left = ahead(target);
  group_work_[hosts_[target.host].group].worked += (target.uncounted - left) / hosts_[target.host].servers;
  target.uncounted = left;
}

void RequestsOneByOne::count_work() {
  for (Target& target : targets_) {
    if (target.warm) count_work(target);
  }
}

void RequestsOneByOne::begin_measurement() {
  settle();
  std::fill(totals_.begin(), totals_.end(), Totals{});
  answered_ = dropped_ = attempts_ = retries_ = timed_out_ = refused_ = lost_ = 0;
  latency_sum_ = 0;
  latencies_ = QuantileSketch();
}

GroupWork RequestsOneByOne::take_group_work(std::size_t group) {
  GroupWork work;
  if (group < group_work_.size()) std::swap(work, group_work_[group]);
  return work;
}

GroupService RequestsOneByOne::take_group_service(std::size_t group) {
  GroupService service;
  if (group < group_service_.size()) std::swap(service, group_service_[group]);
  return service;
}

}  // namespace fleetsim::fleet
