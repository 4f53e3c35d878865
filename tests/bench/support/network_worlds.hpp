#pragma once
/// Two classic models beside their bare skeletons: an M/M/1 queue, and PHOLD, where each event of an entity schedules one
/// at another entity.

#include <cstdint>
#include <deque>
#include <vector>

#include "bench/support/hold_worlds.hpp"

namespace fleetsim::bench {

constexpr double arrival_gap = 1.0;  // in mean increments
constexpr double service_time = 0.8;

/// M/M/1 on a bare list: an arrival and a departure a customer, nothing kept but the number in the system.
template <class List>
class BareQueue final : public World {
 public:
  template <class... Args>
  explicit BareQueue(std::size_t, Args&&... args) : list_(std::forward<Args>(args)...) {
    list_.insert({increments_.next(), 0});
  }
  std::uint64_t run(std::uint64_t events) override {
    for (std::uint64_t i = 0; i != events; ++i) {
      const BareEvent event = list_.take();
      if (event.id == 0) {
        list_.insert({event.time + scaled(arrival_gap), 0});
        if (in_system_++ == 0) list_.insert({event.time + scaled(service_time), 1});
      } else if (--in_system_ > 0) {
        list_.insert({event.time + scaled(service_time), 1});
      }
    }
    return events;
  }

 private:
  std::uint64_t scaled(double by) { return static_cast<std::uint64_t>(static_cast<double>(increments_.next()) * by); }
  Increments increments_;
  List list_;
  std::uint64_t in_system_ = 0;
};

struct Arrived {
  static constexpr std::string_view name = "bench.arrived";
};
struct Departed {
  static constexpr std::string_view name = "bench.departed";
};

class QueueWorld final : public SimulationWorld, public EventHandler<QueueWorld, Arrived, Departed> {
 public:
  explicit QueueWorld(std::size_t)
      : SimulationWorld(1), EventHandler<QueueWorld, Arrived, Departed>(SimulationWorld::sim_) {
    sim_.schedule(*this, scaled(arrival_gap), Arrived{});
  }
  void on(const Arrived& event) {
    sim_.schedule(*this, scaled(arrival_gap), event);
    if (in_system_++ == 0) sim_.schedule(*this, scaled(service_time), Departed{});
  }
  void on(const Departed& event) {
    if (--in_system_ > 0) sim_.schedule(*this, scaled(service_time), event);
  }

 private:
  Duration scaled(double by) {
    return Duration::of(static_cast<std::int64_t>(static_cast<double>(increments_.next()) * by));
  }
  std::uint64_t in_system_ = 0;
};

/// PHOLD: each event counts at its entity and schedules one at an entity drawn at random.
template <class List>
class BarePhold final : public World {
 public:
  template <class... Args>
  explicit BarePhold(std::size_t entities, Args&&... args) : list_(std::forward<Args>(args)...), received_(entities) {
    for (std::size_t i = 0; i != entities; ++i) list_.insert({increments_.next(), i});
  }
  std::uint64_t run(std::uint64_t events) override {
    for (std::uint64_t i = 0; i != events; ++i) {
      const BareEvent event = list_.take();
      ++received_[event.id];
      list_.insert({event.time + increments_.next(), increments_.below(received_.size())});
    }
    return events;
  }

 private:
  Increments increments_;
  List list_;
  std::vector<std::uint64_t> received_;
};

class PholdWorld;
struct Received {
  static constexpr std::string_view name = "bench.received";
};
class Node : public EventHandler<Node, Received> {
 public:
  Node(Simulation& sim, PholdWorld& world) : EventHandler(sim), world_(world) {}
  void on(const Received& event);

 private:
  PholdWorld& world_;
  std::uint64_t received_ = 0;
};

class PholdWorld final : public SimulationWorld {
 public:
  explicit PholdWorld(std::size_t entities) : SimulationWorld(entities) {
    for (std::size_t i = 0; i != entities; ++i) nodes_.emplace_back(sim_, *this);
    for (Node& node : nodes_) sim_.schedule(node, increments_.next_delay(), Received{});
  }
  void send(const Received& event) {
    const Duration delay = increments_.next_delay();
    sim_.schedule(nodes_[increments_.below(nodes_.size())], delay, event);
  }

 private:
  std::deque<Node> nodes_;
};

inline void Node::on(const Received& event) {
  ++received_;
  world_.send(event);
}

}  // namespace fleetsim::bench
