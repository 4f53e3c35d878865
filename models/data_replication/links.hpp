#pragma once
/// Links between Regions, shared max-min fairly by the copies and streams that cross them.
///
/// A link without a bandwidth gives every flow what it asks for; slowed down, that share of it.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/data_replication/config.hpp"
#include "fleetsim/sim/fluid/max_min_sharing.hpp"

namespace fleetsim {

class Links {
 public:
  explicit Links(const std::vector<RegionPair>& pairs);

  /// A flow from one Region to another, without demand. Within a Region it has what it asks for.
  std::uint32_t add_flow(RegionId from, RegionId to);
  void set_demand(std::uint32_t flow, BytesPerSecond demand, Time now);
  /// Flows of a link with a bandwidth, and what each asked for at any instant up to the clock.
  const std::vector<std::uint32_t>& sharing(RegionId from, RegionId to) const;
  BytesPerSecond demand_at(std::uint32_t flow, Time at) const;
  std::optional<Time> next_demand(std::uint32_t flow, Time at) const;
  void set_share(RegionId from, RegionId to, Ratio share, Time now);
  /// Since when the link has been cut at the instant, which may be a past one; empty if it is not.
  std::optional<Time> cut_since(RegionId from, RegionId to, Time at) const;
  /// Calls `changed(flow)` for each flow whose rate is another than before.
  template <class Changed>
  void solve(const Changed& changed) {
    // What `changed` does may ask for more: those requests are served in turn.
    while (!dirty_.empty() || shared_dirty_) {
      shared_dirty_ = false;
      sharing_.solve();
      for (const std::uint32_t shared : sharing_.touched()) touch(owner_[shared]);
      moved_.swap(dirty_);
      dirty_.clear();
      for (const std::uint32_t flow : moved_) flows_[flow].dirty = false;
      for (const std::uint32_t flow : moved_) {
        const BytesPerSecond rate = rate_now(flows_[flow]);
        if (rate == flows_[flow].rate) continue;
        flows_[flow].rate = rate;
        changed(flow);
      }
    }
  }
  BytesPerSecond rate(std::uint32_t flow) const { return flows_[flow].rate; }
  /// Whether others that ask for more leave it less.
  bool shared(std::uint32_t flow) const { return flows_[flow].shared != none; }
  /// Of a flow that is not shared: its rate from now on.
  BytesPerSecond set_demand_alone(std::uint32_t flow, BytesPerSecond demand);
  /// A link without a bandwidth that is slowed down passes on a share of what is asked for, whatever that is.
  bool passes_share(std::uint32_t flow) const {
    return flows_[flow].link != none && flows_[flow].shared == none && links_[flows_[flow].link].share < 1;
  }
  /// What is left of its link.
  double share(std::uint32_t flow) const { return flows_[flow].link == none ? 1 : links_[flows_[flow].link].share; }
  bool cut(std::uint32_t flow) const { return share(flow) <= 0; }

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;
  struct Link {
    RegionId from, to;
    std::optional<BytesPerSecond> bandwidth;
    std::uint32_t capacity = none;
    double share = 1;
    std::vector<std::uint32_t> flows;
    struct Cut {
      Time from, to = Time::max();
    };
    std::vector<Cut> cuts;
  };
  /// What a flow asks for, since.
  struct Asked {
    Time since;
    std::int64_t rate = 0;
  };
  struct Flow {
    std::uint32_t link = none;
    std::uint32_t shared = none;  // in sharing_
    BytesPerSecond demand, rate;
    bool dirty = false;
    std::vector<Asked> asked;  // of a link with a bandwidth
  };
  void touch(std::uint32_t flow);
  BytesPerSecond rate_now(const Flow& flow) const;

  std::vector<Link> links_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> owner_;  // flow, by its number in sharing_
  std::vector<std::uint32_t> dirty_, moved_;
  bool shared_dirty_ = false;
  MaxMinSharing sharing_;
};

}  // namespace fleetsim
