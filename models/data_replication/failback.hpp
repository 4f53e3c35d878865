#pragma once
/// One replication in reverse: what is left of it, while it is sent and written to. Whoever has the link and the clock
/// schedules when it has caught up.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/data_replication/writes.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

struct FailbackCaughtUp { static constexpr std::string_view name = "data_replication.failback_caught_up"; std::uint32_t failback; };

struct Failback {
  DataId data;
  SiteId from, to;
  BytesPerSecond most;
  std::uint32_t flow = 0;
  NanoBytes left = 0, moved = 0;
  Time since;
  std::int64_t write = 0, rate = 0;
  EventHandle end;
  bool done = false;

  NanoBytes moved_by(Time now) const {
    const std::int64_t ns = (now - since).count();
    return moved + std::min<NanoBytes>(static_cast<NanoBytes>(rate) * ns, left + static_cast<NanoBytes>(write) * ns);
  }
  /// Moves on to the clock, and at other rates from there.
  void go_on(Time now, std::int64_t new_rate, std::int64_t new_write) {
    moved = moved_by(now);
    left = std::max<NanoBytes>(0, left - static_cast<NanoBytes>(rate - write) * (now - since).count());
    since = now;
    rate = new_rate;
    write = new_write;
  }
  /// From the clock until it has caught up, at the present rates; empty: never.
  std::optional<Duration> catches_up_after() const {
    if (left == 0) return Duration{};
    if (rate <= write) return std::nullopt;
    const Int128 ns = (left + (rate - write) - 1) / (rate - write);
    if (ns >= Int128{1} << 61U) return std::nullopt;
    return Duration::of(static_cast<std::int64_t>(ns));
  }
};

}  // namespace fleetsim
