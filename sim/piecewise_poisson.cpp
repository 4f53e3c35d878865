#include "fleetsim/sim/piecewise_poisson.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr Time end_of_time = Time::at(Duration::of(std::int64_t{1} << 62));

}  // namespace

PiecewisePoisson::PiecewisePoisson(PiecewiseRate rate)
    : per_second_(std::move(rate.per_second)), period_(rate.period) {
  const std::size_t steps = rate.starts.size();
  invariant(steps > 0 && per_second_.size() == steps, "an arrival rate has a value for each start, and at least one");
  start_ = rate.starts.front();
  invariant(rate.starts.back() < end_of_time, "the steps of an arrival rate start before 2^62 ns, 146 years");
  double expected = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    invariant(std::isfinite(per_second_[i]) && per_second_[i] >= 0, "an arrival rate is not negative");
    step_starts_.push_back(rate.starts[i] - start_);
    if (i > 0) {
      const Duration before = step_starts_[i] - step_starts_[i - 1];
      invariant(before > Duration{}, "the steps of an arrival rate start one after the other");
      expected += per_second_[i - 1] * to_seconds(before);
    }
    expected_before_.push_back(expected);
  }
  if (period_) {
    invariant(*period_ > step_starts_.back(), "the period of an arrival rate ends after its last step starts");
    expected_in_period_ = expected + per_second_.back() * to_seconds(*period_ - step_starts_.back());
  }
}

PiecewisePoisson::Place PiecewisePoisson::place(Time at) const {
  Duration offset = at - start_;
  std::int64_t periods = 0;
  if (period_) {
    periods = offset.count() / period_->count();
    offset -= *period_ * periods;
  }
  const auto above = std::upper_bound(step_starts_.begin(), step_starts_.end(), offset);
  return {.periods = periods, .offset = offset, .step = static_cast<std::size_t>(above - step_starts_.begin()) - 1};
}

/// Since the period began; the last step of a rate without a period lasts to the end of time.
Duration PiecewisePoisson::step_end(std::size_t step) const {
  if (step + 1 < step_starts_.size()) return step_starts_[step + 1];
  return period_ ? *period_ : end_of_time - start_;
}

std::optional<Time> PiecewisePoisson::next(Time after, double u) const {
  double wanted = -std::log1p(-u);  // integral of the rate up to the arrival
  Time now = std::max(after, start_);
  if (now >= end_of_time) return std::nullopt;
  if (period_) {
    // From any instant a whole period adds the same.
    const double skipped = std::floor(wanted / expected_in_period_);
    if (!(skipped < (end_of_time - now) / *period_)) return std::nullopt;  // also where a period expects nothing
    now += *period_ * static_cast<std::int64_t>(skipped);
    wanted = std::max(0.0, wanted - skipped * expected_in_period_);
  }
  Place at = place(now);
  for (;;) {
    const double rate = per_second_[at.step];
    const Duration left = step_end(at.step) - at.offset;
    const double expected = rate * to_seconds(left);
    if (wanted < expected) {
      const Time arrival = now + std::min(seconds(wanted / rate), left - 1_ns);
      return arrival < end_of_time ? std::optional(arrival) : std::nullopt;
    }
    wanted -= expected;
    now += left;
    if (now >= end_of_time) return std::nullopt;
    if (++at.step == step_starts_.size()) at.step = 0;
    at.offset = step_starts_[at.step];
  }
}

double PiecewisePoisson::rate(Time at) const { return at < start_ ? 0 : per_second_[place(at).step]; }

double PiecewisePoisson::expected_since_start(Time at) const {
  if (at <= start_) return 0;
  const Place p = place(at);
  return static_cast<double>(p.periods) * expected_in_period_ + expected_before_[p.step] +
         per_second_[p.step] * to_seconds(p.offset - step_starts_[p.step]);
}

double PiecewisePoisson::expected_arrivals(Time from, Time to) const {
  invariant(from <= to, "arrivals are expected in an interval that does not end before it starts");
  return expected_since_start(to) - expected_since_start(from);
}

}  // namespace fleetsim
