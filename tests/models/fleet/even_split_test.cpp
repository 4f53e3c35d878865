/// How requests are split evenly over the instances in service, and what each makes of its share.

#include "models/fleet/even_split.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

namespace fleetsim::fleet {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

HostClass host(RequestRate capacity, RequestRate admitted_max, int vcpus = 1, double budget = 1000) {
  return {.capacity = capacity, .admitted_max = admitted_max, .vcpus = vcpus, .nominal = capacity, .budget = budget};
}

/// A split whose instances are warm as long as they serve.
struct Run {
  explicit Run(const std::vector<HostClass>& hosts) : split(config) {
    for (const HostClass& one : hosts) split.add_host(one);
  }
  Run(const std::vector<HostClass>& hosts, const std::vector<std::int64_t>& serving) : Run(hosts) {
    for (std::size_t h = 0; h < serving.size(); ++h) serve(h, serving[h]);
  }
  void serve(std::size_t one, std::int64_t by) {
    split.advance(now);
    split.change_serving(one, by);
    split.change_warm(one, by);
  }
  void set_rate(RequestRate rate) {
    split.advance(now);
    split.set_rate(rate);
  }
  void set_errors(std::size_t one, double share) {
    split.advance(now);
    split.set_errors(one, share);
  }
  void offer(RequestRate rate, Duration length) {
    set_rate(rate);
    wait(length);
  }
  void wait(Duration length) {
    now += length;
    split.advance(now);
  }
  /// As wait, but nobody looks before something changes or a period ends.
  void pass(Duration length) { now += length; }
  /// By host class; none of those that were not warm.
  std::map<std::size_t, WarmWork> close_period() {
    std::map<std::size_t, WarmWork> work;
    split.close_period(now, [&](std::size_t one, const WarmWork& of_one) { work[one] = of_one; });
    return work;
  }

  FleetConfig config;
  EvenSplit split;
  Time now;
};

double metric(const WarmWork& work) { return work.metric_time / work.time; }

TEST_CASE("even split: every instance is offered the same, whatever its group and type", "[fleet][table]") {
  const HostClass small = host(100_per_s, 95_per_s);
  const HostClass large = host(400_per_s, 380_per_s);
  Run run({small, large, small}, {1, 2, 3});
  run.offer(600_per_s, 1_s);
  CHECK(run.split.work(0).offered == 100_per_s * 1_s);
  CHECK(run.split.work(1).offered == 200_per_s * 1_s);
  CHECK(run.split.work(2).offered == 300_per_s * 1_s);
  // Even balancing overloads the small instances while the large ones idle at a quarter.
  CHECK(run.split.work(0).admitted() == 95_per_s * 1_s);
  CHECK(run.split.work(1).admitted() == 200_per_s * 1_s);
  CHECK(run.split.work(2).admitted() == 285_per_s * 1_s);
  CHECK(run.split.all().refused == 20_per_s * 1_s);
  const auto period = run.close_period();
  CHECK(metric(period.at(0)) == 100);
  CHECK(metric(period.at(1)) == 25);
  CHECK(metric(period.at(2)) == 100);
}

TEST_CASE("even split: an instance drops what would lift it above its limit, and nothing up to it", "[fleet][table]") {
  const auto refused = [](RequestRate offered) {
    Run run({host(100_per_s, 95_per_s)}, {2});
    run.offer(offered, 1_s);
    CHECK(run.split.all().offered == offered * 1_s);
    CHECK(run.split.work(0).refused == run.split.all().refused);
    return run.split.all().refused;
  };
  CHECK(refused(190_per_s) == Requests{});
  CHECK(refused(RequestRate::of(190'000'001)) == RequestRate::of(1) * 1_s);
  CHECK(refused(1000_per_s) == 810_per_s * 1_s);
}

TEST_CASE("even split: hosts that could take more than a rate can hold take what is offered", "[fleet][table]") {
  Run run({host(400'000'000'000_per_s, 380'000'000'000_per_s)}, {1'000'000});
  run.offer(1'000'000'000'000_per_s, 1_s);
  CHECK(run.split.work(0).admitted() == 1'000'000'000'000_per_s * 1_s);
}

TEST_CASE("even split: with nothing in service nothing flows, and what flowed before stays counted", "[fleet][table]") {
  Run run({host(100_per_s, 95_per_s), host(100_per_s, 95_per_s)}, {1, 0});
  run.offer(60_per_s, 2_s);
  CHECK(run.split.work(1).offered == Requests{});
  run.serve(0, -1);
  run.wait(8_s);
  CHECK(run.split.work(0).offered == 120_per_s * 1_s);
  CHECK(run.split.all().offered == 120_per_s * 1_s);
  const auto period = run.close_period();
  CHECK(period.size() == 1);
  CHECK(period.at(0).time == 2e9);
  CHECK(metric(period.at(0)) == 60);
  run.wait(10_s);
  CHECK(run.close_period().empty());
}

TEST_CASE("even split: shares sum to what is offered and are as good as even", "[fleet][property]") {
  Stream random(1, 0, "test");
  for (int repetition = 0; repetition < 2000; ++repetition) {
    const std::size_t hosts = 1 + random.below(9);
    Run run(std::vector<HostClass>(hosts, host(100_per_s, 95_per_s)));
    std::vector<std::int64_t> serving;
    std::int64_t total = 0;
    for (std::size_t h = 0; h < hosts; ++h) {
      serving.push_back(static_cast<std::int64_t>(random.below(4) * random.below(1000)));
      run.serve(h, serving[h]);
      total += serving[h];
    }
    const std::uint64_t magnitude = std::uint64_t{1} << (1 + random.below(60));
    const auto offered = RequestRate::of(static_cast<std::int64_t>(random.below(magnitude)));
    run.offer(offered, 1_s);
    const Requests all = total > 0 ? offered * 1_s : Requests{};
    CHECK(run.split.all().offered == all);
    CHECK(run.split.all().refused == std::max(Requests{}, all - 95_per_s * total * 1_s));
    Requests sum;
    for (std::size_t h = 0; h < hosts; ++h) {
      const SharedWork work = run.split.work(h);
      sum += work.offered;
      CHECK(work.refused + work.late <= work.offered);
      if (total == 0) continue;
      // Rounded down: one instance's rate to 2^-20 of 10^-6 requests/s, the whole to 10^-15 requests.
      const double even = static_cast<double>(offered.count()) * static_cast<double>(serving[h]) / static_cast<double>(total) / 1e6;
      const double rounding = static_cast<double>(serving[h] + 1) * 1e-12;
      CHECK_THAT(to_double(work.offered), WithinAbs(even, rounding + 1e-14 * even));
    }
    CHECK(sum <= all);
  }
}

TEST_CASE("even split: equal instances have equal metrics, however the shares round", "[fleet][property]") {
  for (std::int64_t rate = 1; rate < 200; ++rate) {
    Run run(std::vector<HostClass>(3, host(100_per_s, 95_per_s)), {1, 8, 4});
    run.offer(RequestRate::of(rate * 1'000'003), 1_s);
    const auto period = run.close_period();
    CHECK(metric(period.at(0)) == metric(period.at(1)));
    CHECK(metric(period.at(1)) == metric(period.at(2)));
  }
}

TEST_CASE("even split: the late share follows the distance from home", "[fleet][analytic]") {
  // One server of 100/s at 50/s: late e^-50t of what it admits; a zone whose budget is spent is late altogether.
  Run run({host(100_per_s, 95_per_s, 1, 0.02), host(100_per_s, 95_per_s, 1, 0)}, {1, 1});
  run.offer(100_per_s, 1_s);
  CHECK_THAT(to_double(run.split.work(0).late), WithinRel(50 * std::exp(-1.0), 1e-7));
  CHECK(run.split.work(1).late == 50_per_s * 1_s);
  CHECK(run.split.all().late <= run.split.work(0).late + run.split.work(1).late + Requests::of(2));
}

/// What a host class did, added up interval by interval.
struct Expected {
  double offered = 0, refused = 0, late = 0, warm_time = 0, metric_time = 0;
};

TEST_CASE("even split: what host classes did is what adding it up at each change gives", "[fleet][property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 20)));
  Stream random(seed, 0, "test");
  std::vector<HostClass> hosts;
  for (int h = 0; h < 6; ++h) {
    const RequestRate capacity = 100_per_s * (1 + h % 3);
    // With a second the largest are late from 260 requests/s on, the smallest from 60; with 1000 none ever is.
    hosts.push_back(host(capacity, RequestRate::of(capacity.count() / 100 * 95), 1, seed % 2 == 0 ? 1 : 1000));
  }
  Run run(hosts), watched(hosts);  // the second is looked at between the changes
  std::vector<std::int64_t> serving(hosts.size());
  std::vector<Expected> expected(hosts.size()), expected_period(hosts.size());
  std::vector<double> errors(hosts.size(), 0);
  std::int64_t total = 0;
  RequestRate rate;
  for (int step = 0; step < 400; ++step) {
    const Duration length = 1_ns * random.below(20'000'000'000);
    run.pass(length);
    watched.wait(length / 3);
    watched.wait(length - length / 3);
    const double each = total > 0 ? to_requests_per_second(rate) / static_cast<double>(total) : 0;
    for (std::size_t h = 0; h < hosts.size(); ++h) {
      const double time = static_cast<double>(serving[h]) * to_seconds(length);
      const double limit = to_requests_per_second(hosts[h].admitted_max);
      expected[h].offered += time * each;
      expected[h].refused += time * std::max(0.0, each - limit);
      const double admitted = std::min(each, limit);
      const double late = late_fraction(1, to_requests_per_second(hosts[h].capacity), admitted, hosts[h].budget);
      expected[h].late += time * admitted * (1 - (1 - late) * (1 - errors[h]));
      expected_period[h].warm_time += time;
      expected_period[h].metric_time += time * std::min(400.0, 100 * each / to_requests_per_second(hosts[h].nominal));
    }
    const std::uint64_t action = random.below(6);  // from 4 on a period ends, now and then without a change in it
    const std::size_t one = random.below(hosts.size());
    if (action == 0) {
      rate = RequestRate::of(static_cast<std::int64_t>(random.below(5'000'000'000)));
      run.set_rate(rate);
      watched.set_rate(rate);
    } else if (action == 1 && serving[one] > 0) {
      --serving[one], --total;
      run.serve(one, -1);
      watched.serve(one, -1);
    } else if (action == 2) {
      ++serving[one], ++total;
      run.serve(one, +1);
      watched.serve(one, +1);
    } else if (action == 3) {
      errors[one] = random.below(4) == 0 ? 0.25 : 0;  // mostly of none, so that all is well again
      run.set_errors(one, errors[one]);
      watched.set_errors(one, errors[one]);
    } else {
      const auto period = run.close_period(), same = watched.close_period();
      for (std::size_t h = 0; h < hosts.size(); ++h) {
        CHECK(period.contains(h) == (expected_period[h].warm_time > 0));
        if (!period.contains(h)) continue;
        CHECK_THAT(period.at(h).time / 1e9, WithinRel(expected_period[h].warm_time, 1e-9));
        CHECK_THAT(metric(period.at(h)), WithinRel(expected_period[h].metric_time / expected_period[h].warm_time, 1e-9));
        CHECK(period.at(h).metric_time == same.at(h).metric_time);
      }
      expected_period.assign(hosts.size(), {});
    }
  }
  run.wait({});
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    const SharedWork work = run.split.work(h);
    CHECK_THAT(to_double(work.offered), WithinRel(expected[h].offered, 1e-9));
    CHECK_THAT(to_double(work.refused), WithinRel(expected[h].refused, 1e-9) || WithinAbs(0, 1e-9));
    CHECK_THAT(to_double(work.late), WithinRel(expected[h].late, 1e-9) || WithinAbs(expected[h].late, 1e-9));
    CHECK(work.offered == watched.split.work(h).offered);
  }
}

}  // namespace
}  // namespace fleetsim::fleet
