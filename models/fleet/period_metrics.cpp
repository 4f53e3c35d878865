// What the instances of a group did in a metric period, from the exact totals at its two ends.

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Placement;

void Fleet::State::close_period(std::optional<PeriodMetrics>* by_group) {
  struct Sums {
    double offered = 0, admitted = 0;   // requests
    double busy = 0;                    // instance-seconds at full utilization
    double serving = 0;                 // instance-seconds
  };
  const std::vector<double>* worked = requests ? &requests->worked_so_far() : nullptr;
  const auto add = [&](std::size_t p, Sums& sums) {
    const Placement& placement = placements[p];
    const double admitted = to_double(placement.totals.admitted - placement.period.admitted);
    sums.admitted += admitted;
    if (requests) {
      // What clients gave up, or never got an answer to, is work and traffic too.
      sums.offered += static_cast<double>(requests->totals()[p].sent - placement.period.sent);
      sums.busy += ((*worked)[p] - placement.period.worked) / placement.config.vcpus;
    } else {
      sums.offered += to_double(placement.totals.offered - placement.period.offered);
      sums.busy += admitted / to_requests_per_second(hosts[placement.host].capacity);
    }
    sums.serving += fleet::to_instance_hours(placement.totals.serving - placement.period.serving) * 3600;
  };
  post_flows();
  if (requests) take_counted_requests();
  // Placements are in the order of their groups.
  for (std::size_t p = 0; p < placements.size();) {
    const std::size_t group = placements[p].group;
    std::optional<PeriodMetrics>& metrics = by_group[group];
    Sums sums;
    for (; p < placements.size() && placements[p].group == group; ++p) {
      if (metrics) add(p, sums);
      placements[p].period = {.offered = placements[p].totals.offered,
                              .admitted = placements[p].totals.admitted,
                              .serving = placements[p].totals.serving,
                              .sent = requests ? requests->totals()[p].sent : 0,
                              .worked = requests ? (*worked)[p] : 0};
    }
    if (!metrics || sums.serving <= 0) continue;
    metrics->cpu = 100 * sums.busy / sums.serving;
    metrics->requests_per_minute = 60 * sums.offered / sums.serving;
    const double served_per_minute = 60 * sums.admitted / sums.serving;
    metrics->network_in = metrics->requests_per_minute * static_cast<double>(config.network_in_per_request.count());
    metrics->network_out = served_per_minute * static_cast<double>(config.network_out_per_request.count());
  }
}

void Fleet::State::keep_periods() {
  if (requests) take_counted_requests();
  for (std::size_t p = 0; p < placements.size(); ++p) {
    Placement& placement = placements[p];
    if (requests) {
      placement.period.sent -= requests->totals()[p].sent;
      placement.period.worked -= requests->totals()[p].busy;
    }
    placement.period.offered -= placement.totals.offered;
    placement.period.admitted -= placement.totals.admitted;
    placement.period.serving -= placement.totals.serving;
  }
}

}  // namespace fleetsim
