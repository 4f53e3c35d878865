#include "fleetsim/sim/simulation.hpp"

#include <fmt/format.h>

#include <span>
#include <vector>

#include "sim/event_list.hpp"
#include "sim/name_hash.hpp"

namespace fleetsim {
namespace {

// Events ahead. An event takes 50 to 300 ns, and memory 100 ns; what is fetched too early is driven out again: a life of an
// instance reads some 60 lines of the 512 that the first-level cache has.
constexpr std::ptrdiff_t far_ahead = 8;
constexpr std::ptrdiff_t near_ahead = 1;

/// The kinds of events that entities handle, by index: a few words each, so all of them stay in the cache.
class EventKinds {
 public:
  struct Kind {
    void (*handle)(void* entity, std::uint64_t payload);
    void (*prefetch)(const void* entity, std::uint64_t payload, Lookahead when);
    std::uint64_t name_hash;
    std::string_view name;
  };

  std::uint32_t find_or_add(std::span<const detail::EventKind> added) {
    // From the last one back: entities of a class are mostly made one after another.
    for (std::size_t i = classes_.size(); i-- > 0;) {
      if (classes_[i].kinds == added.data()) return classes_[i].first;
    }
    const auto first = static_cast<std::uint32_t>(kinds_.size());
    for (const detail::EventKind& kind : added) {
      kinds_.push_back({kind.handle, kind.prefetch, name_hash(kind.name), kind.name});
      any_prefetch_ = any_prefetch_ || kind.prefetch != nullptr;
    }
    invariant(kinds_.size() <= std::size_t{1} << 16U, "a simulation has at most 2^16 kinds of events");
    classes_.push_back({added.data(), first});
    return first;
  }
  const Kind& operator[](std::size_t index) const { return kinds_[index]; }
  /// Whether there is an event that wants to know of its turn ahead.
  bool any_prefetch() const { return any_prefetch_; }

 private:
  struct EntityClass {
    const detail::EventKind* kinds;
    std::uint32_t first;
  };
  std::vector<Kind> kinds_;
  std::vector<EntityClass> classes_;
  bool any_prefetch_ = false;
};

/// A digest of a sequence. Each step is a bijection of the state, so two sequences that differ keep differing digests
/// until a later difference makes up for it, one time in 2^64.
class Digest {
 public:
  void add(std::uint64_t key, std::uint64_t name, std::uint64_t payload) {
    const std::uint64_t event = key ^ (payload * 0x9e3779b97f4a7c15U + name);
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
  EventKinds kinds;
  std::uint64_t events_run = 0;
  Digest digest;
  bool running = false;
  bool stopping = false;

  void run(EventKey last, Time& now);
  void prefetch(Lookahead when, std::ptrdiff_t ahead) const;
  [[noreturn, gnu::cold, gnu::noinline]] void refuse(Time when, Phase phase, std::uint32_t kind, Time now) const;
};

/// Tells the entity of the event that is so many events ahead, if that is known, to fetch what it will need.
void Simulation::Impl::prefetch(Lookahead when, std::ptrdiff_t ahead) const {
  const EventEntry* const entry = events.ahead(ahead);
  if (entry == nullptr) return;
  const EventKinds::Kind& kind = kinds[entry->kind()];
  if (kind.prefetch != nullptr) kind.prefetch(entry->entity(), events.payload_of(*entry), when);
}

/// Runs events up to the key `last`, setting `now` to the time of each.
void Simulation::Impl::run(EventKey last, Time& now) {
  invariant(!running, "a run is not started from a handler");
  const Raised in_run(running);
  stopping = false;
  const EventKinds::Kind* kind = nullptr;
  DueEvent event;
  try {
    while (!stopping) {
      // Before the event is taken, so that no call parts what is read of it from its use.
      if (events.looks_ahead()) {
        events.fetch_upcoming();
        if (kinds.any_prefetch()) {
          prefetch(Lookahead::far, far_ahead);
          prefetch(Lookahead::near, near_ahead);
        }
      }
      if (!events.take(last, event)) return;
      now = time_of(event.key);
      ++events_run;
      kind = &kinds[event.kind];
      if (options.fingerprint) digest.add(event.key, kind->name_hash, event.payload);
      kind->handle(event.entity, event.payload);
    }
  } catch (const InvariantViolation& violation) {
    throw InvariantViolation(fmt::format("{}\n  clock {} ns ({:.9f} s), event {}, seed {}, replication {}",
                                         violation.what(), now.since_start().count(), to_seconds(now.since_start()),
                                         kind->name,
                                         options.seed, options.replication));
  }
}

void Simulation::Impl::refuse(Time when, Phase phase, std::uint32_t kind, Time now) const {
  const std::int64_t clock = now.since_start().count();
  const std::int64_t wanted = when.since_start().count();
  const std::string_view name = kinds[kind].name;
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
  return Stream(impl_->options.seed, impl_->options.replication, name, impl_->options.mirrored);
}

EventHandle Simulation::insert(Time when, Phase phase, void* entity, std::uint32_t kind, std::uint64_t payload) {
  const auto ns = static_cast<std::uint64_t>(when.since_start().count());
  const EventKey key = event_key(when, phase);
  // A negative time is a huge unsigned one.
  if (ns >= static_cast<std::uint64_t>(time_limit_ns) || key < impl_->events.floor()) [[unlikely]] {
    impl_->refuse(when, phase, kind, now_);
  }
  return impl_->events.insert(key, entity, kind, payload);
}

std::uint32_t Simulation::find_or_add(std::span<const detail::EventKind> kinds) {
  return impl_->kinds.find_or_add(kinds);
}

bool Simulation::cancel(EventHandle handle) { return impl_->events.cancel(handle); }
bool Simulation::pending(EventHandle handle) const { return impl_->events.pending(handle); }

bool Simulation::more_now() const { return impl_->events.more_at_floor(); }

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
