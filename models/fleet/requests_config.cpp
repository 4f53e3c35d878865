#include "fleetsim/models/fleet/requests.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

std::optional<RequestsConfig> read_requests(config::Section& fleet) {
  std::optional<RequestsConfig> requests;
  fleet.optional_section("requests", "a queue on each instance instead of utilization_max, and what clients do; of a fleet with "
                         "a load_balancer", [&](config::Section& in) {
    requests.emplace();
    in.optional_choice<RequestModel>("model", requests->model,
                                     {{"fluid", RequestModel::fluid}, {"each", RequestModel::each}})
        .doc("a rate, with response times by a formula; or each request by itself, for small fleets");
    in.optional("queue_limit", requests->queue_limit)
        .between(0, 100'000)
        .doc("requests that wait on an instance for a free vCPU; one that finds so many is refused");
    in.when(requests->model == RequestModel::each, "model is each", [&](config::Section& each) {
      each.optional("timeout", requests->timeout)
          .positive()
          .doc("a client that has waited so long takes its request for failed; the instance goes on with it");
      each.optional_section("retries", "of a request that was refused, failed or timed out; none unless given",
                            [&](config::Section& retry) {
        RetryConfig& retries = requests->retries;
        retries.count = 2;
        retry.optional("count", retries.count).between(0, 100).doc("retries of one request at most");
        retry.optional("initial", retries.initial).not_negative().doc("wait before the first retry; 0s: at once");
        retry.optional("factor", retries.factor).between(1, 100).doc("by which the wait grows from one retry to the next");
        retry.optional("max", retries.max).not_negative().doc("longest wait");
        retry.optional_choice<BackOffJitter>("jitter", retries.jitter,
                                             {{"none", BackOffJitter::none}, {"equal", BackOffJitter::equal}, {"full", BackOffJitter::full}})
            .doc("each wait is drawn between nothing and the whole (full), half and the whole (equal), or is the whole");
      });
    });
  });
  return requests;
}

}  // namespace fleetsim
