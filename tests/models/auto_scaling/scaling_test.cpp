/// When a group grows and shrinks.

#include <limits>

#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinRel;
using test::GroupRun;
using test::simple_group;

/// A group that runs `initial` warm instances.
GroupRun& begin(GroupRun& run) {
  run.scaling.start();
  return run;
}
GroupConfig with_initial(std::int64_t initial) {
  GroupConfig config = simple_group();
  config.initial = initial;
  return config;
}

TEST_CASE("auto scaling: a run begins at min, or at the initial capacity", "[auto_scaling][table]") {
  GroupRun at_min;
  CHECK(begin(at_min).count() == 2);
  CHECK(at_min.warming_count == 0);
  GroupRun larger(with_initial(40));
  CHECK(begin(larger).count() == 40);
  CHECK(larger.desired() == 40);
}

TEST_CASE("auto scaling: a group grows by the step in which the metric lies", "[auto_scaling][table]") {
  const auto grown = [](double percent) {
    GroupRun run(with_initial(40));
    begin(run).metric(percent);
    return run.count() - 40;
  };
  CHECK(grown(75) == 0);
  CHECK(grown(76) == 5);
  CHECK(grown(80) == 15);
  CHECK(grown(90) == 35);
}

TEST_CASE("auto scaling: while instances warm up, the same step adds nothing and a larger one the difference",
          "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  begin(run).metric(82);
  CHECK(run.count() == 55);
  run.metric(82);
  run.metric(77);  // a smaller step than what warms up
  CHECK(run.count() == 55);
  run.metric(95);
  CHECK(run.count() == 75);  // 40 warm + 35
  run.warm_up();
  run.metric(82);
  CHECK(run.count() == 90);
}

TEST_CASE("auto scaling: a group acts only when M of N periods are high", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.composite->scale_out_alarm = {2, 3};
  GroupRun run(config);
  begin(run).metric(82);
  CHECK(run.count() == 40);
  run.metric(70);
  CHECK(run.count() == 40);
  run.metric(82);
  CHECK(run.count() == 55);
  // The alarm is still raised by the past, but nothing exceeds the threshold: no step applies.
  run.warm_up();
  run.metric(70);
  CHECK(run.count() == 55);
}

TEST_CASE("auto scaling: a group does not grow above max", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.max = 50;
  GroupRun run(config);
  begin(run).metric(95);
  CHECK(run.count() == 50);
  run.warm_up();
  run.metric(95);
  CHECK(run.count() == 50);
  CHECK(run.desired() == 50);
  CHECK(run.reported("scale_outs") == 1.0);
}

TEST_CASE("auto scaling: a group shrinks again each period while its low alarm holds, down to min",
          "[auto_scaling][table]") {
  GroupRun run(with_initial(14));
  begin(run).metric(60);
  CHECK(run.count() == 14);  // on the threshold nothing breaches
  run.metric(59);
  CHECK(run.count() == 9);
  run.metric(59);
  CHECK(run.count() == 4);
  run.metric(59);
  CHECK(run.count() == 2);
  run.metric(59);
  CHECK(run.count() == 2);
  CHECK(run.reported("scale_ins") == 3.0);
}

TEST_CASE("auto scaling: nothing is removed while something warms up", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  begin(run).metric(76);
  CHECK(run.count() == 45);
  run.metric(50);
  run.metric(50);
  CHECK(run.count() == 45);
  run.warm_up();
  run.metric(50);
  CHECK(run.count() == 40);
}

TEST_CASE("auto scaling: the low alarm needs its periods too, and the high one comes first", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.composite->scale_out_alarm = {1, 4};
  config.composite->scale_in_alarm = {3, 3};
  GroupRun run(config);
  begin(run).metric(76);
  run.warm_up();
  CHECK(run.count() == 45);
  run.metric(50);
  run.metric(50);
  CHECK(run.count() == 45);
  run.metric(50);  // low for three periods, but one of the last four was high
  CHECK(run.count() == 45);
  run.metric(50);
  CHECK(run.count() == 40);
}

TEST_CASE("auto scaling: without a metric nothing happens and the alarms wait", "[auto_scaling][table]") {
  GroupConfig config = with_initial(40);
  config.composite->scale_out_alarm = {2, 2};
  config.composite->scale_in_alarm = {2, 2};
  GroupRun run(config);
  begin(run).metric(82);
  run.metric(std::nullopt);
  CHECK(run.count() == 40);
  run.metric(82);  // the second value in a row
  CHECK(run.count() == 55);
  run.warm_up();
  run.metric(50);
  run.metric(50);
  CHECK(run.count() == 50);
  run.metric(std::nullopt);  // still in alarm, but without a value there is no action
  CHECK(run.count() == 50);
}

TEST_CASE("auto scaling: a period with errors alone is none for the composite metric", "[auto_scaling][table]") {
  // As before, but each minute that had no metric now has what clients see of targets that are not warm.
  GroupConfig config = with_initial(40);
  config.composite->scale_out_alarm = {2, 2};
  config.composite->scale_in_alarm = {2, 2};
  GroupRun run(config);
  const auto errors_alone = [&] {
    run.run_until(run.sim.now().since_start() + 60_s);
    GroupMetrics metrics;
    metrics.values.fill(std::numeric_limits<double>::quiet_NaN());
    metrics[GroupMetric::errors] = 5;
    run.scaling.metric_published(run.group, metrics);
  };
  begin(run).metric(82);
  errors_alone();
  CHECK(run.count() == 40);
  run.metric(82);
  CHECK(run.count() == 55);
  run.warm_up();
  run.metric(50);
  run.metric(50);
  CHECK(run.count() == 50);
  errors_alone();
  CHECK(run.count() == 50);
}

TEST_CASE("auto scaling: with min 0 a group may go to nothing", "[auto_scaling][table]") {
  GroupConfig config = with_initial(4);
  config.min = 0;
  GroupRun run(config);
  begin(run).metric(10);
  CHECK(run.count() == 0);
  CHECK(run.desired() == 0);
}

TEST_CASE("auto scaling: what was lost or failed counts toward the next step", "[auto_scaling][table]") {
  GroupRun run(with_initial(40));
  run.zones[0].free = 40;
  begin(run).lose(0, 10);
  CHECK(run.desired() == 40);
  run.metric(82);  // 30 present + 15 would be 45
  CHECK(run.desired() == 45);
  run.metric(76);  // 30 + 5 is less than what is owed already
  CHECK(run.desired() == 45);
}

TEST_CASE("auto scaling: a report tells of the first growth and the last return to min", "[auto_scaling][table]") {
  GroupRun run;
  begin(run);
  CHECK_FALSE(run.reported("first_scale_out"));
  CHECK_FALSE(run.reported("back_to_min"));
  run.metric(82);  // at 60 s
  run.warm_up();
  run.metric(50);
  run.metric(50);
  run.metric(50);  // 17 - 3 x 5 = 2, at 240 s
  CHECK_THAT(run.reported("first_scale_out").value(), WithinRel(60.0, 1e-12));
  CHECK_THAT(run.reported("back_to_min").value(), WithinRel(240.0, 1e-12));
  run.metric(82);
  CHECK_THAT(run.reported("first_scale_out").value(), WithinRel(60.0, 1e-12));
  CHECK_FALSE(run.reported("back_to_min"));
  run.scaling.begin_measurement();
  CHECK(run.reported("scale_outs") == 0.0);
  CHECK_FALSE(run.reported("first_scale_out"));
}

TEST_CASE("auto scaling: the composite metric told alone is worth as much as with the others", "[auto_scaling][property]") {
  const bool maintain_desired = GENERATE(true, false);
  GroupConfig config = test::simple_group();
  config.maintain_desired = maintain_desired;
  GroupRun run(config), alone(config);
  Stream random(1, 0, "test");
  double percent = 70;
  int actions = 0;
  for (int minute = 0; minute < 300; ++minute) {
    if (random.below(3) == 0) percent = static_cast<double>(random.below(120));  // else as before
    const std::int64_t before = run.desired();
    for (GroupRun* each : {&run, &alone}) each->run_until(each->sim.now().since_start() + 60_s);
    run.publish(percent);
    alone.publish_composite(percent);
    for (GroupRun* each : {&run, &alone}) {
      each->in_service();
      each->warm_up();
    }
    REQUIRE(run.desired() == alone.desired());
    REQUIRE(run.scaling.present(run.group) == alone.scaling.present(alone.group));
    if (run.desired() != before) ++actions;
  }
  CHECK(actions > 20);
}

}  // namespace
}  // namespace fleetsim
