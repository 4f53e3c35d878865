// How long the steps of an instance's life take.

#include <string>

#include "models/fleet/state.hpp"

namespace fleetsim {

fleet::LifeTimes Fleet::State::draw_times(const DurationDistribution& boot_time, const std::string& streams) const {
  const auto drawn = [&](const DurationDistribution& time, const char* name) {
    return DurationDraws(time, sim.stream(streams + "/" + name));
  };
  return {.pending = drawn(config.pending_time, "pending"),
          .fulfilment = drawn(config.spot_fulfilment_time, "fulfilment"),
          .start = drawn(config.start_time, "start"),
          .boot = drawn(boot_time, "boot"),
          .resume = drawn(config.resume_time, "resume"),
          .warm_start = drawn(config.warm_start_time, "warm_start")};
}

}  // namespace fleetsim
