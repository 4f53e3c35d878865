/// The traces that ship, read and replayed whole, against what was measured from their sources.

#include <string>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "harness.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;

namespace {

SpotPoolConfig pool_of(const std::string& settings_yaml) {
  config::Diagnostics diagnostics;
  const std::string name = std::string(source_dir) + "/scenarios/test.yaml";
  auto document =
      config::Document::from_text("spot_market:\n  default: " + settings_yaml + "\n", name, {}, diagnostics);
  REQUIRE(document);
  config::Section root = document->root();
  const SpotPoolConfig pool =
      make_spot_pool(read_spot_market(root), "us-east-1a", "c5.2xlarge", 0.34_usd_per_h, 30_d, diagnostics);
  CHECK(diagnostics.to_text().empty());
  return pool;
}

}  // namespace

TEST_CASE("spot market data: the zones of 2023 are as available as their source says", "[spot_market][data][table]") {
  // Availability as measured from the source's own samples (docs/models/spot_market.md, [6]), and its changes.
  struct Row { std::string pool; double available; std::uint64_t changes; };
  const Row row = GENERATE(Row{"us-west-2a", 0.883, 316}, Row{"us-west-2b", 0.905, 188}, Row{"us-east-2a", 0.759, 291},
                           Row{"us-east-1c", 0.467, 687}, Row{"us-east-1a", 0.167, 506});
  const SpotPoolConfig pool =
      pool_of("{availability: {trace: data/no-stated-licence/sky-avail-2023-02/availability.csv, pool: " + row.pool +
              "/p3.2xlarge}, price: {constant: 1 USD/h}}");
  const Duration span = std::get<ReplayedCapacity>(pool.capacity).trace->span;
  CHECK(span == 195_s * 20'158);  // ticks
  MarketRun run{make_config({pool}), span};
  run.run_to(span);
  CHECK_THAT(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction").value(), WithinAbs(row.available, 0.0005));
  CHECK(run.sim.events_run() == row.changes);
}

TEST_CASE("spot market data: the prices of 2021 are those of Spot after 2017: below on-demand and slow",
          "[spot_market][data][table]") {
  const SpotPoolConfig pool =
      pool_of("{price: {trace: data/no-stated-licence/spot-prices-us-east-1-2021/prices.csv}}");
  const auto& trace = *std::get<ReplayedPrice>(pool.price).trace;
  CHECK(trace.values.front() == 0.1789_usd_per_h);  // the file's first row
  CHECK(config::to_text(trace.start) == "2021-03-02T02:38:36Z");
  for (const UsdPerHour price : trace.values) {
    CHECK(price < 0.34_usd_per_h);
    CHECK(price > 0.034_usd_per_h);
  }
}
