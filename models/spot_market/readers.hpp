#pragma once
/// The readers of the parts of `spot_market` that stand in files of their own.

#include <vector>

#include "fleetsim/models/spot_market/settings.hpp"

namespace fleetsim::spot_market {

SpotAvailabilitySettings read_availability(config::Section& in);
/// Reads `latent` of a Region.
LatentRegion read_latent_region(config::Section& region);
SpotOutageSettings read_outage(config::Section& in);
PlacementQuestionSettings read_placement_question(config::Section& in);
/// Who bids where a scenario does not say it.
std::vector<BidderClass> competitors_default();
SpotPriceSettings read_price(config::Section& in);

/// Reports a name that is not "<zone>/<type>".
void check_pool_name(config::Section& in, const config::Located<std::string>& name);

}  // namespace fleetsim::spot_market
