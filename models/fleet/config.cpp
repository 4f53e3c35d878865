#include "fleetsim/models/fleet.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

FleetConfig read_fleet(const std::string& name, config::Section& in) {
  FleetConfig config;
  config.name = name;
  in.required("serves", config.serves).doc("the demand that this fleet serves");
  in.optional("home_zone", config.home_zone)
      .doc("the zone of the main database; traffic with it crosses zones elsewhere");
  in.required("capacity_per_vcpu", config.capacity_per_vcpu)
      .between(requests_per_second(0.001), 1'000'000'000_per_s)
      .doc("requests that one vCPU serves at 100 % utilization");
  in.optional("utilization_max", config.utilization_max)
      .between(Ratio{0.01}, Ratio{0.9999})  // a queue that is always full never settles
      .doc("an instance refuses requests that would lift its utilization above this");
  in.optional("deadline", config.deadline).positive().doc("a response later than this counts as dropped");
  in.optional("home_round_trips", config.home_round_trips)
      .between(0, 1000)
      .doc("round trips to the home zone that a request waits for");
  in.optional("home_bytes_per_request", config.home_bytes_per_request)
      .between(0_B, 1000_GB)
      .doc("moved between an instance and the home zone for each request, both directions together");
  in.optional("network_in_per_request", config.network_in_per_request)
      .between(0_B, 1000_GB)
      .doc("received by the instance that serves it, for the metric network_in");
  in.optional("network_out_per_request", config.network_out_per_request)
      .between(0_B, 1000_GB)
      .doc("sent by it, for the metric network_out");
  in.optional("pending_time", config.pending_time).doc("from launch until the instance runs and is billed");
  in.optional("spot_fulfilment_time", config.spot_fulfilment_time)
      .doc("added to pending_time of a Spot Instance");
  config.boot_time_given = in.optional("boot_time", config.boot_time)
                               .doc("from running until the operating system is up; unless given, of Windows a log-normal of "
                                    "median 4m and sigma 0.35")
                               .given();
  in.optional("start_time", config.start_time).doc("then until the application serves");
  in.optional("resume_time", config.resume_time)
      .doc("from running until the application serves, of an instance that resumes from hibernation");
  in.optional("warm_start_time", config.warm_start_time)
      .doc("from the start of a stopped instance of a warm pool until it runs");
  in.optional("deregister_on_notice", config.deregister_on_notice)
      .doc("whether an interruption notice takes the instance out of service at once");
  in.optional("drain_time", config.drain_time)
      .not_negative()
      .doc("from out of service until terminated, at scale-in; billed");
  in.optional("service_time_cv", config.service_time_cv)
      .between(0, 10)
      .doc("coefficient of variation of the time that a request is served: 0 constant, 1 exponential, above 1 heavy-tailed");
  config.load_balancer = read_load_balancer(in);
  config.failures = read_failures(in);
  config.requests = read_requests(in);
  if (config.load_balancer && in.has("drain_time") && !in.describing()) {
    in.error("drain_time", "drain_time does not go with load_balancer",
             "leave it out: a target drains until its requests are answered, for deregistration_delay at most");
  }
  if (config.requests && in.has("utilization_max") && !in.describing()) {
    in.error("utilization_max", "utilization_max does not go with requests, whose queue_limit decides what is refused",
             "leave one of them out");
  }
  if (!config.load_balancer && !in.describing()) {
    if (config.requests) in.error("requests", "requests need a load_balancer", "add load_balancer: {}");
    if (config.failures) {
      in.error("failures", "failures need a load_balancer, whose health checks see them", "add load_balancer: {}");
    }
    if (config.service_time_cv != 1) {
      in.error("service_time_cv", "service_time_cv needs a load_balancer", "add load_balancer: {}");
    }
  }
  in.optional_section("metric", "how utilization and drops become the metric that groups scale by",
                      [&](config::Section& metric) {
    metric.optional_choice<FleetMetric>("kind", config.metric,
                           {{"demanded_utilization", FleetMetric::demanded_utilization},
                            {"utilization_or_drops", FleetMetric::utilization_or_drops},
                            {"utilization_and_drops", FleetMetric::utilization_and_drops}})
        .doc("100 u / (1 - d), max(100 u, 100 d / drop_reference), or the mean of u and d by weight");
    metric.optional("drop_reference", config.metric_drop_reference)
        .positive()
        .doc("drop rate that counts as 100 %, of utilization_or_drops");
    metric.optional("utilization_weight", config.metric_utilization_weight)
        .between(Ratio{0}, Ratio{1})
        .doc("weight of utilization, of utilization_and_drops");
    Ratio cap{config.metric_cap / 100};
    metric.optional("cap", cap).positive().at_most(Ratio{10}).doc("largest value of the metric");
    config.metric_cap = cap.value * 100;
    metric.optional("period", config.metric_period).at_least(1_s).doc("length of a metric period");
    config.metric_lag_given = metric.optional("lag", config.metric_lag)
                                  .not_negative()
                                  .at_most(1_h)
                                  .default_is("0s; where a group has policies, 1m as CloudWatch's")
                                  .doc("from the end of a period until alarms see its value")
                                  .given();
  });
  return config;
}

}  // namespace fleetsim
