#pragma once
/// Walks along a trace from an offset on, in the time of the run.

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::spot_market {

template <class Value>
class TraceCursor {
 public:
  /// Requires: offset lies in the trace; a trace that does not repeat reaches to the end of the run.
  TraceCursor(std::shared_ptr<const StepTrace<Value>> trace, Duration offset, bool repeat, Duration run_length)
      : trace_(std::move(trace)), origin_(Time{} - offset), repeat_(repeat), end_of_run_(Time::at(run_length)) {
    invariant(trace_ != nullptr && !trace_->times.empty() && trace_->times.front() == Duration{},
              "a trace has a value at its start");
    invariant(offset < trace_->span, "a replay begins inside its trace");
    invariant(repeat_ || run_length <= trace_->span - offset, "a trace that does not repeat covers the run");
    const auto after = std::upper_bound(trace_->times.begin(), trace_->times.end(), offset);
    index_ = static_cast<std::size_t>(after - trace_->times.begin()) - 1;
  }

  Value value() const { return trace_->values[index_]; }

  /// Moves to the next entry and returns its instant; empty when none comes before the end of the run.
  std::optional<Time> advance() {
    if (index_ + 1 == trace_->times.size()) {
      if (!repeat_) return std::nullopt;
      index_ = 0;
      origin_ += trace_->span;
    } else {
      ++index_;
    }
    const Time at = origin_ + trace_->times[index_];
    if (at >= end_of_run_) return std::nullopt;
    return at;
  }

 private:
  std::shared_ptr<const StepTrace<Value>> trace_;
  Time origin_;  // of the present pass through the trace
  bool repeat_;
  Time end_of_run_;
  std::size_t index_ = 0;
};

}  // namespace fleetsim::spot_market
