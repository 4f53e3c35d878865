#include "fleetsim/models/billing.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

BillingConfig read_billing(config::Section& scenario) {
  BillingConfig config;
  scenario.optional_section("billing", "how instances are billed", [&](config::Section& in) {
    in.optional("minimum_per_start", config.minimum_per_start)
        .not_negative()
        .doc("what a start is billed at least, from the moment the instance runs");
    in.optional("spot_free_if_interrupted_within", config.spot_free_if_interrupted_within)
        .not_negative()
        .doc("a Spot Instance that EC2 takes back sooner than this after it started costs nothing");
  });
  return config;
}

}  // namespace fleetsim
