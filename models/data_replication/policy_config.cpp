/// Reads policies: when snapshots are taken, how long they are kept, where copies go.

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/data_replication/readers.hpp"

namespace fleetsim {

using config::Section;

RetentionConfig read_retention(Section& in, std::string_view doc) {
  RetentionConfig retention;
  in.optional_section("retain", doc, [&](Section& item) {
    item.optional("count", retention.count).between(std::int64_t{1}, std::int64_t{100'000}).doc("newest points that are kept");
    item.optional("age", retention.age).positive().doc("since the data's instant; the newest point is always kept until there is a newer one");
    item.exactly_one_of({"count", "age"});
  });
  return retention;
}

TransferRate read_rate(Section& in, TransferRate rate, std::string_view doc) {
  in.optional("rate", rate.median).positive().doc(doc);
  in.optional("rate_sigma", rate.sigma).between(0.0, 5.0).doc("of the logarithm of the rate, which is drawn for each; 0: always the median");
  return rate;
}

namespace {

/// What no draw is counted on to exceed: the upper end where there is one, else what 95 % do not.
Duration largest_of(const DurationDistribution& delay) {
  if (const auto* uniform = std::get_if<Uniform>(&delay.in_seconds().form())) return seconds(uniform->high);
  if (std::holds_alternative<Constant>(delay.in_seconds().form())) return delay.mean();
  return delay.quantile(0.95);
}

Duration default_window(Scheduler scheduler) {
  switch (scheduler) {
    case Scheduler::api: return {};
    case Scheduler::dlm: return 1_h;
    case Scheduler::aws_backup: return 8_h;
    case Scheduler::rds: return 30_min;
  }
  return {};
}

void read_start(Section& in, PolicyConfig& policy) {
  std::optional<Duration> window;
  std::optional<DurationDistribution> delay;
  in.optional("start_window", window)
      .not_negative()
      .default_is("0s; dlm 1h, aws_backup 8h")
      .doc("snapshots start at a random instant of it after the scheduled time; of dlm the same for every start of a run");
  in.optional("start_delay", delay).default_is("drawn from start_window").doc("after the scheduled time");
  in.at_most_one_of({"start_window", "start_delay"});
  if (in.describing()) return;
  const Duration length = window.value_or(default_window(policy.scheduler));
  if (policy.scheduler == Scheduler::aws_backup && window && *window < 1_h) {
    in.error("start_window", fmt::format("start_window: {} is less than the hour that AWS Backup takes at least", to_text(*window)),
             "write 1h or more");
  }
  if (delay) {
    policy.start_delay = *delay;
  } else if (length > Duration{}) {
    policy.start_delay = DurationDistribution(Distribution(Uniform{.low = 0, .high = to_seconds(length)}));
  }
  policy.start_delay_max = largest_of(policy.start_delay);
}

void check_schedule(Section& in, const PolicyConfig& policy) {
  if (policy.schedule.text().empty()) return;  // not given, and reported as such
  if (policy.schedule.never_fires()) {
    in.error("schedule", fmt::format("schedule: {} never fires: no date fits it", policy.schedule.text()),
             "let its days lie in its months");
  }
  const Duration every = policy.schedule.every();
  if (every == Duration{}) return;
  if (policy.scheduler == Scheduler::dlm && every.count() % (1_h).count() != 0) {
    in.error("schedule", fmt::format("schedule: Data Lifecycle Manager counts whole hours, not {}", to_text(every)),
             "write rate(1 hour), or scheduler: api for any interval");
  } else if (policy.scheduler == Scheduler::aws_backup && every < 1_h) {
    in.error("schedule", fmt::format("schedule: AWS Backup makes a backup each hour at most, not every {}", to_text(every)),
             "write rate(1 hour), or scheduler: api for any interval");
  }
}

void check_retention(Section& in, const PolicyConfig& policy) {
  const RetentionConfig& retention = policy.retention;
  if (policy.scheduler == Scheduler::dlm && ((retention.count && *retention.count > 1000) || (retention.age && *retention.age < 1_d))) {
    in.error("retain", "retain: Data Lifecycle Manager keeps 1 to 1000 snapshots, or each for a day or longer");
  }
  if (policy.logs && (!retention.age || *retention.age > 35_d)) {
    in.error("retain", "retain: a continuous backup is kept for at most 35 days", "write retain: {age: 35d}");
  }
}

void read_archive(Section& in, PolicyConfig& policy) {
  const bool given = in.optional_section("archive", "what retain no longer keeps goes to the archive tier, each snapshot in full, instead of being deleted",
                                         [&](Section& item) {
    ArchiveConfig archive;
    item.optional("every", archive.every).at_least(1).doc("only each that many-th snapshot of the schedule; the others are deleted");
    item.required("keep", archive.keep).positive().doc("how long from then on; 90d or longer");
    item.optional("restore", archive.restore).not_negative().doc("from the archive to the standard tier, before a volume can be made of it; AWS says 24 to 72 hours");
    if (item.describing()) return;
    if (item.has("keep") && archive.keep > Duration{} && archive.keep < 90_d) {
      item.error("keep", fmt::format("keep: {} is less than the 90 days that the archive tier charges for at least", to_text(archive.keep)),
                 "write 90d or more");
    }
    policy.archive = archive;
  });
  if (given && !in.describing() && !policy.retention.count && !policy.retention.age) {
    in.error("archive", "archive: nothing goes there, for without retain each snapshot stays in the standard tier to the end of the run",
             "write how long it stays there, such as retain: {age: 30d}");
  }
}

void read_copies(Section& in, PolicySettings& policy) {
  in.list("copies", policy.copies, [&](Section& item, CopySettings& copy) {
      copy.where = item.where();
      copy.place = read_place(item, {.region = true, .zone = false, .account = true}, "that of the source");
      item.optional_section("from", "a copy earlier in this list that this one is a copy of; without it it is a copy of the snapshot",
                            [&](Section& from) {
        copy.from_where = from.where();
        copy.from = read_place(from, {.region = true, .zone = false, .account = true}, "that of the source");
      });
      copy.config.retention = read_retention(item, "how long copies are kept; without it to the end of the run");
      item.optional("time", copy.config.whole).default_is("data / rate").doc("what a copy takes over a whole link, whatever its data; over one of which a share is left it takes 1 / share as long");
      copy.config.rate = read_rate(item, copy.config.rate, "median rate of a copy; at most 500 MiB/s");
      item.optional("complete_within", copy.config.complete_within)
          .between(15_min, 48_h)
          .doc("a time-based copy: it is sent as fast as that needs, while the quota of the two Regions lasts");
      item.at_most_one_of({"time", "complete_within"});
      item.optional("other_key", copy.config.encrypted_with_own_key).doc("encrypted with another key than its source: its first copy is full, and so is one to the same Region and account");
      item.optional("key_changes", copy.config.key_changes).doc("instants from which copies are made under a new key; the next one is full");
      item.list("key_denied", copy.config.key_denied, [](Section& denied, PauseConfig& pause) {
            denied.required("at", pause.at).not_negative().doc("time since the start of the run");
            denied.required("for", pause.length).positive().doc("how long the key cannot be used");
          }).doc("times in which the key of the copies cannot be used: those that begin then end in error, and nobody is told");
      item.optional("retry_after", copy.config.retry_after).positive().doc("a refused request is made again after this");
      item.optional("give_up_after", copy.config.give_up_after).positive().default_is("never; aws_backup 2h").doc("since it was first refused");
      item.optional("fast_restore_zones", copy.config.fast_restore_zones)
          .between(std::int64_t{0}, std::int64_t{10})
          .doc("zones in which the newest copy has fast snapshot restore");
      if (item.describing()) return;
      std::sort(copy.config.key_changes.begin(), copy.config.key_changes.end());
      if (copy.config.complete_within && copy.config.complete_within->count() % (15_min).count() != 0) {
        item.error("complete_within", fmt::format("complete_within: {} is no multiple of 15 minutes", to_text(*copy.config.complete_within)),
                   "AWS takes 15m to 48h in steps of 15m");
      }
      if (policy.config.scheduler == Scheduler::aws_backup && !copy.config.give_up_after) copy.config.give_up_after = 2_h;
    }).doc("copies in other Regions or accounts, one after another for each volume");
  if (policy.config.scheduler == Scheduler::dlm && policy.copies.size() > 3 && !in.describing()) {
    in.error("copies", fmt::format("copies: Data Lifecycle Manager copies to 3 other Regions at most, not {}", policy.copies.size()));
  }
}

}  // namespace

void read_policies(Section& in, ProtectionSettings& settings) {
  in.named("policies", "policy", "snapshots on a schedule, their copies and how long both are kept", [&](const LocatedName& name, Section& item) {
    PolicySettings policy;
    PolicyConfig& config = policy.config;
    policy.where = name.where;
    config.name = name.value;
    item.required("protects", policy.protects).at_least_count(1).doc("names of volumes, databases and sets");
    item.required("schedule", config.schedule).doc("when snapshots are taken: rate(5 minutes), cron(0 20 * * ? *) with six fields, or 0 20 * * * with the five of crontab");
    item.optional("time_zone", config.time_zone).doc("of a cron schedule");
    item.optional_choice<Scheduler>("scheduler", config.scheduler,
                                    {{"api", Scheduler::api}, {"dlm", Scheduler::dlm}, {"aws_backup", Scheduler::aws_backup}})
        .doc("who takes them: one's own calls, Data Lifecycle Manager or AWS Backup, each with its limits");
    read_start(item, config);
    config.retention = read_retention(item, "how long snapshots are kept; without it to the end of the run");
    item.optional_section("snapshot", "how long a snapshot takes", [&](Section& timing) {
      timing.optional("time", config.timing.whole).default_is("overhead + data / rate").doc("the whole of it, whatever its data");
      timing.optional("overhead", config.timing.overhead).not_negative().doc("beside the data");
      config.timing.rate = read_rate(timing, config.timing.rate, "median rate, of one volume");
    });
    item.optional("failure", config.failure).between(Ratio{0}, Ratio{1}).doc("probability that a snapshot ends in error, with the whole set");
    bool continuous = false;
    item.optional("continuous", continuous).doc("AWS Backup's continuous backup: any second of the last 35 days at most, but not in copies");
    read_archive(item, config);
    read_copies(item, policy);
    item.optional("rpo", config.rpo).positive().doc("recovery point objective at each of its sites; what misses it is reported");
    item.optional("fast_restore_zones", config.fast_restore_zones)
        .between(std::int64_t{0}, std::int64_t{10})
        .doc("zones in which the newest snapshot has fast snapshot restore");
    if (item.describing()) return;
    if (continuous) {
      if (config.scheduler != Scheduler::aws_backup) {
        item.error("continuous", "continuous backups are made by AWS Backup", "write scheduler: aws_backup");
      }
      config.logs = LogConfig{.every = 1_s, .delay = {}};
    }
    check_schedule(item, config);
    check_retention(item, config);
    policy.schedule_where = item.where("schedule");
    policy.rpo_where = item.where("rpo");
    settings.policies.push_back(std::move(policy));
  });
}

}  // namespace fleetsim
