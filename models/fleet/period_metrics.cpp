// What the warm instances of a group did in a metric period.

#include <utility>

#include "models/fleet/metric.hpp"
#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Group;

void Fleet::State::close_period(std::optional<PeriodMetrics>* by_group) {
  if (requests) requests->count_work();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Group& group = groups[g];
    std::optional<PeriodMetrics>& metrics = by_group[g];
    metrics.reset();
    if (!requests && period_sums[g].warm_time == 0) continue;  // then all of them are zero
    fleet::PeriodSums sums = std::exchange(period_sums[g], {});
    fleet::GroupWork counted;
    if (requests) {
      counted = requests->take_group_work(g);
      // What clients gave up, or never got an answer to, is work and traffic too.
      sums.work = {.offered = counted.sent, .admitted = counted.taken, .busy = counted.worked};
    }
    if (sums.warm_time <= 0) continue;
    const double seconds = sums.warm_time / nanoseconds_per_second;
    metrics.emplace().percent =
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

}  // namespace fleetsim
