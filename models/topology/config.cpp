#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/topology.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

/// "us-east-1a" belongs to "us-east-1": the Region's name and one small letter.
bool belongs_to(std::string_view zone, std::string_view region) {
  return zone.size() == region.size() + 1 && zone.starts_with(region) && zone.back() >= 'a' && zone.back() <= 'z';
}

/// Of a Region or an account. Names of sites and pools, "<account>/<Region>" and "<zone>/<type>", and of metrics, which
/// have them between dots, could else be read in two ways.
bool is_place_name(std::string_view text) {
  return config::is_name(text) && text.find_first_of("./") == std::string_view::npos;
}
constexpr const char* place_name_rule =
    "the name of a Region or an account holds letters, digits, '-' and '_': in names of sites, pools and metrics it "
    "stands between '/' and '.'";

std::vector<std::string> names_of(const std::vector<Located<std::string>>& zones) {
  std::vector<std::string> names;
  for (const Located<std::string>& zone : zones) names.push_back(zone.value);
  return names;
}

/// The one Region that all these zones are named after; empty if there is none.
std::string region_of(const std::vector<Located<std::string>>& zones) {
  if (zones.empty() || zones.front().value.size() < 2) return {};
  const std::string& first = zones.front().value;
  std::string region = first.substr(0, first.size() - 1);
  const bool all = std::all_of(zones.begin(), zones.end(),
                               [&](const Located<std::string>& zone) { return belongs_to(zone.value, region); });
  return all ? region : std::string{};
}

void check_zones(Section& in, const RegionConfig& region) {
  // Zones that agree with each other are right, and the Region's name is what is wrong.
  if (const std::string meant = region_of(region.zones); !meant.empty() && meant != region.name.value) {
    in.error_at(region.name.where, fmt::format("Region {} has the zones of {}", region.name.value, meant),
                fmt::format("name the Region {}, or its zones {}a, {}b", meant, region.name.value, region.name.value));
    return;
  }
  std::set<std::string_view> seen;
  for (const Located<std::string>& zone : region.zones) {
    if (!belongs_to(zone.value, region.name.value)) {
      in.error_at(zone.where, fmt::format("zone '{}' is not in Region {}", zone.value, region.name.value),
                  fmt::format("a zone's name is its Region's name and a letter, such as {}a", region.name.value));
    } else if (!seen.insert(zone.value).second) {
      in.error_at(zone.where, fmt::format("zone '{}' is named twice", zone.value));
    }
  }
}

void check_links(Section& in, const RegionConfig& region) {
  const std::vector<std::string> zones = names_of(region.zones);
  std::set<std::pair<std::string, std::string>> seen;
  for (const ZoneLinkConfig& link : region.links) {
    bool known = true;
    for (const Located<std::string>& zone : link.between) {
      if (std::find(zones.begin(), zones.end(), zone.value) != zones.end()) continue;
      known = false;
      in.error_at(zone.where, fmt::format("zone '{}' is not one of Region {}", zone.value, region.name.value),
                  config::name_help("zone", zone.value, zones));
    }
    if (link.between.empty()) continue;  // unreadable, and reported as such
    const Located<std::string>& first = link.between.front();
    if (link.between.size() != 2) {
      in.error_at(first.where, fmt::format("a link is between 2 zones, found {}", link.between.size()));
    } else if (known) {
      const auto [a, b] = std::minmax(first.value, link.between.back().value);
      if (a == b) {
        in.error_at(first.where, fmt::format("a link is between two different zones, found '{}' twice", a));
      } else if (!seen.emplace(a, b).second) {
        in.error_at(first.where, fmt::format("the link between '{}' and '{}' is given twice", a, b));
      }
    }
  }
}

void check_region_links(Section& scenario, const TopologyConfig& topology) {
  const std::vector<std::string> regions = scenario.names_in("regions");
  std::set<std::pair<std::string, std::string>> seen;
  for (const RegionLinkConfig& link : topology.region_links) {
    bool known = true;
    for (const Located<std::string>& region : link.between) {
      if (std::find(regions.begin(), regions.end(), region.value) != regions.end()) continue;
      known = false;
      scenario.error_at(region.where, fmt::format("there is no Region '{}'", region.value),
                        config::name_help("Region", region.value, regions));
    }
    if (link.between.empty()) continue;  // unreadable, and reported as such
    const Located<std::string>& first = link.between.front();
    if (link.between.size() != 2) {
      scenario.error_at(first.where, fmt::format("a link is between 2 Regions, found {}", link.between.size()));
    } else if (known) {
      const auto [a, b] = std::minmax(first.value, link.between.back().value);
      if (a == b) {
        scenario.error_at(first.where, fmt::format("a link is between two different Regions, found '{}' twice", a));
      } else if (!seen.emplace(a, b).second) {
        scenario.error_at(first.where, fmt::format("the link between '{}' and '{}' is given twice", a, b));
      }
    }
  }
  std::set<std::string_view> names;
  for (const std::string& account : topology.accounts) {
    if (!is_place_name(account)) {
      scenario.error("accounts", fmt::format("accounts: '{}' is not a name for an account", account), place_name_rule);
    } else if (!names.insert(account).second) {
      scenario.error("accounts", fmt::format("accounts: '{}' is named twice", account));
    }
  }
}

RegionConfig read_region(const Located<std::string>& name, Section& in) {
  RegionConfig region;
  region.name = name;
  in.required("zones", region.zones)
      .at_least_count(1)
      .doc("Availability Zones in use, each the Region's name and a letter");
  in.optional("cross_zone_transfer", region.cross_zone_transfer)
      .between(UsdPerGb{}, transfer_price_max)
      .doc("price of data between two zones, paid by the sending side and again by the receiving side");
  in.optional("cross_zone_round_trip", region.cross_zone_round_trip)
      .not_negative()
      .doc("network time of a question and its answer between two zones");
  in.list("links", region.links, [](Section& item, ZoneLinkConfig& link) {
      item.required("between", link.between).doc("the two zones of the link");
      item.optional("transfer", link.transfer)
          .between(UsdPerGb{}, transfer_price_max)
          .default_is("the value of cross_zone_transfer")
          .doc("price of data on this link, paid by each side");
      item.optional("round_trip", link.round_trip)
          .not_negative()
          .default_is("the value of cross_zone_round_trip")
          .doc("network time of a question and its answer on this link");
    }).doc("pairs of zones that differ from the rest of the Region");
  if (!in.describing()) {
    if (!is_place_name(name.value)) {
      in.error_at(name.where, fmt::format("'{}' is not a name for a Region", name.value), place_name_rule);
    }
    check_zones(in, region);
    check_links(in, region);
  }
  return region;
}

}  // namespace

TopologyConfig read_topology(Section& scenario) {
  TopologyConfig topology;
  scenario.required_named("regions", "Region", "AWS Regions in use, with their zones",
                 [&](const Located<std::string>& name, Section& in) {
                   topology.regions.push_back(read_region(name, in));
                 });
  scenario.list("region_links", topology.region_links, [](Section& item, RegionLinkConfig& link) {
      item.required("between", link.between).doc("the two Regions of the link");
      item.optional("bandwidth", link.bandwidth)
          .positive()
          .default_is("no limit")
          .doc("what fits through each direction, shared by all copies and streams");
      item.optional("round_trip", link.round_trip).not_negative().doc("network time of a question and its answer");
      item.optional("transfer", link.transfer)
          .between(UsdPerGb{}, transfer_price_max)
          .doc("price of data on this link, paid by the sending side");
    }).doc("pairs of Regions that differ from the defaults");
  scenario.optional("accounts", topology.accounts)
      .doc("AWS accounts that data is copied between; what names none is in the first");
  if (topology.accounts.empty()) topology.accounts.emplace_back("main");
  if (!scenario.describing()) check_region_links(scenario, topology);
  return topology;
}

}  // namespace fleetsim
