#include "models/data_replication/links.hpp"

#include <algorithm>
#include <array>

namespace fleetsim {
namespace {

std::int64_t scaled(std::int64_t rate, double share) {
  return share >= 1 ? rate : static_cast<std::int64_t>(static_cast<double>(rate) * share);
}

/// A demand that the sharing takes: more than any link carries.
constexpr std::int64_t most_rate = std::int64_t{1} << 60U;

}  // namespace

Links::Links(const std::vector<RegionPair>& pairs) {
  for (const RegionPair& pair : pairs) {
    Link link{.from = pair.from, .to = pair.to, .bandwidth = pair.bandwidth, .capacity = none, .share = 1, .flows = {}, .cuts = {}};
    if (pair.bandwidth) link.capacity = sharing_.add_capacity(pair.bandwidth->count());
    links_.push_back(std::move(link));
  }
}

std::uint32_t Links::add_flow(RegionId from, RegionId to) {
  const auto id = static_cast<std::uint32_t>(flows_.size());
  Flow flow;
  for (std::uint32_t l = 0; l < links_.size(); ++l) {
    if (links_[l].from != from || links_[l].to != to) continue;
    flow.link = l;
    links_[l].flows.push_back(id);
    if (links_[l].capacity == none) break;
    const std::array use{MaxMinSharing::Use{.capacity = links_[l].capacity, .amount = 1}};
    flow.shared = sharing_.add_flow(use);
    owner_.push_back(id);
  }
  flows_.push_back(flow);
  return id;
}

void Links::touch(std::uint32_t flow) {
  if (flows_[flow].dirty) return;
  flows_[flow].dirty = true;
  dirty_.push_back(flow);
}

void Links::set_demand(std::uint32_t id, BytesPerSecond demand, Time now) {
  Flow& flow = flows_[id];
  demand = std::min(demand, BytesPerSecond::of(most_rate));
  if (demand == flow.demand) return;
  flow.demand = demand;
  touch(id);
  if (flow.shared == none) return;
  if (!flow.asked.empty() && flow.asked.back().since == now) {
    flow.asked.back().rate = demand.count();
  } else {
    flow.asked.push_back({now, demand.count()});
  }
  sharing_.set_demand(flow.shared, demand.count());
  shared_dirty_ = true;
}

BytesPerSecond Links::set_demand_alone(std::uint32_t id, BytesPerSecond demand) {
  Flow& flow = flows_[id];
  flow.demand = std::min(demand, BytesPerSecond::of(most_rate));
  return flow.rate = rate_now(flow);
}

void Links::set_share(RegionId from, RegionId to, Ratio share, Time now) {
  for (Link& link : links_) {
    if (link.from != from || link.to != to) continue;
    link.share = std::clamp(share.value, 0.0, 1.0);
    const bool was_cut = !link.cuts.empty() && link.cuts.back().to == Time::max();
    if (link.share <= 0 && !was_cut) link.cuts.push_back({now});
    if (link.share > 0 && was_cut) link.cuts.back().to = now;
    if (link.capacity != none) {
      sharing_.set_capacity(link.capacity, scaled(link.bandwidth->count(), link.share));
      shared_dirty_ = true;
    }
    for (const std::uint32_t flow : link.flows) touch(flow);
  }
}

const std::vector<std::uint32_t>& Links::sharing(RegionId from, RegionId to) const {
  static const std::vector<std::uint32_t> nobody;
  for (const Link& link : links_) {
    if (link.from == from && link.to == to && link.capacity != none) return link.flows;
  }
  return nobody;
}

BytesPerSecond Links::demand_at(std::uint32_t flow, Time at) const {
  const std::vector<Asked>& asked = flows_[flow].asked;
  const auto later = std::upper_bound(asked.begin(), asked.end(), at, [](Time t, const Asked& a) { return t < a.since; });
  return later == asked.begin() ? BytesPerSecond{} : BytesPerSecond::of((later - 1)->rate);
}

std::optional<Time> Links::next_demand(std::uint32_t flow, Time at) const {
  const std::vector<Asked>& asked = flows_[flow].asked;
  const auto later = std::upper_bound(asked.begin(), asked.end(), at, [](Time t, const Asked& a) { return t < a.since; });
  return later == asked.end() ? std::nullopt : std::optional(later->since);
}

std::optional<Time> Links::cut_since(RegionId from, RegionId to, Time at) const {
  for (const Link& link : links_) {
    if (link.from != from || link.to != to) continue;
    for (const Link::Cut& cut : link.cuts) {
      if (at >= cut.from && at < cut.to) return cut.from;
    }
  }
  return std::nullopt;
}

BytesPerSecond Links::rate_now(const Flow& flow) const {
  if (flow.shared != none) return BytesPerSecond::of(sharing_.rate(flow.shared));
  if (flow.link == none) return flow.demand;
  return BytesPerSecond::of(scaled(flow.demand.count(), links_[flow.link].share));
}

}  // namespace fleetsim
