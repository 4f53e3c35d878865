#pragma once
/// Answers a plan's questions about recovery points from the model of data replication.

#include <optional>
#include <utility>
#include <vector>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/recovery/ports.hpp"
#include "models/scenario/disaster_data.hpp"

namespace fleetsim::scenario {

/// `model` may be null: nothing is protected then. Replicas in the zones `without` cannot be used.
class ProtectedPoints final : public RecoveryPoints {
 public:
  explicit ProtectedPoints(const DataReplication* model, std::vector<ZoneId> without = {},
                           const std::vector<FastRestore>* fast_restores = nullptr)
      : model_(model), without_(std::move(without)), fast_restores_(fast_restores) {}

  std::optional<UsablePoint> newest(DataId data, SiteId site, Time at, Time not_after) const override {
    if (model_ == nullptr) return std::nullopt;
    PointQuery query{.at = at, .not_after = {}, .without = without_};
    if (not_after < at) query.not_after = not_after;
    const std::optional<NewestPoint> found = model_->newest(data, site, query);
    if (!found) return std::nullopt;
    UsablePoint usable{.point = found->point, .restored = found->restored, .lost = found->lost, .retrieval = found->retrieval};
    if (found->means == RecoveryMeans::snapshot && fast_restores_ != nullptr) add_fast_restore(usable, data, site, at);
    return usable;
  }

 private:
  /// Only the newest snapshot has it, since it can be used.
  void add_fast_restore(UsablePoint& usable, DataId data, SiteId site, Time at) const {
    for (const FastRestore& fast : *fast_restores_) {
      if (fast.data != data || fast.site != site) continue;
      const PointHistory& history = model_->history(fast.policy, data, site);
      if (history.newest(at) != usable.point) continue;
      for (auto point = history.points().rbegin(); point != history.points().rend() && point->point >= usable.point; ++point) {
        if (point->point != usable.point) continue;
        usable.fast_from = point->usable + fast.first_credit;
        usable.fast_zones = fast.zones;
      }
    }
  }

  const DataReplication* model_;
  std::vector<ZoneId> without_;
  const std::vector<FastRestore>* fast_restores_;
};

}  // namespace fleetsim::scenario
