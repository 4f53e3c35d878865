/// What a scenario says about a pool, from its section to the pool's processes.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr std::string_view availability_csv =
    "pool,t_s,count\n"
    "us-east-1a/p3.2xlarge,0,1\nus-east-1a/p3.2xlarge,3600,0\nus-east-1a/p3.2xlarge,7200,2\n"
    "us-east-1b/p3.2xlarge,0,3\n";
constexpr std::string_view pools_csv =
    "pool,az,start_utc,end_s\n"
    "us-east-1a/p3.2xlarge,us-east-1a,2023-02-15T00:00:00Z,172800\n"
    "us-east-1b/p3.2xlarge,us-east-1b,,259200\n";
constexpr std::string_view prices_csv =
    "timestamp_utc,az,instance_type,price_usd_per_hour\n"
    "2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,0.1789\n"
    "2021-03-01T12:00:00Z,us-east-1a,m5.large,0.04\n"
    "2021-03-02T00:00:00Z,us-east-1a,c5.2xlarge,0.18\n"
    "2021-03-03T00:00:00Z,us-east-1a,c5.2xlarge,0.19\n";

struct Made {
  std::vector<SpotPoolConfig> pools;
  SpotMarketConfig market;
  std::string problems;
};

/// A folder with the traces above, and a scenario in it.
class Files {
 public:
  Files() {
    folder_.write("a.csv", availability_csv);
    folder_.write("pools.csv", pools_csv);
    folder_.write("p.csv", prices_csv);
  }
  void write(const std::string& name, std::string_view text) { folder_.write(name, text); }

  /// Makes the pools c5.2xlarge (0.34 USD/h on demand) and m5.large (0.096) in us-east-1a and c5.2xlarge in us-east-1b,
  /// for a run of a day.
  Made make(std::string_view spot_market, Duration run_length = 24_h) const {
    config::Diagnostics diagnostics;
    Made made;
    const std::string name = (folder_.path() / "s.yaml").string();
    auto document = config::Document::from_text(spot_market, name, {}, diagnostics);
    REQUIRE(document);
    config::Section root = document->root();
    const SpotMarketSettings settings = read_spot_market(root);
    check_spot_market_names(settings, {"us-east-1a", "us-east-1b"}, {"c5.2xlarge", "m5.large"}, diagnostics);
    made.pools = {make_spot_pool(settings, "us-east-1a", "c5.2xlarge", 0.34_usd_per_h, run_length, diagnostics),
                  make_spot_pool(settings, "us-east-1a", "m5.large", 0.096_usd_per_h, run_length, diagnostics),
                  make_spot_pool(settings, "us-east-1b", "c5.2xlarge", 0.34_usd_per_h, run_length, diagnostics)};
    made.market = make_spot_market(settings, made.pools, run_length, diagnostics);
    document->finish();
    made.problems = without_folder(diagnostics.to_text());
    return made;
  }

 private:
  std::string without_folder(std::string text) const {
    const std::string prefix = folder_.path().string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  TemporaryFolder folder_;
};

std::int64_t fixed_units(const SpotPoolConfig& pool) { return std::get<FixedCapacity>(pool.capacity).units; }
UsdPerHour constant_price(const SpotPoolConfig& pool) { return std::get<ConstantPrice>(pool.price).price; }

}  // namespace

TEST_CASE("spot market settings: a market of which nothing is said is open, and costs 35 % of on-demand",
          "[spot_market][config][table]") {
  const Made made = Files{}.make("{}");
  CHECK(made.problems.empty());
  CHECK(fixed_units(made.pools[0]) == unlimited_units);
  CHECK(constant_price(made.pools[0]) == 0.119_usd_per_h);
  CHECK(made.market.notice == 120_s);
  CHECK(made.market.reclaim_spread == 180_s);
  CHECK(made.market.pools.size() == 3);
}

TEST_CASE("spot market settings: the more specific wins, key by key", "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  notice: 90s
  launch_failure: 2%
  default:
    availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge, units_for_each: 10}
    units: 50
    price: {trace: p.csv, az: us-east-1a}
  zones:
    us-east-1b: {availability: {pool: us-east-1b/p3.2xlarge}, units: 20, price: {discount: 50%}}
  pools:
    us-east-1a/m5.large:
      availability: {on_off: {up: 2h, down: {exponential: {mean: 30m}}}}
      price: {constant: 0.03 USD/h}
)");
  CHECK(made.problems.empty());
  CHECK(made.market.notice == 90_s);
  CHECK(made.market.launch_failure.value == 0.02);

  const auto& home = std::get<ReplayedCapacity>(made.pools[0].capacity);
  CHECK(home.units_for_each == 10);
  CHECK(home.units == 50);
  CHECK_FALSE(home.repeat);
  CHECK(home.trace->times == std::vector<Duration>{0_s, 1_h, 2_h});
  CHECK(home.trace->values == std::vector<std::int64_t>{1, 0, 2});
  CHECK(home.trace->span == 48_h);
  CHECK(config::to_text(home.trace->start) == "2023-02-15T00:00:00Z");
  const auto& price = std::get<ReplayedPrice>(made.pools[0].price);
  CHECK(price.trace->times == std::vector<Duration>{0_s, 24_h});  // the last row is the end
  CHECK(price.trace->values == std::vector<UsdPerHour>{0.1789_usd_per_h, 0.18_usd_per_h});
  CHECK(price.trace->span == 48_h);

  const auto& on_off = std::get<OnOffCapacity>(made.pools[1].capacity);
  CHECK(on_off.up.mean() == 2_h);
  CHECK(on_off.down.mean() == 30_min);
  CHECK(on_off.units == 50);
  CHECK(constant_price(made.pools[1]) == 0.03_usd_per_h);

  const auto& away = std::get<ReplayedCapacity>(made.pools[2].capacity);
  CHECK(away.trace->values == std::vector<std::int64_t>{3});
  CHECK(away.units_for_each == 10);
  CHECK(away.units == 20);
  CHECK(constant_price(made.pools[2]) == 0.17_usd_per_h);
}

TEST_CASE("spot market settings: another kind drops what belonged to the kind before it",
          "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  default:
    availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge, repeat: true}
    price: {trace: p.csv, az: us-east-1a, type: c5.2xlarge, repeat: true}
  zones:
    us-east-1b: {availability: {always: true}, units: 7, price: {constant: 0.1 USD/h}}
)", 1000_h);
  CHECK(made.problems.empty());
  CHECK(std::get<ReplayedCapacity>(made.pools[1].capacity).repeat);
  CHECK(std::get<ReplayedPrice>(made.pools[1].price).repeat);
  CHECK(fixed_units(made.pools[2]) == 7);
}

TEST_CASE("spot market settings: a file that pools share is read once", "[spot_market][config][property]") {
  const Made made = Files{}.make(R"(spot_market:
  default: {availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge}}
)");
  CHECK(std::get<ReplayedCapacity>(made.pools[0].capacity).trace ==
        std::get<ReplayedCapacity>(made.pools[2].capacity).trace);
}

TEST_CASE("spot market settings: before a pool's first row its first price holds", "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  replay_start: random_day
  default: {price: {trace: p.csv, az: us-east-1a}}
)");
  CHECK(made.problems.empty());
  const auto& price = std::get<ReplayedPrice>(made.pools[1].price);  // m5.large has its only row half a day in
  CHECK(price.start == ReplayStart::random_day);
  CHECK(price.trace->times == std::vector<Duration>{0_s});
  CHECK(price.trace->values == std::vector<UsdPerHour>{0.04_usd_per_h});
  CHECK(price.trace->span == 48_h);
}

TEST_CASE("spot market settings: what nobody states is as the documentation page says", "[spot_market][config][table]") {
  const SpotMarketConfig market = Files{}.make("spot_market: {}\n").market;
  CHECK(market.notice == 2_min);
  CHECK(market.reclaim_spread == 3_min);
  CHECK(market.reclaim_whole.value == 0.6);
  CHECK(market.poll == 5_s);
  CHECK(market.launches_elsewhere.value == 0.5);
  CHECK(market.launch_failure.value == 0);
}

TEST_CASE("spot market settings: outages meet the pools of their zones, and crowd those of others of the Region",
          "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  launches_elsewhere: 25%
  outages:
    - {at: 3h, duration: 30m, zones: [us-east-1a]}
    - {at: 4h, duration: 1h, zones: [us-east-1b, us-east-1a], share: 40%}
    - {at: 5h, duration: 1h, pools: [us-east-1a/c5.2xlarge]}
)");
  CHECK(made.problems.empty());
  REQUIRE(made.market.outages.size() == 3);
  CHECK(made.market.launches_elsewhere.value == 0.25);
  CHECK(made.market.outages[0].elsewhere == std::vector<PoolId>{PoolId{2}});
  CHECK(made.market.outages[1].elsewhere.empty());
  CHECK(made.market.outages[2].elsewhere.empty());
  CHECK(made.market.outages[0].at == 3_h);
  CHECK(made.market.outages[0].duration.mean() == 30_min);
  CHECK(made.market.outages[0].share.value == 1.0);
  CHECK(made.market.outages[0].pools == std::vector<PoolId>{PoolId{0}, PoolId{1}});
  CHECK(made.market.outages[1].pools == std::vector<PoolId>{PoolId{2}, PoolId{0}, PoolId{1}});
  CHECK(made.market.outages[1].share.value == 0.4);
}

TEST_CASE("spot market settings: outages name Regions, zones or pools, at a time or drawn", "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  outages:
    - {every: {exponential: {mean: 30d}}, duration: {lognormal: {median: 1h, sigma: 1}}, regions: [us-east-1]}
    - {at: 4h, duration: 1h, pools: [us-east-1b/c5.2xlarge, us-east-1a/c5.2xlarge, us-east-1a/c5.2xlarge]}
)");
  CHECK(made.problems.empty());
  REQUIRE(made.market.outages.size() == 2);
  CHECK(made.market.outages[0].every.value().mean() == 720_h);
  CHECK(made.market.outages[0].pools == std::vector<PoolId>{PoolId{0}, PoolId{1}, PoolId{2}});
  CHECK_FALSE(made.market.outages[1].every);
  CHECK(made.market.outages[1].pools == std::vector<PoolId>{PoolId{2}, PoolId{0}});
}

TEST_CASE("spot market settings: a class of the advisor is a constant hazard, a life stands beside any capacity",
          "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  reclaim: {whole: 70%, order: newest}
  default: {availability: {advisor: 15-20%}, units: 40}
  zones:
    us-east-1b: {availability: {advisor: {frequency: 22%, closed: 5m}}}
  pools:
    us-east-1a/m5.large:
      availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge}
      life: {weibull: {shape: 0.7, scale: 3h}}
)");
  CHECK(made.problems.empty());
  CHECK(made.market.reclaim_whole.value == 0.7);
  CHECK(made.market.reclaim_order == ReclaimOrder::newest);
  CHECK(fixed_units(made.pools[0]) == 40);
  // Middle of the class 19 %: 730 h / -ln(0.81) = 3,464 h, the reference's 3,460; 22 %: its 2,938 h.
  CHECK_THAT(to_seconds(made.pools[0].life.value().life.mean()) / 3'600, Catch::Matchers::WithinAbs(3'464, 0.5));
  CHECK_THAT(to_seconds(made.pools[2].life.value().life.mean()) / 3'600, Catch::Matchers::WithinAbs(2'938, 0.5));
  CHECK(made.pools[2].life->closed_after.value().mean() == 5_min);
  const auto closed = std::get<LogNormal>(made.pools[0].life->closed_after.value().in_seconds().form());
  CHECK(closed.median == 1'200);
  CHECK(closed.sigma == 1);
  CHECK(std::holds_alternative<ReplayedCapacity>(made.pools[1].capacity));
  CHECK_FALSE(made.pools[1].life.value().closed_after);
  CHECK(std::holds_alternative<Weibull>(made.pools[1].life->life.in_seconds().form()));
}

TEST_CASE("spot market settings: a block bootstrap needs room for a block at every hour, not for the run",
          "[spot_market][config][table]") {
  const std::string pools = R"(
  replay_start: block_bootstrap
  default: {availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge}}
)";
  const Made made = Files{}.make("spot_market:\n  block: 12h" + pools, 2'000_h);
  CHECK(made.problems.empty());
  CHECK(std::get<ReplayedCapacity>(made.pools[0].capacity).start == ReplayStart::block_bootstrap);
  CHECK(std::get<ReplayedCapacity>(made.pools[0].capacity).block == 12_h);
  CHECK(Files{}.make("spot_market:\n  block: 2d" + pools).problems.empty());
  CHECK_THAT(Files{}.make("spot_market:\n  block: 30h" + pools).problems,
             Catch::Matchers::StartsWith("s.yaml:4:35: error: a.csv: pool us-east-1a/p3.2xlarge is 2d long; blocks of "
                                         "1d6h at every hour of the day need 2d6h\n"));
  CHECK_THAT(Files{}.make("spot_market: {block: 12h}").problems,
             Catch::Matchers::StartsWith("s.yaml:1:15: error: "));
}

TEST_CASE("spot market settings: latent pools take what they share from their Region, key by key",
          "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  regions:
    us-east-1: {latent: {correlation: 0.6, fast: 90m, slow: 2d, slow_weight: 40%, hysteresis: 0.12,
                         diurnal: {amplitude: 0.4, peak: 14h}, step: 5m}}
  default: {availability: {latent: {availability: 75%, spread: 0.5}}, units: 80}
  zones: {us-east-1b: {availability: {latent: {availability: 88%}}}}
  pools: {us-east-1a/m5.large: {availability: {always: true}}}
)");
  CHECK(made.problems.empty());
  const auto& home = std::get<LatentCapacity>(made.pools[0].capacity);
  CHECK(home.availability == 0.75);
  CHECK(home.spread == 0.5);
  CHECK(home.units == 80);
  CHECK(home.region.correlation == 0.6);
  CHECK(home.region.fast == 90_min);
  CHECK(home.region.slow == 48_h);
  CHECK(home.region.slow_weight == 0.4);
  CHECK(home.region.hysteresis == 0.12);
  CHECK(home.region.diurnal_amplitude == 0.4);
  CHECK(home.region.diurnal_peak == 14_h);
  CHECK(home.region.step == 5_min);
  const auto& away = std::get<LatentCapacity>(made.pools[2].capacity);
  CHECK(away.availability == 0.88);
  CHECK(away.spread == 0.5);
  CHECK(fixed_units(made.pools[1]) == 80);
}

TEST_CASE("spot market settings: a latent pool of a Region that nothing is said of is told", "[spot_market][config][table]") {
  using Catch::Matchers::ContainsSubstring;
  const std::string pools = "  default: {availability: {latent: {availability: 75%}}}\n";
  CHECK_THAT(Files{}.make("spot_market:\n" + pools).problems,
             ContainsSubstring("warning: spot_market.regions says nothing of Region 'us-east-1'"));
  CHECK(Files{}.make("spot_market:\n  regions: {us-east-1: {latent: {correlation: 70%}}}\n" + pools).problems.empty());
}

TEST_CASE("spot market settings: an auction needs units, and knows who bids",
          "[spot_market][config][table]") {
  const Made made = Files{}.make("spot_market:\n  default: {units: 50, price: {bidding: {floor: 20%}}}\n");
  CHECK(made.problems.empty());
  const auto& price = std::get<BiddingPrice>(made.pools[0].price);
  CHECK(price.units == 50);
  CHECK(price.floor == Ratio{0.2});
  CHECK(price.cap == Ratio{10});
  CHECK(price.competitors.size() == 3);
  CHECK_THAT(Files{}.make("spot_market:\n  default: {price: {bidding: {}}}\n").problems,
             Catch::Matchers::ContainsSubstring("s.yaml:2:30: error: 'bidding' is given for a pool that has no bound of units"));
}

TEST_CASE("spot market settings: what can have no effect is told", "[spot_market][config][table]") {
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(Files{}.make("spot_market:\n  outages: [{at: 400d, duration: 1h, zones: [us-east-1a]}]\n").problems,
             ContainsSubstring("s.yaml:2:13: warning: the outage at 400d comes after the end of the run"));
  CHECK_THAT(Files{}.make("spot_market:\n  pools: {us-east-1b/m5.large: {units: 5}}\n").problems,
             ContainsSubstring("s.yaml:2:11: warning: no group buys from Spot pool 'us-east-1b/m5.large'"));
}

TEST_CASE("spot market settings: wrong settings are refused where they stand", "[spot_market][config][table]") {
  struct Row { std::string_view yaml, problems; };
  const Row row = GENERATE(
      Row{"default: {availability: {trace: a.csv, pool: us-east-1a/p3.xlarge}}",
          "s.yaml:2:48: error: a.csv has no pool 'us-east-1a/p3.xlarge'\n"
          "  help: a pool with a similar name exists: us-east-1a/p3.2xlarge\n"},
      Row{"default: {availability: {trace: a.csv, pool: us-east-1b/p3.2xlarge, repeat: true}, price: {trace: p.csv}}",
          "s.yaml:2:101: error: p.csv has no price in zone 'us-east-1b'\n"
          "  help: a zone with a similar name exists: us-east-1a; `az` and `type` name the records to use\n"},
      Row{"zones: {us-east-1b: {price: {trace: p.csv, az: us-east-1a, type: t3.micro}}}",
          "s.yaml:2:68: error: p.csv has no price of 't3.micro' in zone 'us-east-1a'\n"
          "  help: allowed: c5.2xlarge, m5.large; `az` and `type` name the records to use\n"},
      Row{"default: {availability: {always: true, units_for_each: 5}}",
          "s.yaml:2:58: error: 'units_for_each' belongs to a trace, and this availability has none\n"
          "  help: name the `trace` beside it or where it is more general, or leave the key out\n"},
      Row{"zones: {us-east-1b: {price: {az: us-east-1a}}}",
          "s.yaml:2:36: error: 'az' belongs to a history, and this price has none\n"
          "  help: name the `history` beside it or where it is more general, or leave the key out\n"},
      Row{"zones: {us-east-1d: {units: 5}}",
          "s.yaml:2:11: error: spot_market: there is no zone 'us-east-1d'\n"
          "  help: a zone with a similar name exists: us-east-1a\n"},
      Row{"pools: {us-east-1a/c5.4xlarge: {units: 5}}",
          "s.yaml:2:11: error: spot_market: there is no instance type 'c5.4xlarge'\n"
          "  help: an instance type with a similar name exists: c5.2xlarge\n"},
      Row{"pools: {us-east-1a: {units: 5}}",
          "s.yaml:2:11: error: 'us-east-1a' is not the name of a pool\n"
          "  help: write the zone and the instance type, such as us-east-1a/c5.2xlarge\n"},
      Row{"default: {availability: {always: false}}",
          "s.yaml:2:36: error: always can only be true\n"
          "  help: leave the key out, or give another kind of availability\n"},
      Row{"zones: {us-east-1b: {availability: {latent: {spread: 0.5}}}}",
          "s.yaml:2:47: error: 'spread' is given for a pool that has no bound of units\n"
          "  help: say with `units` how many the pool has at most\n"
          "s.yaml:2:47: error: key 'availability' is missing in latent\n"
          "  help: write such as availability: 75%\n"},
      Row{"regions: {us-east-2: {}}",
          "s.yaml:2:13: error: spot_market: there is no Region 'us-east-2'\n"
          "  help: a Region with a similar name exists: us-east-1\n"},
      Row{"default: {availability: {advisor: 20%}}",
          "s.yaml:2:37: error: spot_market.default.availability.advisor: '20%' is not one of <5%, 5-10%, 10-15%, 15-20%, >20%\n"
          "  help: the nearest is: >20%\n"},
      Row{"default: {availability: {advisor: {frequency: 100%}}}",
          "s.yaml:2:49: error: spot_market.default.availability.advisor.frequency: 100% must be at most 99%\n"},
      Row{"default: {life: 5h, availability: {advisor: {frequency: 5%}}}",
          "s.yaml:2:19: error: 'life' is given for a pool whose availability is `advisor`, which says it\n"
          "  help: leave the key out, or give the pool another kind of availability\n"},
      Row{"reclaim: {order: eldest, whole: 120%}",
          "s.yaml:2:20: error: spot_market.reclaim.order: 'eldest' is not one of random, oldest, newest\n"
          "  help: the nearest is: oldest\n"
          "s.yaml:2:35: error: spot_market.reclaim.whole: 120% must be at most 100%\n"},
      Row{"outages: [{at: 1h, every: 1h, duration: 1h, pools: [us-east-1a], zones: [us-east-1a]}]",
          "s.yaml:2:22: error: 'every' is given beside 'at': only one of at, every is allowed in spot_market.outages.0\n"
          "s.yaml:2:55: error: 'us-east-1a' is not the name of a pool\n"
          "  help: write the zone and the instance type, such as us-east-1a/c5.2xlarge\n"
          "s.yaml:2:68: error: 'zones' is given beside 'pools': only one of regions, zones, pools is allowed in "
          "spot_market.outages.0\n"},
      Row{"outages: [{every: 1h, duration: 1h, regions: [us-east-2]}]",
          "s.yaml:2:49: error: spot_market: there is no Region 'us-east-2'\n"
          "  help: a Region with a similar name exists: us-east-1\n"},
      Row{"outages: [{at: 1h, duration: 1h, zones: [us-east-1c]}]",
          "s.yaml:2:44: error: spot_market: there is no zone 'us-east-1c'\n"
          "  help: a zone with a similar name exists: us-east-1a\n"});
  CHECK(Files{}.make("spot_market:\n  " + std::string(row.yaml) + "\n").problems == row.problems);
}

TEST_CASE("spot market settings: a trace shorter than the run is refused unless it repeats",
          "[spot_market][config][table]") {
  const Made made = Files{}.make(R"(spot_market:
  default: {price: {trace: p.csv, az: us-east-1a, type: c5.2xlarge}}
  zones: {us-east-1a: {availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge}}}
)", 50_h);
  CHECK(made.problems ==
        "s.yaml:2:28: error: p.csv: the file is 2d long, shorter than the run of 2d2h\n"
        "  help: add `repeat: true` to start it again when it ends, or shorten the run\n"
        "s.yaml:3:46: error: a.csv: pool us-east-1a/p3.2xlarge is 2d long, shorter than the run of 2d2h\n"
        "  help: add `repeat: true` to start it again when it ends, or shorten the run\n");
}

TEST_CASE("spot market settings: a wrong availability file is refused with its line", "[spot_market][config][table]") {
  struct Row { std::string_view file, text, problem; };
  const Row row = GENERATE(
      Row{"a.csv", "", "a.csv: error: the file is empty"},
      Row{"a.csv", "pool,t_s,count\n", "a.csv:1:1: error: there are no rows"},
      Row{"a.csv", "pool,t_s\nx,0\n", "a.csv:1:1: error: column 'count' is missing"},
      Row{"a.csv", "pool,t_s,count\nus-east-1a/p3.2xlarge,0,1\nus-east-1a/p3.2xlarge,60\n",
          "a.csv:3:1: error: found 2 cells"},
      Row{"a.csv", "pool,t_s,count\nus-east-1a/p3.2xlarge,0,one\n", "a.csv:2:25: error: count: "},
      Row{"a.csv", "pool,t_s,count\nus-east-1a/p3.2xlarge,0,-1\n", "a.csv:2:25: error: count: "},
      Row{"a.csv",
          "pool,t_s,count\nus-east-1a/p3.2xlarge,0,1\nus-east-1a/p3.2xlarge,60,0\nus-east-1a/p3.2xlarge,30,1\n",
          "a.csv:4:23: error: t_s: "},
      Row{"a.csv", "pool,t_s,count\nus-east-1a/p3.2xlarge,60,1\n",
          "a.csv:2:1: error: there is a gap: the first row of pool 'us-east-1a/p3.2xlarge' is at 60 s, not at 0"},
      Row{"a.csv", "pool,t_s,count\nus-east-1a/p3.2xlarge,0,1\nus-east-1a/p3.2xlarge,172800,0\n",
          "a.csv:3:1: error: pool 'us-east-1a/p3.2xlarge' has a row at 172800 s, but ends after 2d by the pools.csv"},
      Row{"a.csv", "pool,t_s,count\nus-east-9a/p3.2xlarge,0,1\n",
          "a.csv:2:1: error: pool 'us-east-9a/p3.2xlarge' is not in the pools.csv beside this file"},
      Row{"pools.csv", "pool,start_utc,end_s\nus-east-1a/p3.2xlarge,yesterday,100\n",
          "pools.csv:2:23: error: start_utc: "},
      Row{"pools.csv", "pool,start_utc,end_s\nus-east-1a/p3.2xlarge,,0\n",
          "pools.csv:2:24: error: end_s: must be above 0"},
      Row{"pools.csv", "pool,start_utc,end_s\nx,,9\nx,,9\n", "pools.csv:3:1: error: pool 'x' is listed twice"});
  Files files;
  files.write(std::string(row.file), row.text);
  const Made made = files.make(
      "spot_market:\n  default: {availability: {trace: a.csv, pool: us-east-1a/p3.2xlarge}}\n");
  CHECK_THAT(made.problems, Catch::Matchers::ContainsSubstring(std::string(row.problem)));
}

TEST_CASE("spot market settings: a wrong price file is refused with its line", "[spot_market][config][table]") {
  const std::string header = "timestamp_utc,az,instance_type,price_usd_per_hour\n";
  struct Row { std::string_view rows, problem; };
  const Row row = GENERATE(
      Row{"2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,cheap\n", "p.csv:2:44: error: price_usd_per_hour: "},
      Row{"2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,-0.1\n", "p.csv:2:44: error: price_usd_per_hour: "},
      Row{"2021-03-01,us-east-1a,c5.2xlarge,0.1\n", "p.csv:2:1: error: timestamp_utc: "},
      Row{"2021-03-01T00:00:01Z,us-east-1a,c5.2xlarge,0.1\n2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,0.1\n",
          "p.csv:3:1: error: timestamp_utc: "},
      Row{"2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,0.1\n", "p.csv: error: all records are of one instant"},
      Row{"1700-03-01T00:00:00Z,us-east-1a,c5.2xlarge,0.1\n2021-03-01T00:00:00Z,us-east-1a,c5.2xlarge,0.1\n",
          "p.csv: error: the records span more than a century"});
  Files files;
  files.write("p.csv", header + std::string(row.rows));
  const Made made = files.make("spot_market:\n  default: {price: {trace: p.csv, az: us-east-1a, type: c5.2xlarge}}\n");
  CHECK_THAT(made.problems, Catch::Matchers::ContainsSubstring(std::string(row.problem)));
}

TEST_CASE("spot market settings: a trace that is not there is refused", "[spot_market][config][table]") {
  const Made made = Files{}.make("spot_market:\n  default: {price: {trace: q.csv}, availability: {trace: b.csv}}\n");
  CHECK_THAT(made.problems, Catch::Matchers::ContainsSubstring("s.yaml:2:28: error: "));
  CHECK_THAT(made.problems, Catch::Matchers::ContainsSubstring("s.yaml:2:58: error: "));
}
