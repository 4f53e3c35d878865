#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/spot_market/readers.hpp"

namespace fleetsim::spot_market {

namespace {

using config::Section;

void read_generated(Section& in, GeneratedPrice& price) {
  in.optional("ratio", price.ratio).positive().at_most(Ratio{1}).doc("share of on demand that the price moves about");
  in.optional("half_life", price.half_life)
      .at_least(1_s)
      .doc("time after which half of a deviation from that share is left");
  in.optional("sd", price.sd).between(0.0, 5.0).doc("standard deviation of the logarithm of the price in the long run");
  in.optional("sampled_every", price.sampled_every).at_least(1_s).doc("time between the moments at which it may change");
  in.optional("publish_above", price.publish_above)
      .between(Ratio{0}, Ratio{1})
      .doc("a move of no more than this share of the published price is not published");
  in.optional("least", price.least).between(Ratio{0}, Ratio{1}).doc("share of on demand below which it never is");
  in.optional("most", price.most).positive().at_most(Ratio{1}).doc("share of on demand above which it never is");
  if (!in.describing() && (price.least > price.ratio || price.ratio > price.most)) {
    in.error("ratio", fmt::format("ratio: {} does not lie between least, {}, and most, {}", to_text(price.ratio),
                                  to_text(price.least), to_text(price.most)),
             "let least be at most the ratio, and most at least the ratio");
  }
}

void read_bidders(Section& in, BidderClass& bidders) {
  Ratio demand{0};
  in.required("demand", demand)
      .positive()
      .at_most(Ratio{100})
      .doc("units that they bid for at a time, in the mean, as a share of the pool's `units`");
  bidders.demand = demand.value;
  in.optional("size", bidders.size)
      .between(Ratio{0}, Ratio{100})
      .doc("share of the pool's `units` that each of them bids for, rounded; one unit at least");
  in.optional("stay", bidders.stay)
      .at_least(1_s)
      .doc("from a bid until it is taken back, whether it was served or not");
  in.optional_section("bids", "spread so that the logarithm is uniform", [&](Section& bids) {
    bids.required("lowest", bidders.bid_lowest).positive().at_most(Ratio{1000}).doc("share of on demand");
    bids.required("highest", bidders.bid_highest).positive().at_most(Ratio{1000}).doc("share of on demand");
    if (!bids.describing() && bidders.bid_lowest > bidders.bid_highest) {
      bids.error("highest", fmt::format("highest: {} is below lowest, {}", to_text(bidders.bid_highest),
                                        to_text(bidders.bid_lowest)),
                 "let highest be at least lowest");
    }
  });
}

void read_bidding(Section& in, BiddingPrice& price) {
  in.optional("floor", price.floor)
      .positive()
      .at_most(Ratio{1000})
      .doc("share of on demand that is the price while there are units for all");
  in.optional("cap", price.cap).positive().at_most(Ratio{1000}).doc("share of on demand; no bid counts for more");
  in.list("competitors", price.competitors, [](Section& section, BidderClass& bidders) { read_bidders(section, bidders); })
      .default_is("three kinds of customers, fitted to r3.large in us-east-1b, 2015")
      .doc("kinds of customers that bid for the pool's units; each arrives in a Poisson process");
  if (in.describing()) return;
  if (!in.has("competitors")) price.competitors = competitors_default();
  if (price.floor > price.cap) {
    in.error("floor", fmt::format("floor: {} is above cap, {}", to_text(price.floor), to_text(price.cap)),
             "let floor be at most cap");
  }
}

}  // namespace

std::vector<BidderClass> competitors_default() {
  const auto stay = [](double hours) { return DurationDistribution(Exponential{.mean = hours * 3600}); };
  return {{.demand = 0.435, .size = Ratio{0.02}, .stay = stay(8), .bid_lowest = Ratio{0.09}, .bid_highest = Ratio{1}},
          {.demand = 0.6, .size = Ratio{0}, .stay = stay(24), .bid_lowest = Ratio{8}, .bid_highest = Ratio{10}},
          {.demand = 0.021, .size = Ratio{0.5}, .stay = stay(2), .bid_lowest = Ratio{8}, .bid_highest = Ratio{10}}};
}

SpotPriceSettings read_price(Section& in) {
  SpotPriceSettings settings;
  in.at_most_one_of({"history", "trace", "constant", "discount", "generated", "bidding"});
  in.optional("history", settings.history)
      .doc("prices as AWS answers them: the JSON of describe-spot-price-history, or a CSV of timestamp_utc, az, "
           "instance_type, price_usd_per_hour and, if there is one, product; from 2017-11-28 on held at on demand");
  in.optional("trace", settings.trace)
      .doc("prices to be replayed as they stand, in the same forms");
  in.optional("constant", settings.constant).positive().doc("a price that does not change");
  in.optional("discount", settings.discount)
      .between(Ratio{0}, Ratio{1})
      .default_is("65%, if no other kind is given")
      .doc("share off the on-demand price; the price does not change");
  in.optional_section("generated", "a price that is drawn: it moves slowly about a share of on demand", [&](Section& generated) {
    read_generated(generated, settings.generated.emplace());
  });
  in.optional_section("bidding", "a price of the years before 2017-11-28, which clears the pool's `units` among competitors' "
                      "bids and the maximum prices of this scenario", [&](Section& bidding) {
    settings.bidding.emplace().where = bidding.where();
    read_bidding(bidding, settings.bidding->value);
  });
  in.optional("product", settings.product)
      .default_is("that of the group's operating system")
      .doc("product that the history is said to have: Linux/UNIX, Red Hat Enterprise Linux, SUSE Linux or Windows; "
           "another than the group's is an error");
  in.optional("az", settings.az).default_is("the pool's zone").doc("zone whose records are used");
  in.optional("type", settings.instance_type)
      .default_is("the pool's instance type")
      .doc("instance type whose records are used");
  in.optional("recorded_on_demand", settings.recorded_on_demand)
      .positive()
      .default_is("prices are taken as they stand")
      .doc("on-demand price of the recorded type when it was recorded; prices are then the same shares of the pool's own "
           "on-demand price");
  in.optional("repeat", settings.repeat)
      .default_is("false")
      .doc("start the history again when it ends before the run; else that is an error");
  return settings;
}

}  // namespace fleetsim::spot_market
