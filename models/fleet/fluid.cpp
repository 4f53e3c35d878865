#include "models/fleet/fluid.hpp"

#include <algorithm>
#include <numeric>

#include "models/fleet/latency.hpp"
#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

namespace {
/// What an instance makes of what it is offered.
struct Response {
  double late = 0;    // of the admitted requests
  double metric = 0;  // percent
};
Response respond(const FleetConfig& config, const HostClass& host, double offered) {
  const double capacity = to_requests_per_second(host.capacity);
  const double admitted = std::min(offered, to_requests_per_second(host.admitted_max));
  return {.late = late_fraction(host.vcpus, capacity, admitted, host.budget),
          .metric = metric_percent(config, offered, admitted, capacity)};
}
}  // namespace

void spread_evenly(const FleetConfig& config, RequestRate offered, const std::vector<HostClass>& hosts,
                   const std::vector<std::int64_t>& in_service, std::vector<Flow>& flows) {
  std::fill(flows.begin(), flows.end(), Flow{});
  const std::int64_t total = std::accumulate(in_service.begin(), in_service.end(), std::int64_t{0});
  if (total == 0) return;
  // Every instance sees the same load: what is not a whole number of each of them is not shared out here, so that
  // equal instances have equal metrics.
  const double each = to_requests_per_second(offered) / static_cast<double>(total);

  std::int64_t instances = 0;
  RequestRate given;
  const HostClass* answered = nullptr;  // whose response `response` is; placements of one kind mostly follow each other
  Response response;
  for (std::size_t p = 0; p < hosts.size(); ++p) {
    const std::int64_t count = in_service[p];
    if (count == 0) continue;
    const HostClass& host = hosts[p];
    if (answered == nullptr || *answered != host) {
      response = respond(config, host, each);
      answered = &host;
    }
    instances += count;
    const RequestRate given_with_these =
        RequestRate::of(static_cast<std::int64_t>(static_cast<Int128>(offered.count()) * instances / total));
    Flow& flow = flows[p];
    flow.offered = given_with_these - given;
    given = given_with_these;
    // Their limit together may exceed a RequestRate; what is admitted does not.
    const Int128 admitted_max = static_cast<Int128>(host.admitted_max.count()) * count;
    flow.admitted = RequestRate::of(static_cast<std::int64_t>(std::min<Int128>(flow.offered.count(), admitted_max)));
    flow.late = std::min(flow.admitted, requests_per_second(response.late * to_requests_per_second(flow.admitted)));
    flow.metric = response.metric;
  }
  invariant(given == offered, "the shares of the instances sum to what is offered");
}

}  // namespace fleetsim::fleet
