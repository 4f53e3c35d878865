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

}  // namespace

SpotPriceSettings read_price(Section& in) {
  SpotPriceSettings settings;
  in.at_most_one_of({"history", "trace", "constant", "discount", "generated"});
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
  in.optional("product", settings.product)
      .default_is("that of the group's operating system")
      .doc("product that the history is said to have: Linux/UNIX, Red Hat Enterprise Linux, SUSE Linux or Windows; "
           "another than the group's is an error");
  in.optional("az", settings.az).default_is("the pool's zone").doc("zone whose records are used");
  in.optional("type", settings.instance_type)
      .default_is("the pool's instance type")
      .doc("instance type whose records are used");
  in.optional("repeat", settings.repeat)
      .default_is("false")
      .doc("start the history again when it ends before the run; else that is an error");
  return settings;
}

}  // namespace fleetsim::spot_market
