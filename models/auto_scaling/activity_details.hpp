#pragma once
/// Words by which activities of one cause are told apart.

#include <string_view>

namespace fleetsim::auto_scaling {

/// Of ActivityCause::health.
inline constexpr std::string_view no_longer_running = "stopped";
inline constexpr std::string_view marked_unhealthy = "marked";
/// Of a refresh that ends; the activity tells which alarm.
inline constexpr std::string_view alarm_raised = "fails: an alarm is raised";

}  // namespace fleetsim::auto_scaling
