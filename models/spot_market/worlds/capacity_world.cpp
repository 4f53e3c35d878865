#include "models/spot_market/worlds/capacity_world.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/worlds/on_off_world.hpp"
#include "models/spot_market/worlds/replay_world.hpp"

namespace fleetsim::spot_market {

namespace {

class FixedWorld : public CapacityWorld {
 public:
  explicit FixedWorld(std::int64_t units) : units_(units) {}
  std::int64_t initial_units() const override { return units_; }
  std::optional<CapacityChange> next() override { return std::nullopt; }

 private:
  std::int64_t units_;
};

}  // namespace

std::unique_ptr<CapacityWorld> make_capacity_world(const CapacityProcess& process, const Simulation& sim,
                                                   const std::string& stream_prefix, Duration replay_offset,
                                                   Duration run_length) {
  if (const auto* replayed = std::get_if<ReplayedCapacity>(&process)) {
    return std::make_unique<ReplayWorld>(*replayed, replay_offset, run_length);
  }
  if (const auto* on_off = std::get_if<OnOffCapacity>(&process)) {
    return std::make_unique<OnOffWorld>(*on_off, sim, stream_prefix, run_length);
  }
  return std::make_unique<FixedWorld>(std::get<FixedCapacity>(process).units);
}

}  // namespace fleetsim::spot_market
