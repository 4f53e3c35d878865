/// What a scenario says about a fleet.

#include "fleetsim/models/fleet.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

namespace fleetsim {
namespace {

auto read(std::string_view text) {
  return test::read_text(text, [](config::Section& in) { return read_fleet("bidder", in); });
}

TEST_CASE("fleet settings: what docs/models/fleet.md says of the defaults", "[fleet][config][table]") {
  const auto [config, problems] = read("{serves: bids, capacity_per_vcpu: 250 requests/s}");
  CHECK(problems == "");
  CHECK(config.name == "bidder");
  CHECK(config.serves == "bids");
  CHECK(config.home_zone == "");
  CHECK(config.capacity_per_vcpu == 250_per_s);
  CHECK(config.utilization_max == 95_percent);
  CHECK(config.deadline == 200_ms);
  CHECK(config.home_round_trips == 1);
  CHECK(config.home_bytes_per_request == Bytes{});
  CHECK(config.pending_time.mean() == 5_s);
  CHECK(config.spot_fulfilment_time.mean() == 5_s);
  CHECK(config.boot_time.quantile(0.5) == 30_s);
  CHECK(config.start_time.mean() == 30_s);
  CHECK(config.deregister_on_notice);
  CHECK(config.drain_time == Duration{});
  CHECK(config.metric == FleetMetric::demanded_utilization);
  CHECK(config.metric_drop_reference == 1_percent);
  CHECK(config.metric_utilization_weight == 50_percent);
  CHECK(config.metric_cap == 400);
  CHECK(config.metric_period == 60_s);
  CHECK(config.metric_lag == Duration{});
}

TEST_CASE("fleet settings: every key is read", "[fleet][config][table]") {
  const auto [config, problems] = read(R"(
serves: bids
home_zone: us-east-1a
capacity_per_vcpu: 100 requests/s
utilization_max: 90%
deadline: 100ms
home_round_trips: 2
home_bytes_per_request: 3 KB
pending_time: 16s
spot_fulfilment_time: 1s
boot_time: 20s
start_time: 40s
deregister_on_notice: false
drain_time: 300s
metric: {kind: utilization_or_drops, drop_reference: 2%, utilization_weight: 60%, cap: 200%, period: 10s, lag: 60s}
)");
  CHECK(problems == "");
  CHECK(config.home_zone == "us-east-1a");
  CHECK(config.utilization_max == 90_percent);
  CHECK(config.deadline == 100_ms);
  CHECK(config.home_round_trips == 2);
  CHECK(config.home_bytes_per_request == 3_KB);
  CHECK(config.pending_time.mean() == 16_s);
  CHECK(config.spot_fulfilment_time.mean() == 1_s);
  CHECK(config.boot_time.mean() == 20_s);
  CHECK(config.start_time.mean() == 40_s);
  CHECK_FALSE(config.deregister_on_notice);
  CHECK(config.drain_time == 300_s);
  CHECK(config.metric == FleetMetric::utilization_or_drops);
  CHECK(config.metric_drop_reference == 2_percent);
  CHECK(config.metric_utilization_weight == 60_percent);
  CHECK(config.metric_cap == 200);
  CHECK(config.metric_period == 10_s);
  CHECK(config.metric_lag == 60_s);
}

TEST_CASE("fleet settings: all errors come at once", "[fleet][config][table]") {
  CHECK(read(R"(serves: bids
capacity_per_vcpu: 0 requests/s
utilization_max: 120%
deadline: 0s
drain_time: -1s
metric: {kind: cpu, period: 100ms}
)").problems == R"(test.yaml:2:20: error: capacity_per_vcpu: 0 requests/s must be at least 0.001 requests/s
test.yaml:3:18: error: utilization_max: 120% must be at most 99.99%
test.yaml:4:11: error: deadline: 0s must be above 0s
test.yaml:5:13: error: drain_time: -1s must be at least 0s
test.yaml:6:16: error: metric.kind: 'cpu' is not one of demanded_utilization, utilization_or_drops, utilization_and_drops
test.yaml:6:29: error: metric.period: 100ms must be at least 1s
)");
}

}  // namespace
}  // namespace fleetsim
