#pragma once
/// Answers a plan's questions about recovery points from the model of data replication.

#include <optional>
#include <utility>
#include <vector>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/recovery/ports.hpp"

namespace fleetsim::scenario {

/// `model` may be null: nothing is protected then. Replicas in the zones `without` cannot be used.
class ProtectedPoints final : public RecoveryPoints {
 public:
  explicit ProtectedPoints(const DataReplication* model, std::vector<ZoneId> without = {})
      : model_(model), without_(std::move(without)) {}

  std::optional<UsablePoint> newest(DataId data, SiteId site, Time at, Time not_after) const override {
    if (model_ == nullptr) return std::nullopt;
    PointQuery query{.at = at, .not_after = {}, .without = without_};
    if (not_after < at) query.not_after = not_after;
    const std::optional<NewestPoint> found = model_->newest(data, site, query);
    if (!found) return std::nullopt;
    return UsablePoint{.point = found->point, .restored = found->restored, .lost = found->lost, .retrieval = found->retrieval};
  }

 private:
  const DataReplication* model_;
  std::vector<ZoneId> without_;
};

}  // namespace fleetsim::scenario
