#pragma once
/// Reads files of availability and of fleet events into recordings of pools.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {

/// How a pool went, as recorded.
struct Recording {
  std::string pool{};
  std::string source{};  // the file as given
  bool start_known = false;
  Duration tick{};  // zero for events
  StepTrace<std::int64_t> trace{};
  fit::Sample lives{};  // seconds; of event files only
};

/// An availability trace of the form {"metadata": {"gap_seconds"}, "data": […]}. Its metadata may also state
/// `span_seconds`, or `start` and `end`, which must agree with the number of samples to within one of them.
std::vector<Recording> read_sampled_trace(std::string text, const Input& input, config::Diagnostics& diagnostics);

/// A file of pool, t_s, count with a pools.csv beside it.
std::vector<Recording> read_change_traces(const Input& input, config::Diagnostics& diagnostics);

/// Events of one fleet: milliseconds, add or remove, node. It ends with its last event.
std::vector<Recording> read_fleet_events(std::string_view text, const Input& input, config::Diagnostics& diagnostics);

}  // namespace fleetsim::calibration
