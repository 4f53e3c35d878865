#include "models/fleet/fluid.hpp"

#include <algorithm>
#include <numeric>

#include "models/fleet/latency.hpp"
#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

void spread_evenly(const FleetConfig& config, RequestRate offered, const std::vector<HostClass>& hosts,
                   const std::vector<std::int64_t>& in_service, std::vector<Flow>& flows) {
  const std::int64_t total = std::accumulate(in_service.begin(), in_service.end(), std::int64_t{0});
  const auto share_up_to = [&](std::int64_t instances) {
    return RequestRate::of(static_cast<std::int64_t>(static_cast<Int128>(offered.count()) * instances / total));
  };
  std::int64_t before = 0;
  RequestRate given;
  for (std::size_t p = 0; p < hosts.size(); ++p) {
    const std::int64_t count = in_service[p];
    if (count == 0) {
      flows[p] = {};
      continue;
    }
    const HostClass& host = hosts[p];
    before += count;
    const RequestRate up_to_here = share_up_to(before);
    Flow flow;
    flow.offered = up_to_here - given;
    given = up_to_here;
    flow.admitted = std::min(flow.offered, host.admitted_max * count);

    const double n = static_cast<double>(count);
    const double capacity = to_requests_per_second(host.capacity);
    const double admitted = to_requests_per_second(flow.admitted) / n;
    const double late = late_fraction(host.vcpus, capacity, admitted, host.budget);
    flow.late = std::min(flow.admitted, requests_per_second(late * to_requests_per_second(flow.admitted)));
    flow.metric = metric_percent(config, to_requests_per_second(flow.offered) / n, admitted, capacity);
    flows[p] = flow;
  }
}

}  // namespace fleetsim::fleet
