#include "fleetsim/models/catalog/licence.hpp"

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

using std::chrono::year;

constexpr std::chrono::sys_days rhel_by_vcpu = year{2024} / 7 / 1;

constexpr UsdPerHour windows_each = 0.046_usd_per_h;
constexpr UsdPerHour rhel_small = 0.06_usd_per_h, rhel_large = 0.13_usd_per_h;
constexpr UsdPerHour suse_any = 0.10_usd_per_h;

LicenceFees read_fees(config::Section& in, std::string_view os) {
  LicenceFees fees;
  in.list(os, fees, [&](config::Section& item, LicenceTier& tier) {
    std::optional<UsdPerHour> fee, fee_per_vcpu;
    item.optional("vcpus_up_to", tier.vcpus_up_to)
        .positive()
        .default_is("all sizes above the tiers before")
        .doc("the largest size that pays this fee");
    item.optional("fee", fee).not_negative().doc("for an instance, whatever its size");
    item.optional("fee_per_vcpu", fee_per_vcpu).not_negative().doc("for each of its vCPUs");
    item.exactly_one_of({"fee", "fee_per_vcpu"});
    if (item.describing()) return;
    tier.per_vcpu = fee_per_vcpu.has_value();
    tier.fee = fee_per_vcpu.value_or(fee.value_or(UsdPerHour{}));
    const bool first = fees.empty();
    if (!first && !fees.back().vcpus_up_to) {
      item.error_at(item.where(), fmt::format("{}: no size is left for this tier", os),
                    "give every tier but the last vcpus_up_to");
    } else if (!first && tier.vcpus_up_to && *tier.vcpus_up_to <= *fees.back().vcpus_up_to) {
      item.error("vcpus_up_to", fmt::format("{}: the tiers must rise: {} vCPUs come after {}", os, *tier.vcpus_up_to,
                                            *fees.back().vcpus_up_to),
                 "write the smaller sizes first");
    }
  }).doc("fees of the licence by size, the smallest first; the last tier has no vcpus_up_to");
  if (!in.describing() && !fees.empty() && fees.back().vcpus_up_to) {
    in.error(os, fmt::format("{}: sizes above {} vCPUs have no fee", os, *fees.back().vcpus_up_to),
             "let the last tier have no vcpus_up_to");
  }
  return fees;
}

}  // namespace

UsdPerHour licence_fee(const LicenceFees& fees, std::int64_t vcpus) {
  for (const LicenceTier& tier : fees) {
    if (!tier.vcpus_up_to || vcpus <= *tier.vcpus_up_to) return tier.per_vcpu ? tier.fee * vcpus : tier.fee;
  }
  invariant(fees.empty(), "the last tier of a licence has no end");
  return {};
}

LicenceFees default_licence_fees(OperatingSystem os, std::chrono::sys_days as_of) {
  switch (os) {
    case OperatingSystem::linux: return {};
    case OperatingSystem::windows: return {{.vcpus_up_to = {}, .fee = windows_each, .per_vcpu = true}};
    case OperatingSystem::suse: return {{.vcpus_up_to = {}, .fee = suse_any}};
    case OperatingSystem::rhel: break;
  }
  if (as_of < rhel_by_vcpu) return {{.vcpus_up_to = 4, .fee = rhel_small}, {.vcpus_up_to = {}, .fee = rhel_large}};
  // 12 vCPUs became cheaper than 0.13 USD/h, so they pay the second rate; the borders themselves are not published to us.
  return {{.vcpus_up_to = 8, .fee = 0.0144_usd_per_h, .per_vcpu = true},
          {.vcpus_up_to = 127, .fee = 0.0108_usd_per_h, .per_vcpu = true},
          {.vcpus_up_to = {}, .fee = 0.0096_usd_per_h, .per_vcpu = true}};
}

std::map<std::string, LicenceFees> read_licences(config::Section& catalog) {
  std::map<std::string, LicenceFees> licences;
  catalog.optional_section("licences", "fees of operating systems beside the instance, instead of AWS's", [&](config::Section& in) {
    for (const OperatingSystem os : {OperatingSystem::windows, OperatingSystem::rhel, OperatingSystem::suse}) {
      LicenceFees fees = read_fees(in, to_name(os));
      if (!fees.empty()) licences.emplace(to_name(os), std::move(fees));
    }
  });
  return licences;
}

}  // namespace fleetsim
