#pragma once
/// The way back after a failover: once the source is up again, the blocks in which the target differs are sent there while writing
/// goes on, and when all of it is in sync the clients move in a planned switch.
///
/// Truth:      nothing more is lost; alone on its way, D bytes at b against writes of w are in sync after D / (b - w).
/// Leaves out: a disaster at the target on the way back.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/models/recovery/ports.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// Of the data of one resource.
struct SentBack {
  enum class What : std::uint8_t {
    nothing,  ///< it does not live at the target
    changed,  ///< blocks written at the target, and at the source since the recovery point
    all,      ///< nothing of it is left at the source, or it is a managed database, whose old primary is no base for changes
  } what = What::nothing;
  Time point = {};  ///< of `changed`: the recovery point that the target began with
};

/// When an application left its source.
struct Departure {
  Time disaster;
  Time stopped;  ///< the source was written to up to here: the disaster, or the redirect where that left it running
  Time served;   ///< users are served at the target, and it is written to, from here on
};

struct FailbackOutcome {
  Bytes sent;                           ///< to be sent when it began, of all resources
  std::optional<Duration> ready_again;  ///< since the disaster: back at the source; empty: never in sync
  Duration outage;                      ///< of the planned switch
  Duration ended_after;                 ///< since the disaster: back, or given up
};

struct FailbackBegun { static constexpr std::string_view name = "recovery.failback_begun"; };
struct FailbackGaveUp { static constexpr std::string_view name = "recovery.failback_gave_up"; };
struct FailbackSwitched { static constexpr std::string_view name = "recovery.failback_switched"; };

/// Port: told when a way back has ended, one way or the other.
struct FailbackObserver {
  virtual ~FailbackObserver() = default;
  virtual void failback_ended(class PlanFailback& failback) = 0;
};

class PlanFailback : public EventHandler<PlanFailback, FailbackBegun, FailbackGaveUp, FailbackSwitched> {
 public:
  /// Requires: the plan has a way back. `observer` may be null.
  PlanFailback(Simulation& sim, const RecoveryPlan& plan, WayBack& way, const std::string& stream_prefix,
               FailbackObserver* observer = nullptr);
  /// The source is up from `source_back` on. `sent`: by resource, at least.
  void begin(const Departure& departure, Time source_back, std::vector<SentBack> sent);
  /// That data is in sync.
  void in_sync(DataId data);
  /// It does not begin, as it was to. Requires: it has not begun.
  void cancel() { sim_.cancel(start_); }
  /// Whether it has begun to send.
  bool begun() const { return begun_; }
  /// It is never in sync: ends now. Requires: it has begun, and not ended.
  void give_up() { on(FailbackGaveUp{}); }
  /// Empty until it has ended.
  const std::optional<FailbackOutcome>& outcome() const { return outcome_; }

  void on(const FailbackBegun&);
  void on(const FailbackGaveUp&);
  void on(const FailbackSwitched&);

 private:
  void all_in_sync();
  void end(FailbackOutcome outcome);

  Simulation& sim_;
  const RecoveryPlan& plan_;
  WayBack& way_;
  FailbackObserver* observer_;
  Stream stream_;
  Departure departure_;
  std::vector<SentBack> sent_;
  std::vector<DataId> missing_;  // not in sync yet
  Bytes bytes_;
  Duration outage_;
  EventHandle start_, give_up_;
  bool begun_ = false;
  std::optional<FailbackOutcome> outcome_;
};

}  // namespace fleetsim
