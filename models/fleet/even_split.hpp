#pragma once
/// An even split of requests over all instances in service, and what the instances of each host class made of their part.
///
/// Every instance is offered the same, so one instance of each kind is followed: what it refused and answered late and
/// what its metric was, integrated over time. A change adds to these, once for each kind. What the instances of a host
/// class did is their number times what one of the kind did since that number changed last. So a change costs the same
/// however many groups and zones the fleet has: docs/decisions/0014. Mostly nothing is refused or late, which two comparisons
/// tell for all kinds together; then a change adds to what is offered and to the metric.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/fleet/fluid.hpp"
#include "models/fleet/latency.hpp"

namespace fleetsim::fleet {

/// Requests of instances together. refused + late <= offered.
struct SharedWork {
  Requests offered, refused, late;
  Requests admitted() const { return offered - refused; }
  Requests served() const { return offered - refused - late; }
  SharedWork operator-(const SharedWork& other) const {
    return {offered - other.offered, refused - other.refused, late - other.late};
  }
};

/// What the warm instances of a host class did in a metric period, summed over them.
struct WarmWork {
  double time = 0;                    ///< ns
  double metric_time = 0;             ///< percent x ns
  double offered = 0, admitted = 0;   ///< requests, where the fleet has instance_metrics
};

class EvenSplit {
 public:
  explicit EvenSplit(const FleetConfig& config);

  /// Hosts come in the order of their numbers. Those that are equal are of one kind.
  void add_host(const HostClass& host);
  /// Follows what flows up to `now`. Shares are computed only if time has passed since they changed, so that any number of
  /// changes in one instant cost one computation. Requires: not before the instant of the last call.
  void advance(Time now) {
    if (now != now_) advance_on(now);
  }

  // All that follow, but for close_period, require that it has advanced to the present instant.

  void set_rate(RequestRate offered);
  void set_errors(std::size_t host, double share);
  /// So many more instances of the host class serve, or are warm.
  void change_serving(std::size_t host, std::int64_t by);
  void change_warm(std::size_t host, std::int64_t by);
  /// Forgets the requests before this instant.
  void restart();

  /// Of one instance in service.
  EachLoad load(std::size_t host);
  /// Of all instances. Exact: what is offered, while any instance serves, and what no limit refuses of it.
  const SharedWork& all() const { return all_; }
  /// Of a host class. Rounded down, so that those of all classes may sum to a little less than all().
  SharedWork work(std::size_t host);
  /// The same since the last call of this, or since the run began.
  SharedWork take_work(std::size_t host);
  /// The first metric period begins at `now`; all are as long.
  void begin_periods(Time now) {
    advance(now);
    begin_period(now);
    period_closed_ = false;
  }
  /// Whether nothing has changed in the metric period that ends now and in the one before: what the hosts did in both is the
  /// same, bit for bit.
  bool repeats() const { return period_closed_ && now_ <= period_before_; }
  /// Ends a period that repeats at `now`.
  void close_repeated_period(Time now) { begin_period(now); }
  /// Ends a metric period at `now`: take(host, WarmWork) for each host class of which some were warm in it.
  template <class Take>
  void close_period(Time now, Take take) {
    end_period(now);
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
      if (hosts_[h].warm > 0 || hosts_[h].warm_time > 0) take(h, warm_work(hosts_[h]));
    }
    begin_period(now);
  }

 private:
  // Requests in 2^-20 of their own unit, and the metric in 2^-48 percent x ns: as fine as a double. Whole numbers, so that
  // it does not matter when and in which order they are added.

  /// What an instance takes of its share, and its metric. Kinds of hosts that differ only in how late they answer have one.
  struct Intake {
    RequestRate admitted_max, nominal;
    double admitted_max_per_second = 0, nominal_per_second = 0;
    Int128 limit = 0;                 // admitted_max, a ns
    std::int64_t serving = 0;
    // Of one instance, a ns; if shares_known_ and some serve.
    Int128 refused_rate = 0;
    std::int64_t metric_rate = 0;
    double percent = 0;
    // Of one instance, up to now_; and when the metric period began, unless nothing has changed since.
    Int128 refused = 0, refused_begun = 0;
    Int128 metric = 0, metric_begun = 0;
    WarmWork of_one;                  // in the period that ends, if it was warm all the time
  };
  /// Of so much admitted, requests/s, the share that is late.
  struct KnownLate {
    double admitted = -1, share = 0;
  };
  struct Kind {
    explicit Kind(const HostClass& of)
        : host(of), lateness(of.vcpus, to_requests_per_second(of.capacity), of.budget) {}

    HostClass host;
    Lateness lateness;
    std::uint32_t intake = 0;
    std::int64_t serving = 0;
    double punctual_up_to = 0;        // requests/s: none is late; below zero if some always are
    Int128 late_rate = 0;             // of one instance, a ns; if shares_known_ and some serve
    Int128 late_done = 0;             // of one instance, up to now_
    // By the number of instances in service, whose numbers come back while the demand is steady.
    std::array<KnownLate, 32> known{};
  };
  struct Host {
    std::uint32_t kind = 0;
    std::uint32_t intake = 0;         // of the kind
    std::int64_t warm = 0;
    // Of the metric period until `warm` changed, if it has.
    Time warm_since;
    double warm_time = 0;             // ns
    Int128 metric_then = 0;           // of one instance of the kind, then
    Int128 metric_time = 0;           // of all until then
    // Since the run began, until `serving` changed.
    std::int64_t serving = 0;
    SharedWork work;
    Int128 offered_settled = 0, refused_settled = 0, late_settled = 0;  // of one instance of the kind, then
    // As `metric_then` and `metric_time`, where the fleet has instance_metrics.
    Int128 offered_then = 0, refused_then = 0;
    Int128 warm_offered = 0, warm_refused = 0;
    SharedWork forgotten, taken;      // of `work`
  };
  std::uint32_t intake_of(const HostClass& host);
  std::uint32_t kind_of(const HostClass& host);
  void begin_kind(Host& host);
  /// Brings the limits up to which nothing is lost down to those of the host; and finds them anew, over all hosts.
  void note_limits(const Host& host);
  void find_limits();
  void share_out() {
    if (!shares_known_) find_shares();
  }
  void find_shares();
  /// The part of that for when something may be refused or late.
  void share_out_losses(double each);
  double late_share(Kind& kind, double admitted) const;
  void count_serving(Host& host, std::int64_t by);
  void settle(Host& host);
  void settle_warm(Host& host);
  void advance_on(Time now);
  void follow(Time until);
  void note_begun();
  void end_period(Time now);
  WarmWork warm_work(Host& host) {
    if (host.warm_since > period_began_) return changed_warm_work(host);
    const WarmWork& one = intakes_[host.intake].of_one;
    const auto warm = static_cast<double>(host.warm);
    return {.time = warm * one.time,
            .metric_time = warm * one.metric_time,
            .offered = warm * one.offered,
            .admitted = warm * one.admitted};
  }
  /// The same of one whose number of warm instances has changed in the period.
  WarmWork changed_warm_work(Host& host);
  void begin_period(Time now);

  const FleetConfig& config_;
  RequestRate offered_;
  double offered_per_second_ = 0;
  Time now_;
  bool shares_known_ = false;
  bool refusing_ = false;             // of shares_known_: some kind may refuse requests
  bool losing_ = false;               // or answer them late
  std::int64_t serving_ = 0;
  Int128 level_ = 0;                  // offered to one instance, a ns; if shares_known_, as are the next two
  Int128 refused_ = 0, late_ = 0;     // by all, a ns
  // Up to these, of one instance, no host refuses anything, or answers anything late.
  Int128 admitted_up_to_;
  double punctual_up_to_;
  Int128 offered_done_ = 0;           // to one instance, up to now_
  Int128 offered_begun_ = 0;          // when the metric period began, as `begun`
  Time period_began_, period_before_; // and the one before it, if one was closed
  bool period_closed_ = false;
  SharedWork all_;
  std::vector<Intake> intakes_;
  std::vector<Kind> kinds_;
  std::vector<Host> hosts_;
};

}  // namespace fleetsim::fleet
