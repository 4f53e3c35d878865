#include "models/spot_market/readers.hpp"

namespace fleetsim::spot_market {

SpotOutageSettings read_outage(config::Section& in) {
  SpotOutageSettings outage;
  outage.where = in.where();
  in.exactly_one_of({"at", "every"});
  in.optional("at", outage.at).not_negative().default_is("").doc("when it begins, since the start of the run");
  in.optional("every", outage.every)
      .at_least(1_s)
      .doc("time from the beginning of one to that of the next, drawn anew each time; the first counts from the start of "
           "the run");
  in.required("duration", outage.duration).positive().doc("how long launches in the pools fail");
  in.exactly_one_of({"regions", "zones", "pools"});
  const auto scope = [&](const char* key, std::vector<config::Located<std::string>>& names, const char* doc) {
    auto field = in.optional(key, names).default_is("").doc(doc);
    if (in.has(key)) field.at_least_count(1);
  };
  scope("regions", outage.regions, "Regions whose pools it closes");
  scope("zones", outage.zones, "zones whose pools it closes");
  scope("pools", outage.pools, "pools that it closes, named <zone>/<type>");
  in.optional("share", outage.share)
      .between(Ratio{0}, Ratio{1})
      .doc("share of the instances running in each pool at that moment that are taken back");
  if (!in.describing()) {
    for (const auto& pool : outage.pools) check_pool_name(in, pool);
  }
  return outage;
}

}  // namespace fleetsim::spot_market
