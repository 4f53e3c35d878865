#pragma once
/// The hold model on bare event lists and through the public API: take the earliest event, schedule one anew after an
/// exponential time of mean one second. The number of pending events stays.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/support/bare_heap.hpp"
#include "bench/support/bare_wheel.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::bench {

/// The same cheap generator for every world: a linear congruence, and the logarithm of its upper bits.
class Increments {
 public:
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const double u = (static_cast<double>(state_ >> 11U) + 0.5) * 0x1p-53;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(-mean_ns * std::log(u)));
  }
  Duration next_delay() { return Duration::of(static_cast<std::int64_t>(next())); }
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 32U) * bound >> 32U;
  }
  static constexpr double mean_ns = 1e9;

 private:
  std::uint64_t state_ = 88172645463325252U;
};

/// Something that can run events for as long as is asked.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;
  /// Runs about `events` events; returns how many.
  virtual std::uint64_t run(std::uint64_t events) = 0;
};

template <class List>
class BareWorld final : public World {
 public:
  template <class... Args>
  explicit BareWorld(std::size_t pending, Args&&... args) : list_(std::forward<Args>(args)...) {
    for (std::size_t i = 0; i != pending; ++i) list_.insert({increments_.next(), i});
  }
  std::uint64_t run(std::uint64_t events) override {
    Increments increments = increments_;
    for (std::uint64_t i = 0; i != events; ++i) {
      BareEvent event = list_.take();
      event.time += increments.next();
      list_.insert(event);
    }
    increments_ = increments;
    return events;
  }

 private:
  Increments increments_;
  List list_;
};

template <int kind>
struct Fired {
  static constexpr std::string_view name = "bench.fired";
};

/// A world on a simulation.
class SimulationWorld : public World {
 public:
  explicit SimulationWorld(std::size_t pending) : pending_(pending) {}
  std::uint64_t run(std::uint64_t events) override {
    const std::uint64_t before = sim_.events_run();
    const double share = static_cast<double>(events) / static_cast<double>(pending_);
    sim_.run_until(sim_.now() + Duration::of(static_cast<std::int64_t>(Increments::mean_ns * share) + 1));
    return sim_.events_run() - before;
  }

 protected:
  Simulation sim_;
  Increments increments_;

 private:
  std::size_t pending_;
};

/// An entity of its own for each pending event, that keeps its handle and counts: as small as one gets.
template <int kind>
class alignas(32) Cell : public EventHandler<Cell<kind>, Fired<kind>> {
 public:
  Cell(Simulation& sim, Increments& increments)
      : EventHandler<Cell, Fired<kind>>(sim), sim_(sim), increments_(increments) {
    on({});
  }
  void on(const Fired<kind>& event) {
    ++fired_;
    next_ = sim_.schedule(*this, increments_.next_delay(), event);
  }

 private:
  std::uint32_t fired_ = 0;
  Simulation& sim_;
  Increments& increments_;
  EventHandle next_;
};

/// Entities of as many classes, each with its event type, as there are `kinds`, in turn.
template <int... kinds>
class CellWorld final : public SimulationWorld {
 public:
  explicit CellWorld(std::size_t pending) : SimulationWorld(pending) {
    for (std::size_t i = 0; i != pending; ++i) {
      const auto kind = static_cast<int>(i % sizeof...(kinds));
      ((kind == kinds ? (void)std::get<std::deque<Cell<kinds>>>(cells_).emplace_back(sim_, increments_) : (void)0), ...);
    }
  }

 private:
  std::tuple<std::deque<Cell<kinds>>...> cells_;
};

struct RowFired {
  static constexpr std::string_view name = "bench.row_fired";
  std::uint32_t row;
};

/// One entity with a table; the event carries the row.
class TableWorld final : public SimulationWorld, public EventHandler<TableWorld, RowFired> {
 public:
  explicit TableWorld(std::size_t pending)
      : SimulationWorld(pending), EventHandler<TableWorld, RowFired>(SimulationWorld::sim_), rows_(pending) {
    for (std::size_t i = 0; i != pending; ++i) on(RowFired{static_cast<std::uint32_t>(i)});
  }
  void on(const RowFired& event) {
    Row& row = rows_[event.row];
    ++row.fired;
    row.last_fired = sim_.now();
    row.next = sim_.schedule(*this, increments_.next_delay(), event);
  }

 private:
  struct alignas(64) Row {
    EventHandle next;
    std::uint64_t fired = 0;
    Time last_fired;
  };
  std::vector<Row> rows_;
};

/// The same on a bare list, which cannot take an event back: an event carries the number of times that its row was
/// scheduled, and counts for nothing if that is another by now.
template <class List>
class BareChurn final : public World {
 public:
  template <class... Args>
  explicit BareChurn(std::size_t pending, Args&&... args) : list_(std::forward<Args>(args)...), scheduled_(pending) {
    for (std::uint64_t row = 0; row != pending; ++row) schedule(row, 0);
  }
  std::uint64_t run(std::uint64_t events) override {
    for (std::uint64_t i = 0; i != events;) {
      const BareEvent event = list_.take();
      const std::uint64_t row = event.id >> 32U;
      if (static_cast<std::uint32_t>(event.id) != scheduled_[row]) continue;
      schedule(row, event.time);
      schedule(increments_.below(scheduled_.size()), event.time);
      ++i;
    }
    return events;
  }

 private:
  void schedule(std::uint64_t row, std::uint64_t now) {
    list_.insert({now + increments_.next(), row << 32U | ++scheduled_[row]});
  }

  Increments increments_;
  List list_;
  std::vector<std::uint32_t> scheduled_;
};

/// As TableWorld, but each event also puts off the event of another row: two are scheduled and one is cancelled.
class ChurnWorld final : public SimulationWorld, public EventHandler<ChurnWorld, RowFired> {
 public:
  explicit ChurnWorld(std::size_t pending)
      : SimulationWorld(pending), EventHandler<ChurnWorld, RowFired>(SimulationWorld::sim_), next_(pending) {
    for (std::size_t i = 0; i != pending; ++i) schedule(static_cast<std::uint32_t>(i));
  }
  void on(const RowFired& event) {
    schedule(event.row);
    const auto other = static_cast<std::uint32_t>(increments_.below(next_.size()));
    sim_.cancel(next_[other]);
    schedule(other);
  }

 private:
  void schedule(std::uint32_t row) { next_[row] = sim_.schedule(*this, increments_.next_delay(), RowFired{row}); }

  std::vector<EventHandle> next_;
};

}  // namespace fleetsim::bench
