#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "models/catalog/price_list.hpp"
#include "models/catalog/tables.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

InstanceTypeRow read_instance_type(const Located<std::string>& name, Section& in) {
  InstanceTypeRow row;
  row.name = name;
  in.optional("vcpus", row.vcpus).positive().doc("virtual CPUs; needed for a type that the catalogue does not have");
  in.optional("memory", row.memory).positive().doc("memory; needed for a type that the catalogue does not have");
  in.optional("performance_factor", row.performance_factor)
      .positive()
      .default_is("1")
      .doc("work that one vCPU does, against that of a type with factor 1");
  in.optional("on_demand", row.on_demand).not_negative().doc("On-Demand price, in every Region");
  in.optional("reserved_1y", row.reserved_1y)
      .not_negative()
      .doc("effective price of a Reserved Instance for one year, in every Region");
  in.optional("reserved_3y", row.reserved_3y)
      .not_negative()
      .doc("effective price of a Reserved Instance for three years, in every Region");
  in.optional("offered_since", row.offered_since)
      .default_is("since ever, but for families whose launch the catalogue knows")
      .doc("from when on it can be launched, in every Region");
  in.optional("efa", row.efa).default_is("the catalogue's").doc("whether it takes an Elastic Fabric Adapter");
  in.optional("idle_watts_per_vcpu", row.idle_watts).not_negative().default_is("that of energy").doc("power of a vCPU that does nothing, in watts");
  in.optional("busy_watts_per_vcpu", row.busy_watts).positive().default_is("that of energy").doc("power of a vCPU at full utilization, in watts");
  if (in.describing()) return row;
  const bool built_in = !catalog::find_row(catalog::instance_table(), fmt::format("{},", name.value)).empty();
  if (!built_in && (!row.vcpus || !row.memory)) {
    in.error_at(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                Catalog{}.type_help(name.value));
  }
  return row;
}

}  // namespace

CatalogConfig read_catalog(Section& scenario) {
  CatalogConfig catalog;
  scenario.optional_section("catalog", "instance types and prices over those built into the program", [&](Section& in) {
    config::FilePath prices;
    if (in.optional("prices", prices)
            .default_is("the built-in prices alone")
            .doc("a price list whose rows replace the built-in ones: a CSV with region, instance_type, os, "
                 "on_demand_usd_per_hour, ri_1y_no_upfront_usd_per_hour, ri_3y_no_upfront_usd_per_hour")
            .given()) {
      catalog.prices = catalog::read_price_list(prices, in.diagnostics());
    }
    catalog.performance = read_performance(in);
    catalog.energy = read_energy(in);
    in.optional("replace_previous_generation", catalog.replace_previous_generation)
        .doc("groups launch what AWS names as the successor in place of types of old generations: a what-if in one line");
    in.optional("surplus_credits", catalog.surplus_credits)
        .not_negative()
        .default_is("0.05 USD/h, with Windows 0.096 USD/h, of T4g 0.04 USD/h")
        .doc("price of surplus CPU credits, of a vCPU for an hour");
    in.named("instance_types", "instance type", "types that differ from the catalogue or are not in it",
             [&](const Located<std::string>& name, Section& type) {
               catalog.instance_types.insert_or_assign(name.value, read_instance_type(name, type));
             });
    catalog.licences = read_licences(in);
  });
  return catalog;
}

}  // namespace fleetsim
