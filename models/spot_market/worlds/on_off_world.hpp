#pragma once
/// A pool that is open and closed in turn, independent of every other pool: an alternating renewal process.

#include <string>

#include "fleetsim/sim/random.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"

namespace fleetsim::spot_market {

class OnOffWorld : public CapacityWorld {
 public:
  OnOffWorld(const OnOffCapacity& process, const Simulation& sim, const std::string& stream_prefix,
             Duration run_length);
  std::int64_t initial_units() const override { return initial_units_; }
  std::optional<CapacityChange> next() override;

 private:
  Duration draw_length(bool open) { return open ? process_.up.sample(up_) : process_.down.sample(down_); }
  std::int64_t units(bool open) const { return open ? process_.units : 0; }
  void extend_phase(Duration by);

  OnOffCapacity process_;
  Time end_of_run_;
  // One stream a kind of duration: another distribution of the closed time leaves the open times as they were.
  Stream up_;
  Stream down_;
  bool open_;       // in the phase that ends at `phase_end_`
  Time phase_end_;
  std::int64_t initial_units_;
};

}  // namespace fleetsim::spot_market
