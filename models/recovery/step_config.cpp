#include "models/recovery/step_config.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

std::vector<std::pair<std::string, StepKind>> kinds() {
  std::vector<std::pair<std::string, StepKind>> all;
  for (const StepKind kind : {StepKind::detect, StepKind::decide, StepKind::approve, StepKind::promote, StepKind::restore,
                              StepKind::provision, StepKind::boot, StepKind::warm, StepKind::redirect, StepKind::verify,
                              StepKind::shut_down_source, StepKind::cluster_failover, StepKind::force_quorum, StepKind::custom}) {
    all.emplace_back(to_name(kind), kind);
  }
  return all;
}

/// See the table of docs/models/recovery.md.
DurationDistribution default_duration(StepKind kind, bool by_people) {
  switch (kind) {
    case StepKind::detect: return DurationDistribution(180_s);
    case StepKind::decide:
      return by_people ? DurationDistribution(LogNormal{.median = 900, .sigma = 0.6}) : DurationDistribution();
    case StepKind::promote: return DurationDistribution(300_s);
    case StepKind::restore: return DurationDistribution(10_s);
    case StepKind::provision: return DurationDistribution(300_s);
    case StepKind::boot: return DurationDistribution(LogNormal{.median = 30, .sigma = 0.25});
    case StepKind::warm: return DurationDistribution(LogNormal{.median = 180, .sigma = 0.5});
    case StepKind::redirect: return DurationDistribution(60_s);
    case StepKind::verify: return DurationDistribution(300_s);
    case StepKind::force_quorum: return DurationDistribution(Distribution(Uniform{.low = 300, .high = 900}));
    default: return {};
  }
}

bool asks_control_plane(StepKind kind) {
  return kind == StepKind::promote || kind == StepKind::restore || kind == StepKind::provision || kind == StepKind::boot;
}

/// Each name once: a second one would be a second task, or a second wait, of the same.
void check_once(Section& in, std::string_view key, const std::vector<Located<std::string>>& names, std::string_view step) {
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto same = [&](const Located<std::string>& other) { return other.value == names[n].value; };
    if (std::find_if(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(n), same) == names.begin() + static_cast<std::ptrdiff_t>(n)) continue;
    in.error_at(names[n].where, fmt::format("step '{}' names '{}' twice in {}", step, names[n].value, key), "name it once");
  }
}

void read_order(Section& in, StepConfig& step) {
  in.optional("after", step.after).doc("steps that must be done before it begins");
  in.optional("after_own", step.after_own)
      .doc("steps of which only the tasks for the same resource, or for what that uses, must be done");
  in.optional("of", step.of).doc("resources of the protected environment: one task for each; none: one task");
  in.optional("parallel", step.parallel)
      .between(std::int64_t{0}, std::int64_t{1'000'000})
      .doc("its tasks at once; 0 sets no limit");
  in.optional("enough", step.enough)
      .positive()
      .at_most(Ratio{1})
      .doc("share of its tasks that must be done for the steps after it, and for the service");
  in.optional_choice<NeededFor>("needed_for", step.needed_for,
                                {{"service", NeededFor::service},
                                 {"full_speed", NeededFor::full_speed},
                                 {"nothing", NeededFor::nothing}})
      .default_is("service; of shut_down_source and force_quorum, nothing")
      .doc("what waits for it: users, full speed only, or nobody");
  if (in.describing()) return;
  check_once(in, "after", step.after, step.name.value);
  check_once(in, "after_own", step.after_own, step.name.value);
  check_once(in, "of", step.of, step.name.value);
}

void read_work(Section& in, StepConfig& step) {
  in.optional("duration", step.duration)
      .default_is("by kind; see docs/models/recovery.md")
      .doc("of one attempt");
  in.optional("cpu_bound", step.cpu_bound)
      .doc("it takes longer where smaller instances were launched than wanted, by the ratio of vCPUs");
  in.optional("failure_probability", step.failure_probability)
      .between(Ratio{0}, Ratio{1})
      .doc("of an attempt; it shows at the end of its duration");
  in.optional_section("retry", "what follows a failed attempt", [&](Section& retry) {
    retry.optional("attempts", step.retry.attempts)
        .between(std::int64_t{0}, std::int64_t{1'000'000})
        .doc("at most; 0: until the plan gives up");
    retry.optional("every", step.retry.every).positive().at_most(366_d).doc("from a failure to the next attempt");
  });
  in.optional("timeout", step.timeout)
      .positive()
      .default_is("none")
      .doc("an attempt that takes longer is cut off and has failed");
  in.optional("may_fail", step.may_fail).doc("the plan goes on without it");
  in.optional("api_calls", step.api_calls)
      .between(std::int64_t{0}, std::int64_t{1'000'000})
      .doc("that an attempt makes, of a boot for each instance");
  in.optional("needs_control_plane", step.needs_control_plane)
      .default_is("true for promote, restore, provision and boot, else false")
      .doc("an attempt fails while the control plane of the target's Region is down");
}

void read_people_keys(Section& in, StepConfig& step) {
  in.optional("people", step.people).default_is("nobody is waited for").doc("the team that does it");
  in.optional("needs_approval", step.needs_approval)
      .default_is("none")
      .doc("the step of kind approve whose approval must be valid when it starts");
  if (in.describing() || step.needs_approval) {
    in.optional_choice<bool>("denied", step.asks_again, {{"asks_again", true}, {"fails", false}})
        .doc("what a start without a valid approval leads to; with needs_approval");
    in.optional("ends_at_expiry", step.ends_at_expiry)
        .doc("it is cut off when its approval expires, and does not resume; with needs_approval");
  }
}

void read_approval(Section& in, StepConfig& step) {
  ApprovalConfig approval;
  in.optional("principal", approval.principal)
      .doc("who may start what was approved; holds one approval at a time, a new one overwrites it");
  in.optional("requestor", approval.requestor)
      .default_is("the value of principal")
      .doc("who asks for the approval; never the team that gives it");
  in.optional("valid_for", approval.valid_for)
      .positive()
      .at_most(366_d)
      .doc("a start later than this after the approval, or after its scheduled start, is denied");
  in.optional("starts_after", approval.starts_after)
      .not_negative()
      .at_most(366_d)
      .doc("a start scheduled in the request: so long after the approval");
  if (in.describing()) return;
  if (approval.requestor.empty()) approval.requestor = approval.principal;
  if (step.people && step.people->value == approval.requestor) {
    in.error_at(step.people->where, fmt::format("'{}' may not approve its own request", approval.requestor),
                "let another team approve, or another one ask");
  }
  step.approval = std::move(approval);
}

}  // namespace

StepConfig read_step(const Located<std::string>& name, Section& in) {
  StepConfig step;
  step.name = name;
  in.optional_choice<StepKind>("kind", step.kind, kinds()).doc("sets its default duration and what it needs");
  // Who needs a forced quorum waits for it in the failover of the cluster.
  const bool aside = step.kind == StepKind::shut_down_source || step.kind == StepKind::force_quorum;
  if (!in.describing() && aside) step.needed_for = NeededFor::nothing;
  step.needs_control_plane = asks_control_plane(step.kind);
  read_order(in, step);
  read_people_keys(in, step);
  step.duration = default_duration(step.kind, step.people.has_value());
  read_work(in, step);
  in.when(step.kind == StepKind::detect, "kind is detect", [&](Section& section) {
    section.optional_section("health_check", "of Route 53, instead of a duration", [&](Section& check) {
      const DnsHealthCheckConfig read = read_dns_health_check(check);
      if (!check.describing()) step.health_check = read;
    });
    step.grey_after = DurationDistribution(LogNormal{.median = 1800, .sigma = 0.8});
    section.optional("grey_after", step.grey_after).doc("until somebody notices a grey failure, which checks do not see");
  });
  in.when(step.kind == StepKind::approve, "kind is approve", [&](Section& section) { read_approval(section, step); });
  in.when(step.kind == StepKind::redirect, "kind is redirect", [&](Section& section) {
    section.optional_section("dns", "clients follow a record after the duration",
                             [&](Section& dns) {
                               const DnsConfig read = read_dns(dns);
                               if (!dns.describing()) step.dns = read;
                             });
  });
  in.when(is_of_cluster(step.kind), "kind is cluster_failover or force_quorum", [&](Section& section) {
    Located<std::string> cluster;
    section.required("cluster", cluster).doc("of `failover_clusters`");
    if (is_of_cluster(step.kind)) step.cluster = std::move(cluster);
  });
  in.when(step.kind == StepKind::restore, "kind is restore", [&](Section& section) {
    section.optional("hydration", step.hydration)
        .positive()
        .default_is("no blocks are loaded")
        .doc("blocks loaded in the background after the restore, for each resource, such as 130 MB/s");
    section.optional("hydration_spread", step.hydration_spread)
        .between(0.0, 5.0)
        .doc("standard deviation of the logarithm of that rate, drawn for each resource");
    section.optional("hydrate_first", step.hydrate_first).doc("the restore is done when all blocks are loaded; with hydration");
    if (!section.describing() && step.hydrate_first && !step.hydration && !section.has("hydration")) {
      section.error("hydrate_first", fmt::format("hydrate_first: step '{}' loads no blocks that could be waited for", name.value),
                    "add hydration: with a rate, such as 130 MB/s, or leave hydrate_first out");
    }
  });
  return step;
}

}  // namespace fleetsim
