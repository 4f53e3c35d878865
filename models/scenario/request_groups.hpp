#pragma once
/// The groups that are made of Spot requests: which instance each request has.

#include <cstdint>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market/requests.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/metrics.hpp"

namespace fleetsim::scenario {

class FleetNode;

class RequestGroups final : public SpotRequestOwner {
 public:
  /// Of those who hold Spot units, the requests; fleets have their index.
  static constexpr std::uint32_t as_owner = 0xffff'ffff;

  RequestGroups(Simulation& sim, SpotMarket& market);

  /// Requires: the group of the node's fleet is one of requests.
  void add(FleetNode& node, std::size_t group);
  /// Submits all requests. What is fulfilled at once is in service at once.
  void start();
  void begin_measurement();
  /// A group: requests_fulfilled, stops, resumes.
  void report(MetricSink& sink) const;

  SpotRequests& requests() { return requests_; }

  void spot_instance_started(SpotRequestId request, bool memory_kept) override;
  void spot_instance_noticed(SpotRequestId request) override;
  void spot_rebalance_recommended(SpotRequestId) override {}
  void spot_instance_stopping(SpotRequestId request, bool hibernates) override;
  void spot_instance_stopped(SpotRequestId request) override;
  void spot_instance_ended(SpotRequestId request, EndedBy ended_by) override;

 private:
  struct Group {
    FleetNode* node = nullptr;
    std::size_t group = 0;
    std::uint64_t fulfilled = 0;
    std::uint64_t stops = 0;
    std::uint64_t resumes = 0;
  };
  struct Asked {
    std::size_t group = 0;  // of groups_
    std::size_t pool = 0;
    Maybe<InstanceId> instance;
  };
  Group& group_of(const Asked& asked) { return groups_[asked.group]; }

  Simulation& sim_;
  SpotRequests requests_;
  std::vector<Group> groups_;
  std::vector<Asked> asked_;  // by request
};

}  // namespace fleetsim::scenario
