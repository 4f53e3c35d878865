#pragma once
/// What an operating system costs beside the instance that it runs on: a fee by the instance's vCPUs.
///
/// Truth:      the fee of a size is that of the first tier that reaches it; a size has one fee.
/// Leaves out: exceptions of single types (t2, d2, c4.8xlarge), fees of SQL Server, licences that the owner brings along.
/// Source:     [1] AWS price list, us-east-2, August 2018, and Strategic Blue's analyses of April 2023: Windows 0.046 USD/h
///             a vCPU, RHEL 0.06 up to 4 vCPUs and 0.13 above, SUSE 0.10; [2] Red Hat's announcement of 26 January 2024:
///             RHEL by the vCPU; its rates from three sizes of the price list (4, 16 and 128 vCPUs).

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/operating_system.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

struct LicenceTier {
  std::optional<std::int64_t> vcpus_up_to;  ///< included; empty: all sizes above the tiers before
  UsdPerHour fee;
  bool per_vcpu = false;                    ///< the fee is for each vCPU, not for the instance
};
/// Tiers by rising size, the last without an end; none: the system is free.
using LicenceFees = std::vector<LicenceTier>;

/// Requires: vcpus > 0.
UsdPerHour licence_fee(const LicenceFees& fees, std::int64_t vcpus);

/// What AWS charges at a date: Windows by the vCPU; RHEL in two tiers whose border is 4 vCPUs, included, and from July
/// 2024 by the vCPU; SUSE one fee. The day on which RHEL changed outside China is not known to us; 1 July 2024 stands for it.
LicenceFees default_licence_fees(OperatingSystem os, std::chrono::sys_days as_of);

/// Reads `licences` of the scenario's catalogue: fees by the name of the operating system, which replace the defaults.
std::map<std::string, LicenceFees> read_licences(config::Section& catalog);

}  // namespace fleetsim
