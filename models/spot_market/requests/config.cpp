#include "fleetsim/models/spot_market/requests.hpp"

namespace fleetsim {

SpotRequestsSettings read_spot_requests(config::Section& in) {
  SpotRequestsSettings settings;
  SpotRequestConfig& request = settings.request;
  in.required("count", settings.count)
      .between(1, 100'000)
      .doc("requests, each for one instance, over the group's pools in turn");
  in.optional_choice<SpotRequestType>(
        "type", request.type, {{"one_time", SpotRequestType::one_time}, {"persistent", SpotRequestType::persistent}})
      .doc("one_time: closed when its instance ends; persistent: asks again");
  in.optional_choice<InterruptionBehavior>("interruption", request.interruption,
                                           {{"terminate", InterruptionBehavior::terminate},
                                            {"stop", InterruptionBehavior::stop},
                                            {"hibernate", InterruptionBehavior::hibernate}})
      .doc("what EC2 does to an instance that it takes back");
  const bool stops = request.interruption != InterruptionBehavior::terminate;
  in.when(stops, "interruption is stop or hibernate", [&](config::Section& stopping) {
    stopping.optional("stop_time", request.stop_time).doc("stopping until stopped");
  });
  in.when(request.interruption == InterruptionBehavior::hibernate, "interruption is hibernate",
          [&](config::Section& hibernating) {
    hibernating.optional("hibernation_time", request.hibernation_time)
        .doc("writing the memory to disk until stopped, charged");
    hibernating.optional("agent", request.hibernation_agent)
        .doc("false: the instance is not prepared to hibernate, and is stopped instead");
  });
  in.optional("valid_from", request.valid_from)
      .not_negative()
      .doc("since the start of the run, when the requests are first evaluated");
  in.optional("valid_for", request.valid_for)
      .positive()
      .default_is("no end")
      .doc("since the start of the run, until a request expires that is not fulfilled");
  in.optional("launch_group", settings.launch_group)
      .doc("all requests are launched or none, and all end when EC2 takes one");
  if (in.describing()) return settings;
  if (request.valid_for && *request.valid_for > Duration{} && *request.valid_for <= request.valid_from) {
    in.error("valid_for", "valid_for is not longer than valid_from, so the requests expire unasked",
             "let valid_for be longer; both count from the start of the run");
  }
  if (!stops) return settings;
  if (request.type != SpotRequestType::persistent) {
    in.error("interruption", "interruption: only instances of persistent requests are stopped or hibernated",
             "write type: persistent, or interruption: terminate");
  }
  if (settings.launch_group) {
    in.error("launch_group", "launch_group: a launch group's instances are not stopped or hibernated",
             "leave launch_group out, or write interruption: terminate");
  }
  return settings;
}

}  // namespace fleetsim
