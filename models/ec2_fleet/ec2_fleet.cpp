#include "fleetsim/models/ec2_fleet.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim {

namespace {

using UnitTime = Quantity<struct UnitNanosecondTag, Int128>;

/// An instance that runs but no longer counts.
struct AtRisk {
  InstanceId instance;
  std::size_t pool = 0;
  bool replaced = false;
  EventHandle termination;
};

/// An instance on its way to be stopped.
struct Stopping {
  std::size_t pool = 0;
  InstanceId instance;
};

/// What happened since measurement began; the integrals reach to `to`.
struct Counts {
  Time from{}, to{};
  UnitTime fulfilled{};
  Duration shortfall{};
  std::uint64_t launches = 0;
  std::uint64_t launch_failures = 0;
  std::uint64_t short_of_capacity = 0;
  std::uint64_t short_of_price = 0;
  std::uint64_t short_of_budget = 0;
  std::uint64_t rebalance_launches = 0;
  std::uint64_t stops = 0;
  std::uint64_t resumes = 0;
};

struct FleetState {
  std::string metrics;
  Ec2FleetConfig config;
  std::vector<Ec2FleetPool> pools;
  std::vector<std::vector<InstanceId>> held;  // by pool, the oldest first
  std::vector<Stopping> stopping;      // in the order in which they began, and end
  std::vector<std::vector<InstanceId>> stopped;  // by pool, those that can be started, the first to stop first
  std::vector<AtRisk> at_risk;         // in the order of their signals
  EventHandle next_attempt;
  Time next_attempt_at;
  int short_attempts = 0;              // in a row
  Counts counts;
  std::vector<std::int64_t> plan;      // scratch, by pool
  std::vector<bool> left_out;          // scratch, by pool

  std::int64_t units_in(std::size_t pool) const {
    return static_cast<std::int64_t>(held[pool].size()) * pools[pool].weight;
  }
  std::int64_t units(bool spot) const {
    std::int64_t sum = 0;
    for (std::size_t p = 0; p < pools.size(); ++p) {
      if (pools[p].spot == spot) sum += units_in(p);
    }
    return sum;
  }
  std::int64_t units() const { return units(true) + units(false); }
  std::int64_t units_at_risk(bool replaced) const {
    std::int64_t sum = 0;
    for (const AtRisk& risk : at_risk) {
      if (risk.replaced == replaced) sum += pools[risk.pool].weight;
    }
    return sum;
  }
  bool is_at_risk(InstanceId instance) const {
    return std::any_of(at_risk.begin(), at_risk.end(), [&](const AtRisk& risk) { return risk.instance == instance; });
  }
  std::int64_t fulfilled() const { return units() - units_at_risk(true) - units_at_risk(false); }
  /// Beyond what waits for a replacement of its own.
  std::int64_t missing(bool spot) const {
    if (!spot) return config.on_demand - units(false);
    return config.target - config.on_demand - units(true) + units_at_risk(true);
  }
  /// Units that rebalancing may still launch [2].
  std::int64_t room() const { return 2 * config.target - units(); }
  void record(Time now) { counts = counted_to(now); }
  Counts counted_to(Time now) const {
    Counts result = counts;
    const Duration elapsed = now - counts.to;
    result.fulfilled += UnitTime::of(static_cast<Int128>(fulfilled()) * elapsed.count());
    if (fulfilled() < config.target) result.shortfall += elapsed;
    result.to = now;
    return result;
  }
};

}  // namespace

struct Ec2Fleets::State {
  Simulation& sim;
  Ec2FleetCapacity& capacity;
  std::vector<FleetState> fleets;

  std::optional<UsdPerHour> budget(Ec2FleetId id) const;
  bool launch(Ec2FleetId id, std::size_t pool, bool in_service);
  void launch_missing(Ec2FleetId id, bool spot, bool in_service);
  bool replace(Ec2FleetId id, AtRisk& risk);
  void end_excess(Ec2FleetId id);
  void forget(Ec2FleetId id, std::size_t pool, InstanceId instance);
};

/// What the next launches may cost together.
std::optional<UsdPerHour> Ec2Fleets::State::budget(Ec2FleetId id) const {
  const FleetState& fleet = fleets[id.index];
  if (!fleet.config.total_price_max) return std::nullopt;
  UsdPerHour left = *fleet.config.total_price_max;
  for (std::size_t p = 0; p < fleet.pools.size(); ++p) {
    if (!fleet.held[p].empty()) left = left - capacity.price(id, p) * static_cast<std::int64_t>(fleet.held[p].size());
  }
  return left;
}

bool Ec2Fleets::State::launch(Ec2FleetId id, std::size_t pool, bool in_service) {
  FleetState& fleet = fleets[id.index];
  Maybe<InstanceId> instance;
  if (std::vector<InstanceId>& stopped = fleet.stopped[pool]; !stopped.empty()) {
    if (capacity.start(id, pool, stopped.front(), fleet.config.interruption == Ec2FleetInterruption::hibernate)) {
      instance = stopped.front();
      stopped.erase(stopped.begin());
      ++fleet.counts.resumes;
    }
  } else {
    instance = capacity.launch(id, pool, in_service);
  }
  if (!instance) {
    ++fleet.counts.launch_failures;
    return false;
  }
  fleet.held[pool].push_back(*instance);
  ++fleet.counts.launches;
  return true;
}

/// Launches what is missing of one purchase option. A pool that fails is left out, and the rest is planned anew.
void Ec2Fleets::State::launch_missing(Ec2FleetId id, bool spot, bool in_service) {
  FleetState& fleet = fleets[id.index];
  fleet.left_out.assign(fleet.pools.size(), false);
  for (std::int64_t missing = fleet.missing(spot); missing > 0; missing = fleet.missing(spot)) {
    const Ec2FleetBatch batch{.spot = spot,
                              .units = missing,
                              .unit_price_max = spot ? fleet.config.unit_price_max : std::nullopt,
                              .budget = budget(id),
                              .left_out = fleet.left_out};
    const Ec2FleetCover cover = capacity.plan(id, batch, fleet.plan);
    if (cover == Ec2FleetCover::short_of_capacity) ++fleet.counts.short_of_capacity;
    if (cover == Ec2FleetCover::short_of_price) ++fleet.counts.short_of_price;
    if (cover == Ec2FleetCover::short_of_budget) ++fleet.counts.short_of_budget;
    bool failed = false;
    for (std::size_t pool = 0; pool < fleet.pools.size(); ++pool) {
      for (std::int64_t n = fleet.plan[pool]; n > 0 && !fleet.left_out[pool]; --n) {
        if (launch(id, pool, in_service)) continue;
        fleet.left_out[pool] = true;
        failed = true;
      }
    }
    // No pool stands in for another of a request.
    if (!failed || fleet.config.type == Ec2FleetType::request) return;
  }
}

/// Launches a replacement where its availability is the same or better than that of the pool at risk.
bool Ec2Fleets::State::replace(Ec2FleetId id, AtRisk& risk) {
  FleetState& fleet = fleets[id.index];
  fleet.left_out.assign(fleet.pools.size(), false);
  for (std::size_t pool = 0; pool < fleet.pools.size(); ++pool) {
    fleet.left_out[pool] = !fleet.pools[pool].spot || !capacity.as_available(id, pool, risk.pool);
  }
  const std::int64_t units = fleet.pools[risk.pool].weight;
  while (units <= fleet.room()) {
    // Twice the target is the most that runs, whatever an instance of another pool weighs.
    for (std::size_t pool = 0; pool < fleet.pools.size(); ++pool) {
      if (fleet.pools[pool].weight > fleet.room()) fleet.left_out[pool] = true;
    }
    capacity.plan(id,
                  {.spot = true, .units = units, .unit_price_max = fleet.config.unit_price_max, .budget = budget(id),
                   .left_out = fleet.left_out},
                  fleet.plan);
    std::size_t pool = 0;
    while (pool < fleet.pools.size() && fleet.plan[pool] == 0) ++pool;
    if (pool == fleet.pools.size()) return false;
    std::int64_t launched = 0;
    for (; pool < fleet.pools.size() && launched < units && !fleet.left_out[pool]; ++pool) {
      for (std::int64_t n = fleet.plan[pool]; n > 0 && launched < units; --n) {
        if (!launch(id, pool, false)) {
          fleet.left_out[pool] = true;
          break;
        }
        launched += fleet.pools[pool].weight;
        ++fleet.counts.rebalance_launches;
      }
    }
    if (launched > 0) {
      risk.replaced = true;
      return true;
    }
  }
  return false;
}

/// Ends instances that count, the oldest of the pool with the most units, while none of them is needed.
void Ec2Fleets::State::end_excess(Ec2FleetId id) {
  FleetState& fleet = fleets[id.index];
  for (const bool spot : {true, false}) {
    fleet.left_out.assign(fleet.pools.size(), false);
    for (;;) {
      // Those at risk that wait for a replacement do not count, though they are not missing yet.
      const std::int64_t excess = -fleet.missing(spot) - (spot ? fleet.units_at_risk(false) : 0);
      std::optional<std::size_t> fullest;
      for (std::size_t p = 0; p < fleet.pools.size(); ++p) {
        if (fleet.pools[p].spot != spot || fleet.left_out[p] || fleet.pools[p].weight > excess) continue;
        if (!fullest || fleet.units_in(p) > fleet.units_in(*fullest)) fullest = p;
      }
      if (!fullest) break;
      std::vector<InstanceId>& held = fleet.held[*fullest];
      const auto ended = std::find_if(held.begin(), held.end(), [&](InstanceId instance) {
        return !fleet.is_at_risk(instance) && capacity.terminate(id, instance);
      });
      if (ended != held.end()) held.erase(ended);
      else fleet.left_out[*fullest] = true;
    }
  }
}

void Ec2Fleets::State::forget(Ec2FleetId id, std::size_t pool, InstanceId instance) {
  FleetState& fleet = fleets[id.index];
  std::vector<InstanceId>& held = fleet.held[pool];
  const auto instance_held = std::find(held.begin(), held.end(), instance);
  invariant(instance_held != held.end(), "a fleet loses what it holds");
  held.erase(instance_held);
  const auto risk = std::find_if(fleet.at_risk.begin(), fleet.at_risk.end(),
                                 [&](const AtRisk& candidate) { return candidate.instance == instance; });
  if (risk == fleet.at_risk.end()) return;
  sim.cancel(risk->termination);
  fleet.at_risk.erase(risk);
}

Ec2Fleets::Ec2Fleets(Simulation& sim, Ec2FleetCapacity& capacity)
    : EventHandler(sim), state_(new State{.sim = sim, .capacity = capacity, .fleets = {}}) {}

Ec2Fleets::~Ec2Fleets() = default;

Ec2FleetId Ec2Fleets::add_fleet(std::string metrics, Ec2FleetConfig config, std::vector<Ec2FleetPool> pools) {
  invariant(config.target > 0 && config.on_demand <= config.target, "a fleet's target covers its on-demand part");
  FleetState fleet;
  fleet.metrics = std::move(metrics);
  fleet.config = config;
  fleet.held.resize(pools.size());
  fleet.stopped.resize(pools.size());
  fleet.plan.assign(pools.size(), 0);
  fleet.pools = std::move(pools);
  fleet.counts.from = fleet.counts.to = state_->sim.now();
  state_->fleets.push_back(std::move(fleet));
  return {static_cast<std::uint32_t>(state_->fleets.size() - 1)};
}

void Ec2Fleets::start() {
  for (std::uint32_t f = 0; f < state_->fleets.size(); ++f) attempt({f}, true);
}

/// One attempt at all that is missing. A maintain fleet that stays short has the next one on its way.
void Ec2Fleets::attempt(Ec2FleetId id, bool in_service) {
  State& s = *state_;
  FleetState& fleet = s.fleets[id.index];
  fleet.record(s.sim.now());
  for (const bool spot : {false, true}) s.launch_missing(id, spot, in_service);
  bool waiting = false;
  for (AtRisk& risk : fleet.at_risk) {
    if (risk.replaced) continue;
    // At twice the target further signals are ignored: only a loss or a new target makes room.
    if (fleet.fulfilled() >= fleet.config.target || fleet.room() < fleet.pools[risk.pool].weight) break;
    if (!s.replace(id, risk)) {
      waiting = true;
      continue;
    }
    if (fleet.config.rebalance == CapacityRebalance::launch_before_terminate) {
      risk.termination =
          s.sim.schedule(*this, fleet.config.termination_delay, FleetTerminationDue{id, risk.instance});
    }
  }
  if (fleet.config.type != Ec2FleetType::maintain) return;
  s.sim.cancel(fleet.next_attempt);
  if (!waiting && fleet.missing(true) <= 0 && fleet.missing(false) <= 0) {
    fleet.short_attempts = 0;
    return;
  }
  Duration wait = fleet.config.retry_initial;
  for (int k = 0; k < fleet.short_attempts && wait < fleet.config.retry_max; ++k) wait = wait * 2;
  ++fleet.short_attempts;
  schedule_attempt(id, std::min(wait, fleet.config.retry_max));
}

void Ec2Fleets::schedule_attempt(Ec2FleetId id, Duration wait) {
  FleetState& fleet = state_->fleets[id.index];
  fleet.next_attempt_at = state_->sim.now() + wait;
  fleet.next_attempt = state_->sim.schedule(*this, wait, FleetAttemptDue{id});
}

void Ec2Fleets::on(const FleetAttemptDue& event) { attempt(event.fleet, false); }

void Ec2Fleets::on(const FleetTerminationDue& event) {
  State& s = *state_;
  FleetState& fleet = s.fleets[event.fleet.index];
  fleet.record(s.sim.now());
  const auto risk = std::find_if(fleet.at_risk.begin(), fleet.at_risk.end(),
                                 [&](const AtRisk& candidate) { return candidate.instance == event.instance; });
  invariant(risk != fleet.at_risk.end(), "an instance that is to end is at risk");
  const std::size_t pool = risk->pool;
  if (s.capacity.terminate(event.fleet, event.instance)) s.forget(event.fleet, pool, event.instance);
}

void Ec2Fleets::instance_stopping(Ec2FleetId id, std::size_t pool, InstanceId instance) {
  FleetState& fleet = state_->fleets[id.index];
  invariant(fleet.config.interruption != Ec2FleetInterruption::terminate, "EC2 stops instances of fleets that say so");
  ++fleet.counts.stops;
  const Duration wait = fleet.config.interruption == Ec2FleetInterruption::hibernate ? fleet.config.hibernation_time
                                                                                     : fleet.config.stop_time;
  fleet.stopping.push_back({pool, instance});
  state_->sim.schedule(*this, wait, FleetInstanceStopped{id});
  instance_lost(id, pool, instance);
}

void Ec2Fleets::on(const FleetInstanceStopped& event) {
  FleetState& fleet = state_->fleets[event.fleet.index];
  const Stopping first = fleet.stopping.front();
  fleet.stopping.erase(fleet.stopping.begin());
  if (fleet.config.interruption == Ec2FleetInterruption::hibernate) {
    state_->capacity.hibernated(event.fleet, first.instance);
  }
  fleet.stopped[first.pool].push_back(first.instance);
}

bool Ec2Fleets::holds(Ec2FleetId id, std::size_t pool, InstanceId instance) const {
  const std::vector<InstanceId>& held = state_->fleets[id.index].held[pool];
  return std::find(held.begin(), held.end(), instance) != held.end();
}

void Ec2Fleets::set_target(Ec2FleetId id, std::int64_t units) {
  State& s = *state_;
  FleetState& fleet = s.fleets[id.index];
  invariant(units > 0 && fleet.config.on_demand <= units, "a fleet's target covers its on-demand part");
  if (fleet.config.type != Ec2FleetType::maintain) return;
  fleet.record(s.sim.now());
  fleet.config.target = units;
  s.end_excess(id);
  attempt(id, false);
}

void Ec2Fleets::rebalance_recommended(Ec2FleetId id, std::size_t pool, InstanceId instance) {
  State& s = *state_;
  FleetState& fleet = s.fleets[id.index];
  if (fleet.config.rebalance == CapacityRebalance::none) return;
  if (!holds(id, pool, instance)) return;  // the fleet has ended it, and it drains still
  fleet.record(s.sim.now());
  fleet.at_risk.push_back({.instance = instance, .pool = pool, .replaced = false, .termination = {}});
  fleet.short_attempts = 0;
  attempt(id, false);
}

void Ec2Fleets::instance_lost(Ec2FleetId id, std::size_t pool, InstanceId instance) {
  State& s = *state_;
  FleetState& fleet = s.fleets[id.index];
  fleet.record(s.sim.now());
  s.forget(id, pool, instance);
  if (fleet.config.type != Ec2FleetType::maintain || fleet.fulfilled() >= fleet.config.target) return;
  // A loss does not wait for a retry that is further away.
  if (s.sim.pending(fleet.next_attempt)) {
    if (fleet.next_attempt_at <= s.sim.now() + fleet.config.replacement_delay) return;
    s.sim.cancel(fleet.next_attempt);
  }
  schedule_attempt(id, fleet.config.replacement_delay);
}

std::int64_t Ec2Fleets::units(Ec2FleetId fleet) const { return state_->fleets[fleet.index].units(); }
std::int64_t Ec2Fleets::fulfilled(Ec2FleetId fleet) const { return state_->fleets[fleet.index].fulfilled(); }

void Ec2Fleets::begin_measurement() {
  for (FleetState& fleet : state_->fleets) fleet.counts = {.from = state_->sim.now(), .to = state_->sim.now()};
}

void Ec2Fleets::report(MetricSink& sink) const {
  for (const FleetState& fleet : state_->fleets) {
    const Counts c = fleet.counted_to(state_->sim.now());
    const Duration measured = c.to - c.from;
    const auto add = [&](const char* name, std::uint64_t count) {
      sink.add(fleet.metrics + name, "1", static_cast<double>(count));
    };
    sink.add(fleet.metrics + "target_units", "1", static_cast<double>(fleet.config.target));
    sink.add(fleet.metrics + "fulfilled_units_mean", "1",
             measured > Duration{} ? std::optional(static_cast<double>(c.fulfilled.count()) /
                                                   static_cast<double>(measured.count()))
                                   : std::nullopt);
    sink.add(fleet.metrics + "shortfall_time", "s", to_seconds(c.shortfall));
    add("launches", c.launches);
    add("launch_failures", c.launch_failures);
    add("attempts_short_of_capacity", c.short_of_capacity);
    add("attempts_short_of_price", c.short_of_price);
    add("attempts_short_of_budget", c.short_of_budget);
    add("rebalance_launches", c.rebalance_launches);
    if (fleet.config.interruption != Ec2FleetInterruption::terminate) {
      add("stops", c.stops);
      add("resumes", c.resumes);
    }
  }
}

}  // namespace fleetsim
