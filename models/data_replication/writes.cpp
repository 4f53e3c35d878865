#include "fleetsim/models/data_replication/writes.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

std::int64_t blocks_of(Bytes bytes, Bytes block) {
  return bytes.count() / block.count() + (bytes.count() % block.count() != 0 ? 1 : 0);
}

}  // namespace

void WriteLog::set_rate(Time now, BytesPerSecond rate) {
  Knot& last = knots_.back();
  invariant(now >= last.since, "a rate of writing changes now, not before its last change");
  if (rate.count() == last.rate) return;
  if (now == last.since) {
    last.rate = rate.count();
    return;
  }
  const NanoBytes sum = total(now);
  knots_.push_back({.since = now, .rate = rate.count(), .total = sum,
                    .whole = static_cast<std::int64_t>(sum / nanoseconds_per_second),
                    .part = static_cast<std::int64_t>(sum % nanoseconds_per_second)});
}

const WriteLog::Knot& WriteLog::knot(Time at) const {
  if (at >= knots_.back().since) return knots_.back();
  const auto after = std::upper_bound(knots_.begin(), knots_.end(), at,
                                      [](Time t, const Knot& knot) { return t < knot.since; });
  return after == knots_.begin() ? *after : *(after - 1);
}

std::optional<Time> WriteLog::next_change(Time at) const {
  if (at >= knots_.back().since) return std::nullopt;
  return std::upper_bound(knots_.begin(), knots_.end(), at, [](Time t, const Knot& knot) { return t < knot.since; })->since;
}

NanoBytes WriteLog::total(Time at) const {
  const Knot& from = knot(at);
  return from.total + static_cast<NanoBytes>(from.rate) * std::max(at - from.since, Duration{}).count();
}

std::int64_t WriteLog::mark(Time at) const {
  const Knot& from = knot(at);
  // Rates below 9 GB/s, by divisions of 64 bits.
  constexpr std::int64_t fast = 9'000'000'000;
  if (from.rate >= fast) return static_cast<std::int64_t>(total(at) / nanoseconds_per_second);
  const std::int64_t ns = std::max(at - from.since, Duration{}).count();
  const std::int64_t seconds = ns / nanoseconds_per_second, rest = ns % nanoseconds_per_second;
  return from.whole + from.rate * seconds + (from.rate * rest + from.part) / nanoseconds_per_second;
}

Time WriteLog::last_instant_with(NanoBytes amount, Time limit) const {
  const auto after = std::upper_bound(knots_.begin(), knots_.end(), amount,
                                      [](NanoBytes sum, const Knot& knot) { return sum < knot.total; });
  if (after == knots_.begin()) return std::min(knots_.front().since, limit);
  const Knot& from = *(after - 1);
  if (from.rate == 0) return after == knots_.end() ? limit : std::min(limit, after->since);
  const NanoBytes ns = (amount - from.total) / from.rate;
  const std::int64_t most = (limit - from.since).count();
  return ns >= most ? limit : from.since + Duration::of(static_cast<std::int64_t>(ns));
}

DirtyBlocks::DirtyBlocks(const DirtyBlockConfig& config) : config_(config) {
  invariant(config.size > Bytes{} && config.data <= config.size && config.working_set <= config.data &&
                config.block > Bytes{} && config.write_size > Bytes{},
            "a volume's data and working set lie within it");
  data_blocks_ = blocks_of(config.data, config.block);
  size_blocks_ = blocks_of(config.size, config.block);
  const std::int64_t working = blocks_of(config.working_set, config.block);
  const auto hot = static_cast<std::int64_t>(std::llround(static_cast<double>(working) * config.hot_set.value));
  const double overwrites = 1 - config.new_data.value;
  const double hot_share = hot == 0 ? 0 : hot == working ? 1 : config.hot_writes.value;
  hot_ = part(hot, overwrites * hot_share);
  cold_ = part(working - hot, overwrites * (1 - hot_share));
  all_ = part(size_blocks_, config.new_data.value);
  if (config.new_data.value > 0) {
    const double room = static_cast<double>(size_blocks_ - data_blocks_) * static_cast<double>(config.block.count());
    full_from_ = detail::nearest(room / config.new_data.value);
  }
}

DirtyBlocks::Part DirtyBlocks::part(std::int64_t blocks, double share) const {
  if (blocks == 0) return {};
  const auto touched = static_cast<double>(std::min(config_.write_size, config_.block).count());
  return {.blocks = blocks, .share = share, .log_missed = std::log1p(-1 / static_cast<double>(blocks)),
          .touches = share / touched};
}

std::int64_t DirtyBlocks::new_blocks(std::int64_t mark) const {
  if (config_.new_data.value <= 0) return 0;
  const auto begun = static_cast<std::int64_t>(std::ceil(static_cast<double>(mark) * config_.new_data.value /
                                                         static_cast<double>(config_.block.count())));
  return std::min(begun, size_blocks_ - data_blocks_);
}

std::int64_t DirtyBlocks::written(std::int64_t mark) const { return data_blocks_ + new_blocks(mark); }

std::int64_t DirtyBlocks::changed(const Part& part, std::int64_t from, std::int64_t to) const {
  if (part.blocks == 0 || part.share <= 0) return 0;
  if (config_.pattern == WritePattern::sequential) {
    // Blocks that [from, to) reaches into, of a strip that goes round and round.
    const auto scaled = [&](std::int64_t mark) { return static_cast<std::int64_t>(static_cast<double>(mark) * part.share); };
    const std::int64_t block = config_.block.count();
    const std::int64_t first = part.share >= 1 ? from : scaled(from), end = part.share >= 1 ? to : scaled(to);
    if (end <= first) return 0;
    return std::min(part.blocks, (end - 1) / block - first / block + 1);
  }
  const double hits = static_cast<double>(to - from) * part.touches;
  const double blocks = static_cast<double>(part.blocks);
  // With one block log_missed is -infinity, and that block is changed by any write.
  const double expected = part.blocks == 1 ? std::min(hits, 1.0) : -blocks * std::expm1(hits * part.log_missed);
  return std::llround(expected);
}

/// Of the working set.
std::int64_t DirtyBlocks::overwritten(std::int64_t from, std::int64_t to) const {
  if (config_.pattern == WritePattern::sequential) return changed(hot_, from, to) + changed(cold_, from, to);
  const std::int64_t bytes = to - from;
  Known& known = overwritten_[static_cast<std::uint64_t>(bytes) * 0x9E3779B97F4A7C15U >> 62U];
  if (known.bytes != bytes) known = {bytes, changed(hot_, from, to) + changed(cold_, from, to)};
  return known.blocks;
}

std::int64_t DirtyBlocks::changed(std::int64_t from, std::int64_t to) const {
  if (to <= from) return 0;
  std::int64_t blocks = overwritten(from, to);
  if (config_.new_data.value <= 0) return std::min(blocks, data_blocks_);
  blocks += new_blocks(to) - new_blocks(from);
  if (to > full_from_) blocks += changed(all_, std::max(from, full_from_), to);
  return std::min(blocks, written(to));
}

std::int64_t DirtyBlocks::diverged(std::int64_t mark, std::int64_t one, std::int64_t other) const {
  const std::int64_t longer = std::max(one, other), both = one + other;
  if (both <= 0) return 0;
  const bool random = config_.pattern == WritePattern::random;
  std::int64_t blocks = overwritten(mark, mark + (random ? both : longer));
  if (config_.new_data.value <= 0) return std::min(blocks, data_blocks_);
  blocks += new_blocks(mark + longer) - new_blocks(mark);
  const std::int64_t room = std::max<std::int64_t>(0, full_from_ - mark);
  const auto past_full = [&](std::int64_t bytes) { return std::max<std::int64_t>(0, bytes - room); };
  const std::int64_t begun = mark + room;
  blocks += changed(all_, begun, begun + (random ? past_full(one) + past_full(other) : past_full(longer)));
  return std::min(blocks, written(mark + longer));
}

}  // namespace fleetsim
