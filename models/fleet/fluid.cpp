#include "models/fleet/fluid.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "models/fleet/latency.hpp"
#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

namespace {
/// What an instance makes of what it is offered.
struct Response {
  double admitted = 0;  // requests/s
  double late = 0;      // of the admitted requests
  double metric = 0;    // percent
};
Response respond(const FleetConfig& config, const HostClass& host, double offered) {
  const double capacity = to_requests_per_second(host.capacity);
  const double admitted = std::min(offered, to_requests_per_second(host.admitted_max));
  const double late = late_fraction(host.vcpus, capacity, admitted, host.budget);
  return {.admitted = admitted,
          .late = host.errors > 0 ? 1 - (1 - late) * (1 - host.errors) : late,
          .metric = metric_percent(config, offered, admitted, to_requests_per_second(host.nominal))};
}

/// What instances that are offered the same make of it. A fleet's placements are of few kinds, at home and elsewhere, so
/// the last few answers are kept.
class Responses {
 public:
  Responses(const FleetConfig& config, double offered) : config_(config), offered_(offered) {}
  const Response& of(const HostClass& host) {
    for (std::size_t i = 0; i < size_; ++i) {
      if (*answers_[i].host == host) return answers_[i].response;
    }
    Answer& answer = answers_[size_ < answers_.size() ? size_++ : answers_.size() - 1];
    answer = {&host, respond(config_, host, offered_)};
    return answer.response;
  }

 private:
  struct Answer {
    const HostClass* host;
    Response response;
  };
  const FleetConfig& config_;
  const double offered_;
  std::array<Answer, 4> answers_;
  std::size_t size_ = 0;
};

/// rate x part / whole, rounded down. Requires: 0 <= part <= whole, whole > 0. A division of 128 bits costs several of 64.
RequestRate share_of(RequestRate rate, std::int64_t part, std::int64_t whole) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(rate.count(), part, &product)) return RequestRate::of(product / whole);
  return RequestRate::of(static_cast<std::int64_t>(static_cast<Int128>(rate.count()) * part / whole));
}
}  // namespace

void spread_evenly(const FleetConfig& config, RequestRate offered, const std::vector<HostClass>& hosts,
                   const std::vector<std::int64_t>& in_service, std::vector<Flow>& flows) {
  const std::int64_t total = std::accumulate(in_service.begin(), in_service.end(), std::int64_t{0});
  if (total == 0) {
    std::fill(flows.begin(), flows.end(), Flow{});
    return;
  }
  // Every instance sees the same load: what is not a whole number of each of them is not shared out here, so that
  // equal instances have equal metrics.
  const double each = to_requests_per_second(offered) / static_cast<double>(total);

  std::int64_t instances = 0;
  RequestRate given;
  Responses responses(config, each);
  const HostClass* next_host = hosts.data();
  Flow* next_flow = flows.data();
  for (const std::int64_t count : in_service) {
    const HostClass& host = *next_host++;
    Flow& flow = *next_flow++;
    if (count == 0) {
      flow = {};
      continue;
    }
    const Response& response = responses.of(host);
    instances += count;
    const RequestRate given_with_these = share_of(offered, instances, total);
    const RequestRate to_these = given_with_these - given;
    given = given_with_these;
    std::int64_t admitted_max = 0;
    // Their limit together may exceed a RequestRate; what is admitted does not.
    const bool unlimited = __builtin_mul_overflow(host.admitted_max.count(), count, &admitted_max);
    const RequestRate admitted = unlimited ? to_these : std::min(to_these, RequestRate::of(admitted_max));
    RequestRate late;
    if (response.late > 0) {
      late = std::min(admitted, requests_per_second(response.late * to_requests_per_second(admitted)));
    }
    flow = {.offered = to_these,
            .admitted = admitted,
            .late = late,
            .lost = {},
            .each = {.offered = each, .admitted = response.admitted},
            .metric = response.metric};
  }
  invariant(given == offered, "the shares of the instances sum to what is offered");
}

}  // namespace fleetsim::fleet
