#include "fleetsim/sim/simulation.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "sim/event_list.hpp"
#include "sim/name_hash.hpp"

namespace fleetsim {
namespace {

/// What the events of one type, for entities of one class, have in common.
struct EventKind {
  EventThunk thunk;
  std::string_view name;
  std::uint64_t name_hash;
};

/// Where an event goes. Sixteen bytes, because there is one for each entity and event type.
struct Handler {
  void* entity;
  std::uint32_t kind;
};

/// A digest of a sequence. Each step is a bijection of the state, so two sequences that differ keep differing digests
/// until a later difference makes up for it, one time in 2^64.
class Digest {
 public:
  void add(std::uint64_t key, std::uint64_t name, std::uint64_t payload) {
    const std::uint64_t event = key * 0x9e3779b97f4a7c15U ^ (payload + name) * 0xd6e8feb86659fd93U;
    state_ = (std::rotl(state_, 29) ^ event) * 0xa0761d6478bd642fU;
  }
  std::uint64_t value() const { return mix_bits(state_); }

 private:
  std::uint64_t state_ = 0;
};

/// Sets a flag for the length of a scope.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  bool& flag_;
};

}  // namespace

struct Simulation::Impl {
  SimulationOptions options;
  EventList events;
  std::vector<Handler> handlers;
  std::vector<EventKind> kinds;
  std::uint64_t events_run = 0;
  Digest digest;
  bool running = false;
  bool stopping = false;

  const EventKind& kind_of(std::uint32_t handler) const { return kinds[handlers[handler].kind]; }

  std::uint32_t find_or_add_kind(EventThunk thunk, std::string_view name);
  void run(EventKey last, Time& now);
  [[noreturn]] void refuse(Time when, Phase phase, std::uint32_t handler, Time now) const;
};

std::uint32_t Simulation::Impl::find_or_add_kind(EventThunk thunk, std::string_view name) {
  // From the last one back: entities of a class are mostly made one after another.
  for (std::size_t i = kinds.size(); i-- > 0;) {
    if (kinds[i].thunk == thunk && kinds[i].name == name) return static_cast<std::uint32_t>(i);
  }
  kinds.push_back({thunk, name, name_hash(name)});
  return static_cast<std::uint32_t>(kinds.size() - 1);
}

/// Runs events up to the key `last`, setting `now` to the time of each.
void Simulation::Impl::run(EventKey last, Time& now) {
  invariant(!running, "a run is not started from a handler");
  const Raised in_run(running);
  stopping = false;
  EventEntry event{};
  try {
    while (!stopping && events.take(last, event)) {
      now = time_of(event.key);
      ++events_run;
      // By value: the handler may add entities.
      const Handler handler = handlers[event.handler];
      const EventKind kind = kinds[handler.kind];
      if (options.fingerprint) digest.add(event.key, kind.name_hash, event.payload);
      kind.thunk(handler.entity, event.payload);
    }
  } catch (const InvariantViolation& violation) {
    throw InvariantViolation(fmt::format("{}\n  clock {} ns ({:.9f} s), event {}, seed {}, replication {}",
                                         violation.what(), now.since_start().count(), to_seconds(now.since_start()),
                                         kind_of(event.handler).name, options.seed, options.replication));
  }
}

void Simulation::Impl::refuse(Time when, Phase phase, std::uint32_t handler, Time now) const {
  const std::int64_t clock = now.since_start().count();
  const std::int64_t wanted = when.since_start().count();
  const std::string_view name = kind_of(handler).name;
  // Below -2^62 only a sum that wrapped around can be.
  const bool too_late = wanted >= time_limit_ns || wanted < -time_limit_ns;
  const std::string claim =
      too_late      ? fmt::format("{} is scheduled for a time below 2^62 ns, 146 years (clock {} ns)", name, clock)
      : when != now ? fmt::format("{} is not scheduled in the past: for {} ns at clock {} ns", name, wanted, clock)
                    : fmt::format("{}, of the {} phase, is not scheduled for an instant that was observed (clock {} ns)",
                                  name, phase == Phase::change ? "change" : "observe", clock);
  invariant_broken(claim, std::source_location::current());
}

Simulation::Simulation(SimulationOptions options) : impl_(std::make_unique<Impl>()) { impl_->options = options; }
Simulation::~Simulation() = default;

std::uint64_t Simulation::seed() const { return impl_->options.seed; }
std::uint64_t Simulation::replication() const { return impl_->options.replication; }

Stream Simulation::stream(std::string_view name) const {
  return Stream(impl_->options.seed, impl_->options.replication, name);
}

EventHandle Simulation::insert(Time when, Phase phase, std::uint32_t handler, std::uint64_t payload) {
  const auto ns = static_cast<std::uint64_t>(when.since_start().count());
  const EventKey key = event_key(when, phase);
  // A negative time is a huge unsigned one.
  if (ns >= static_cast<std::uint64_t>(time_limit_ns) || key < impl_->events.floor()) [[unlikely]] {
    impl_->refuse(when, phase, handler, now_);
  }
  return impl_->events.insert(key, handler, payload);
}

std::uint32_t Simulation::add_handler(EventThunk thunk, void* entity, std::string_view event_name) {
  impl_->handlers.push_back({entity, impl_->find_or_add_kind(thunk, event_name)});
  return static_cast<std::uint32_t>(impl_->handlers.size() - 1);
}

bool Simulation::cancel(EventHandle handle) { return impl_->events.cancel(handle); }
bool Simulation::pending(EventHandle handle) const { return impl_->events.pending(handle); }

void Simulation::run_until(Time end) {
  invariant(end >= now_, "a run does not end before the clock");
  invariant(end.since_start().count() < time_limit_ns, "a run ends before 2^62 ns, 146 years");
  impl_->run(event_key(end, Phase::observe), now_);
  if (impl_->stopping) return;
  now_ = end;
  impl_->events.raise_floor(event_key(end, Phase::change));
}

void Simulation::run() { impl_->run(event_key(Time::at(Duration::of(time_limit_ns - 1)), Phase::observe), now_); }

void Simulation::stop() { impl_->stopping = true; }

std::size_t Simulation::events_pending() const { return impl_->events.size(); }
std::uint64_t Simulation::events_run() const { return impl_->events_run; }
std::uint64_t Simulation::fingerprint() const { return impl_->digest.value(); }

}  // namespace fleetsim
