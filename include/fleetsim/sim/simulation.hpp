#pragma once
/// The clock, the event list and typed events.
///
/// An event is a small plain value, a fact in the past tense. An entity (a model, or a part of one) names the events it
/// handles, and the compiler checks that a handler exists for each:
///
///   struct MachineFailed { static constexpr std::string_view name = "machine.failed"; std::uint32_t machine; };
///   class Shop : public EventHandler<Shop, MachineFailed> {
///    public:
///     explicit Shop(Simulation& sim) : EventHandler(sim) { sim.schedule(*this, 3_h, MachineFailed{7}); }
///     void on(const MachineFailed&);
///   };
///
/// Order: events run by (time, phase, sequence). In one instant every change runs before the first observation; within
/// a phase they run in the order in which they were scheduled. So a run is a pure function of (scenario, seed,
/// replication).

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

class Simulation;

/// Where in its instant an event runs. An event type that only looks (a metric period that closes, a health check)
/// declares `static constexpr Phase phase = Phase::observe;`, the others change the world, which is the default.
enum class Phase : std::uint8_t { change = 0, observe = 1 };

/// How far ahead of its turn an event is: several events, or one.
enum class Lookahead : std::uint8_t { far, near };

/// What may be scheduled: a plain value of at most eight bytes with a name. Larger data stays in the entity; the event
/// carries its index.
template <class E>
concept Event = std::is_trivially_copyable_v<E> && sizeof(E) <= 8 && requires {
  { E::name } -> std::convertible_to<std::string_view>;
};

/// Names one scheduled event, to cancel it. A default-made handle names none. A handle stays safe to use after its
/// event ran: it then names none.
struct EventHandle {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0 is never given out
  explicit operator bool() const { return generation != 0; }
};

namespace detail {
template <class E>
constexpr Phase phase_of() {
  if constexpr (requires { E::phase; }) return E::phase;
  else return Phase::change;
}
/// The event's bytes, padding cleared: equal events have equal payloads, which the fingerprint relies on.
template <Event E>
std::uint64_t to_payload(E event) {
  std::uint64_t payload = 0;
  if constexpr (!std::is_empty_v<E>) {
#if defined(__GNUC__) && !defined(__clang__)
    if constexpr (!std::has_unique_object_representations_v<E>) __builtin_clear_padding(&event);
#endif
    std::memcpy(&payload, &event, sizeof(E));
  }
  return payload;
}
template <Event E>
E from_payload(std::uint64_t payload) {
  if constexpr (std::is_empty_v<E>) {
    return E{};
  } else {
    std::array<unsigned char, sizeof(E)> bytes;
    std::memcpy(bytes.data(), &payload, sizeof(E));
    return std::bit_cast<E>(bytes);
  }
}
/// How the event loop reaches the handler of one event type in one class of entities.
struct EventKind {
  void (*handle)(void* entity, std::uint64_t payload);
  void (*prefetch)(const void* entity, std::uint64_t payload, Lookahead when);  ///< null: the entity has none for it
  std::string_view name;
};
/// Wraps around where the sum leaves the range of Time; such a time is refused when it is scheduled.
constexpr Time after(Time now, Duration delay) {
  return Time::at(Duration::of(static_cast<std::int64_t>(static_cast<std::uint64_t>(now.since_start().count()) +
                                                         static_cast<std::uint64_t>(delay.count()))));
}
}  // namespace detail

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint64_t replication = 0;
  bool fingerprint = true;  ///< keep a digest of the events that ran
  bool mirrored = false;    ///< streams draw 1 - u for u: the antithetic run of the same replication
};

/// One run: a clock, an event list, random streams. Many may live in one process; none shares anything.
class Simulation {
 public:
  explicit Simulation(SimulationOptions options = {});
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Time now() const { return now_; }
  std::uint64_t seed() const;
  std::uint64_t replication() const;

  /// A random stream of this run. The same name gives the same draws, so use each name once.
  Stream stream(std::string_view name) const;

  /// Schedules `event` for `entity` after `delay`. No allocation once the event list has reached its largest size.
  /// Requires: delay >= 0; now() + delay is less than 2^62 ns, 146 years; an event of the change phase is not scheduled
  /// for an instant that has been observed.
  template <class Self, Event E>
  EventHandle schedule(Self& entity, Duration delay, const E& event) {
    return schedule_at(entity, detail::after(now_, delay), event);
  }
  /// Schedules `event` for `entity` at the instant `when`. Requires: as above, when >= now().
  template <class Self, Event E>
  EventHandle schedule_at(Self& entity, Time when, const E& event) {
    return insert(when, detail::phase_of<E>(), entity.self(), entity.template kind<E>(), detail::to_payload(event));
  }
  /// Takes a scheduled event back, in O(1). False if it already ran, was cancelled, or the handle names none.
  bool cancel(EventHandle handle);
  /// True while the event is scheduled and not cancelled.
  bool pending(EventHandle handle) const;

  /// Whether another event of the change phase may be scheduled for this instant. If none is, what a handler would
  /// schedule without delay comes next in any case, so it may as well be done at the handler's end. Only for handlers of
  /// events of the change phase. True also where an event was taken back.
  bool more_now() const;

  /// Runs every event up to and including `end`, then sets the clock to `end`. An exception of a handler, a broken
  /// invariant among them, leaves through here; an InvariantViolation then names clock, event, seed and replication.
  /// Requires: now() <= end < 2^62 ns; not called from a handler.
  void run_until(Time end);
  /// Runs until no event is left; the clock stays at the last one.
  void run();
  /// Makes run_until and run return after the present event; the clock stays at it and a later run goes on from there.
  void stop();

  /// Events scheduled and not yet run or cancelled.
  std::size_t events_pending() const;
  /// Events run so far.
  std::uint64_t events_run() const;
  /// Digest of (time, phase, event name, payload) of every event run, in order: equal digests, equal runs.
  std::uint64_t fingerprint() const;

 private:
  template <class Self, class... Es>
  friend class EventHandler;

  EventHandle insert(Time when, Phase phase, void* entity, std::uint32_t kind, std::uint64_t payload);
  /// The index of the first of `kinds`, which is added unless it is known; the others follow.
  std::uint32_t find_or_add(std::span<const detail::EventKind> kinds);

  Time now_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Base of an entity that handles the events `Es`. `Self` has a public `void on(const E&)` for each.
/// The entity must outlive every event scheduled for it and does not move.
///
/// Where thousands of events are pending, what a handler reads is mostly not in the cache. `Self` may have a public
/// `void prefetch(const E&, Lookahead) const` for an event: it is called when one is likely to have its turn soon, mostly
/// first far ahead, then near, to fetch that memory. It is a hint: it may be missing, be repeated, or come for an event
/// that was taken back, whose entity must not have been destroyed; and it must not touch what the run computes.
template <class Self, class... Es>
class EventHandler {
 public:
  EventHandler(const EventHandler&) = delete;
  EventHandler& operator=(const EventHandler&) = delete;

 protected:
  explicit EventHandler(Simulation& sim) : first_kind_(sim.find_or_add(kinds())) {
    static_assert((Event<Es> && ...), "an event is a trivially copyable value of at most 8 bytes with a static name");
    invariant(reinterpret_cast<std::uintptr_t>(this) >> 48U == 0, "an entity's address takes 48 bits");
  }
  ~EventHandler() = default;

 private:
  friend class Simulation;

  template <class E>
  static void handle(void* entity, std::uint64_t payload) {
    static_cast<Self*>(entity)->on(detail::from_payload<E>(payload));
  }
  template <class E>
  static void prefetch_for(const void* entity, std::uint64_t payload, Lookahead when) {
    static_cast<const Self*>(entity)->prefetch(detail::from_payload<E>(payload), when);
  }
  template <class E>
  static constexpr auto prefetch_of() -> void (*)(const void*, std::uint64_t, Lookahead) {
    if constexpr (requires(const Self& self, const E& event) { self.prefetch(event, Lookahead::far); }) {
      return &prefetch_for<E>;
    } else {
      return nullptr;
    }
  }
  /// A function, because `Self` is complete only where it is called.
  static std::span<const detail::EventKind> kinds() {
    static constexpr detail::EventKind all[] = {{&handle<Es>, prefetch_of<Es>(), Es::name}...};
    return all;
  }

  void* self() { return static_cast<Self*>(this); }

  template <class E>
  std::uint32_t kind() const {
    static_assert((std::same_as<E, Es> || ...), "the entity does not name this event in its EventHandler base");
    std::uint32_t index = 0;
    (void)((std::same_as<E, Es> ? true : (++index, false)) || ...);
    return first_kind_ + index;
  }

  std::uint32_t first_kind_;
};

}  // namespace fleetsim
