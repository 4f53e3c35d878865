#include <algorithm>
#include <map>
#include <vector>

#include "fleetsim/models/spot_market/requests.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

namespace {

struct Request {
  SpotRequestConfig config;
  SpotRequestState state = SpotRequestState::open;
  SpotRequestStatus status = SpotRequestStatus::pending_evaluation;
  SpotInstanceState instance = SpotInstanceState::none;
  Maybe<LeaseId> lease;
  std::uint64_t turn = 0;    // in which it asks for an instance
  bool waiting = false;      // in its pool's queue
  bool expired = false;
  bool memory_kept = false;  // hibernated
  bool priced_out = false;   // its instance goes because of the price
  bool peer_lost = false;    // its instance goes because another of its launch group goes
  bool noticed_early = false;  // EC2 gave notice before the instance ran
  bool told_early = false;     // and the instance would have heard of it
  SpotRequestStatus when_stopped = SpotRequestStatus::instance_stopped_no_capacity;
  EventHandle next_event;
  EventHandle expiry;

  SpotTerms terms() const {
    return {.hibernates = config.interruption == InterruptionBehavior::hibernate, .max_price = config.max_price};
  }
  bool cancelled() const { return state == SpotRequestState::cancelled; }
  /// Whether it asks for an instance, and none is on its way.
  bool asks() const { return state == SpotRequestState::open && instance != SpotInstanceState::running && !lease; }
  /// Whether a request whose instance has ended asks for another one.
  bool asks_again() const { return config.type == SpotRequestType::persistent && !cancelled() && !expired; }
};

}  // namespace

struct SpotRequests::State {
  Simulation& sim;
  SpotMarket& market;
  SpotRequestsConfig config;
  SpotRequestOwner& owner;
  std::uint32_t owner_number;
  Stream times;
  std::vector<Request> requests;
  std::vector<std::vector<SpotRequestId>> queues;                 // by pool: those waiting for room, in their turn
  std::map<std::uint32_t, std::vector<SpotRequestId>> launch_groups;
  std::uint64_t turns = 0;
  std::vector<SpotRequestId> asked;                               // scratch

  Request& at(SpotRequestId id) { return requests[id.index]; }
  SpotHolderId holder(SpotRequestId id) const { return {.number = id.index, .owner = owner_number}; }
  static SpotRequestId request_of(SpotHolderId holder) { return {holder.number}; }
  /// Its turn comes after those who ask already.
  void take_turn(SpotRequestId id) { at(id).turn = ++turns; }
  void start_waiting(SpotRequestId id) {
    Request& request = at(id);
    if (request.waiting) return;
    request.waiting = true;
    std::vector<SpotRequestId>& queue = queues[request.config.pool.index];
    const auto place = std::upper_bound(queue.begin(), queue.end(), request.turn, [&](std::uint64_t turn, SpotRequestId other) {
      return turn < at(other).turn;
    });
    queue.insert(place, id);
  }
  /// Whether the room that there is belongs to others, who have waited longer.
  bool others_first(SpotRequestId id) {
    const PoolId pool = at(id).config.pool;
    if (market.free_units(pool) == 0) return false;
    const auto comes_first = [&](SpotRequestId other) {
      return at(other).turn < at(id).turn && market.has_room(pool, at(other).terms());
    };
    return std::any_of(queues[pool.index].begin(), queues[pool.index].end(), comes_first);
  }
  void stop_waiting(SpotRequestId id) {
    Request& request = at(id);
    if (!request.waiting) return;
    request.waiting = false;
    std::erase(queues[request.config.pool.index], id);
  }
};

SpotRequests::SpotRequests(Simulation& sim, SpotMarket& market, SpotRequestsConfig config, SpotRequestOwner& owner,
                           std::uint32_t owner_number)
    : EventHandler(sim),
      state_(new State{sim, market, std::move(config), owner, owner_number, sim.stream("spot_requests/times"), {},
                       std::vector<std::vector<SpotRequestId>>(market.pool_count()), {}, 0, {}}) {}
SpotRequests::~SpotRequests() = default;

SpotRequestState SpotRequests::state(SpotRequestId id) const { return state_->at(id).state; }
SpotRequestStatus SpotRequests::status(SpotRequestId id) const {
  const Request& request = state_->at(id);
  if (!request.waiting || request.state != SpotRequestState::open) return request.status;
  // The price may have moved since it was evaluated, and it need not be evaluated for that.
  return state_->market.price_too_low(request.config.pool, request.terms()) ? SpotRequestStatus::price_too_low
                                                                            : SpotRequestStatus::capacity_not_available;
}
SpotInstanceState SpotRequests::instance(SpotRequestId id) const { return state_->at(id).instance; }

// --- asking

SpotRequestId SpotRequests::submit(SpotRequestConfig config) {
  const bool ends = config.interruption == InterruptionBehavior::terminate;
  invariant(ends || (config.type == SpotRequestType::persistent && !config.launch_group),
            "stop and hibernate need a persistent request and no launch group");
  const SpotRequestId id{static_cast<std::uint32_t>(state_->requests.size())};
  Request& request = state_->requests.emplace_back();
  request.config = config;
  state_->take_turn(id);
  if (config.launch_group) state_->launch_groups[*config.launch_group].push_back(id);
  if (config.valid_for) request.expiry = state_->sim.schedule(*this, *config.valid_for, SpotRequestExpired{id});
  if (config.valid_from > Duration{}) request.status = SpotRequestStatus::not_scheduled_yet;
  request.next_event = state_->sim.schedule(*this, std::max(1_ns, config.valid_from), SpotRequestDue{id});
  return id;
}

void SpotRequests::on(const SpotRequestDue& event) { evaluate(event.request); }

void SpotRequests::evaluate(SpotRequestId id) {
  Request& request = state_->at(id);
  if (request.lease) return;  // launched with its group
  if (request.config.launch_group) {
    evaluate_launch_group(*request.config.launch_group);
  } else if (state_->others_first(id) || !launch(id)) {
    wait_for_room(id);
  }
}

/// All or none of those of the group that ask for an instance.
void SpotRequests::evaluate_launch_group(std::uint32_t group) {
  std::vector<SpotRequestId> asking;
  for (const SpotRequestId id : state_->launch_groups[group]) {
    if (state_->at(id).asks()) asking.push_back(id);
  }
  std::size_t launched = 0;
  while (launched != asking.size() && !state_->others_first(asking[launched]) && launch(asking[launched])) ++launched;
  if (launched == asking.size()) return;
  const SpotRequestId failed = asking[launched];
  for (std::size_t i = 0; i != launched; ++i) {
    Request& request = state_->at(asking[i]);
    state_->sim.cancel(request.next_event);
    state_->market.release(*request.lease);
    request.lease = std::nullopt;
  }
  // One of them waits for all: room elsewhere would not help, and whoever still waited there would be told of it again and
  // again, a nanosecond apart, for as long as it stays free.
  for (const SpotRequestId id : asking) {
    if (id == failed) continue;
    state_->stop_waiting(id);
    state_->at(id).status = SpotRequestStatus::launch_group_constraint;
  }
  wait_for_room(failed);
}

/// The request no longer asks. The others of its launch group may have waited for it, so one of them asks for all again.
void SpotRequests::leave_launch_group(SpotRequestId id) {
  const std::optional<std::uint32_t> group = state_->at(id).config.launch_group;
  if (!group) return;
  for (const SpotRequestId other : state_->launch_groups[*group]) {
    Request& request = state_->at(other);
    // Those that are not to be evaluated yet have an event of their own.
    if (!request.asks() || request.status == SpotRequestStatus::not_scheduled_yet) continue;
    state_->sim.cancel(request.next_event);
    request.next_event = state_->sim.schedule(*this, 1_ns, SpotRequestDue{other});
    return;
  }
}

/// Takes a unit of the pool and begins to fulfil the request.
bool SpotRequests::launch(SpotRequestId id) {
  Request& request = state_->at(id);
  request.lease = state_->market.launch(request.config.pool, state_->holder(id), request.terms());
  if (!request.lease) return false;
  request.priced_out = request.peer_lost = request.noticed_early = request.told_early = false;
  state_->stop_waiting(id);
  state_->sim.cancel(request.next_event);
  request.status = SpotRequestStatus::pending_fulfillment;
  const Duration fulfilment = state_->config.fulfilment.sample(state_->times);
  request.next_event = state_->sim.schedule(*this, fulfilment, SpotRequestFulfilled{id});
  return true;
}

void SpotRequests::wait_for_room(SpotRequestId id) {
  Request& request = state_->at(id);
  state_->sim.cancel(request.next_event);  // a launch group is evaluated for each of its members
  // An instance that EC2 stopped keeps its status until it is started.
  if (request.state == SpotRequestState::open) request.status = SpotRequestStatus::capacity_not_available;
  if (!state_->others_first(id) && state_->market.has_room(request.config.pool, request.terms())) {
    // The launch failed by chance.
    state_->stop_waiting(id);
    request.next_event = state_->sim.schedule(*this, state_->config.retry, SpotRequestDue{id});
    return;
  }
  state_->start_waiting(id);
  state_->market.watch(request.config.pool, request.terms(), *this);
}

/// Whom the price keeps waiting keeps the turn.
void SpotRequests::spot_room(PoolId pool) {
  std::vector<SpotRequestId>& asked = state_->asked;
  asked = state_->queues[pool.index];
  for (const SpotRequestId id : asked) {
    if (state_->market.free_units(pool) == 0) break;
    const Request& request = state_->at(id);
    if (request.waiting && state_->market.has_room(pool, request.terms())) evaluate(id);
  }
  for (const SpotRequestId id : state_->queues[pool.index]) state_->market.watch(pool, state_->at(id).terms(), *this);
}

void SpotRequests::on(const SpotRequestExpired& event) {
  Request& request = state_->at(event.request);
  request.expired = true;
  const bool stopped = request.state == SpotRequestState::disabled;
  const bool asks = request.state == SpotRequestState::open && request.instance != SpotInstanceState::running;
  if (!stopped && !asks) return;
  state_->stop_waiting(event.request);
  state_->sim.cancel(request.next_event);
  if (request.lease) state_->market.release(*request.lease);
  request.lease = std::nullopt;
  request.state = SpotRequestState::cancelled;
  if (asks) request.status = SpotRequestStatus::schedule_expired;
  leave_launch_group(event.request);
}

void SpotRequests::on(const SpotRequestFulfilled& event) {
  Request& request = state_->at(event.request);
  request.state = SpotRequestState::active;
  request.status = SpotRequestStatus::fulfilled;
  request.instance = SpotInstanceState::running;
  const bool memory_kept = std::exchange(request.memory_kept, false);
  const bool noticed = std::exchange(request.noticed_early, false), told = std::exchange(request.told_early, false);
  state_->owner.spot_instance_started(event.request, memory_kept);
  if (noticed) notice_given(state_->holder(event.request));
  if (told) interruption_noticed(state_->holder(event.request));
}

// --- what EC2 does

void SpotRequests::rebalance_recommended(SpotHolderId holder) {
  const SpotRequestId id = state_->request_of(holder);
  if (state_->at(id).instance == SpotInstanceState::running) state_->owner.spot_rebalance_recommended(id);
}

void SpotRequests::priced_out(SpotHolderId holder) { state_->at(state_->request_of(holder)).priced_out = true; }

void SpotRequests::notice_given(SpotHolderId holder) {
  const SpotRequestId id = state_->request_of(holder);
  Request& request = state_->at(id);
  if (request.instance != SpotInstanceState::running) {
    request.noticed_early = true;
  } else if (request.config.interruption != InterruptionBehavior::terminate) {
    if (!request.cancelled()) request.status = SpotRequestStatus::marked_for_stop;
  } else if (request.priced_out || request.peer_lost) {
    if (!request.cancelled()) request.status = SpotRequestStatus::marked_for_termination;
  } else {
    request.status = SpotRequestStatus::instance_terminated_no_capacity;
    if (!request.cancelled()) request.state = request.asks_again() ? SpotRequestState::open : SpotRequestState::closed;
  }
  if (request.config.launch_group && !request.peer_lost) take_peers(*request.config.launch_group);
}

/// EC2 takes one of a launch group, so all others have their notice too.
void SpotRequests::take_peers(std::uint32_t group) {
  for (const SpotRequestId peer : state_->launch_groups[group]) {
    Request& request = state_->at(peer);
    if (!request.lease || request.peer_lost) continue;
    request.peer_lost = true;  // before the market tells of it
    if (!state_->market.take(*request.lease)) request.peer_lost = false;
  }
}

void SpotRequests::interruption_noticed(SpotHolderId holder) {
  const SpotRequestId id = state_->request_of(holder);
  if (state_->at(id).instance == SpotInstanceState::running) state_->owner.spot_instance_noticed(id);
  else state_->at(id).told_early = true;
}

void SpotRequests::interrupted(SpotHolderId holder) {
  const SpotRequestId id = state_->request_of(holder);
  Request& request = state_->at(id);
  request.lease = std::nullopt;
  if (request.instance != SpotInstanceState::running) {  // taken back before it was fulfilled
    state_->sim.cancel(request.next_event);
    request.status = SpotRequestStatus::pending_evaluation;
    state_->take_turn(id);
    request.next_event = state_->sim.schedule(*this, 1_ns, SpotRequestDue{id});
  } else if (request.config.interruption == InterruptionBehavior::terminate) {
    lose_instance(id,
                  request.peer_lost    ? SpotRequestStatus::instance_terminated_launch_group_constraint
                  : request.priced_out ? SpotRequestStatus::instance_terminated_by_price
                                       : SpotRequestStatus::instance_terminated_no_capacity,
                  EndedBy::interruption);
  } else {
    begin_stop(id, request.priced_out ? SpotRequestStatus::instance_stopped_by_price
                                      : SpotRequestStatus::instance_stopped_no_capacity);
  }
}

/// The instance has ended.
void SpotRequests::lose_instance(SpotRequestId id, SpotRequestStatus status, EndedBy ended_by) {
  Request& request = state_->at(id);
  state_->sim.cancel(request.next_event);
  state_->stop_waiting(id);
  if (request.lease) state_->market.release(*request.lease);
  request.lease = std::nullopt;
  request.instance = SpotInstanceState::terminated;
  request.status = status;
  if (request.asks_again()) {
    request.state = SpotRequestState::open;
    state_->take_turn(id);
    request.next_event = state_->sim.schedule(*this, 1_ns, SpotRequestDue{id});
  } else if (!request.cancelled()) {
    request.state = SpotRequestState::closed;
  }
  state_->owner.spot_instance_ended(id, ended_by);
}

void SpotRequests::begin_stop(SpotRequestId id, SpotRequestStatus status_when_stopped) {
  Request& request = state_->at(id);
  request.memory_kept =
      request.config.interruption == InterruptionBehavior::hibernate && request.config.hibernation_agent;
  request.instance = SpotInstanceState::stopping;
  request.when_stopped = status_when_stopped;
  if (!request.cancelled()) request.status = SpotRequestStatus::marked_for_stop;
  const DurationDistribution& time = request.memory_kept ? request.config.hibernation_time : request.config.stop_time;
  request.next_event = state_->sim.schedule(*this, time.sample(state_->times), SpotInstanceStopped{id});
  state_->owner.spot_instance_stopping(id, request.memory_kept);
}

void SpotRequests::on(const SpotInstanceStopped& event) {
  state_->at(event.request).instance = SpotInstanceState::stopped;
  state_->owner.spot_instance_stopped(event.request);
  Request& request = state_->at(event.request);  // its owner may have submitted others
  if (request.cancelled()) {
    lose_instance(event.request, SpotRequestStatus::instance_terminated_by_user, EndedBy::owner);
    return;
  }
  request.status = request.when_stopped;
  request.state = request.expired ? SpotRequestState::cancelled : SpotRequestState::disabled;
  if (request.when_stopped != SpotRequestStatus::instance_stopped_by_user && !request.expired) {
    state_->take_turn(event.request);
    evaluate(event.request);
  }
}

// --- what the user does

void SpotRequests::cancel(SpotRequestId id) {
  Request& request = state_->at(id);
  state_->sim.cancel(request.expiry);
  switch (request.state) {
    case SpotRequestState::closed: return;
    case SpotRequestState::cancelled:
      if (request.instance != SpotInstanceState::stopped) return;
      lose_instance(id, SpotRequestStatus::instance_terminated_by_user, EndedBy::owner);  // it had expired
      return;
    case SpotRequestState::open:
    case SpotRequestState::active: break;
    case SpotRequestState::disabled:
      request.state = SpotRequestState::cancelled;
      lose_instance(id, SpotRequestStatus::instance_terminated_by_user, EndedBy::owner);
      return;
  }
  request.state = SpotRequestState::cancelled;
  if (request.instance == SpotInstanceState::running) {
    // A notice that was given keeps its word for what will happen.
    if (request.status == SpotRequestStatus::fulfilled) {
      request.status = SpotRequestStatus::request_canceled_and_instance_running;
    }
    return;
  }
  if (request.instance == SpotInstanceState::stopping) return;
  state_->stop_waiting(id);
  state_->sim.cancel(request.next_event);
  if (request.lease) state_->market.release(*request.lease);
  request.lease = std::nullopt;
  request.status = SpotRequestStatus::canceled_before_fulfillment;
  leave_launch_group(id);
}

void SpotRequests::terminate(SpotRequestId id) {
  const SpotInstanceState instance = state_->at(id).instance;
  invariant(instance != SpotInstanceState::none && instance != SpotInstanceState::terminated,
            "only an instance that exists is terminated");
  lose_instance(id, SpotRequestStatus::instance_terminated_by_user, EndedBy::owner);
}

void SpotRequests::stop(SpotRequestId id) {
  Request& request = state_->at(id);
  invariant(request.instance == SpotInstanceState::running &&
                request.config.interruption != InterruptionBehavior::terminate,
            "a user stops an instance that runs and that may be stopped");
  state_->market.release(*request.lease);
  request.lease = std::nullopt;
  begin_stop(id, SpotRequestStatus::instance_stopped_by_user);
}

void SpotRequests::start(SpotRequestId id) {
  Request& request = state_->at(id);
  invariant(request.status == SpotRequestStatus::instance_stopped_by_user && !request.cancelled(),
            "a user starts an instance that the user stopped");
  request.state = SpotRequestState::open;
  request.status = SpotRequestStatus::pending_evaluation;
  state_->take_turn(id);
  request.next_event = state_->sim.schedule(*this, 1_ns, SpotRequestDue{id});
}

}  // namespace fleetsim
