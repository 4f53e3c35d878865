#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "fleetsim/models/faults.hpp"
#include "fleetsim/text.hpp"
#include "models/faults/incidents.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

/// Which keys say where a fault of the kind strikes.
std::vector<std::string_view> place_keys(FaultKind kind) {
  switch (kind) {
    case FaultKind::zone: return {"zones"};
    case FaultKind::region:
    case FaultKind::control_plane:
    case FaultKind::capacity_shortage: return {"regions"};
    case FaultKind::account: return {"accounts"};
    case FaultKind::volume: return {"resources"};
    case FaultKind::link: return {"regions"};
    case FaultKind::grey:
    case FaultKind::spot_drought: return {"zones", "regions"};
  }
  return {};
}

void read_place(Section& in, FaultConfig& fault) {
  const std::vector<std::string_view> keys = place_keys(fault.kind);
  const auto read = [&](std::string_view key, std::vector<Located<std::string>>& names, std::string_view doc) {
    in.optional(key, names).default_is("").doc(doc);
    const bool allowed = std::find(keys.begin(), keys.end(), key) != keys.end();
    if (!in.describing() && in.has(key) && !allowed) {
      in.error(key, fmt::format("{}: a fault of kind {} strikes none of these", key, to_name(fault.kind)),
               fmt::format("name its {}", keys.front()));
    }
  };
  read("zones", fault.zones, "that are struck; of kind zone, grey, spot_drought");
  read("regions", fault.regions,
       "that are struck; of kind region, control_plane, capacity_shortage, grey, spot_drought; of a link its two ends");
  read("accounts", fault.accounts, "whose rights are abused; of kind account");
  read("resources", fault.resources, "volumes and databases whose data is lost, and volumes of `storage` as machine/volume; of kind volume");
  in.optional("instance_types", fault.instance_types)
      .default_is("all")
      .doc("that may be short; of kind capacity_shortage");
  if (in.describing()) return;
  if (fault.kind == FaultKind::link && fault.regions.size() != 2) {
    in.error("regions", fmt::format("regions: a link has two ends, found {}", fault.regions.size()));
  } else if (std::none_of(keys.begin(), keys.end(), [&](std::string_view key) { return in.has(key); })) {
    in.error(in.has("kind") ? "kind" : "", fmt::format("a fault of kind {} strikes nothing", to_name(fault.kind)),
             fmt::format("name its {}", keys.front()));
  }
}

/// What would change nothing is refused.
void check_use(Section& in, const FaultConfig& fault) {
  const bool shares = fault.kind == FaultKind::link || fault.kind == FaultKind::capacity_shortage ||
                      fault.kind == FaultKind::spot_drought || fault.kind == FaultKind::grey;
  if (in.has("share") && !shares) {
    in.error("share", fmt::format("share: a fault of kind {} strikes all of a place", to_name(fault.kind)),
             "leave it out; kinds with a share are link, capacity_shortage, spot_drought and grey");
  }
  if (in.has("instance_types") && fault.kind != FaultKind::capacity_shortage) {
    in.error("instance_types", fmt::format("instance_types: a fault of kind {} asks for no type", to_name(fault.kind)),
             "leave it out, or let the kind be capacity_shortage");
  }
  if (fault.duration && fault.duration->quantile(1 - 0x1p-53) <= Duration{}) {
    in.error("duration", fmt::format("duration: fault '{}' would be over as it begins", fault.name.value),
             "write how long it lasts, or leave it out for a fault without end");
  }
}

void read_brings(Section& in, FaultConfig& fault) {
  in.list("brings", fault.brings, [](Section& item, BroughtFault& brought) {
      item.required("fault", brought.fault).doc("its name");
      item.optional("probability", brought.probability).between(Ratio{0}, Ratio{1}).doc("that it comes");
      item.optional("after", brought.after).doc("from the beginning of this fault to that of the other");
    }).doc("other faults that come with this one: a shared cause, or a second strike");
}

void check_brings(Section& in, const std::vector<FaultConfig>& faults) {
  std::vector<std::string> names;
  std::map<std::string, const FaultConfig*> by_name;
  for (const FaultConfig& fault : faults) {
    names.push_back(fault.name.value);
    by_name.emplace(fault.name.value, &fault);
  }
  std::map<std::string, bool> brought_by_another;
  for (const FaultConfig& fault : faults) {
    for (const BroughtFault& brought : fault.brings) {
      brought_by_another[brought.fault.value] = true;
      if (by_name.contains(brought.fault.value)) continue;
      in.error_at(brought.fault.where, fmt::format("there is no fault '{}'", brought.fault.value),
                  config::name_help("fault", brought.fault.value, names));
    }
  }
  for (const FaultConfig& fault : faults) {
    if (fault.at.empty() && !fault.every && !fault.replay && fault.what_if == 0 && !brought_by_another[fault.name.value]) {
      in.error_at(fault.name.where, fmt::format("fault '{}' never happens", fault.name.value),
                  "give it at, every, replay or what_if, or let another fault bring it");
    }
    // Follow the first bringers' chain; a fault that meets itself again goes round for ever.
    std::vector<std::string> path{fault.name.value};
    const auto visit = [&](const auto& self, const FaultConfig& at) -> bool {
      for (const BroughtFault& brought : at.brings) {
        const auto next = by_name.find(brought.fault.value);
        if (next == by_name.end()) continue;
        path.push_back(brought.fault.value);
        if (brought.fault.value == fault.name.value) return true;
        if (path.size() <= faults.size() && self(self, *next->second)) return true;
        path.pop_back();
      }
      return false;
    };
    if (visit(visit, fault)) {
      std::string text;
      for (const std::string& name : path) text += (text.empty() ? "" : " -> ") + name;
      in.error_at(fault.name.where, fmt::format("faults bring each other without end: {}", text),
                  "remove one of these from brings");
    }
  }
}

}  // namespace

std::vector<FaultConfig> read_faults(Section& scenario, config::UtcTime run_start, Duration run_length) {
  std::vector<FaultConfig> faults;
  scenario.named("faults", "fault", "what fails, when, and for how long", [&](const Located<std::string>& name, Section& in) {
    FaultConfig fault;
    fault.name = name;
    std::vector<std::pair<std::string, FaultKind>> kinds;
    for (const FaultKind kind : {FaultKind::zone, FaultKind::region, FaultKind::account, FaultKind::volume, FaultKind::link,
                                 FaultKind::control_plane, FaultKind::capacity_shortage, FaultKind::grey,
                                 FaultKind::spot_drought}) {
      kinds.emplace_back(to_name(kind), kind);
    }
    in.required_choice<FaultKind>("kind", fault.kind, kinds).doc("what fails");
    read_place(in, fault);
    in.at_most_one_of({"at", "every", "replay", "what_if"});
    in.optional("at", fault.at)
        .not_negative()
        .at_most(config::longest_duration)
        .default_is("")
        .doc("when it begins, since the start of the run; a list");
    in.optional("every", fault.every)
        .at_least(1_s)
        .default_is("")
        .doc("time from the beginning of one to that of the next, drawn anew each time; the first counts from the start "
             "of the run");
    in.optional("what_if", fault.what_if)
        .between(std::int64_t{0}, std::int64_t{10'000'000})
        .doc("so many instants of the measured time, drawn uniformly, each in a branch of its own from the same history: "
             "the run itself goes on unharmed");
    in.optional_section("replay", "recorded incidents, at their times on the calendar", [&](Section& section) {
      fault.replay = read_replay(section, run_start, run_length);
    });
    in.optional("duration", fault.duration)
        .default_is("for ever; of a replay as recorded")
        .doc("how long it lasts; what is kept in a place that is struck for ever is lost");
    in.optional("share", fault.share)
        .between(Ratio{0}, Ratio{1})
        .doc("of a link, the bandwidth left, so 0 cuts it; of a capacity_shortage, the probability that a type is short; of "
             "a spot_drought, the running instances taken back; of a grey failure, the answers of fleets that are of no use");
    if (!in.describing()) {
      if (fault.kind == FaultKind::link && !in.has("share")) fault.share = Ratio{0};
      check_use(in, fault);
    }
    read_brings(in, fault);
    if (!in.describing()) {
      // How late people notice a grey failure is up to them, not to the fault.
      in.when(false, "kind is detect, in a step of a plan of `recovery`", [](Section& own) {
        DurationDistribution unread;
        own.optional("grey_after", unread);
      });
    }
    if (!in.describing()) faults.push_back(std::move(fault));
  });
  if (!scenario.describing()) check_brings(scenario, faults);
  return faults;
}

}  // namespace fleetsim
