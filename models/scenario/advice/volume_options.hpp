#pragma once
/// The ways in which a volume could be provisioned for what is wanted of it.

#include <string>
#include <vector>

#include "fleetsim/models/storage/config.hpp"
#include "models/scenario/advice/wants.hpp"

namespace fleetsim::scenario {

struct VolumeOption {
  VolumeSettings settings;
  /// "as it is", "gp3", "gp3 striped", "io2 Block Express", "instance store": options of one kind differ in settings only.
  std::string kind;
};
/// Kinds that are not offered at all, with the reason.
struct VolumeKindRefused {
  std::string kind, reason;
};
struct VolumeOptions {
  std::vector<VolumeOption> options;  ///< those that break no rule on that host at that date; "as it is" first
  std::vector<VolumeKindRefused> refused;
};
VolumeOptions volume_options(const VolumeSettings& today, const Wants& wants, const VolumeHost& host, Date as_of);

/// "gp3, 1,000 GiB, 16,000 IOPS, 500 MiB/s", "4 x gp3, 250 GiB, …".
std::string in_words(const VolumeSettings& volume);

}  // namespace fleetsim::scenario
