#pragma once
/// What runs on an instance; it sets the instance's price and how its time is billed.

#include <cstdint>
#include <string_view>

namespace fleetsim {

enum class OperatingSystem : std::uint8_t { linux, windows, rhel, suse };

/// "linux", "windows", "rhel" or "suse", as price lists name it. Linux is any that costs nothing, Amazon Linux or Ubuntu.
constexpr std::string_view to_name(OperatingSystem os) {
  switch (os) {
    case OperatingSystem::linux: return "linux";
    case OperatingSystem::windows: return "windows";
    case OperatingSystem::rhel: return "rhel";
    case OperatingSystem::suse: return "suse";
  }
  return "";
}

/// The product that EC2's Spot prices belong to: "Linux/UNIX", "Windows", "Red Hat Enterprise Linux" or "SUSE Linux".
constexpr std::string_view product_name(OperatingSystem os) {
  switch (os) {
    case OperatingSystem::linux: return "Linux/UNIX";
    case OperatingSystem::windows: return "Windows";
    case OperatingSystem::rhel: return "Red Hat Enterprise Linux";
    case OperatingSystem::suse: return "SUSE Linux";
  }
  return "";
}

}  // namespace fleetsim
