// What the warm instances of a group did in a metric period, and when their group sees it.

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "models/fleet/metric.hpp"
#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Group;

namespace {

/// Writes what the clients of a group saw; `seconds` is the length of the period.
void add_service(const fleet::PeriodService& service, double seconds, std::optional<PeriodMetrics>& metrics) {
  if (!metrics) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    metrics = PeriodMetrics{.percent = none, .cpu = none, .requests_per_minute = none, .network_in = none, .network_out = none};
  }
  if (service.sent > 0) metrics->errors = 100 * std::min(1.0, service.failed / service.sent);
  if (service.answered > 0) metrics->latency = service.answering / service.answered;
  metrics->unhealthy = service.unhealthy / seconds;
}

}  // namespace

void Fleet::State::integrate_service(double seconds) {
  for (std::size_t h = 0; h < hosts.size(); ++h) {
    fleet::PeriodService& service = services[placements[placement_of_host[h]].group];
    service.unhealthy += static_cast<double>(targets->unhealthy(h)) * seconds;
    if (requests || flows[h].offered == RequestRate{}) continue;
    const fleet::Flow& flow = flows[h];
    const double admitted = to_requests_per_second(flow.admitted) * seconds;
    const double sent = to_requests_per_second(flow.offered) * seconds;
    service.sent += sent;
    service.failed += sent - admitted;
    service.answered += admitted;
    service.answering += flow.answering * seconds;
  }
}

void Fleet::State::take_even_period() {
  const Time now = sim.now();
  if (config.target_metrics) {
    even->advance(now);
    for (std::size_t h = 0; h < hosts.size(); ++h) {
      const fleet::SharedWork sent = even->take_work(h);
      services[warm[h].group].sent += to_double(sent.offered);
      services[warm[h].group].failed += to_double(sent.refused);
    }
  }
  even->close_period(now, [this](std::size_t h, const fleet::WarmWork& work) {
    const fleet::WarmHosts& host = warm[h];
    fleet::PeriodSums& sums = period_sums[host.group];
    sums.warm_time += work.time;
    sums.metric_time += work.metric_time;
    sums.units_time += host.units * work.time;
    if (!config.instance_metrics) return;
    sums.work.offered += work.offered;
    sums.work.admitted += work.admitted;
    sums.work.busy += work.admitted / host.nominal;
  });
}

void Fleet::State::close_plain_period(std::optional<PeriodMetrics>* by_group) {
  // Without a lag the values of the period before are still where this one's go.
  if (config.metric_lag == Duration{} && even->repeats()) {
    even->close_repeated_period(sim.now());
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (!by_group[g]) continue;
      groups[g].metric_sum += by_group[g]->percent;
      ++groups[g].metric_periods;
    }
    return;
  }
  const auto take = [sums_of = period_sums.data(), hosts_of = warm.data()](std::size_t h, const fleet::WarmWork& work) {
    const fleet::WarmHosts& host = hosts_of[h];
    fleet::PeriodSums& sums = sums_of[host.group];
    sums.warm_time += work.time;
    sums.metric_time += work.metric_time;
    sums.units_time += host.units * work.time;
  };
  even->close_period(sim.now(), take);
  const auto period = static_cast<double>(config.metric_period.count());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::optional<PeriodMetrics>& metrics = by_group[g];
    metrics.reset();
    fleet::PeriodSums& sums = period_sums[g];
    if (sums.warm_time <= 0) continue;
    Group& group = groups[g];
    PeriodMetrics& of_group = metrics.emplace();
    of_group.percent = sums.metric_time / sums.warm_time;
    of_group.units = sums.units_time / period;
    group.metric_sum += of_group.percent;
    ++group.metric_periods;
    sums.metric_time = sums.warm_time = sums.units_time = 0;
  }
}

void Fleet::State::close_period(std::optional<PeriodMetrics>* by_group) {
  if (even && !config.instance_metrics && !config.target_metrics) return close_plain_period(by_group);
  if (even) take_even_period();
  if (requests) requests->count_work();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Group& group = groups[g];
    std::optional<PeriodMetrics>& metrics = by_group[g];
    metrics.reset();
    fleet::PeriodSums sums = std::exchange(period_sums[g], {});
    fleet::GroupWork counted;
    if (requests) {
      counted = requests->take_group_work(g);
      // What clients gave up, or never got an answer to, is work and traffic too.
      sums.work = {.offered = counted.sent, .admitted = counted.taken, .busy = counted.worked};
    }
    if (config.target_metrics) {
      fleet::PeriodService service = std::exchange(services[g], {});
      if (requests) {
        const fleet::GroupService seen = requests->take_group_service(g);
        service.sent = seen.sent;
        service.failed += seen.failed;
        service.answered = seen.sent - seen.failed;
        service.answering = seen.answering;
      }
      add_service(service, to_seconds(config.metric_period), metrics);
    }
    if (sums.warm_time <= 0) continue;
    const double seconds = sums.warm_time / nanoseconds_per_second;
    if (!metrics) metrics.emplace();
    metrics->percent =
        requests ? fleet::metric_percent(config, counted.offered / seconds, counted.admitted / seconds, 1)
                 : sums.metric_time / sums.warm_time;
    metrics->units = sums.units_time / static_cast<double>(config.metric_period.count());
    group.metric_sum += metrics->percent;
    ++group.metric_periods;
    if (!config.instance_metrics) continue;
    metrics->cpu = 100 * sums.work.busy / seconds;
    metrics->requests_per_minute = 60 * sums.work.offered / seconds;
    metrics->network_in = metrics->requests_per_minute * static_cast<double>(config.network_in_per_request.count());
    metrics->network_out = 60 * sums.work.admitted / seconds * static_cast<double>(config.network_out_per_request.count());
  }
}

void Fleet::State::period_ended() {
  integrate();
  close_period(seen_later.data() + rows_on_their_way * groups.size());
  if (config.metric_lag == Duration{}) return scaling.metrics_published(first_group, seen_later);  // one row
  ++rows_on_their_way;
  sim.schedule(self, config.metric_lag, MetricSeen{});
}

void Fleet::on(const MetricSeen&) {
  State& s = *state_;
  const auto groups = static_cast<std::ptrdiff_t>(s.groups.size());
  s.scaling.metrics_published(s.first_group, std::span(s.seen_later).first(s.groups.size()));
  if (--s.rows_on_their_way > 0) std::rotate(s.seen_later.begin(), s.seen_later.begin() + groups, s.seen_later.end());
}

}  // namespace fleetsim
