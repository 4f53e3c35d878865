#include "models/fleet/even_split.hpp"

#include <algorithm>
#include <utility>

#include "models/fleet/latency.hpp"
#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

namespace {

constexpr int request_bits = 20;
constexpr double request_units = 1e15 * (1 << request_bits);  // of a request
constexpr double percent_units = static_cast<double>(std::int64_t{1} << 48);

Int128 fine(RequestRate rate) { return static_cast<Int128>(rate.count()) << request_bits; }
Requests whole(Int128 fine_requests) { return Requests::of(fine_requests >> request_bits); }

/// fine(rate) / instances, rounded down. A division of 128 bits costs several of 64.
Int128 level_of(RequestRate rate, std::int64_t instances) {
  constexpr std::int64_t most = std::int64_t{1} << (62 - request_bits);
  if (rate.count() < most) return (rate.count() << request_bits) / instances;
  return fine(rate) / instances;
}

Int128 share_of(double share, Int128 requests) {
  return share >= 1 ? requests : static_cast<Int128>(share * static_cast<double>(requests));
}

}  // namespace

std::uint32_t EvenSplit::kind_of(const HostClass& host) {
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) { return kind.host == host; });
  const auto number = static_cast<std::uint32_t>(known - kinds_.begin());
  if (known == kinds_.end()) {
    kinds_.push_back({.host = host,
                      .admitted_max = to_requests_per_second(host.admitted_max),
                      .capacity = to_requests_per_second(host.capacity),
                      .nominal = to_requests_per_second(host.nominal),
                      .rate = {},
                      .done = {},
                      .percent = 0,
                      .begun = {},
                      .of_one = {}});
  }
  return number;
}

void EvenSplit::add_host(const HostClass& host) {
  Host& added = hosts_.emplace_back();
  added.kind = kind_of(host);
  begin_kind(added);
}

void EvenSplit::begin_kind(Host& host) {
  const OfOne& done = kinds_[host.kind].done;
  host.offered_settled = host.offered_then = offered_done_;
  host.settled = done;
  host.warm_since = now_;
  host.metric_then = done.metric;
  host.refused_then = done.refused;
}

void EvenSplit::share_out() {
  if (shares_known_) return;
  shares_known_ = true;
  refused_ = late_ = 0;
  level_ = 0;
  if (serving_ == 0) return;
  level_ = level_of(offered_, serving_);
  const double each = to_requests_per_second(offered_) / static_cast<double>(serving_);
  Int128 left = fine(offered_);
  std::int64_t instances_left = serving_;
  for (Kind& kind : kinds_) {
    if (kind.serving == 0) continue;
    // The last kind takes what is left of the division, so that all is offered to somebody.
    instances_left -= kind.serving;
    const Int128 offered = instances_left == 0 ? left : level_ * kind.serving;
    left -= offered;
    const Int128 limit = fine(kind.host.admitted_max);
    Int128 refused = 0;
    kind.rate.refused = 0;
    if (level_ >= limit) {
      kind.rate.refused = level_ - limit;
      refused = offered - limit * kind.serving;
      refused_ += refused;
    }
    const double admitted = std::min(each, kind.admitted_max);
    double late = late_fraction(kind.host.vcpus, kind.capacity, admitted, kind.host.budget);
    if (kind.host.errors > 0) late = 1 - (1 - late) * (1 - kind.host.errors);
    kind.rate.late = 0;
    if (late > 0) {
      kind.rate.late = share_of(late, level_ - kind.rate.refused);
      late_ += share_of(late, offered - refused);
    }
    const auto metric = static_cast<std::int64_t>(metric_percent(config_, each, admitted, kind.nominal) * percent_units);
    kind.rate.metric = metric;
    kind.percent = static_cast<double>(metric) / percent_units;
  }
}

void EvenSplit::advance(Time now) {
  if (now == now_) return;
  if (now_ < period_began_) {
    follow(period_began_);
    note_begun();
  }
  follow(now);
}

void EvenSplit::note_begun() {
  offered_begun_ = offered_done_;
  for (Kind& kind : kinds_) kind.begun = kind.done;
}

void EvenSplit::follow(Time until) {
  const Duration elapsed = until - now_;
  now_ = until;
  share_out();
  if (serving_ == 0) return;
  const std::int64_t ns = elapsed.count();
  offered_done_ += level_ * ns;
  all_.offered += offered_ * elapsed;
  // Mostly nothing is refused or late, and a product of 128 bits costs more than to look.
  if (refused_ > 0) all_.refused += whole(refused_ * ns);
  if (late_ > 0) all_.late += whole(late_ * ns);
  for (Kind& kind : kinds_) {
    if (kind.serving == 0) continue;
    kind.done.metric += kind.rate.metric * ns;
    if (kind.rate.refused > 0) kind.done.refused += kind.rate.refused * ns;
    if (kind.rate.late > 0) kind.done.late += kind.rate.late * ns;
  }
}

void EvenSplit::set_rate(RequestRate offered) {
  offered_ = offered;
  shares_known_ = false;
}

void EvenSplit::settle(Host& host) {
  const OfOne& done = kinds_[host.kind].done;
  if (host.serving > 0) {
    host.work.offered += whole(host.serving * (offered_done_ - host.offered_settled));
    if (done.refused != host.settled.refused) host.work.refused += whole(host.serving * (done.refused - host.settled.refused));
    if (done.late != host.settled.late) host.work.late += whole(host.serving * (done.late - host.settled.late));
  }
  host.offered_settled = offered_done_;
  host.settled = done;
}

void EvenSplit::settle_warm(Host& host) {
  const Kind& kind = kinds_[host.kind];
  if (host.warm_since < period_began_) {
    host.warm_since = period_began_;
    host.metric_then = kind.begun.metric;
    host.offered_then = offered_begun_;
    host.refused_then = kind.begun.refused;
  }
  if (host.warm > 0) {
    host.warm_time += static_cast<double>(host.warm) * static_cast<double>((now_ - host.warm_since).count());
    host.metric_time += host.warm * (kind.done.metric - host.metric_then);
    if (config_.instance_metrics) {
      host.warm_offered += host.warm * (offered_done_ - host.offered_then);
      host.warm_refused += host.warm * (kind.done.refused - host.refused_then);
    }
  }
  host.warm_since = now_;
  host.metric_then = kind.done.metric;
  host.offered_then = offered_done_;
  host.refused_then = kind.done.refused;
}

void EvenSplit::set_errors(std::size_t number, double share) {
  Host& host = hosts_[number];
  settle(host);
  settle_warm(host);
  HostClass changed = kinds_[host.kind].host;
  changed.errors = share;
  kinds_[host.kind].serving -= host.serving;
  host.kind = kind_of(changed);
  kinds_[host.kind].serving += host.serving;
  begin_kind(host);
  shares_known_ = false;
}

void EvenSplit::change_serving(std::size_t number, std::int64_t by) {
  Host& host = hosts_[number];
  settle(host);
  host.serving += by;
  kinds_[host.kind].serving += by;
  serving_ += by;
  shares_known_ = false;
}

void EvenSplit::change_warm(std::size_t number, std::int64_t by) {
  Host& host = hosts_[number];
  settle_warm(host);
  host.warm += by;
}

void EvenSplit::restart() {
  all_ = {};
  for (Host& host : hosts_) {
    settle(host);
    host.forgotten = host.work;
  }
}

EachLoad EvenSplit::load(std::size_t host) {
  share_out();
  const Kind& kind = kinds_[hosts_[host].kind];
  const double each = to_requests_per_second(offered_) / static_cast<double>(serving_);
  return {.offered = each, .admitted = std::min(each, kind.admitted_max)};
}

SharedWork EvenSplit::work(std::size_t number) {
  Host& host = hosts_[number];
  settle(host);
  return host.work - host.forgotten;
}

SharedWork EvenSplit::take_work(std::size_t number) {
  Host& host = hosts_[number];
  settle(host);
  return host.work - std::exchange(host.taken, host.work);
}

void EvenSplit::end_period(Time now) {
  const auto length = static_cast<double>((now - period_began_).count());
  if (now_ <= period_began_) {
    // Nothing has changed in this period: no sum is needed, and the next change will add it to the sums.
    share_out();
    const double seconds = length / nanoseconds_per_second;
    for (Kind& kind : kinds_) {
      kind.of_one = {.time = length, .metric_time = kind.percent * length};
      if (!config_.instance_metrics || serving_ == 0) continue;
      const double each = to_requests_per_second(offered_) / static_cast<double>(serving_);
      kind.of_one.offered = each * seconds;
      kind.of_one.admitted = std::min(each, kind.admitted_max) * seconds;
    }
    return;
  }
  advance(now);
  for (Kind& kind : kinds_) {
    kind.of_one.time = length;
    kind.of_one.metric_time = static_cast<double>(kind.done.metric - kind.begun.metric) / percent_units;
    if (!config_.instance_metrics) continue;
    const Int128 offered = offered_done_ - offered_begun_, refused = kind.done.refused - kind.begun.refused;
    kind.of_one.offered = static_cast<double>(offered) / request_units;
    kind.of_one.admitted = static_cast<double>(offered - refused) / request_units;
  }
}

WarmWork EvenSplit::warm_work(Host& host) {
  if (host.warm_since <= period_began_) {
    const WarmWork& one = kinds_[host.kind].of_one;
    const auto warm = static_cast<double>(host.warm);
    return {.time = warm * one.time,
            .metric_time = warm * one.metric_time,
            .offered = warm * one.offered,
            .admitted = warm * one.admitted};
  }
  settle_warm(host);
  WarmWork work{.time = std::exchange(host.warm_time, 0),
                .metric_time = static_cast<double>(std::exchange(host.metric_time, 0)) / percent_units};
  if (config_.instance_metrics) {
    const Int128 offered = std::exchange(host.warm_offered, 0), refused = std::exchange(host.warm_refused, 0);
    work.offered = static_cast<double>(offered) / request_units;
    work.admitted = static_cast<double>(offered - refused) / request_units;
  }
  return work;
}

void EvenSplit::begin_period(Time now) {
  period_began_ = now;
  if (now_ == now) note_begun();
}

}  // namespace fleetsim::fleet
