/// What a group does when it cannot launch, and when it loses instances.

#include <cmath>

#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using test::at;
using test::GroupRun;
using test::simple_group;

std::vector<Time> times_of(const std::vector<test::Attempt>& attempts) {
  std::vector<Time> times;
  for (const auto& attempt : attempts) times.push_back(attempt.at);
  return times;
}

GroupConfig with_initial(std::int64_t initial) {
  GroupConfig config = simple_group();
  config.initial = initial;
  return config;
}

TEST_CASE("auto scaling: without capacity a group tries after 15 s, then twice as long each time up to 600 s",
          "[auto_scaling][table]") {
  GroupRun run;
  run.zones[0].free = 0;
  run.scaling.start();
  run.run_until(2745_s);
  CHECK(times_of(run.attempts) == std::vector<Time>{at(0_s), at(15_s), at(45_s), at(105_s), at(225_s), at(465_s),
                                                    at(945_s), at(1545_s), at(2145_s), at(2745_s)});
  CHECK(run.desired() == 2);
}

TEST_CASE("auto scaling: a round that launches something starts the waits anew", "[auto_scaling][table]") {
  GroupRun run;
  run.zones[0].free = 0;
  run.scaling.start();
  run.run_until(110_s);      // tried at 0, 15, 45 and 105 s; next at 225 s
  run.zones[0].free = 1;     // one of two
  run.run_until(260_s);
  CHECK(run.count() == 1);
  CHECK(times_of(run.attempts) == std::vector<Time>{at(0_s), at(15_s), at(45_s), at(105_s), at(225_s), at(225_s),
                                                    at(240_s)});
}

TEST_CASE("auto scaling: when all is there nothing is scheduled", "[auto_scaling][table]") {
  GroupRun run;
  run.zones[0].free = 0;
  run.scaling.start();
  CHECK(run.sim.events_pending() == 1);
  run.run_until(10_s);
  run.zones[0].free = 100;
  run.run_until(15_s);
  CHECK(run.count() == 2);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("auto scaling: a wish for more is tried at once, what is owed only at its retry", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  run.scaling.start();
  run.metric(82);  // wants 55 at 60 s; fails; next at 75, 105, 165, 285 s
  run.metric(82);
  run.metric(82);
  CHECK(times_of({run.attempts.begin() + 40, run.attempts.end()}) ==
        std::vector<Time>{at(60_s), at(75_s), at(105_s), at(165_s)});
  run.metric(95);  // wants 75 at 240 s; the retry stays where it was
  CHECK(run.desired() == 75);
  run.run_until(700_s);
  CHECK(times_of({run.attempts.begin() + 40, run.attempts.end()}) ==
        std::vector<Time>{at(60_s), at(75_s), at(105_s), at(165_s), at(240_s), at(285_s), at(525_s)});
}

TEST_CASE("auto scaling: when a later wish is met the retry of an earlier one is over", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  run.scaling.start();
  run.metric(77);  // fails at 60 s
  run.run_until(110_s);  // and at 75 and 105 s; next at 165 s
  run.zones[0].free = 100;
  run.publish(95);
  CHECK(run.count() == 75);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("auto scaling: lost instances are replaced by one check, after its delay", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.replacement_delay = 60_s;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(100_s);
  run.lose(0, 3);
  run.run_until(140_s);
  run.lose(0, 2);
  run.run_until(160_s - 1_ns);
  CHECK(run.count() == 35);
  run.run_until(160_s);
  CHECK(run.count() == 40);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("auto scaling: replacements that fail are retried", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  run.scaling.start();
  run.lose(0, 40);
  run.run_until(80_s);  // tried at 60 and 75 s
  run.zones[0].free = 100;
  run.run_until(105_s);
  CHECK(run.count() == 40);
}

TEST_CASE("auto scaling: what is lost is not owed without maintain_desired, but for min", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.maintain_desired = false;
  GroupRun run(config);
  run.scaling.start();
  run.lose(0, 10);
  CHECK(run.desired() == 30);
  run.run_until(10_min);
  CHECK(run.count() == 30);
  run.lose(0, 29);
  CHECK(run.desired() == 2);
  run.run_until(11_min);
  CHECK(run.count() == 2);
}

TEST_CASE("auto scaling: without maintain_desired each period asks anew for what its metric calls for",
          "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.maintain_desired = false;
  config.launch_retry.initial = 600_s;
  GroupRun run(config);
  run.zones[0].free = 40;
  run.scaling.start();
  run.metric(82);
  run.metric(82);
  CHECK(times_of({run.attempts.begin() + 40, run.attempts.end()}) == std::vector<Time>{at(60_s), at(120_s)});
  CHECK(run.desired() == 55);
  run.metric(76);  // a smaller step is all that is wanted
  CHECK(run.desired() == 45);
  run.metric(70);  // the alarm is over: so is the wish
  CHECK(run.desired() == 40);
  run.zones[0].free = 100;
  run.run_until(1_h);
  CHECK(run.count() == 40);
}

TEST_CASE("auto scaling: with maintain_desired a failed step stays wanted when the alarm is over",
          "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  run.scaling.start();
  run.metric(82);
  run.metric(70);
  CHECK(run.desired() == 55);
  run.zones[0].free = 100;
  run.run_until(1_h);
  CHECK(run.count() == 55);
}

TEST_CASE("auto scaling: shrinking ends the wish for what never came", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  run.scaling.start();
  run.metric(77);  // wants 45
  run.metric(50);  // wants 40, and has them
  CHECK(run.desired() == 40);
  CHECK(run.terminations.empty());
  run.zones[0].free = 100;
  run.run_until(1_h);
  CHECK(run.count() == 40);
}

TEST_CASE("auto scaling: launches fail with the stated probability", "[auto_scaling][stochastic]") {
  GroupConfig config = with_initial(4000);
  config.max = 4000;
  config.launch_failure = 30_percent;
  GroupRun run(config, {.seed = 7, .replication = 0});
  run.scaling.start();
  run.sim.run();  // each failure ends its round; retries go on until all are there
  CHECK(run.count() == 4000);
  const double failed = run.reported("launch_failures").value();
  const double attempts = failed + run.reported("launches").value();
  // A binomial share: standard error sqrt(p (1 - p) / n).
  CHECK_THAT(failed / attempts, WithinAbs(0.3, 4 * std::sqrt(0.3 * 0.7 / attempts)));
  CHECK(run.attempts.size() == 4000);  // a launch that fails by chance does not ask for capacity
}

TEST_CASE("auto scaling: after a day of nothing but failures the group launches no more, if it is so set",
          "[auto_scaling][table]") {
  for (const bool suspends : {false, true}) {
    GroupConfig config = with_initial(10);
    if (suspends) config.launch_retry.suspend_after = 24_h;
    GroupRun run(config);
    run.scaling.start();
    run.zones[0].free = 0;
    run.lose(0, 4);
    run.run_until(23_h);
    const std::size_t in_a_day = run.attempts.size();
    run.run_until(26_h);
    CHECK(run.attempts.size() > in_a_day);
    run.zones[0].free = 100;
    run.run_until(48_h);
    CHECK(run.count() == (suspends ? 6 : 10));
  }
}

}  // namespace
}  // namespace fleetsim
