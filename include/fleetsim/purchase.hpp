#pragma once
/// How an instance is bought; shared by the models that launch, run and bill it.

#include <cstdint>
#include <string_view>

namespace fleetsim {

enum class Purchase : std::uint8_t { on_demand, spot, reserved_1y, reserved_3y };

/// "on_demand", "spot", "reserved_1y" or "reserved_3y".
constexpr std::string_view to_name(Purchase purchase) {
  switch (purchase) {
    case Purchase::on_demand: return "on_demand";
    case Purchase::spot: return "spot";
    case Purchase::reserved_1y: return "reserved_1y";
    case Purchase::reserved_3y: return "reserved_3y";
  }
  return "";
}

/// Why an instance stopped running: the billing rules tell these apart.
enum class EndedBy : std::uint8_t {
  owner,         ///< the user or a scaling policy
  interruption,  ///< EC2 took a Spot instance back
  horizon        ///< it still ran when the run ended
};

}  // namespace fleetsim
