#pragma once
/// Strong ids shared by the models: small indices given out in the order in which a scenario names things, so an id
/// finds its row in a vector and its order is the file's order.

#include <compare>
#include <cstdint>
#include <functional>

namespace fleetsim {

template <class Tag>
struct Id {
  std::uint32_t index = 0;
  constexpr auto operator<=>(const Id&) const = default;
};

using RegionId = Id<struct RegionTag>;
using ZoneId = Id<struct ZoneTag>;                 ///< unique over all Regions
using SiteId = Id<struct SiteTag>;                 ///< a Region in an account: where a copy of data lives
using DataId = Id<struct ProtectedDataTag>;        ///< what is protected: a volume, a database or a set of volumes
using InstanceTypeId = Id<struct InstanceTypeTag>;
using PoolId = Id<struct PoolTag>;                 ///< a Spot capacity pool: instance type x zone
using FleetId = Id<struct FleetTag>;
using GroupId = Id<struct GroupTag>;               ///< an Auto Scaling group, unique over all fleets
using InstanceId = Id<struct InstanceTag>;         ///< a slot in a fleet's table; reused after the instance ended
using TariffId = Id<struct TariffTag>;             ///< a price that instances are billed at

}  // namespace fleetsim
