#include "fleetsim/sim/fluid/max_min_sharing.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr std::int64_t limit_of_range = std::int64_t{1} << 62;

template <class T>
void make_room(std::vector<T>& list, std::size_t size) {
  if (list.capacity() < size) list.reserve(2 * size);
}

}  // namespace

std::uint32_t MaxMinSharing::add_capacity(std::int64_t size) {
  invariant(size >= 0 && size < limit_of_range, "a capacity is at least 0 and less than 2^62");
  capacities_.push_back({});
  sizes_.push_back(size);
  wanted_.push_back(0);
  used_.push_back(0);
  make_room(changed_capacities_, capacities_.size());
  make_room(reached_, capacities_.size());
  make_room(heap_, capacities_.size());
  return static_cast<std::uint32_t>(capacities_.size() - 1);
}

std::uint32_t MaxMinSharing::add_flow(std::span<const Use> uses, std::int64_t weight) {
  invariant(!uses.empty() && weight > 0, "a flow draws on a capacity and has a weight above 0");
  const auto index = static_cast<std::uint32_t>(flows_.size());
  Flow flow;
  flow.weight = weight;
  flow.first_use = static_cast<std::uint32_t>(uses_.size());
  for (const Use& use : uses) {
    invariant(use.amount > 0, "a flow draws an amount above 0");
    uses_.push_back(use);
    capacities_[use.capacity].flows.push_back(index);
  }
  flow.end_use = static_cast<std::uint32_t>(uses_.size());
  flows_.push_back(flow);
  make_room(changed_flows_, flows_.size());
  make_room(touched_, flows_.size());
  return index;
}

void MaxMinSharing::set_demand(std::uint32_t flow, std::int64_t demand) {
  if (flows_[flow].demand == demand) return;
  invariant(demand >= 0 && demand < limit_of_range, "a demand is at least 0 and less than 2^62");
  flows_[flow].demand = demand;
  want(flow);
}

void MaxMinSharing::set_capacity(std::uint32_t capacity, std::int64_t size) {
  Capacity& changed = capacities_[capacity];
  if (sizes_[capacity] == size) return;
  invariant(size >= 0 && size < limit_of_range, "a capacity is at least 0 and less than 2^62");
  mark_binding(capacity);
  sizes_[capacity] = size;
  // Flows that were held by their tightest capacity alone may want more or less now.
  for (const std::uint32_t flow : changed.flows) want(flow);
  mark_binding(capacity);
}

/// Brings up to date what the flow wants, and the sums of its capacities.
void MaxMinSharing::want(std::uint32_t index) {
  Flow& flow = flows_[index];
  std::int64_t wanted = flow.demand;
  std::uint32_t tightest = none;
  for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
    const std::int64_t size = sizes_[uses_[u].capacity];
    if (static_cast<Int128>(wanted) * uses_[u].amount <= size) continue;
    wanted = size / uses_[u].amount;
    tightest = uses_[u].capacity;
  }
  flow.tightest = tightest;
  mark(index);
  const std::int64_t more = wanted - flow.wanted;
  if (more == 0) return;
  flow.wanted = wanted;
  for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
    mark_binding(uses_[u].capacity);
    wanted_[uses_[u].capacity] += static_cast<Int128>(more) * uses_[u].amount;
  }
}

void MaxMinSharing::mark(std::uint32_t flow) {
  if (flows_[flow].changed) return;
  flows_[flow].changed = true;
  changed_flows_.push_back(flow);
}

/// Remembers a capacity that may hold flows back now, for when it no longer does.
void MaxMinSharing::mark_binding(std::uint32_t index) {
  if (!can_bind(index)) return;
  Capacity& capacity = capacities_[index];
  if (capacity.changed) return;
  capacity.changed = true;
  changed_capacities_.push_back(index);
}

void MaxMinSharing::visit(std::uint32_t index) {
  Flow& flow = flows_[index];
  if (flow.visited) return;
  flow.visited = true;
  flow.fixed = false;
  touched_.push_back(index);
  for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
    if (!can_bind(uses_[u].capacity)) continue;
    Capacity& capacity = capacities_[uses_[u].capacity];
    if (capacity.visited) continue;
    capacity.visited = true;
    reached_.push_back(uses_[u].capacity);
  }
}

void MaxMinSharing::solve() {
  touched_.clear();
  reached_.clear();
  for (const std::uint32_t flow : changed_flows_) {
    flows_[flow].changed = false;
    visit(flow);
  }
  changed_flows_.clear();
  for (const std::uint32_t capacity : changed_capacities_) {
    capacities_[capacity].changed = false;
    for (const std::uint32_t flow : capacities_[capacity].flows) visit(flow);
  }
  changed_capacities_.clear();
  for (std::size_t r = 0; r < reached_.size(); ++r) {
    for (const std::uint32_t flow : capacities_[reached_[r]].flows) visit(flow);
  }
  solve_touched();
  for (const std::uint32_t flow : touched_) flows_[flow].visited = false;
  for (const std::uint32_t capacity : reached_) capacities_[capacity].visited = false;
}

/// For a heap with the lowest level on top; equal levels in the order of the capacities.
struct MaxMinSharing::Higher {
  bool operator()(const Level& a, const Level& b) const {
    const Int128 left = static_cast<Int128>(a.left) * b.weights;
    const Int128 right = static_cast<Int128>(b.left) * a.weights;
    return left != right ? left > right : a.capacity > b.capacity;
  }
};

void MaxMinSharing::solve_touched() {
  if (reached_.empty()) {
    for (const std::uint32_t flow : touched_) {
      set_rate(flows_[flow], flows_[flow].wanted);
      flows_[flow].limit = flows_[flow].tightest;
    }
    return;
  }
  heap_.clear();
  for (const std::uint32_t index : reached_) {
    Capacity& capacity = capacities_[index];
    capacity.left = sizes_[index];
    capacity.weights = 0;
  }
  for (const std::uint32_t index : touched_) {
    const Flow& flow = flows_[index];
    for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
      Capacity& capacity = capacities_[uses_[u].capacity];
      if (capacity.visited) capacity.weights += flow.weight * uses_[u].amount;
    }
  }
  for (const std::uint32_t index : reached_) {
    heap_.push_back({capacities_[index].left, capacities_[index].weights, index});
  }
  std::make_heap(heap_.begin(), heap_.end(), Higher{});
  std::sort(touched_.begin(), touched_.end(), [this](std::uint32_t a, std::uint32_t b) {
    const Int128 left = static_cast<Int128>(flows_[a].wanted) * flows_[b].weight;
    const Int128 right = static_cast<Int128>(flows_[b].wanted) * flows_[a].weight;
    return left != right ? left < right : a < b;
  });

  // The common level rises from 0. What comes first: the next flow has what it wants, or a capacity is full.
  std::size_t next = 0;
  while (next < touched_.size()) {
    const Flow& flow = flows_[touched_[next]];
    if (flow.fixed) {
      ++next;
      continue;
    }
    const std::optional<Level> level = lowest();
    if (!level || static_cast<Int128>(flow.wanted) * level->weights <= static_cast<Int128>(flow.weight) * level->left) {
      fix(touched_[next++], flow.wanted, flow.tightest);
      continue;
    }
    for (const std::uint32_t held : capacities_[level->capacity].flows) {
      if (flows_[held].fixed) continue;
      const Int128 share = static_cast<Int128>(flows_[held].weight) * level->left / level->weights;
      fix(held, static_cast<std::int64_t>(share), level->capacity);
    }
  }
}

std::optional<MaxMinSharing::Level> MaxMinSharing::lowest() {
  while (!heap_.empty()) {
    const Level top = heap_.front();
    const Capacity& capacity = capacities_[top.capacity];
    if (capacity.left == top.left && capacity.weights == top.weights && top.weights > 0) return top;
    // A level only rises as flows are fixed at lower ones, so an old one in the heap comes up too early, never too late.
    std::pop_heap(heap_.begin(), heap_.end(), Higher{});
    heap_.pop_back();
    if (capacity.weights == 0) continue;
    heap_.push_back({capacity.left, capacity.weights, top.capacity});
    std::push_heap(heap_.begin(), heap_.end(), Higher{});
  }
  return std::nullopt;
}

void MaxMinSharing::fix(std::uint32_t index, std::int64_t rate, std::uint32_t limit) {
  Flow& flow = flows_[index];
  set_rate(flow, rate);
  flow.limit = limit;
  flow.fixed = true;
  for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
    Capacity& capacity = capacities_[uses_[u].capacity];
    if (!capacity.visited) continue;
    capacity.left -= rate * uses_[u].amount;
    capacity.weights -= flow.weight * uses_[u].amount;
  }
}

void MaxMinSharing::set_rate(Flow& flow, std::int64_t rate) {
  const std::int64_t more = rate - flow.rate;
  if (more == 0) return;
  flow.rate = rate;
  for (std::uint32_t u = flow.first_use; u < flow.end_use; ++u) {
    used_[uses_[u].capacity] += more * uses_[u].amount;
  }
}

bool MaxMinSharing::holds_back(std::uint32_t capacity) const {
  const std::vector<std::uint32_t>& flows = capacities_[capacity].flows;
  return std::any_of(flows.begin(), flows.end(),
                     [&](std::uint32_t flow) { return flows_[flow].limit == capacity; });
}

}  // namespace fleetsim
