/// How requests spread over the instances in service, and what each makes of its share.

#include "models/fleet/fluid.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

namespace fleetsim::fleet {
namespace {

using Catch::Matchers::WithinRel;

HostClass host(RequestRate capacity, RequestRate admitted_max, int vcpus = 1, double budget = 1000) {
  return {.capacity = capacity, .admitted_max = admitted_max, .vcpus = vcpus, .nominal = capacity, .budget = budget};
}

std::vector<Flow> spread(RequestRate offered, const std::vector<HostClass>& hosts,
                         const std::vector<std::int64_t>& in_service) {
  std::vector<Flow> flows(hosts.size());
  spread_evenly({}, offered, hosts, in_service, flows);
  return flows;
}

TEST_CASE("fluid: every instance is offered the same, whatever its group and type", "[fleet][table]") {
  const HostClass small = host(100_per_s, 95_per_s);
  const HostClass large = host(400_per_s, 380_per_s);
  const auto flows = spread(600_per_s, {small, large, small}, {1, 2, 3});
  CHECK(flows[0].offered == 100_per_s);
  CHECK(flows[1].offered == 200_per_s);
  CHECK(flows[2].offered == 300_per_s);
  // Even balancing overloads the small instances while the large ones idle at a quarter.
  CHECK(flows[0].admitted == 95_per_s);
  CHECK(flows[1].admitted == 200_per_s);
  CHECK(flows[2].admitted == 285_per_s);
  CHECK(flows[0].metric == 100);
  CHECK(flows[1].metric == 25);
  CHECK(flows[2].metric == 100);
}

TEST_CASE("fluid: an instance drops what would lift it above its limit, and nothing up to it", "[fleet][table]") {
  const std::vector<HostClass> hosts{host(100_per_s, 95_per_s)};
  CHECK(spread(190_per_s, hosts, {2})[0].admitted == 190_per_s);
  CHECK(spread(RequestRate::of(190'000'001), hosts, {2})[0].admitted == 190_per_s);
  CHECK(spread(1000_per_s, hosts, {2})[0].admitted == 190_per_s);
  CHECK(spread(1000_per_s, hosts, {2})[0].offered == 1000_per_s);
}

TEST_CASE("fluid: hosts that could take more than a rate can hold take what is offered", "[fleet][table]") {
  const std::vector<HostClass> hosts{host(400'000'000'000_per_s, 380'000'000'000_per_s)};
  CHECK(spread(1'000'000'000'000_per_s, hosts, {1'000'000})[0].admitted == 1'000'000'000'000_per_s);
}

TEST_CASE("fluid: with nothing in service nothing flows, and what was there before is gone", "[fleet][table]") {
  const std::vector<HostClass> hosts{host(100_per_s, 95_per_s), host(100_per_s, 95_per_s)};
  std::vector<Flow> flows(2);
  spread_evenly({}, 100_per_s, hosts, {1, 0}, flows);
  CHECK(flows[0].offered == 100_per_s);
  CHECK(flows[1].offered == RequestRate{});
  spread_evenly({}, 100_per_s, hosts, {0, 0}, flows);
  CHECK(flows[0].offered == RequestRate{});
  CHECK(flows[0].admitted == RequestRate{});
  CHECK(flows[0].metric == 0);
}

TEST_CASE("fluid: shares sum to what is offered and differ from even by less than 10^-6 requests/s",
          "[fleet][property]") {
  Stream random(1, 0, "test");
  for (int run = 0; run < 2000; ++run) {
    const std::size_t placements = 1 + random.below(9);
    std::vector<HostClass> hosts;
    std::vector<std::int64_t> in_service;
    for (std::size_t p = 0; p < placements; ++p) {
      hosts.push_back(host(100_per_s, 95_per_s));
      in_service.push_back(static_cast<std::int64_t>(random.below(4) * random.below(1000)));
    }
    const std::uint64_t magnitude = std::uint64_t{1} << (1 + random.below(60));
    const auto offered = RequestRate::of(static_cast<std::int64_t>(random.below(magnitude)));
    const std::int64_t total = std::accumulate(in_service.begin(), in_service.end(), std::int64_t{0});
    const auto flows = spread(offered, hosts, in_service);
    RequestRate sum;
    for (std::size_t p = 0; p < placements; ++p) {
      sum += flows[p].offered;
      CHECK(flows[p].admitted <= flows[p].offered);
      CHECK(flows[p].late <= flows[p].admitted);
      if (total == 0) continue;
      // |share - offered x count / total| < 1 in the smallest unit, without division.
      const Int128 error = static_cast<Int128>(flows[p].offered.count()) * total -
                           static_cast<Int128>(offered.count()) * in_service[p];
      CHECK((error < total && -error < total));
    }
    CHECK(sum == (total > 0 ? offered : RequestRate{}));
  }
}

TEST_CASE("fluid: equal instances have equal metrics, however the shares round", "[fleet][property]") {
  const std::vector<HostClass> hosts(3, host(100_per_s, 95_per_s));
  for (std::int64_t rate = 1; rate < 200; ++rate) {
    const auto flows = spread(RequestRate::of(rate * 1'000'003), hosts, {1, 7, 3});
    CHECK(flows[0].metric == flows[1].metric);
    CHECK(flows[1].metric == flows[2].metric);
  }
}

TEST_CASE("fluid: the late share follows the distance from home", "[fleet][analytic]") {
  // One server of 100/s at 50/s: late e^-50t of what it admits; a zone whose budget is spent is late altogether.
  const auto flows = spread(100_per_s, {host(100_per_s, 95_per_s, 1, 0.02), host(100_per_s, 95_per_s, 1, 0)}, {1, 1});
  CHECK_THAT(to_requests_per_second(flows[0].late), WithinRel(50 * std::exp(-1.0), 1e-7));
  CHECK(flows[1].late == 50_per_s);
}

}  // namespace
}  // namespace fleetsim::fleet
