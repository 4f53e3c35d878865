#include "fleetsim/models/topology.hpp"

#include <algorithm>

#include <boost/graph/adjacency_list.hpp>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

struct Zone {
  std::string name;
  RegionId region;
};
/// One direction of a link.
struct Link {
  UsdPerGb price_out;
  UsdPerGb price_in;
  Duration round_trip;
};
using ZoneGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Zone, Link>;

struct Region {
  std::string name;
  std::vector<ZoneId> zones;
};
/// What lies between two Regions, the same in both directions.
struct RegionLink {
  std::optional<BytesPerSecond> bandwidth;
  Duration round_trip;
  UsdPerGb transfer;
};

ZoneId id_of(std::size_t vertex) { return {static_cast<std::uint32_t>(vertex)}; }

/// Every zone of a Region is linked with every other, by the Region's defaults where the pair has no link of its own.
void add_links(ZoneGraph& graph, const Region& region, const RegionConfig& config) {
  for (const ZoneId from : region.zones) {
    for (const ZoneId to : region.zones) {
      if (from == to) continue;
      Link link{config.cross_zone_transfer, config.cross_zone_transfer, config.cross_zone_round_trip};
      for (const ZoneLinkConfig& own : config.links) {
        if (std::minmax(own.between.front().value, own.between.back().value) !=
            std::minmax(graph[from.index].name, graph[to.index].name)) {
          continue;
        }
        link.price_out = link.price_in = own.transfer.value_or(link.price_out);
        link.round_trip = own.round_trip.value_or(link.round_trip);
      }
      boost::add_edge(from.index, to.index, link, graph);
    }
  }
}

}  // namespace

struct Topology::Map {
  std::vector<Region> regions;
  ZoneGraph zones;
  std::vector<RegionLink> region_links;  // by (from, to)
  std::vector<std::string> accounts;

  const Region& region(RegionId id) const {
    invariant(id.index < regions.size(), "a Region id names a Region of the topology");
    return regions[id.index];
  }
  const Zone& zone(ZoneId id) const {
    invariant(id.index < boost::num_vertices(zones), "a zone id names a zone of the topology");
    return zones[id.index];
  }
  const RegionLink& link(RegionId from, RegionId to) const {
    invariant(from != to && from.index < regions.size() && to.index < regions.size(),
              "a link between Regions joins two of the topology");
    return region_links[from.index * regions.size() + to.index];
  }
  Link link(ZoneId from, ZoneId to) const {
    if (from == to) return {};
    const auto [edge, found] = boost::edge(from.index, to.index, zones);
    invariant(found, "two zones between which data moves lie in one Region");
    return zones[edge];
  }
};

Topology::Topology(const TopologyConfig& config) {
  auto map = std::make_unique<Map>();
  for (const RegionConfig& given : config.regions) {
    const RegionId id{static_cast<std::uint32_t>(map->regions.size())};
    Region& region = map->regions.emplace_back(Region{given.name.value, {}});
    for (const auto& zone : given.zones) {
      region.zones.push_back(id_of(boost::add_vertex(Zone{zone.value, id}, map->zones)));
    }
    add_links(map->zones, region, given);
  }
  const RegionLinkConfig usual;
  map->region_links.assign(map->regions.size() * map->regions.size(), {usual.bandwidth, usual.round_trip, usual.transfer});
  for (const RegionLinkConfig& given : config.region_links) {
    const auto index = [&](const std::string& name) {
      const auto at = std::find_if(map->regions.begin(), map->regions.end(), [&](const Region& r) { return r.name == name; });
      return static_cast<std::size_t>(at - map->regions.begin());
    };
    if (given.between.size() != 2) continue;  // reported by the reader
    const std::size_t a = index(given.between.front().value), b = index(given.between.back().value);
    if (std::max(a, b) >= map->regions.size()) continue;
    const RegionLink link{given.bandwidth, given.round_trip, given.transfer};
    map->region_links[a * map->regions.size() + b] = map->region_links[b * map->regions.size() + a] = link;
  }
  map->accounts = config.accounts;
  map_ = std::move(map);
}

Topology::~Topology() = default;
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;

std::size_t Topology::region_count() const { return map_->regions.size(); }
std::size_t Topology::zone_count() const { return boost::num_vertices(map_->zones); }

std::optional<RegionId> Topology::region(std::string_view name) const {
  for (std::size_t i = 0; i < map_->regions.size(); ++i) {
    if (map_->regions[i].name == name) return RegionId{static_cast<std::uint32_t>(i)};
  }
  return std::nullopt;
}

std::optional<ZoneId> Topology::zone(std::string_view name) const {
  for (std::size_t i = 0; i < zone_count(); ++i) {
    if (map_->zones[i].name == name) return id_of(i);
  }
  return std::nullopt;
}

const std::string& Topology::name(RegionId region) const { return map_->region(region).name; }
const std::string& Topology::name(ZoneId zone) const { return map_->zone(zone).name; }
RegionId Topology::region_of(ZoneId zone) const { return map_->zone(zone).region; }
const std::vector<ZoneId>& Topology::zones_of(RegionId region) const { return map_->region(region).zones; }

std::vector<std::string> Topology::region_names() const {
  std::vector<std::string> names;
  for (const Region& region : map_->regions) names.push_back(region.name);
  return names;
}

std::vector<std::string> Topology::zone_names(RegionId region) const {
  std::vector<std::string> names;
  for (const ZoneId zone : zones_of(region)) names.push_back(name(zone));
  return names;
}

UsdPerGb Topology::transfer_price_out(ZoneId from, ZoneId to) const { return map_->link(from, to).price_out; }
UsdPerGb Topology::transfer_price_in(ZoneId from, ZoneId to) const { return map_->link(from, to).price_in; }
Duration Topology::round_trip(ZoneId from, ZoneId to) const { return map_->link(from, to).round_trip; }

std::optional<BytesPerSecond> Topology::bandwidth(RegionId from, RegionId to) const { return map_->link(from, to).bandwidth; }
UsdPerGb Topology::transfer_price(RegionId from, RegionId to) const { return map_->link(from, to).transfer; }
Duration Topology::round_trip(RegionId from, RegionId to) const { return map_->link(from, to).round_trip; }

const std::vector<std::string>& Topology::accounts() const { return map_->accounts; }
std::size_t Topology::site_count() const { return map_->regions.size() * map_->accounts.size(); }

SiteId Topology::site(RegionId region, std::size_t account) const {
  return {static_cast<std::uint32_t>(account * region_count() + region.index)};
}

std::optional<SiteId> Topology::site(std::string_view region_name, std::string_view account) const {
  const std::optional<RegionId> found = region(region_name);
  if (!found) return std::nullopt;
  if (account.empty()) return site(*found, 0);
  for (std::size_t a = 0; a < map_->accounts.size(); ++a) {
    if (map_->accounts[a] == account) return site(*found, a);
  }
  return std::nullopt;
}

RegionId Topology::region_of(SiteId site) const {
  return {static_cast<std::uint32_t>(site.index % region_count())};
}
std::size_t Topology::account_of(SiteId site) const { return site.index / region_count(); }

std::string Topology::name(SiteId site) const {
  const std::string& region_name = name(region_of(site));
  return account_of(site) == 0 ? region_name : map_->accounts[account_of(site)] + "/" + region_name;
}

}  // namespace fleetsim
