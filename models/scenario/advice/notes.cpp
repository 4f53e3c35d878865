#include "models/scenario/advice/notes.hpp"

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {
namespace {

/// The year of the table of instance types.
constexpr Date catalogue_date{std::chrono::year{2026} / 1 / 1};

}  // namespace

std::vector<std::string> advice_notes(const ScenarioData& data, Date date, const StorageMachineSettings& machine,
                                      const Trial& today, const std::optional<Alternative>& chosen) {
  std::vector<std::string> notes;
  if (today.network_busy) {
    notes.push_back("The network is at 80 % of its maximum or more for 5 % of the time: a larger network is "
                    "advised, and only types whose network is below that are called enough.");
  }
  if (today.network_idle_ebs_busy) {
    notes.push_back("The network is at 10 % or less for 95 % of the time while EBS is busy: data that can live on "
                    "storage on the network (EFS, FSx) would take load off EBS. It is not priced here.");
  }
  if (chosen) {
    for (std::size_t v = 0; v < machine.volumes.size(); ++v) {
      const std::string& words = chosen->volumes[v];
      const VolumeType type = machine.volumes[v].request.type;
      if (type == VolumeType::io2 && words.find("io2") == std::string::npos) {
        notes.push_back(fmt::format("Volume {} would be less durable: 99.8 to 99.9 % a year instead of io2's "
                                    "99.999 %.", machine.volumes[v].name));
      }
      if (words.find("instance store") != std::string::npos && type != VolumeType::instance_store) {
        notes.push_back(fmt::format("Data of volume {} would be lost whenever the instance stops.",
                                    machine.volumes[v].name));
      }
      if (words.find(" x ") != std::string::npos) {
        notes.push_back(fmt::format("Volume {} would be a RAID 0: it dies with any of its members.",
                                    machine.volumes[v].name));
      }
    }
  }
  if (data.run.duration < 24_h) {
    notes.push_back(fmt::format("The run takes {}, and burst buckets are full when it begins: over a day or more, "
                                "gp2, st1, sc1 and small instances may not be enough.",
                                to_text(data.run.duration)));
  }
  if (date < catalogue_date) {
    notes.push_back(fmt::format("The catalogue is of 2026 and does not say since when a type exists: one that is "
                                "shown may be newer than {}.", config::to_text(data.run.start)));
  }
  return notes;
}

}  // namespace fleetsim::scenario
