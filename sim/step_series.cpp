#include "fleetsim/sim/step_series.hpp"

#include <algorithm>
#include <utility>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

StepSeries::StepSeries(Duration span, std::size_t buckets)
    : width_(Duration::of((span.count() + static_cast<std::int64_t>(buckets) - 1) /
                          static_cast<std::int64_t>(buckets))),
      buckets_(buckets) {
  invariant(span > Duration{} && buckets > 0, "a series covers some time with some buckets");
}

void StepSeries::advance_to(std::size_t bucket) {
  for (; current_ < bucket; ++current_) {
    if (current_ + 1 < buckets_.size()) buckets_[current_ + 1] = {level_, level_, level_};
  }
}

void StepSeries::note(Time now, double value) {
  if (!any_) {
    any_ = true;
    level_ = value;
    buckets_.front() = {value, value, value};
  }
  if (now >= current_end_) {
    const auto bucket = static_cast<std::size_t>(now.since_start().count() / width_.count());
    advance_to(std::min(bucket, buckets_.size() - 1));
    current_end_ = Time::at(width_ * (bucket + 1));
  }
  Bucket& here = buckets_[current_];
  here.min = std::min(here.min, value);
  here.max = std::max(here.max, value);
  here.last = value;
  level_ = value;
}

std::vector<StepSeries::Bucket> StepSeries::finish() const {
  StepSeries copy = *this;
  if (!copy.buckets_.empty()) copy.advance_to(copy.buckets_.size() - 1);
  return std::move(copy.buckets_);
}

}  // namespace fleetsim
