/// What each kind of policy proposes, one view of a group at a time.

#include "models/auto_scaling/policies/policies.hpp"

#include "models/auto_scaling/forecast.hpp"
#include "support/catch.hpp"

namespace fleetsim::auto_scaling {
namespace {

/// A group of `capacity` warm instances between 0 and 1000.
GroupView view_of(std::int64_t capacity, std::int64_t warming = 0) {
  GroupView view;
  view.max = 1000;
  view.desired = view.present = capacity;
  view.warming = warming;
  return view;
}

/// The capacity that the policy wants when each of its alarms that the value breaches is raised.
std::int64_t wanted(const ScalingPolicyPtr& policy, double value, GroupView view) {
  std::vector<AlarmReading> readings;
  for (const AlarmConfig& alarm : policy->alarms()) {
    readings.push_back({.state = breaches(alarm, value) ? AlarmState::alarm : AlarmState::ok,
                        .value = value,
                        .units = static_cast<double>(view.warm()),
                        .closed = true});
  }
  view.alarms = readings;
  const std::optional<Proposal> proposal = policy->decide(view);
  return proposal ? proposal->desired : view.desired;
}

// --- adjustments: as-scaling-simple-step, "Percentage rounding"

TEST_CASE("policies: a change in percent is rounded toward fewer changes, but is at least one", "[auto_scaling][table]") {
  const Adjustment percent{.type = AdjustmentType::percent};
  // 10 x 127 % is 12.7, and so on.
  CHECK(adjusted(10, 127, percent) == 10 + 12);
  CHECK(adjusted(10, 6.7, percent) == 10 + 1);
  CHECK(adjusted(10, -6.7, percent) == 10 - 1);
  CHECK(adjusted(10, -66.7, percent) == 10 - 6);
  CHECK(adjusted(10, 0, percent) == 10);
  CHECK(adjusted(100, 7, percent) == 107);  // 7.000000000000001 in binary
  CHECK(adjusted(4, 25, {.type = AdjustmentType::percent, .min_magnitude = 2}) == 4 + 2);
  CHECK(adjusted(4, -25, {.type = AdjustmentType::percent, .min_magnitude = 2}) == 4 - 2);
  CHECK(adjusted(4, 3, {.type = AdjustmentType::change}) == 7);
  CHECK(adjusted(4, 3, {.type = AdjustmentType::exact}) == 3);
}

// --- step scaling

StepPolicyConfig growing() {
  return {.alarm = {.metric = GroupMetric::cpu, .comparison = Comparison::greater_or_equal, .threshold = 50, .rule = {}},
          .adjustment = {.type = AdjustmentType::percent},
          .steps = {{.lower = 0, .upper = 10, .amount = 0}, {.lower = 10, .upper = 20, .amount = 10}, {.lower = 20, .upper = {}, .amount = 30}}};
}
StepPolicyConfig shrinking() {
  return {.alarm = {.metric = GroupMetric::cpu, .comparison = Comparison::less_or_equal, .threshold = 50, .rule = {}},
          .adjustment = {.type = AdjustmentType::percent},
          .steps = {{.lower = {}, .upper = -20, .amount = -30}, {.lower = -20, .upper = -10, .amount = -10}, {.lower = -10, .upper = 0, .amount = 0}}};
}

TEST_CASE("step scaling: the user guide's example, 10 to 11 to 14 to 13 to 10", "[auto_scaling][table]") {
  const ScalingPolicyPtr out = step_policy(growing());
  const ScalingPolicyPtr in = step_policy(shrinking());
  CHECK(wanted(out, 60, view_of(10)) == 11);
  CHECK(wanted(out, 70, view_of(11)) == 14);  // 3.3 is 3
  CHECK(wanted(in, 40, view_of(14)) == 13);   // 1.4 is 1
  CHECK(wanted(in, 30, view_of(13)) == 10);   // 3.9 is 3
  CHECK(wanted(out, 55, view_of(10)) == 10);  // a step of nothing
  CHECK(wanted(in, 45, view_of(10)) == 10);
}

TEST_CASE("step scaling: at and above the threshold a step has its lower bound, below it its upper one",
          "[auto_scaling][table]") {
  const std::vector<StepAdjustment> out = growing().steps;
  CHECK(step_of(out, 0) == &out[0]);
  CHECK(step_of(out, 9.999) == &out[0]);
  CHECK(step_of(out, 10) == &out[1]);
  CHECK(step_of(out, 20) == &out[2]);
  CHECK(step_of(out, 1e9) == &out[2]);
  CHECK(step_of(out, -1) == nullptr);
  const std::vector<StepAdjustment> in = shrinking().steps;
  CHECK(step_of(in, -9.999) == &in[2]);
  CHECK(step_of(in, -10) == &in[1]);
  CHECK(step_of(in, -20) == &in[0]);
  CHECK(step_of(in, -1e9) == &in[0]);
  CHECK(step_of(in, 1) == nullptr);
}

TEST_CASE("step scaling: what warms up counts toward the step, and nothing is removed meanwhile",
          "[auto_scaling][table]") {
  const ScalingPolicyPtr out = step_policy(growing());
  // 10 warm; at 60 one more is wanted, and it warms up: the same step again adds nothing, the next one the difference.
  CHECK(wanted(out, 60, view_of(11, 1)) == 11);
  CHECK(wanted(out, 70, view_of(11, 1)) == 13);
  CHECK(wanted(step_policy(shrinking()), 30, view_of(11, 1)) == 11);
}

TEST_CASE("step scaling: bounds hold, and an overshoot of weights takes a smaller reduction",
          "[auto_scaling][table]") {
  StepPolicyConfig config = growing();
  config.adjustment.type = AdjustmentType::change;
  GroupView view = view_of(10);
  view.max = 15;
  CHECK(wanted(step_policy(config), 80, view) == 15);
  StepPolicyConfig one_less = shrinking();
  one_less.adjustment.type = AdjustmentType::change;
  one_less.steps = {{.lower = {}, .upper = {}, .amount = -1}};
  view = view_of(32);
  view.desired = 30;  // and 32 are present
  CHECK(wanted(step_policy(one_less), 30, view) == 30);
  view = view_of(2);
  view.min = 2;
  CHECK(wanted(step_policy(one_less), 30, view) == 2);
}

TEST_CASE("step scaling: one period leads to one step, though there are more or fewer units by now", "[auto_scaling][table]") {
  // -10 % of 40 are 36; the next value is still of 40, and 36 is what is there. +10 % of 10 likewise are 11.
  const auto again = [](const StepPolicyConfig& config, double value, double units, std::int64_t now) {
    GroupView view = view_of(now);
    const std::vector<AlarmReading> readings{{.state = AlarmState::alarm, .value = value, .units = units, .closed = true}};
    view.alarms = readings;
    const std::optional<Proposal> proposal = step_policy(config)->decide(view);
    return proposal ? proposal->desired : view.desired;
  };
  CHECK(again(shrinking(), 40, 40, 40) == 36);
  CHECK(again(shrinking(), 40, 40, 36) == 36);
  CHECK(again(shrinking(), 40, 36, 36) == 33);
  CHECK(again(growing(), 60, 10, 10) == 11);
  CHECK(again(growing(), 60, 10, 11) == 11);
}

TEST_CASE("step scaling: where missing values raised the alarm the first step is taken", "[auto_scaling][table]") {
  StepPolicyConfig config = growing();
  config.steps = {{.lower = 0, .upper = {}, .amount = 50}};
  const AlarmReading raised{.state = AlarmState::alarm, .value = {}, .closed = true};
  GroupView view = view_of(4);
  view.alarms = {&raised, 1};
  CHECK(step_policy(config)->decide(view)->desired == 6);
}

// --- target tracking

ScalingPolicyPtr tracking(double target, TargetTrackingConfig config = {}) {
  config.target = target;
  return target_tracking_policy(config);
}

TEST_CASE("target tracking: capacity in proportion, rounded toward too much", "[auto_scaling][table]") {
  CHECK(wanted(tracking(50), 75, view_of(2)) == 3);
  CHECK(wanted(tracking(50), 87.5, view_of(2)) == 4);    // 1.5 to add is 2
  CHECK(wanted(tracking(50), 31.25, view_of(4)) == 3);   // 1.5 to remove is 1
  CHECK(wanted(tracking(50), 70, view_of(10)) == 14);
  CHECK(wanted(tracking(50), 30, view_of(10)) == 6);
  // Backlog per instance: 1,500 messages for 10 instances against 10 s of latency at 0.1 s a message.
  CHECK(wanted(tracking(10 / 0.1), 1500 / 10.0, view_of(10)) == 15);
}

TEST_CASE("target tracking: between the low alarm and the target nothing changes", "[auto_scaling][table]") {
  for (const double target : {50.0, 40.0, 30.0, 90.0}) {
    const ScalingPolicyPtr policy = tracking(target);
    REQUIRE(policy->alarms().size() == 2);
    CHECK(policy->alarms()[0].threshold == target);
    CHECK((policy->alarms()[0].rule.needed == 3 && policy->alarms()[0].rule.periods == 3));
    CHECK_THAT(policy->alarms()[1].threshold, Catch::Matchers::WithinRel(0.7 * target, 1e-12));
    CHECK((policy->alarms()[1].rule.needed == 15 && policy->alarms()[1].rule.periods == 15));
    CHECK(wanted(policy, target, view_of(10)) == 10);
    CHECK(wanted(policy, 0.71 * target, view_of(10)) == 10);
  }
}

TEST_CASE("target tracking: the low alarm of ECS and of older notes, 27 for 30 and 36 for 40", "[auto_scaling][table]") {
  TargetTrackingConfig config;
  config.low_factor = 0.9;
  CHECK_THAT(tracking(30, config)->alarms()[1].threshold, Catch::Matchers::WithinRel(27, 1e-12));
  CHECK_THAT(tracking(40, config)->alarms()[1].threshold, Catch::Matchers::WithinRel(36, 1e-12));
  // And of EC2 groups, by default: 35 for 50, 28 for 40, 21 for 30, 63 for 90.
  for (const auto& [target, low] : {std::pair{50.0, 35.0}, {40.0, 28.0}, {30.0, 21.0}, {90.0, 63.0}}) {
    CHECK_THAT(tracking(target)->alarms()[1].threshold, Catch::Matchers::WithinRel(low, 1e-12));
  }
}

TEST_CASE("target tracking: instances that warm up are part of what the warm ones call for", "[auto_scaling][table]") {
  CHECK(wanted(tracking(50), 70, view_of(14, 4)) == 14);  // 10 warm call for 14, and have them
  CHECK(wanted(tracking(50), 90, view_of(14, 4)) == 18);
  CHECK(wanted(tracking(50), 45, view_of(14, 4)) == 14);
  CHECK(wanted(tracking(50), 20, view_of(14, 4)) == 14);  // nothing is removed meanwhile
}

TEST_CASE("target tracking: a metric of more or fewer units than there are by now calls for the same", "[auto_scaling][table]") {
  // 20 at 32.5 % are 13 at 50 %, also when seven of them are gone.
  const ScalingPolicyPtr policy = tracking(50);
  AlarmReading quiet{.state = AlarmState::ok, .value = 32.5, .units = 20, .closed = true};
  AlarmReading low = quiet;
  low.state = AlarmState::alarm;
  for (const std::int64_t present : {20, 13}) {
    GroupView view = view_of(present);
    const std::vector<AlarmReading> readings{quiet, low};
    view.alarms = readings;
    const std::optional<Proposal> proposal = policy->decide(view);
    CHECK((proposal ? proposal->desired : view.desired) == 13);
  }
}

TEST_CASE("target tracking: it may never shrink, or a share at a time but at least one", "[auto_scaling][table]") {
  TargetTrackingConfig only_out;
  only_out.scale_in = false;
  CHECK(wanted(tracking(50, only_out), 10, view_of(10)) == 10);
  CHECK_FALSE(tracking(50, only_out)->shrinks_jointly());
  TargetTrackingConfig gradual;
  gradual.scale_in_share = 0.1;
  CHECK(wanted(tracking(50, gradual), 10, view_of(40)) == 36);
  CHECK(wanted(tracking(50, gradual), 10, view_of(5)) == 4);
}

// --- simple scaling

TEST_CASE("simple scaling: one adjustment, within min and max", "[auto_scaling][table]") {
  SimplePolicyConfig config{.alarm = {.metric = GroupMetric::cpu, .threshold = 50, .rule = {}}, .adjustment = {}, .amount = 3, .cooldown = {}};
  CHECK(wanted(simple_policy(config), 60, view_of(4)) == 7);
  CHECK(wanted(simple_policy(config), 50, view_of(4)) == 4);
  GroupView view = view_of(4);
  view.max = 5;
  CHECK(wanted(simple_policy(config), 60, view) == 5);
  config.amount = -30;
  CHECK(wanted(simple_policy(config), 60, view_of(4)) == 0);
  config.adjustment.type = AdjustmentType::exact;
  config.amount = 9;
  CHECK(wanted(simple_policy(config), 60, view_of(4)) == 9);
}

// --- predictive scaling

TEST_CASE("predictive scaling: a forecast above max raises it with its buffer, if it may", "[auto_scaling][table]") {
  ForecastRule rule{.target = 1, .max_buffer = Ratio{0.1}};
  CHECK(forecast_max(50, rule, 40) == 55);
  CHECK(forecast_max(40, rule, 40) == 40);
  rule.max_buffer.reset();
  CHECK(forecast_max(50, rule, 40) == 40);
}

TEST_CASE("predictive scaling: capacity is the load over what one instance carries, rounded up", "[auto_scaling][table]") {
  const ForecastRule rule{.target = 50};
  CHECK(forecast_capacity(500, rule) == 10);
  CHECK(forecast_capacity(501, rule) == 11);
  CHECK(forecast_capacity(0, rule) == 0);
}

TEST_CASE("predictive scaling: an hour is expected to be as it was on the same weekdays, before that as on other days",
          "[auto_scaling][table]") {
  LoadHistory history;
  for (int hour = 0; hour < 23; ++hour) history.add(hour, 100 + hour);
  CHECK_FALSE(history.expected(24));  // less than a day
  history.add(23, 123);
  CHECK(history.expected(24) == 100.0);
  for (int hour = 24; hour < 48; ++hour) history.add(hour, 300 + hour - 24);
  CHECK(history.expected(48) == 200.0);         // of two days
  for (int hour = 48; hour < hours_of_week; ++hour) history.add(hour, 0);
  CHECK(history.expected(hours_of_week) == 100.0);  // of that weekday alone
  history.add(hours_of_week, 500);
  for (int hour = hours_of_week + 1; hour < history_hours; ++hour) history.add(hour, std::nullopt);
  CHECK(history.expected(history_hours) == 300.0);  // of two weeks
  CHECK(history.expected(history_hours + 1) == 101.0);  // an hour that is not known does not count
  history.add(history_hours, 700);
  CHECK(history.expected(history_hours + hours_of_week) == 600.0);  // 14 days, no more
}

TEST_CASE("predictive scaling: a shorter history forgets what is older", "[auto_scaling][table]") {
  LoadHistory all, of_a_day(24);
  for (int hour = 0; hour < 72; ++hour) {
    const double load = hour < 48 ? 100 : 400;
    all.add(hour, load);
    of_a_day.add(hour, load);
  }
  CHECK(all.expected(72) == 200.0);
  CHECK(of_a_day.expected(72) == 400.0);
}

}  // namespace
}  // namespace fleetsim::auto_scaling
