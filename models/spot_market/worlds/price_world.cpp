#include "models/spot_market/worlds/price_world.hpp"

#include <algorithm>
#include <utility>

#include "models/spot_market/worlds/generated_price_world.hpp"
#include "models/spot_market/worlds/trace_cursor.hpp"

namespace fleetsim::spot_market {

namespace {

class ConstantPriceWorld : public PriceWorld {
 public:
  explicit ConstantPriceWorld(UsdPerHour price) : price_(price) {}
  UsdPerHour initial_price() const override { return price_; }
  UsdPerHour highest() const override { return price_; }
  std::optional<PriceStep> next() override { return std::nullopt; }

 private:
  UsdPerHour price_;
};

/// The cursor says in which order the history is walked along.
template <class Cursor>
class ReplayedPriceWorld : public PriceWorld {
 public:
  ReplayedPriceWorld(const ReplayedPrice& process, Cursor cursor)
      : cursor_(std::move(cursor)),
        initial_price_(cursor_.value()),
        price_(initial_price_),
        highest_(*std::max_element(process.trace->values.begin(), process.trace->values.end())) {}

  UsdPerHour initial_price() const override { return initial_price_; }
  UsdPerHour highest() const override { return highest_; }
  std::optional<PriceStep> next() override {
    while (const auto at = cursor_.advance()) {
      if (cursor_.value() == price_) continue;
      price_ = cursor_.value();
      return PriceStep{*at, price_};
    }
    return std::nullopt;
  }

 private:
  Cursor cursor_;
  UsdPerHour initial_price_;
  UsdPerHour price_;  // after the last change
  UsdPerHour highest_;
};

}  // namespace

std::unique_ptr<PriceWorld> make_price_world(const PriceProcess& process, const Simulation& sim,
                                             const std::string& stream_prefix, Duration replay_offset,
                                             const std::optional<BlockPlan>& blocks, Duration run_length) {
  if (const auto* replayed = std::get_if<ReplayedPrice>(&process)) {
    if (blocks) {
      return std::make_unique<ReplayedPriceWorld<BlockCursor<UsdPerHour>>>(
          *replayed, BlockCursor(replayed->trace, *blocks, sim.stream(replay_blocks_stream), run_length));
    }
    return std::make_unique<ReplayedPriceWorld<TraceCursor<UsdPerHour>>>(
        *replayed, TraceCursor(replayed->trace, replay_offset, replayed->repeat, run_length));
  }
  if (const auto* generated = std::get_if<GeneratedPrice>(&process)) {
    return std::make_unique<GeneratedPriceWorld>(*generated, sim, stream_prefix, run_length);
  }
  if (std::holds_alternative<BiddingPrice>(process)) return nullptr;
  return std::make_unique<ConstantPriceWorld>(std::get<ConstantPrice>(process).price);
}

}  // namespace fleetsim::spot_market
