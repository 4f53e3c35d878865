// The alarms of a group's policies, period by period, and what the policies want together.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Alarm;
using auto_scaling::Group;
using auto_scaling::PolicySlot;

bool AutoScaling::State::add_period(Group& group, const std::optional<GroupMetrics>& metrics) {
  bool raised = false;
  for (std::size_t a = 0; a < group.alarms.size(); ++a) {
    Alarm& alarm = group.alarms[a];
    AlarmReading& reading = group.readings[a];
    if (metrics) {
      alarm.sum += (*metrics)[static_cast<std::size_t>(alarm.config.metric)];
      ++alarm.values;
    }
    reading.closed = ++alarm.periods == alarm.config.period;
    if (!reading.closed) continue;
    reading.value.reset();
    if (alarm.values > 0) reading.value = alarm.values == 1 ? alarm.sum : alarm.sum / alarm.values;
    alarm.periods = alarm.values = 0;
    alarm.sum = 0;
    reading.state = alarm.window.add(reading.value ? std::optional(breaches(alarm.config, *reading.value)) : std::nullopt);
    raised = raised || reading.state == AlarmState::alarm;
  }
  return raised;
}

std::optional<std::int64_t> AutoScaling::State::wanted_by_policies(GroupId id) {
  Group& group = groups[id.index];
  GroupView view{.desired = group.desired,
                 .min = group.config.min,
                 .max = group.config.max,
                 .present = group.present,
                 .warming = capacity.warming(id),
                 .alarms = {}};
  std::optional<std::int64_t> largest;
  for (const PolicySlot& slot : group.policies) {
    view.alarms = std::span(group.readings).subspan(slot.first_alarm, slot.policy->alarms().size());
    const bool asked = std::any_of(view.alarms.begin(), view.alarms.end(), [](const AlarmReading& reading) {
      return reading.closed && reading.state == AlarmState::alarm;
    });
    if (!asked) continue;
    const std::optional<Proposal> proposal = slot.policy->decide(view);
    if (proposal && (!largest || proposal->desired > *largest)) largest = proposal->desired;
  }
  return largest;
}

void AutoScaling::State::apply_policies(GroupId id) {
  Group& group = groups[id.index];
  const std::optional<std::int64_t> wanted = wanted_by_policies(id);
  if (!wanted) return;
  if (*wanted > group.desired) {
    // What is owed since an earlier round waits for its retry.
    set_desired(id, *wanted);
    launch_round(id);
  } else if (*wanted < group.desired) {
    ++group.counters.scale_ins;
    set_desired(id, *wanted);
    if (group.desired == group.config.min) group.counters.back_to_min = sim.now();
    terminate_to_desired(id);
  }
}

}  // namespace fleetsim
