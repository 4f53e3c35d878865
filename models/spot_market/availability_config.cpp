#include <utility>

#include "models/spot_market/readers.hpp"

namespace fleetsim::spot_market {

namespace {

using config::Section;

/// The middle of each class of the Spot Instance advisor, whose bounds in its file are 0, 5, 11, 16, 22 and 100 %; the
/// last class has no middle to speak of, and 36 % is what its mean time to interruption of 1,640 h says.
const std::vector<std::pair<std::string, Ratio>> advisor_classes = {{"<5%", Ratio{0.025}},
                                                                     {"5-10%", Ratio{0.08}},
                                                                     {"10-15%", Ratio{0.135}},
                                                                     {"15-20%", Ratio{0.19}},
                                                                     {">20%", Ratio{0.36}}};

constexpr Ratio frequency_max{0.99};

void read_advisor(Section& in, SpotAvailabilitySettings& settings) {
  SpotAvailabilitySettings::Advisor advisor;
  const config::Location where = in.where("advisor");
  in.optional_choice_or_section(
      "advisor", advisor.frequency, advisor_classes,
      "a constant hazard for each instance, from a class of the Spot Instance advisor (quote \">20%\") or from the share "
      "of instances that are taken back in a month",
      [&](Section& section) {
        section.required("frequency", advisor.frequency)
            .positive()
            .at_most(frequency_max)
            .doc("share of the instances that EC2 takes back in a month of 730 h");
        section.optional("closed", advisor.closed)
            .doc("launches in the pool fail for so long from the notice of an instance that is taken back");
      });
  // A frequency out of its range, or none, has been reported.
  if (advisor.frequency > Ratio{0} && advisor.frequency <= frequency_max) {
    settings.advisor = config::Located<SpotAvailabilitySettings::Advisor>{advisor, where};
  }
}

void read_latent(Section& in, SpotAvailabilitySettings& settings) {
  in.optional_section("latent", "open while a hidden state, part of which the Region shares, is below a threshold",
                      [&](Section& section) {
    settings.latent.emplace().where = section.where();
    section.optional("availability", settings.latent->availability)
        .at_least(Ratio{0.0001})
        .at_most(Ratio{0.9999})
        .default_is("needed, here or where it is more general")
        .doc("share of the time in which the pool is open");
    section.optional("spread", settings.latent->spread)
        .positive()
        .default_is("all units or none")
        .doc("how far the state, of standard deviation 1, moves while the pool's `units` fall from all to none");
  });
}

}  // namespace

LatentRegion read_latent_region(Section& region) {
  LatentRegion latent;
  region.optional_section("latent", "what the pools of the Region share, for those whose availability is `latent`",
                          [&](Section& in) {
    Ratio correlation{latent.correlation};
    Ratio slow_weight{latent.slow_weight};
    in.optional("correlation", correlation)
        .between(Ratio{0}, Ratio{1})
        .doc("share of the variance of a pool's state that it has from its Region");
    in.optional("fast", latent.fast).at_least(1_s).doc("time constant of the fast part of the state");
    in.optional("slow", latent.slow).at_least(1_s).doc("time constant of the slow part");
    in.optional("slow_weight", slow_weight).between(Ratio{0}, Ratio{1}).doc("share of the variance in the slow part");
    in.optional("hysteresis", latent.hysteresis)
        .between(0.0, 5.0)
        .doc("how far beyond its threshold the state must go to close or open the pool");
    in.optional_section("diurnal", "capacity swings with the hour of the day", [&](Section& diurnal) {
      diurnal.required("amplitude", latent.diurnal_amplitude).between(0.0, 5.0).doc("of the swing of the state");
      diurnal.required("peak", latent.diurnal_peak)
          .between(Duration{}, 24_h)
          .doc("time since the start of the run's day at which capacity is scarcest");
    });
    in.optional("step", latent.step).between(1_s, 24_h).doc("time from one look at the state to the next");
    latent.correlation = correlation.value;
    latent.slow_weight = slow_weight.value;
  });
  return latent;
}

SpotAvailabilitySettings read_availability(Section& in) {
  SpotAvailabilitySettings settings;
  in.at_most_one_of({"trace", "always", "on_off", "latent", "advisor"});
  in.optional("trace", settings.trace)
      .doc("a CSV of pool, t_s, count, which lies beside a pools.csv that says how long each pool was recorded");
  in.optional("always", settings.always).default_is("true, if no other kind is given").doc("never closed");
  in.optional_section("on_off", "open and closed in turn, independent of other pools", [&](Section& on_off) {
    settings.on_off.emplace();
    on_off.required("up", settings.on_off->up).at_least(1_s).doc("how long the pool stays open");
    on_off.required("down", settings.on_off->down).at_least(1_s).doc("how long it stays closed");
  });
  read_latent(in, settings);
  read_advisor(in, settings);
  in.optional("pool", settings.pool).default_is("<zone>/<type>").doc("name of the pool in the trace");
  in.optional("units_for_each", settings.units_for_each)
      .between(1, unlimited_units)
      .default_is("any count above zero opens the pool without a bound")
      .doc("units that the pool has for each instance counted in the trace");
  in.optional("repeat", settings.repeat)
      .default_is("false")
      .doc("start the trace again when it ends before the run; else that is an error");
  if (!in.describing() && settings.always && !settings.always->value) {
    in.error("always", "always can only be true", "leave the key out, or give another kind of availability");
  }
  return settings;
}

}  // namespace fleetsim::spot_market
