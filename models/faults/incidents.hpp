#pragma once
/// Reads tables of recorded incidents.

#include "fleetsim/models/faults.hpp"

namespace fleetsim {

/// Columns start_utc and end_utc (ISO 8601, to the minute or second; an end may be missing), region, scope, kind (words
/// joined by '+') and, where services are asked for, service.
IncidentReplay read_replay(config::Section& in, config::UtcTime run_start, Duration run_length);

}  // namespace fleetsim
