#pragma once
/// Answers a plan's questions about recovery points from the model of data replication.

#include <optional>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/recovery/ports.hpp"

namespace fleetsim::scenario {

/// `model` may be null: nothing is protected then. Replicas in the zone `without` cannot be used.
class ProtectedPoints final : public RecoveryPoints {
 public:
  ProtectedPoints(const DataReplication* model, Time now, std::optional<ZoneId> without)
      : model_(model), now_(now), without_(without) {}

  std::optional<UsablePoint> newest(DataId data, SiteId site, Time at, Time not_after) const override {
    if (model_ == nullptr) return std::nullopt;
    PointQuery query{.at = at, .not_after = {}, .without = without_};
    if (not_after < at) query.not_after = not_after;
    const std::optional<NewestPoint> found = model_->newest(data, site, query);
    if (!found) return std::nullopt;
    return UsablePoint{.point = found->point, .restored = found->restored, .lost = found->lost};
  }
  Bytes written(DataId data, Time at) const override { return model_->data_size(data, std::min(at, now_)); }
  Bytes changed(DataId data, Time from, Duration span) const override {
    if (from + span <= now_) return model_->changed_between(data, from, from + span);
    // The run ends before: as much as changed in a time as long before, as far as there is one.
    return model_->changed_between(data, Time::at(std::max(Duration{}, from.since_start() - span)), from);
  }
  BytesPerSecond write_rate(DataId data) const override {
    if (now_ == Time{}) return {};
    const double bytes = static_cast<double>(model_->written_between(data, Time{}, now_).count());
    return BytesPerSecond::of(static_cast<std::int64_t>(bytes / to_seconds(now_.since_start())));
  }

 private:
  const DataReplication* model_;
  Time now_;
  std::optional<ZoneId> without_;
};

}  // namespace fleetsim::scenario
