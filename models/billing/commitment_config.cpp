#include "fleetsim/models/billing/commitments.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {
namespace {

void read_reserved_instances(config::Section& in, CommitmentSettings& settings) {
  settings.kind = CommitmentKind::reserved_instances;
  in.required("instance_type", settings.instance_type).doc("instance type that is reserved");
  in.optional_choice("operating_system", settings.os, operating_system_choices())
      .doc("of the instances that are reserved; others are not covered");
  in.required("count", settings.count).between(std::int64_t{1}, std::int64_t{1'000'000}).doc("instances that are reserved");
  in.optional("zone", settings.zone)
      .default_is("any of the Region")
      .doc("reserves in this zone, for this type alone; else in the Region, for all sizes of the family");
  in.optional("price", settings.price)
      .not_negative()
      .default_is("the catalogue's, without upfront payment")
      .doc("of one reserved instance for an hour, used or not");
}

void read_savings_plan(config::Section& in, CommitmentSettings& settings) {
  in.optional("family", settings.family)
      .default_is("any: a Compute Savings Plan")
      .doc("family of instance types that an EC2 Instance Savings Plan covers, such as m5");
  settings.kind = in.has("family") ? CommitmentKind::instance_savings_plan : CommitmentKind::compute_savings_plan;
  in.required("commitment", settings.commitment).positive().doc("what is spent every hour, used or not");
  in.optional("discount", settings.discount)
      .between(Ratio{0}, Ratio{0.99})
      .default_is("with a family the price of its reservations; else 26 % for a year")
      .doc("off the on-demand price of what the plan covers");
}

}  // namespace

std::vector<CommitmentSettings> read_commitments(config::Section& scenario) {
  std::vector<CommitmentSettings> all;
  scenario.named("commitments", "commitment", "Reserved Instances and Savings Plans, paid every hour and settled by the hour "
                 "against the instances on demand", [&](const config::Located<std::string>& name, config::Section& in) {
    CommitmentSettings settings;
    settings.name = name;
    in.exactly_one_of({"reserved_instances", "savings_plan"});
    in.optional_section("reserved_instances", "instances that are paid whether they run or not",
                        [&](config::Section& section) { read_reserved_instances(section, settings); });
    in.optional_section("savings_plan", "spending that is paid whether it is used or not",
                        [&](config::Section& section) { read_savings_plan(section, settings); });
    in.optional_choice<CommitmentTerm>("term", settings.term,
                                       {{"1y", CommitmentTerm::one_year}, {"3y", CommitmentTerm::three_years}})
        .doc("for how long it was bought, which sets its price");
    const auto region = in.optional("region", settings.region)
                            .default_is("the only one of the scenario, or the zone's")
                            .doc("Region where it holds; not of a Compute Savings Plan, which holds in all");
    if (region.given() && settings.kind == CommitmentKind::compute_savings_plan) {
      in.error("region", "region does not go with a Savings Plan without a family, which holds in every Region",
               "leave region out, or name a family");
    }
    if (!in.describing()) all.push_back(std::move(settings));
  });
  return all;
}

}  // namespace fleetsim
