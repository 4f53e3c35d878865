#pragma once
/// Spot requests: each asks a pool for one instance, waits while it cannot be had, and says what becomes of it, with the
/// status codes of EC2.
///
/// Truth:      a request has at most one instance; a one-time request never has a second; an instance that EC2 stopped is
///             started again by EC2 only, in its pool, under the same request.
/// Leaves out: bad parameters and internal errors (a scenario is checked before it runs), placement groups, Spot blocks
///             (deprecated); see docs/models/spot_market.md.
/// Source:     Amazon EC2 user guide: Spot request status; stop and hibernate; launch groups (2023-05-31).

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

enum class SpotRequestType : std::uint8_t {
  one_time,   ///< closed when its instance ends
  persistent  ///< open again when its instance ends
};
enum class InterruptionBehavior : std::uint8_t { terminate, stop, hibernate };

enum class SpotRequestState : std::uint8_t { open, active, disabled, closed, cancelled };
enum class SpotInstanceState : std::uint8_t { none, running, stopping, stopped, terminated };
/// The status code of a request; `to_name` gives EC2's own words.
enum class SpotRequestStatus : std::uint8_t {
  pending_evaluation,
  not_scheduled_yet,
  capacity_not_available,
  price_too_low,
  launch_group_constraint,
  schedule_expired,
  canceled_before_fulfillment,
  pending_fulfillment,
  fulfilled,
  marked_for_stop,
  marked_for_termination,
  instance_terminated_by_price,
  instance_terminated_no_capacity,
  instance_terminated_by_user,
  instance_terminated_launch_group_constraint,
  instance_stopped_by_price,
  instance_stopped_no_capacity,
  instance_stopped_by_user,
  request_canceled_and_instance_running
};
std::string_view to_name(SpotRequestStatus status);

struct SpotRequestConfig {
  PoolId pool;
  SpotRequestType type = SpotRequestType::one_time;
  /// Stop and hibernate need a persistent request and no launch group.
  InterruptionBehavior interruption = InterruptionBehavior::terminate;
  bool hibernation_agent = true;  ///< without it an instance that should hibernate is stopped instead, with no notice
  DurationDistribution stop_time{Duration::of(60 * nanoseconds_per_second)};         ///< stopping until stopped
  DurationDistribution hibernation_time{Duration::of(60 * nanoseconds_per_second)};  ///< the same, memory written
  Duration valid_from{};              ///< from submission until it is first evaluated
  std::optional<Duration> valid_for;  ///< from submission until it expires, unless it is fulfilled; for ever if not given
  /// Requests of one group are launched all or none, and if EC2 takes one instance, all end.
  std::optional<std::uint32_t> launch_group;
  /// It waits while the Spot price is above it, and loses its instance when the price rises above it. Empty: none.
  std::optional<UsdPerHour> max_price{};
};

/// Requests alike, of one group of a scenario.
struct SpotRequestsSettings {
  std::int64_t count = 0;     ///< > 0
  SpotRequestConfig request;  ///< without its pool and launch group
  bool launch_group = false;  ///< all of them are one
};
/// Reads the section `spot_requests` of a group.
SpotRequestsSettings read_spot_requests(config::Section& in);

using SpotRequestId = Id<struct SpotRequestTag>;

/// Port: who has the instances. A request's instance is the same one from `started` until `ended`, however often it is
/// stopped between.
struct SpotRequestOwner {
  virtual ~SpotRequestOwner() = default;
  /// Launched; or started again after a stop, its memory kept if it hibernated.
  virtual void spot_instance_started(SpotRequestId request, bool memory_kept) = 0;
  virtual void spot_instance_noticed(SpotRequestId request) = 0;
  virtual void spot_rebalance_recommended(SpotRequestId request) = 0;
  /// EC2 or the user stops it: it is charged no more, or no more once it has hibernated and is stopped.
  virtual void spot_instance_stopping(SpotRequestId request, bool hibernates) = 0;
  virtual void spot_instance_stopped(SpotRequestId request) = 0;
  virtual void spot_instance_ended(SpotRequestId request, EndedBy ended_by) = 0;
};

struct SpotRequestDue {
  static constexpr std::string_view name = "spot_requests.due";
  SpotRequestId request;
};
struct SpotRequestFulfilled {
  static constexpr std::string_view name = "spot_requests.fulfilled";
  SpotRequestId request;
};
struct SpotRequestExpired {
  static constexpr std::string_view name = "spot_requests.expired";
  SpotRequestId request;
};
struct SpotInstanceStopped {
  static constexpr std::string_view name = "spot_requests.instance_stopped";
  SpotRequestId request;
};

struct SpotRequestsConfig {
  /// From the moment at which a pool has a unit until the instance is launched; "a few minutes" at most.
  DurationDistribution fulfilment{Exponential{.mean = 5}};
  /// Until a launch is tried again that failed though the pool had a unit. AWS does not publish it.
  Duration retry = Duration::of(60 * nanoseconds_per_second);
};

/// The requests of one run. It holds leases of the market, so whoever is the market's SpotHolder passes on what concerns
/// them: a lease of request r was launched for number r of `owner_number`.
class SpotRequests : public EventHandler<SpotRequests, SpotRequestDue, SpotRequestFulfilled, SpotRequestExpired,
                                         SpotInstanceStopped>,
                     public SpotHolder,
                     public SpotRoomListener {
 public:
  SpotRequests(Simulation& sim, SpotMarket& market, SpotRequestsConfig config, SpotRequestOwner& owner,
               std::uint32_t owner_number = 0);
  ~SpotRequests();

  /// Evaluated a nanosecond later at the earliest, in the order of submission within a pool.
  /// Requires: what SpotRequestConfig says; a launch group's requests are submitted in one instant, valid from one too.
  SpotRequestId submit(SpotRequestConfig config);
  /// Cancels the request; its instance runs on, but ends if it is stopped.
  void cancel(SpotRequestId request);
  /// The user ends the instance. Requires: there is one.
  void terminate(SpotRequestId request);
  /// The user stops the instance, or starts it again. Requires: it runs, or the user stopped it, and stop or hibernate is
  /// the request's behaviour.
  void stop(SpotRequestId request);
  void start(SpotRequestId request);

  SpotRequestState state(SpotRequestId request) const;
  SpotRequestStatus status(SpotRequestId request) const;
  SpotInstanceState instance(SpotRequestId request) const;

  void rebalance_recommended(SpotHolderId holder) override;
  void priced_out(SpotHolderId holder) override;
  void notice_given(SpotHolderId holder) override;
  void interruption_noticed(SpotHolderId holder) override;
  void interrupted(SpotHolderId holder) override;
  void spot_room(PoolId pool) override;

  void on(const SpotRequestDue&);
  void on(const SpotRequestFulfilled&);
  void on(const SpotRequestExpired&);
  void on(const SpotInstanceStopped&);

 private:
  struct State;
  void evaluate(SpotRequestId request);
  void evaluate_launch_group(std::uint32_t group);
  void leave_launch_group(SpotRequestId request);
  void take_peers(std::uint32_t group);
  void wait_for_room(SpotRequestId request);
  bool launch(SpotRequestId request);
  void lose_instance(SpotRequestId request, SpotRequestStatus status, EndedBy ended_by);
  void begin_stop(SpotRequestId request, SpotRequestStatus status_when_stopped);

  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
