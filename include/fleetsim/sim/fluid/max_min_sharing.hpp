#pragma once
/// Max-min fair shares of several capacities, kept up to date as demands and capacities change.
///
/// A flow wants a rate, its demand, and draws on one or more capacities at an amount for each unit of its rate. The
/// shares are weighted max-min fair: no flow can be given more without taking from one whose rate / weight is no larger.
///
/// Truth:  no capacity is exceeded; no flow has more than its demand; a flow that has less is held by a capacity that is
///         full but for rounding, in which no other flow has a larger rate / weight. Rates are whole numbers, rounded
///         down, so a full capacity may be short of full by less than the sum of its flows' amounts.
/// Cost:   a capacity that all its flows' demands together do not fill holds nobody back and connects nobody. A change
///         re-solves the flows connected with it through the others, in O(n log n); where there are none, itself.
/// Source: progressive filling: D. Bertsekas, R. Gallager, Data Networks, 2nd ed. (1992), section 6.5.2.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/units.hpp"

namespace fleetsim {

class MaxMinSharing {
 public:
  /// One capacity that a flow draws on.
  struct Use {
    std::uint32_t capacity = 0;
    std::int64_t amount = 1;  ///< of the capacity for each unit of the flow's rate; > 0
  };

  /// Capacities and flows are numbered from 0 in the order in which they are added.
  /// Requires: 0 <= size < 2^62.
  std::uint32_t add_capacity(std::int64_t size);
  /// A flow without demand. Requires: uses name each capacity once, at least one; weight > 0; over the flows of a
  /// capacity the sum of weight x amount stays below 2^62.
  std::uint32_t add_flow(std::span<const Use> uses, std::int64_t weight = 1);

  /// Takes effect with the next solve(). Requires: 0 <= demand < 2^62.
  void set_demand(std::uint32_t flow, std::int64_t demand);
  /// Takes effect with the next solve(). Requires: 0 <= size < 2^62.
  void set_capacity(std::uint32_t capacity, std::int64_t size);
  /// Brings all rates up to date. Allocates nothing.
  void solve();

  /// As of the last solve().
  std::int64_t rate(std::uint32_t flow) const { return flows_[flow].rate; }
  std::int64_t demand(std::uint32_t flow) const { return flows_[flow].demand; }
  /// The capacity that holds the flow below its demand; empty if none does.
  std::optional<std::uint32_t> limit(std::uint32_t flow) const {
    return flows_[flow].limit == none ? std::nullopt : std::optional{flows_[flow].limit};
  }
  std::int64_t capacity(std::uint32_t capacity) const { return sizes_[capacity]; }
  /// What the flows draw from the capacity.
  std::int64_t used(std::uint32_t capacity) const { return used_[capacity]; }
  /// Whether the capacity holds a flow below its demand. O(its flows).
  bool holds_back(std::uint32_t capacity) const;
  /// Flows that the last solve() looked at, those whose rate did not change among them.
  std::span<const std::uint32_t> touched() const { return touched_; }

  std::size_t flow_count() const { return flows_.size(); }
  std::size_t capacity_count() const { return capacities_.size(); }

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  struct Flow {
    std::int64_t demand = 0;
    std::int64_t weight = 1;
    std::int64_t wanted = 0;  // the demand, or what the flow's smallest capacity gives when it is alone there
    std::int64_t rate = 0;
    std::uint32_t first_use = 0, end_use = 0;
    std::uint32_t limit = none;
    std::uint32_t tightest = none;  // the capacity that makes wanted less than the demand
    bool changed = false;
    bool visited = false;
    bool fixed = false;
  };
  struct Capacity {
    std::vector<std::uint32_t> flows;
    bool changed = false;  // held somebody back before the change, perhaps
    bool visited = false;
    std::int64_t left = 0;    // while solving: of its size
    std::int64_t weights = 0;  // while solving: weight x amount of the flows not fixed yet
  };
  /// A capacity with the common level, left / weights, that it allowed when it was put in the heap.
  struct Level {
    std::int64_t left = 0;
    std::int64_t weights = 0;
    std::uint32_t capacity = 0;
  };
  struct Higher;

  bool can_bind(std::uint32_t capacity) const { return wanted_[capacity] > sizes_[capacity]; }
  void mark(std::uint32_t flow);
  void mark_binding(std::uint32_t capacity);
  void want(std::uint32_t flow);
  void visit(std::uint32_t flow);
  void solve_touched();
  void fix(std::uint32_t flow, std::int64_t rate, std::uint32_t limit);
  void set_rate(Flow& flow, std::int64_t rate);
  /// The capacity that allows the lowest level; empty when none is left.
  std::optional<Level> lowest();

  std::vector<Flow> flows_;
  std::vector<Capacity> capacities_;
  // By capacity too, but apart: a change of a demand reads these of each capacity that its flow draws on, and little else.
  std::vector<std::int64_t> sizes_;
  std::vector<Int128> wanted_;                  // by all its flows together
  std::vector<std::int64_t> used_;
  std::vector<Use> uses_;                       // of all flows, one after the other
  std::vector<std::uint32_t> changed_flows_;
  std::vector<std::uint32_t> changed_capacities_;
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint32_t> reached_;          // capacities
  std::vector<Level> heap_;
};

}  // namespace fleetsim
