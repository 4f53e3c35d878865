#pragma once
/// What runs on an instance; it sets the instance's price and how its time is billed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// Empty for a name of no system.
constexpr std::optional<OperatingSystem> operating_system_of(std::string_view name) {
  for (const OperatingSystem os :
       {OperatingSystem::linux, OperatingSystem::windows, OperatingSystem::rhel, OperatingSystem::suse}) {
    if (name == to_name(os)) return os;
  }
  return std::nullopt;
}

/// Names and systems, as a reader's choice takes them.
inline std::vector<std::pair<std::string, OperatingSystem>> operating_system_choices() {
  std::vector<std::pair<std::string, OperatingSystem>> choices;
  for (const OperatingSystem os :
       {OperatingSystem::linux, OperatingSystem::windows, OperatingSystem::rhel, OperatingSystem::suse}) {
    choices.emplace_back(to_name(os), os);
  }
  return choices;
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
