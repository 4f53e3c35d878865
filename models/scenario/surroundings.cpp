#include "models/scenario/surroundings.hpp"

#include <algorithm>

namespace fleetsim::scenario {

namespace {

/// Makes a place unavailable to whoever works there. A grey failure does not: only users feel it.
bool closes(FaultKind kind) {
  return kind == FaultKind::zone || kind == FaultKind::region || kind == FaultKind::account;
}

}  // namespace

template <class Visit>
bool FaultSurroundings::any_active(Time at, Visit visit) const {
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      if (fault.begin > at) break;
      if (fault.active(at) && visit(*timeline, fault)) return true;
    }
  }
  return false;
}

FaultPlace FaultSurroundings::place_of(const Place& place, std::string_view resource) const {
  return {.region = topology_.region_of(place.site),
          .zone = place.zone,
          .account = topology_.accounts()[topology_.account_of(place.site)],
          .resource = resource};
}

bool FaultSurroundings::up(const Place& place, Time at) const {
  const FaultPlace where = place_of(place);
  return !any_active(at, [&](const FaultTimeline& timeline, const Fault& fault) {
    const FaultConfig& config = timeline.config(fault);
    return closes(config.kind) && strikes(config, where);
  });
}

bool FaultSurroundings::destroyed(const Place& place, std::string_view resource, Time from, Time at) const {
  const FaultPlace where = place_of(place, resource);
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      if (fault.begin > at) break;
      const FaultConfig& config = timeline->config(fault);
      // What an intruder deleted stays deleted when he is gone; a zone or Region that comes back still has its data.
      // What was deleted earlier is no matter: what is kept since is new.
      const bool deletes = config.kind == FaultKind::account || config.kind == FaultKind::volume;
      const bool for_good = (deletes && fault.begin >= from) || (closes(config.kind) && fault.end == Time::max());
      if (for_good && strikes(config, where)) return true;
    }
  }
  return false;
}

bool FaultSurroundings::control_plane_up(SiteId site, Time at) const {
  const FaultPlace where = place_of({.site = site, .zone = {}});
  return !any_active(at, [&](const FaultTimeline& timeline, const Fault& fault) {
    const FaultConfig& config = timeline.config(fault);
    return config.kind == FaultKind::control_plane && strikes(config, where);
  });
}

bool FaultSurroundings::has_capacity(const Place& place, std::string_view instance_type, Time at) const {
  const FaultPlace where = place_of(place);
  return !any_active(at, [&](const FaultTimeline& timeline, const Fault& fault) {
    const FaultConfig& config = timeline.config(fault);
    return config.kind == FaultKind::capacity_shortage && strikes(config, where) && timeline.short_of(fault, instance_type);
  });
}

std::optional<Time> FaultSurroundings::next_strike(Time at) const {
  std::optional<Time> next;
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      if (fault.begin <= at || !closes(timeline->config(fault).kind)) continue;
      if (!next || fault.begin < *next) next = fault.begin;
      break;
    }
  }
  return next;
}

Ratio FaultSurroundings::left(SiteId from, SiteId to, Time at) const {
  Ratio left{1};
  const RegionId ends[] = {topology_.region_of(from), topology_.region_of(to)};
  any_active(at, [&](const FaultTimeline& timeline, const Fault& fault) {
    const FaultConfig& config = timeline.config(fault);
    const auto struck = [&](RegionId region) {
      return std::find(config.region_ids.begin(), config.region_ids.end(), region) != config.region_ids.end();
    };
    if (config.kind == FaultKind::region && (struck(ends[0]) || struck(ends[1]))) left = Ratio{0};
    if (config.kind == FaultKind::link && ends[0] != ends[1] && struck(ends[0]) && struck(ends[1])) left = std::min(left, config.share);
    return false;
  });
  return left;
}

std::optional<Time> FaultSurroundings::next_change_of(Time at, auto kinds) const {
  std::optional<Time> next;
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      if (!kinds(timeline->config(fault).kind)) continue;
      for (const Time change : {fault.begin, fault.end}) {
        if (change > at && change < Time::max() && (!next || change < *next)) next = change;
      }
    }
  }
  return next;
}

std::optional<Time> FaultSurroundings::next_change(Time at) const {
  return next_change_of(at, [](FaultKind kind) { return kind == FaultKind::region || kind == FaultKind::link; });
}

std::optional<Time> FaultSurroundings::next_change_of_contact(Time at) const {
  return next_change_of(at, [](FaultKind kind) { return closes(kind) || kind == FaultKind::link; });
}

std::optional<Time> FaultSurroundings::gone_since(const Place& place) const {
  const FaultPlace where = place_of(place);
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      const FaultConfig& config = timeline->config(fault);
      if (closes(config.kind) && fault.end == Time::max() && strikes(config, where)) return fault.begin;
    }
  }
  return std::nullopt;
}

std::vector<ZoneId> FaultSurroundings::zones_down(Time at) const {
  std::vector<ZoneId> zones;
  any_active(at, [&](const FaultTimeline& timeline, const Fault& fault) {
    const FaultConfig& config = timeline.config(fault);
    if (config.kind == FaultKind::zone) zones.insert(zones.end(), config.zone_ids.begin(), config.zone_ids.end());
    return false;
  });
  return zones;
}

std::vector<FaultSurroundings::Beginning> FaultSurroundings::after(Time at) const {
  std::vector<Beginning> all;
  for (const FaultTimeline* timeline : timelines_) {
    for (const Fault& fault : timeline->faults()) {
      if (fault.begin >= at) all.push_back({fault.begin, &timeline->config(fault)});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Beginning& a, const Beginning& b) { return a.at < b.at; });
  return all;
}

std::optional<Time> FaultSurroundings::back(const Place& place, Time at) const {
  const FaultPlace where = place_of(place);
  Time when = at;
  // Until an instant at which nothing strikes the place.
  for (;;) {
    Time end = when;
    any_active(when, [&](const FaultTimeline& timeline, const Fault& fault) {
      const FaultConfig& config = timeline.config(fault);
      if ((closes(config.kind) || config.kind == FaultKind::grey) && strikes(config, where)) end = std::max(end, fault.end);
      return false;
    });
    if (end == Time::max()) return std::nullopt;
    if (end == when) return when;
    when = end;
  }
}

}  // namespace fleetsim::scenario
