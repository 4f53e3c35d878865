#include "sim/event_list.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

/// The obvious event list: sorted by key, then by the order of insertion; slow, and right at a glance.
class ReferenceList {
 public:
  void insert(EventKey key, std::uint64_t payload) {
    place_[payload] = events_.emplace(std::pair{key, sequence_++}, payload).first;
  }
  bool cancel(std::uint64_t payload) {
    const auto found = place_.find(payload);
    if (found == place_.end()) return false;
    events_.erase(found->second);
    place_.erase(found);
    return true;
  }
  bool take(EventKey last, std::pair<EventKey, std::uint64_t>& out) {
    if (events_.empty() || events_.begin()->first.first > last) return false;
    out = {events_.begin()->first.first, events_.begin()->second};
    place_.erase(out.second);
    events_.erase(events_.begin());
    return true;
  }
  std::size_t size() const { return events_.size(); }

 private:
  using Events = std::map<std::pair<EventKey, std::uint64_t>, std::uint64_t>;
  Events events_;
  std::map<std::uint64_t, Events::iterator> place_;
  std::uint64_t sequence_ = 0;
};

constexpr EventKey key_limit = EventKey{1} << 63U;

/// How far ahead of the clock, in nanoseconds, events are scheduled.
struct Mix {
  std::string name;
  double (*increment)(Stream&, double clock);
  std::uint64_t phases = 2;  // drawn from; with one, the events of an instant have one key
};
double exponential(Stream& s, double mean) { return -mean * std::log(s.uniform()); }
/// Of a thousand nanoseconds, the first that is yet to come.
double next_tick(double clock) { return 1000 - std::fmod(clock, 1000); }
const Mix mixes[] = {
    {"exponential", [](Stream& s, double) { return exponential(s, 1e9); }},
    {"bimodal", [](Stream& s, double) { return s.chance(0.9) ? 10 * s.uniform() : 1e12 + 1e6 * s.uniform(); }},
    {"Pareto", [](Stream& s, double) { return std::pow(s.uniform(), -1 / 0.7); }},
    {"massive ties", [](Stream& s, double) { return 1e9 * static_cast<double>(s.below(3)); }},
    {"zero delays", [](Stream& s, double) { return s.chance(0.7) ? 0.0 : 1e6 * s.uniform(); }},
    {"all scales", [](Stream& s, double) { return std::exp2(61 * s.uniform()); }},
    {"one far cluster",
     [](Stream& s, double) { return s.chance(0.5) ? 1e15 + static_cast<double>(s.below(100)) : 5.0; }},
    // Rows of equal keys among others, which are sorted as one.
    {"ticks amid lives", [](Stream& s, double t) { return s.chance(0.7) ? next_tick(t) : exponential(s, 1e4); }, 1},
    // What is put before most of the sorted events, with ties among it.
    {"at once or a nanosecond later",
     [](Stream& s, double t) {
       return s.chance(0.6) ? static_cast<double>(s.below(3)) : s.chance(0.5) ? next_tick(t) : exponential(s, 1e4);
     }},
};

class Pair {
 public:
  explicit Pair(const Mix& mix, std::uint64_t seed) : mix_(mix), draws_(seed, 0, mix.name) {}

  void insert() {
    const double increment = mix_.increment(draws_, static_cast<double>(clock_ >> 1U));
    EventKey key = key_limit - 1;
    if (increment < 4e18) key = std::min(key, (clock_ & ~EventKey{1}) + 2 * static_cast<EventKey>(increment));
    key = std::max(key | draws_.below(mix_.phases), clock_);
    reference_.insert(key, next_);
    handles_.push_back(list_.insert(key, nullptr, 0, next_));
    ++next_;
  }
  void cancel_any() {
    if (next_ == 0) return;
    // Of the last few hundred mostly: those are likely to be pending.
    const std::uint64_t payload = next_ - 1 - draws_.below(std::min<std::uint64_t>(next_, 1 + draws_.below(500)));
    REQUIRE(list_.pending(handles_[payload]) == reference_.cancel(payload));
    list_.cancel(handles_[payload]);
    REQUIRE_FALSE(list_.pending(handles_[payload]));
    REQUIRE_FALSE(list_.cancel(handles_[payload]));
  }
  bool take(EventKey last) {
    std::pair<EventKey, std::uint64_t> expected;
    const bool any = reference_.take(last, expected);
    DueEvent event;
    REQUIRE(list_.take(last, event) == any);
    if (!any) return false;
    REQUIRE(event.key == expected.first);
    REQUIRE(event.payload == expected.second);
    REQUIRE_FALSE(list_.pending(handles_[event.payload]));
    clock_ = event.key;
    return true;
  }
  void run_until(EventKey last) {
    while (take(last)) {
    }
    clock_ = std::max(clock_, last & ~EventKey{1});
    list_.raise_floor(clock_);
  }
  void check() const {
    list_.check();
    REQUIRE(list_.size() == reference_.size());
  }
  Stream& draws() { return draws_; }
  EventKey clock() const { return clock_; }
  const EventList& list() const { return list_; }

 private:
  const Mix& mix_;
  Stream draws_;
  EventList list_;
  ReferenceList reference_;
  std::vector<EventHandle> handles_;  // by payload
  std::uint64_t next_ = 0;
  EventKey clock_ = 0;
};

TEST_CASE("event list: events leave by key, then in the order of insertion", "[event_list][property]") {
  for (const Mix& mix : mixes) {
    for (const std::uint64_t population : {1U, 10U, 100U, 3000U}) {
      INFO(mix.name << ", about " << population << " pending");
      Pair pair(mix, population);
      for (std::uint64_t i = 0; i < population; ++i) pair.insert();
      pair.check();
      for (int step = 0; step < 4000; ++step) {
        // Bursts of takes and of insertions, so the number pending swings widely.
        const std::uint64_t burst = 1 + pair.draws().below(8);
        const bool grow = pair.list().size() < population || (pair.list().size() < 2 * population && step % 64 < 32);
        for (std::uint64_t i = 0; i < burst; ++i) {
          if (!grow) pair.take(key_limit);
          else pair.insert();
        }
        if (step % 100 == 0) pair.check();
      }
      pair.run_until(key_limit - 1);
      pair.check();
    }
  }
}

TEST_CASE("event list: cancelled events never leave and the others keep their order", "[event_list][property]") {
  for (const Mix& mix : mixes) {
    for (const std::uint64_t population : {3U, 40U, 3000U}) {
      INFO(mix.name << ", about " << population << " pending");
      Pair pair(mix, population);
      for (int step = 0; step < 20000; ++step) {
        const double what = pair.draws().uniform();
        if (pair.list().size() < population || what < 0.4) pair.insert();
        else if (what < 0.75) pair.cancel_any();
        else pair.take(key_limit);
        if (step % 500 == 0) pair.check();
      }
      pair.run_until(key_limit - 1);
      pair.check();
    }
  }
}

TEST_CASE("event list: runs in pieces, with events added between them, keep the order", "[event_list][property]") {
  for (const Mix& mix : mixes) {
    INFO(mix.name);
    Pair pair(mix, 7);
    for (int piece = 0; piece < 300; ++piece) {
      const std::uint64_t count = pair.draws().below(200);
      for (std::uint64_t i = 0; i < count; ++i) pair.insert();
      const std::uint64_t cancels = pair.draws().below(300);
      for (std::uint64_t i = 0; i < cancels; ++i) pair.cancel_any();
      const auto ahead = static_cast<EventKey>(std::exp2(45 * pair.draws().uniform()));
      pair.run_until(std::min(key_limit - 1, pair.clock() + ahead));
      pair.check();
    }
  }
}

TEST_CASE("event list: a thousand keys a power of two apart, and the last one there is", "[event_list][table]") {
  EventList list;
  for (unsigned bit = 0; bit < 63; ++bit) {
    for (std::uint64_t i = 0; i < 16; ++i) {
      list.insert((EventKey{1} << bit) + i, nullptr, 0, i);
      list.insert(key_limit - 1 - ((EventKey{1} << bit) - 1), nullptr, 0, i);
    }
  }
  list.check();
  EventKey before = 0;
  std::size_t taken = 0;
  DueEvent event;
  while (list.take(key_limit - 1, event)) {
    REQUIRE(event.key >= before);
    before = event.key;
    ++taken;
  }
  CHECK(taken == 63 * 16 * 2);
  CHECK(before == key_limit - 1);
}

TEST_CASE("event list: a handle names nothing once its event was taken", "[event_list][property]") {
  EventList list;
  std::vector<EventHandle> old;
  for (EventKey key = 0; key < 1000; ++key) {
    const EventHandle handle = list.insert(key, nullptr, 0, key);
    for (const EventHandle& stale : old) {
      REQUIRE_FALSE(list.pending(stale));
      REQUIRE_FALSE(list.cancel(stale));
    }
    CHECK(list.pending(handle));
    old.push_back(handle);
    DueEvent event;
    REQUIRE(list.take(key_limit, event));
    REQUIRE(event.payload == key);
  }
  CHECK_FALSE(list.cancel(EventHandle{}));
  CHECK_FALSE(list.cancel(EventHandle{.slot = 1'000'000, .generation = 1}));
}

TEST_CASE("event list: an event comes out with all that went in", "[event_list]") {
  EventList list;
  int entity = 0;
  constexpr std::uint64_t payloads[] = {0, 1, 0xffff'ffff, 0x1'0000'0000, 0x0123'4567'89ab'cdef, ~std::uint64_t{0}};
  constexpr std::uint32_t kinds[] = {0, 1, 0xffff};
  for (const std::uint64_t payload : payloads) {
    for (const std::uint32_t kind : kinds) list.insert(7, &entity, kind, payload);
  }
  for (const std::uint64_t payload : payloads) {
    for (const std::uint32_t kind : kinds) {
      DueEvent event;
      REQUIRE(list.take(key_limit, event));
      CHECK(event.key == 7);
      CHECK(event.entity == &entity);
      CHECK(event.kind == kind);
      CHECK(event.payload == payload);
    }
  }
}

TEST_CASE("event list: nothing is allocated while the number of pending events stays", "[event_list][property]") {
  for (const Mix& mix : mixes) {
    for (const std::size_t population : {1U, 100U, 1'000U, 10'000U}) {
      INFO(mix.name << ", " << population << " pending");
      EventList list;
      Stream draws(1, 0, "steady state");
      EventKey clock = 0;
      const auto schedule = [&] {
        const double increment = mix.increment(draws, static_cast<double>(clock >> 1U));
        const auto delay = static_cast<EventKey>(std::min(increment, 0x1p40));
        list.insert(clock + 2 * delay, nullptr, 0, 0);
      };
      const auto hold = [&](int events) {
        for (int i = 0; i < events; ++i) {
          DueEvent event;
          REQUIRE(list.take(key_limit, event));
          clock = event.key;
          schedule();
        }
      };
      while (list.size() < population) schedule();
      hold(100'000);
      const std::size_t before = list.memory();
      hold(200'000);
      CHECK(list.memory() == before);
    }
  }
}

TEST_CASE("event list: memory follows the events that are pending, not those that were cancelled",
          "[event_list][property]") {
  // A timer that is put off a million times, as a heartbeat's is, ahead of ten thousand that stay.
  EventList list;
  for (EventKey key = 0; key < 10'000; ++key) list.insert(1'000'000'000 + key, nullptr, 0, key);
  const std::size_t before = list.memory();
  EventHandle timer = list.insert(5'000'000, nullptr, 0, 0);
  for (EventKey now = 0; now < 1'000'000; ++now) {
    REQUIRE(list.cancel(timer));
    timer = list.insert(5'000'000 + now, nullptr, 0, 0);
  }
  list.check();
  CHECK(list.size() == 10'001);
  // Purged once half are cancelled: at most twice the entries, in arrays that grow by doubling.
  CHECK(list.memory() <= 4 * before);
}

}  // namespace
}  // namespace fleetsim
