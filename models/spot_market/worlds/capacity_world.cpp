#include "models/spot_market/worlds/capacity_world.hpp"

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/worlds/latent_world.hpp"
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

std::unique_ptr<CapacityWorld> CapacityWorldMaker::make(const SpotPoolConfig& pool, Duration replay_offset,
                                                        Duration recorded_together) {
  const std::string streams = "spot_market/" + pool.zone + "/" + pool.instance_type + "/";
  if (const auto* replayed = std::get_if<ReplayedCapacity>(&pool.capacity)) {
    if (replayed->start == ReplayStart::block_bootstrap) {
      return std::make_unique<ReplayWorld<BlockCursor<std::int64_t>>>(
          *replayed, BlockCursor(replayed->trace, {.block = replayed->block, .span = recorded_together},
                                 sim_.stream(replay_blocks_stream), run_length_));
    }
    return std::make_unique<ReplayWorld<TraceCursor<std::int64_t>>>(
        *replayed, TraceCursor(replayed->trace, replay_offset, replayed->repeat, run_length_));
  }
  if (const auto* on_off = std::get_if<OnOffCapacity>(&pool.capacity)) {
    return std::make_unique<OnOffWorld>(*on_off, sim_, streams, run_length_);
  }
  if (const auto* latent = std::get_if<LatentCapacity>(&pool.capacity)) {
    const std::string region(region_of(pool.zone));
    auto& path = latent_paths_[region];
    if (path == nullptr) {
      path = std::make_shared<const LatentPath>(latent->region, sim_.stream("spot_market/" + region + "/latent"),
                                                run_length_);
    }
    return std::make_unique<LatentWorld>(*latent, path, sim_.stream(streams + "latent"));
  }
  return std::make_unique<FixedWorld>(std::get<FixedCapacity>(pool.capacity).units);
}

}  // namespace fleetsim::spot_market
