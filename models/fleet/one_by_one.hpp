#pragma once
/// Requests one by one: each arrives, is sent to a target, waits there for a free vCPU, is served, or fails and is tried
/// again. A target serves first come first served, so a request's departure is known when it arrives, and an event is
/// needed only for arrivals, for retries and, where the fewest outstanding requests count, for departures.
///
/// Truth:      every request that arrives is answered in time or late, or dropped, once; offered counts those that are so by
///             now.
/// Leaves out: a service that slows down with the load, requests that a client takes back (the instance goes on with
///             them).

#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/models/fleet.hpp"
#include "fleetsim/sim/free_numbers.hpp"
#include "fleetsim/sim/quantile_sketch.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "models/fleet/response_time.hpp"
#include "models/fleet/target_kind.hpp"

namespace fleetsim::fleet {

struct RequestArrived { static constexpr std::string_view name = "fleet.request_arrived"; };
/// A request is tried again; its place in the table of those that wait for it.
struct RequestRetried { static constexpr std::string_view name = "fleet.request_retried"; std::uint32_t retry; };
/// Only where the fewest outstanding requests count.
struct RequestAnswered {
  static constexpr std::string_view name = "fleet.request_answered";
  std::uint32_t target;
  std::uint32_t tenure;  ///< of the target; an answer of an earlier one counts no more
};

/// How long an error takes that a failed instance gives at once.
inline constexpr Duration error_time = Duration::of(1'000'000);

/// What the targets of one placement are like.
struct RequestHost {
  int servers = 1;
  double service_seconds = 1;  ///< mean
  Duration travel;             ///< round trips to the home zone, beside the service
  std::size_t zone = 0;
  std::size_t group = 0;
  double capacity = 1;         ///< requests/s
  double errors = 0;           ///< share of the answers that are of no use
  double errors_due = 0;       ///< what they add up to since the last such answer
};

/// What a group's warm targets were sent since it was last asked, took and worked.
struct GroupWork {
  double sent = 0, taken = 0;        ///< requests, answered or not
  double offered = 0, admitted = 0;  ///< in seconds of a whole target; offered: to those that answer
  double worked = 0;                 ///< in seconds of a whole target
};
/// What the clients of a group saw since it was last asked, of all its targets; a response counts when it was asked for.
struct GroupService {
  double sent = 0, failed = 0;       ///< requests
  double answering = 0;              ///< sum of the response times of the others, seconds
};

class RequestsOneByOne : public EventHandler<RequestsOneByOne, RequestArrived, RequestRetried, RequestAnswered> {
 public:
  /// Since measurement began, all of one placement.
  struct Totals {
    std::uint64_t answered = 0;  ///< in time or late
    std::uint64_t late = 0;      ///< of these
    double busy = 0;             ///< vCPU seconds of what was answered, abandoned or cut
  };

  RequestsOneByOne(Simulation& sim, const FleetConfig& config);

  /// Placements come in the order of their numbers.
  void set_errors(std::size_t host, double share) { hosts_[host].errors = share; }
  void add_host(const RequestHost& host);
  void set_rate(RequestRate offered);

  void add(InstanceId instance, std::size_t host, TargetKind kind);
  /// Empty: it receives no more and finishes what it has.
  void set_kind(InstanceId instance, std::optional<TargetKind> kind);
  void set_warm(InstanceId instance, bool warm);
  /// Until the last request on it is answered; zero without any.
  Duration busy_for(InstanceId instance);
  /// What is on it is lost, and its clients try again.
  void lose_requests(InstanceId instance);

  /// Brings what warm targets have worked up to the clock.
  void count_work();
  GroupWork take_group_work(std::size_t group);
  GroupService take_group_service(std::size_t group);

  void begin_measurement();
  /// Counts what was answered up to the clock.
  void settle();
  std::uint64_t offered() const { return answered_ + dropped_; }
  /// Requests that the busy vCPUs could have answered.
  double worked() const;
  const std::vector<Totals>& totals() const { return totals_; }
  std::uint64_t attempts() const { return attempts_; }
  std::uint64_t retries() const { return retries_; }
  std::uint64_t timed_out() const { return timed_out_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t lost() const { return lost_; }
  /// From the first attempt to the answer, in seconds, of all that were answered.
  const QuantileSketch& latencies() const { return latencies_; }
  double latency_mean() const { return answered_ > 0 ? latency_sum_ / static_cast<double>(answered_) : 0; }

  void on(const RequestArrived&);
  void on(const RequestRetried&);
  void on(const RequestAnswered&);

 private:
  /// One request on a target.
  struct Record {
    Time start, departure;
    Time first;               // attempt
    int attempt = 0;          // 0 is the first
    bool abandoned = false;   // its client has given up
    bool counted = false;
  };
  struct Target {
    bool warm = false;
    std::optional<TargetKind> kind;
    std::uint32_t host = 0;
    std::vector<Time> free_at;      // of each vCPU, a heap with the earliest first
    std::vector<Record> records;    // a ring, first come first
    std::size_t first = 0, count = 0;
    std::size_t started = 0;        // of these, in their order, those whose service has begun
    std::uint32_t outstanding = 0;  // where the fewest count
    std::uint32_t tenure = 0;       // grows when its requests are lost or it leaves
    double credit = 0;              // of a slow start
    double uncounted = 0;           // vCPU seconds that it took on, and that no group's work has yet
  };
  struct Waiting {                  // for a retry
    Time first;
    int attempt = 0;
  };
  /// The targets that receive, of one zone or of all.
  struct Pool {
    std::vector<std::uint32_t> targets;
    std::vector<std::size_t> next;  // by node of the balancer
  };

  void schedule_arrival();
  void attempt(Time first, int attempt);
  std::optional<std::uint32_t> choose();
  static bool takes_turn(Target& target);
  void send(std::uint32_t target, Time first, int attempt);
  void fail(Time first, int attempt, Time when);
  void rebuild_pools();
  void pop_answered(Target& target);
  void answer(const Target& target, Record& record);
  Record& record(Target& target, std::size_t index) {
    const std::size_t at = target.first + index;
    return target.records[at < target.records.size() ? at : at - target.records.size()];
  }
  void push(Target& target, const Record& record);
  /// vCPU seconds that it has still to work.
  double ahead(Target& target);
  void count_work(Target& target);
  double sample_service();

  Simulation& sim_;
  const FleetConfig& config_;
  const bool fewest_;
  const ServiceShape shape_;
  std::vector<RequestHost> hosts_;
  std::vector<Target> targets_;       // by instance
  std::vector<Pool> pools_;
  std::vector<std::size_t> open_pools_;  // those with targets
  bool pools_stale_ = true;
  double rate_ = 0;                   // requests/s
  EventHandle next_arrival_;
  Stream arrivals_, services_, choices_, back_off_;
  std::vector<Waiting> waiting_;
  FreeNumbers free_waiting_;
  std::vector<GroupWork> group_work_;
  std::vector<GroupService> group_service_;  // where the fleet has target_metrics

  std::vector<Totals> totals_;
  std::uint64_t answered_ = 0, dropped_ = 0, attempts_ = 0, retries_ = 0, timed_out_ = 0, refused_ = 0, lost_ = 0;
  double latency_sum_ = 0;
  QuantileSketch latencies_;
};

}  // namespace fleetsim::fleet
