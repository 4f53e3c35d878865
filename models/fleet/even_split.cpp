#include "models/fleet/even_split.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "models/fleet/metric.hpp"

namespace fleetsim::fleet {

namespace {

constexpr int request_bits = 20;
constexpr double request_units = 1e15 * (1 << request_bits);  // of a request
constexpr double percent_units = static_cast<double>(std::int64_t{1} << 48);
constexpr Int128 no_limit = Int128{1} << 126;

Int128 fine(RequestRate rate) { return static_cast<Int128>(rate.count()) << request_bits; }
Requests whole(Int128 fine_requests) { return Requests::of(fine_requests >> request_bits); }

/// fine(rate) / instances, rounded down. A division of 128 bits costs several of 64.
Int128 level_of(RequestRate rate, std::int64_t instances) {
  constexpr std::int64_t most = std::int64_t{1} << (62 - request_bits);
  if (rate.count() < most) return (rate.count() << request_bits) / instances;
  return fine(rate) / instances;
}

/// As a conversion of the language, which is a call that takes twice the time.
double nearest_double(Int128 value) {
  if (value == static_cast<std::int64_t>(value)) return static_cast<double>(static_cast<std::int64_t>(value));
  __extension__ using Uint128 = unsigned __int128;
  const Uint128 size = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  // 63 bits are left, the last of which stands for all below it: more than a double has, so it is rounded once.
  const int dropped = 65 - std::countl_zero(static_cast<std::uint64_t>(size >> 64U));
  const auto kept = static_cast<std::int64_t>(size >> dropped) | ((size << (128 - dropped)) != 0 ? 1 : 0);
  const double nearest = static_cast<double>(kept) * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + dropped) << 52U);
  return value < 0 ? -nearest : nearest;
}

/// Rounded down. A conversion to 128 bits is a call.
Int128 share_of(double share, Int128 requests) {
  if (share >= 1) return requests;
  const double part = share * nearest_double(requests);
  return part < 0x1p63 ? Int128{static_cast<std::int64_t>(part)} : static_cast<Int128>(part);
}

}  // namespace

EvenSplit::EvenSplit(const FleetConfig& config) : config_(config) { find_limits(); }

std::uint32_t EvenSplit::intake_of(const HostClass& host) {
  const auto known = std::find_if(intakes_.begin(), intakes_.end(), [&](const Intake& intake) {
    return intake.admitted_max == host.admitted_max && intake.nominal == host.nominal;
  });
  const auto number = static_cast<std::uint32_t>(known - intakes_.begin());
  if (known == intakes_.end()) {
    Intake& added = intakes_.emplace_back();
    added.admitted_max = host.admitted_max;
    added.nominal = host.nominal;
    added.admitted_max_per_second = to_requests_per_second(host.admitted_max);
    added.nominal_per_second = to_requests_per_second(host.nominal);
    added.limit = fine(host.admitted_max);
  }
  return number;
}

std::uint32_t EvenSplit::kind_of(const HostClass& host) {
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) { return kind.host == host; });
  const auto number = static_cast<std::uint32_t>(known - kinds_.begin());
  if (known == kinds_.end()) {
    Kind& added = kinds_.emplace_back(host);
    added.intake = intake_of(host);
    added.punctual_up_to = host.errors > 0 ? -1 : added.lateness.punctual_arrivals();
    shares_known_ = false;
  }
  return number;
}

void EvenSplit::add_host(const HostClass& host) {
  Host& added = hosts_.emplace_back();
  added.kind = kind_of(host);
  begin_kind(added);
  note_limits(added);
}

void EvenSplit::note_limits(const Host& host) {
  admitted_up_to_ = std::min(admitted_up_to_, intakes_[host.intake].limit - 1);
  punctual_up_to_ = std::min(punctual_up_to_, kinds_[host.kind].punctual_up_to);
}

void EvenSplit::find_limits() {
  admitted_up_to_ = no_limit;
  punctual_up_to_ = std::numeric_limits<double>::infinity();
  for (const Host& host : hosts_) note_limits(host);
}

void EvenSplit::begin_kind(Host& host) {
  const Kind& kind = kinds_[host.kind];
  const Intake& intake = intakes_[kind.intake];
  host.intake = kind.intake;
  host.offered_settled = host.offered_then = offered_done_;
  host.refused_settled = host.refused_then = intake.refused;
  host.late_settled = kind.late_done;
  host.warm_since = now_;
  host.metric_then = intake.metric;
}

void EvenSplit::find_shares() {
  shares_known_ = true;
  refused_ = late_ = 0;
  level_ = 0;
  if (serving_ == 0) return;
  level_ = level_of(offered_, serving_);
  const double each = offered_per_second_ / static_cast<double>(serving_);
  for (Intake& intake : intakes_) {
    if (intake.serving == 0) continue;
    const double admitted = std::min(each, intake.admitted_max_per_second);
    const double percent = metric_percent(config_, each, admitted, intake.nominal_per_second);
    intake.metric_rate = static_cast<std::int64_t>(percent * percent_units);
    intake.percent = static_cast<double>(intake.metric_rate) / percent_units;
  }
  refusing_ = level_ > admitted_up_to_;
  losing_ = refusing_ || !(each <= punctual_up_to_);
  if (losing_) share_out_losses(each);
}

void EvenSplit::share_out_losses(double each) {
  for (Intake& intake : intakes_) intake.refused_rate = std::max<Int128>(0, level_ - intake.limit);
  Int128 left = fine(offered_);
  std::int64_t instances_left = serving_;
  for (Kind& kind : kinds_) {
    if (kind.serving == 0) continue;
    const Intake& intake = intakes_[kind.intake];
    // The last kind takes what is left of the division, so that all is offered to somebody.
    instances_left -= kind.serving;
    const Int128 offered = instances_left == 0 ? left : level_ * kind.serving;
    left -= offered;
    const Int128 refused = level_ >= intake.limit ? offered - intake.limit * kind.serving : 0;
    refused_ += refused;
    const double admitted = std::min(each, intake.admitted_max_per_second);
    const double late = late_share(kind, admitted);
    kind.late_rate = late > 0 ? share_of(late, level_ - intake.refused_rate) : 0;
    if (late > 0) late_ += share_of(late, offered - refused);
  }
}

double EvenSplit::late_share(Kind& kind, double admitted) const {
  KnownLate& known = kind.known[static_cast<std::size_t>(serving_) % kind.known.size()];
  if (known.admitted == admitted) return known.share;
  double late = kind.lateness.of(admitted);
  if (kind.host.errors > 0) late = 1 - (1 - late) * (1 - kind.host.errors);
  known = {.admitted = admitted, .share = late};
  return late;
}

void EvenSplit::advance_on(Time now) {
  if (now_ < period_began_) {
    follow(period_began_);
    note_begun();
  }
  follow(now);
}

void EvenSplit::note_begun() {
  offered_begun_ = offered_done_;
  for (Intake& intake : intakes_) {
    intake.metric_begun = intake.metric;
    intake.refused_begun = intake.refused;
  }
}

void EvenSplit::follow(Time until) {
  const Duration elapsed = until - now_;
  now_ = until;
  share_out();
  if (serving_ == 0) return;
  const std::int64_t ns = elapsed.count();
  offered_done_ += level_ * ns;
  all_.offered += offered_ * elapsed;
  for (Intake& intake : intakes_) {
    if (intake.serving > 0) intake.metric += static_cast<Int128>(intake.metric_rate) * ns;
  }
  if (!losing_) return;
  if (refusing_) {
    all_.refused += whole(refused_ * ns);
    for (Intake& intake : intakes_) {
      if (intake.serving > 0) intake.refused += intake.refused_rate * ns;
    }
  }
  all_.late += whole(late_ * ns);
  for (Kind& kind : kinds_) {
    if (kind.serving > 0) kind.late_done += kind.late_rate * ns;
  }
}

void EvenSplit::set_rate(RequestRate offered) {
  offered_ = offered;
  offered_per_second_ = to_requests_per_second(offered);
  shares_known_ = false;
}

void EvenSplit::settle(Host& host) {
  const Int128 refused = intakes_[host.intake].refused, late = kinds_[host.kind].late_done;
  if (host.serving > 0) {
    host.work.offered += whole(host.serving * (offered_done_ - host.offered_settled));
    if (refused != host.refused_settled) host.work.refused += whole(host.serving * (refused - host.refused_settled));
    if (late != host.late_settled) host.work.late += whole(host.serving * (late - host.late_settled));
  }
  host.offered_settled = offered_done_;
  host.refused_settled = refused;
  host.late_settled = late;
}

void EvenSplit::settle_warm(Host& host) {
  const Intake& intake = intakes_[host.intake];
  if (host.warm_since < period_began_) {
    host.warm_since = period_began_;
    host.metric_then = intake.metric_begun;
    host.offered_then = offered_begun_;
    host.refused_then = intake.refused_begun;
  }
  if (host.warm > 0) {
    host.warm_time += static_cast<double>(host.warm) * static_cast<double>((now_ - host.warm_since).count());
    host.metric_time += host.warm * (intake.metric - host.metric_then);
    if (config_.instance_metrics) {
      host.warm_offered += host.warm * (offered_done_ - host.offered_then);
      host.warm_refused += host.warm * (intake.refused - host.refused_then);
    }
  }
  host.warm_since = now_;
  host.metric_then = intake.metric;
  if (!config_.instance_metrics) return;
  host.offered_then = offered_done_;
  host.refused_then = intake.refused;
}

void EvenSplit::set_errors(std::size_t number, double share) {
  Host& host = hosts_[number];
  settle(host);
  settle_warm(host);
  const std::int64_t serving = host.serving;
  count_serving(host, -serving);
  HostClass changed = kinds_[host.kind].host;
  changed.errors = share;
  host.kind = kind_of(changed);
  begin_kind(host);
  find_limits();
  count_serving(host, serving);
}

void EvenSplit::count_serving(Host& host, std::int64_t by) {
  host.serving += by;
  kinds_[host.kind].serving += by;
  intakes_[host.intake].serving += by;
  serving_ += by;
  shares_known_ = false;
}

void EvenSplit::change_serving(std::size_t number, std::int64_t by) {
  Host& host = hosts_[number];
  settle(host);
  count_serving(host, by);
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
  const double each = offered_per_second_ / static_cast<double>(serving_);
  return {.offered = each, .admitted = std::min(each, intakes_[hosts_[host].intake].admitted_max_per_second)};
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
    for (Intake& intake : intakes_) {
      intake.of_one = {.time = length, .metric_time = intake.percent * length};
      if (!config_.instance_metrics || serving_ == 0) continue;
      const double each = offered_per_second_ / static_cast<double>(serving_);
      intake.of_one.offered = each * seconds;
      intake.of_one.admitted = std::min(each, intake.admitted_max_per_second) * seconds;
    }
    return;
  }
  advance(now);
  for (Intake& intake : intakes_) {
    // Both at once, since they are read as one word soon.
    intake.of_one = {.time = length, .metric_time = nearest_double(intake.metric - intake.metric_begun) / percent_units};
    if (!config_.instance_metrics) continue;
    const Int128 offered = offered_done_ - offered_begun_, refused = intake.refused - intake.refused_begun;
    intake.of_one.offered = nearest_double(offered) / request_units;
    intake.of_one.admitted = nearest_double(offered - refused) / request_units;
  }
}

WarmWork EvenSplit::changed_warm_work(Host& host) {
  settle_warm(host);
  WarmWork work{.time = std::exchange(host.warm_time, 0),
                .metric_time = nearest_double(std::exchange(host.metric_time, 0)) / percent_units};
  if (config_.instance_metrics) {
    const Int128 offered = std::exchange(host.warm_offered, 0), refused = std::exchange(host.warm_refused, 0);
    work.offered = nearest_double(offered) / request_units;
    work.admitted = nearest_double(offered - refused) / request_units;
  }
  return work;
}

void EvenSplit::begin_period(Time now) {
  period_closed_ = true;
  period_before_ = period_began_;
  period_began_ = now;
  if (now_ == now) note_begun();
}

}  // namespace fleetsim::fleet
