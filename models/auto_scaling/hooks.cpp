// Lifecycle hooks: what an instance waits for before it serves and before it ends. Those of one transition run side by
// side.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;

Duration longest_wait(const LifecycleHookConfig& hook) { return std::min(48_h, hook.heartbeat_timeout * 100); }

AutoScaling::State::HookOutcome AutoScaling::State::wait_for_hooks(Group& group, bool launching) {
  Duration completed;
  std::optional<Duration> abandoned;
  for (const LifecycleHookConfig& hook : group.config.hooks) {
    if (hook.launching != launching) continue;
    const Duration patience = hook.heartbeats ? longest_wait(hook) : hook.heartbeat_timeout;
    const bool gives_up = hook.abandons.value > 0 && group.hooks_stream.chance(hook.abandons.value);
    const std::optional<Duration> action =
        hook.duration ? std::optional(hook.duration->sample(group.hooks_stream)) : std::nullopt;
    const bool in_time = action && *action <= patience;
    const Duration wait = in_time ? *action : patience;
    if (in_time ? !gives_up : hook.continues) completed = std::max(completed, wait);
    else abandoned = abandoned ? std::min(*abandoned, wait) : wait;
  }
  // The first hook that abandons ends the wait for the others.
  if (abandoned) return {.wait = *abandoned, .abandoned = true};
  return {.wait = completed};
}

}  // namespace fleetsim
