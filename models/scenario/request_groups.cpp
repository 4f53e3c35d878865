#include "models/scenario/request_groups.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "models/scenario/fleet_node.hpp"

namespace fleetsim::scenario {

// The fleet draws how long an instance is pending, fulfilment included.
RequestGroups::RequestGroups(Simulation& sim, SpotMarket& market)
    : sim_(sim), requests_(sim, market, {.fulfilment = Duration{}}, *this, as_owner) {}

void RequestGroups::add(FleetNode& node, std::size_t group) { groups_.push_back({.node = &node, .group = group}); }

void RequestGroups::start() {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const FleetNode& node = *groups_[g].node;
    const std::size_t group = groups_[g].group;
    const SpotRequestsSettings& settings = *node.plan().spot_requests[group];
    for (std::int64_t i = 0; i < settings.count; ++i) {
      const std::size_t pool = static_cast<std::size_t>(i) % node.pools(group);
      SpotRequestConfig request = settings.request;
      request.pool = node.spot_pool(group, pool);
      request.max_price = node.max_price(group, pool);
      if (settings.launch_group) request.launch_group = static_cast<std::uint32_t>(g);
      asked_.push_back({.group = g, .pool = pool, .instance = {}});
      requests_.submit(std::move(request));
    }
  }
}

void RequestGroups::begin_measurement() {
  for (Group& group : groups_) group.fulfilled = group.stops = group.resumes = 0;
}

void RequestGroups::report(MetricSink& sink) const {
  for (const Group& group : groups_) {
    const FleetPlan& plan = group.node->plan();
    const std::string prefix = "fleet." + plan.config.name + ".group." + plan.groups[group.group].name + ".";
    sink.add(prefix + "requests_fulfilled", "1", static_cast<double>(group.fulfilled));
    sink.add(prefix + "stops", "1", static_cast<double>(group.stops));
    sink.add(prefix + "resumes", "1", static_cast<double>(group.resumes));
  }
}

void RequestGroups::spot_instance_started(SpotRequestId id, bool memory_kept) {
  Asked& asked = asked_[id.index];
  Group& group = group_of(asked);
  ++group.fulfilled;
  if (asked.instance) {
    ++group.resumes;
    group.node->fleet().resume(*asked.instance, memory_kept);
    return;
  }
  const bool at_the_beginning = sim_.now() <= Time::at(1_ns);
  asked.instance = group.node->launch_requested(group.group, asked.pool, at_the_beginning);
}

void RequestGroups::spot_instance_noticed(SpotRequestId id) {
  const Asked& asked = asked_[id.index];
  group_of(asked).node->fleet().interruption_noticed(*asked.instance);
}

void RequestGroups::spot_instance_stopping(SpotRequestId id, bool hibernates) {
  const Asked& asked = asked_[id.index];
  ++group_of(asked).stops;
  group_of(asked).node->fleet().stop(*asked.instance, hibernates);
}

void RequestGroups::spot_instance_stopped(SpotRequestId id) {
  const Asked& asked = asked_[id.index];
  group_of(asked).node->fleet().hibernated(*asked.instance);
}

void RequestGroups::spot_instance_ended(SpotRequestId id, EndedBy ended_by) {
  invariant(ended_by == EndedBy::interruption, "nobody but EC2 ends an instance of a scenario's requests");
  Asked& asked = asked_[id.index];
  group_of(asked).node->fleet().interrupted(*asked.instance);
  asked.instance = std::nullopt;
}

}  // namespace fleetsim::scenario
