#include "tools/cli/output/recovery_table.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/metric_rows.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

std::string mean_time(const Metric* metric, const TextStyle& style) {
  if (metric == nullptr || metric->n == 0) return "-";
  std::string text = time_in_words(metric->mean);
  if (metric->ci95_low && metric->ci95_high && *metric->ci95_high > *metric->ci95_low) {
    text += fmt::format(" {} {}", style.plus_minus(), time_in_words((*metric->ci95_high - *metric->ci95_low) / 2));
  }
  return text;
}

/// "12 % (95 %: 8 to 17 %)".
std::string chance(const Metric* metric, std::string_view what = "95 %: ") {
  if (metric == nullptr || metric->n == 0) return "-";
  std::string text = fmt::format("{:.3g} %", metric->mean * 100);
  if (metric->ci95_low && metric->ci95_high) {
    text += fmt::format(" ({}{:.3g} to {:.3g} %)", what, *metric->ci95_low * 100, *metric->ci95_high * 100);
  }
  return text;
}

bool happens(const Metric* metric) { return metric != nullptr && metric->n > 0 && metric->mean > 0; }

const std::vector<MetricRow> cost_rows{
    {"standby_cost", "standby, whole run"},
    {"drill.cost", "drills, whole run"},
    {"failover_cost", "at the target, each disaster"},
    {"outage_cost", "outage, each disaster"},
};

/// The metrics of one plan, or of its drills, as tables.
class PlanTables {
 public:
  PlanTables(const RunResult& result, const PlanSummary& plan, std::string prefix, const TextStyle& style)
      : result_(result), plan_(plan), prefix_(std::move(prefix)), style_(style),
        count_(prefix_.ends_with(".drill.") ? find("count") : find("disasters")) {}

  /// Of the plan as a whole: the distribution over its disasters.
  std::vector<std::string> times(const std::string& title) const {
    Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right});
    columns.add({title, "mean", "median", "95 %", "longest"});
    for (const auto& [name, label] : {std::pair("rpa", "age of the data (RPA)"), std::pair("rta", "users served (RTA)"),
                                      std::pair("full_speed_after", "full speed")}) {
      if (find(name) == nullptr) continue;
      columns.add({label, cell(name), quantile(name, "p50"), quantile(name, "p95"), longest(name)});
    }
    return columns.lines();
  }

  std::vector<std::string> resources() const {
    Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
    columns.add({"", "age of data", "", "served", "", "full speed"});
    columns.add({"resource", "mean", "95 %", "mean", "95 %", "mean"});
    bool any = false;
    for (const std::string& name : plan_.resources) {
      const std::string own = "resource." + name + ".";
      if (!observed(own + "rta") && !observed(own + "rpa")) continue;
      any = true;
      columns.add({name, cell(own + "rpa"), quantile(own + "rpa", "p95"), cell(own + "rta"), quantile(own + "rta", "p95"),
                   cell(own + "full_speed_after")});
    }
    return any ? columns.lines() : std::vector<std::string>();
  }

  /// How likely the objectives are missed, by the application and by each of its resources.
  std::vector<std::string> missed() const {
    if (!plan_.rpo && !plan_.rto) return {};
    std::vector<Align> alignment{Align::left};
    std::vector<std::string> heads{"missed, with 95 % interval"};
    for (const auto& [objective, name] : {std::pair(plan_.rpo, "rpo"), std::pair(plan_.rto, "rto")}) {
      if (!objective) continue;
      alignment.push_back(Align::left);
      heads.push_back(fmt::format("{} of {}", name, to_text(*objective)));
    }
    Columns columns(alignment);
    columns.add(heads);
    bool any = false;
    const auto add = [&](const std::string& label, const std::string& own) {
      std::vector<std::string> cells{label};
      if (plan_.rpo) cells.push_back(chance(find(own + "rpo_missed_probability"), ""));
      if (plan_.rto) cells.push_back(chance(find(own + "rto_missed_probability"), ""));
      if (std::all_of(cells.begin() + 1, cells.end(), [](const std::string& text) { return text == "-"; })) return;
      columns.add(std::move(cells));
      any = true;
    };
    add(plan_.protects + ", all of it", "");
    for (const std::string& name : plan_.resources) add("  " + name, "resource." + name + ".");
    return any ? columns.lines() : std::vector<std::string>();
  }

  std::vector<std::string> steps() const {
    Columns columns({Align::left, Align::right, Align::right, Align::right, Align::left});
    columns.add({"", "", "on critical", "time", ""});
    columns.add({"step", "takes", "path", "there", ""});
    bool any = false;
    const Metric* rta = find("rta");
    for (const std::string& step : plan_.steps) {
      const std::string own = "step." + step + ".";
      const Metric *critical = find(own + "critical_fraction"), *length = find(own + "critical_time");
      if (critical == nullptr || critical->n == 0) continue;
      any = true;
      const double share = rta != nullptr && rta->n > 0 && rta->mean > 0 ? std::min(1.0, length->mean / rta->mean) : 0;
      columns.add({step, cell(own + "time"), fmt::format("{:.3g} %", critical->mean * 100), time_in_words(length->mean),
                   bar(share, 20, style_.utf8)});
    }
    return any ? columns.lines() : std::vector<std::string>();
  }

  const Metric* find(const std::string& name) const { return result_.find(prefix_ + name); }
  bool observed(const std::string& name) const {
    const Metric* metric = find(name);
    return metric != nullptr && metric->n > 0;
  }

 private:
  std::string cell(const std::string& name) const {
    const Metric* metric = find(name);
    return metric != nullptr && metric->n > 0 ? time_in_words(metric->mean) : std::string("-");
  }
  /// A quantile that some replication did not observe fell on a disaster that ended badly there. Of one disaster in each
  /// replication the quantiles are those over the replications.
  std::string quantile(const std::string& name, std::string_view which) const {
    const Metric *metric = find(fmt::format("{}.{}", name, which)), *mean = find(name), *failed = find("failed_probability");
    if (mean == nullptr || (mean->n == 0 && name != "rpa" && name != "rta")) return "-";
    if (failed != nullptr && (metric != nullptr ? metric : mean)->n < failed->n) return bad_end(name);
    if (metric == nullptr || metric->n == 0) return "-";
    const bool alone = count_ != nullptr && count_->max <= 1;
    return time_in_words(!alone ? metric->mean : which == "p50" ? metric->p50 : metric->p95);
  }
  /// Of all replications.
  std::string longest(const std::string& name) const {
    const Metric *metric = find(name + ".max"), *failed = find("failed_probability");
    if (metric == nullptr || (metric->n == 0 && failed == nullptr)) return "-";
    return failed != nullptr && metric->n < failed->n ? bad_end(name) : time_in_words(metric->max);
  }
  static std::string bad_end(const std::string& name) { return name.ends_with("rpa") ? "all lost" : "never"; }

  const RunResult& result_;
  const PlanSummary& plan_;
  const std::string prefix_;
  const TextStyle& style_;
  const Metric* count_;  // of disasters or drills
};

void append(std::vector<std::string>& lines, const std::vector<std::string>& block) {
  if (block.empty()) return;
  if (!lines.empty()) lines.emplace_back();
  lines.insert(lines.end(), block.begin(), block.end());
}

/// Each drill of the first replication: when, how long, and which objectives it met.
std::vector<std::string> drill_list(const RunResult& result, const PlanSummary& plan) {
  constexpr std::size_t shown = 20;
  const auto time = [](const std::optional<double>& seconds, const char* without) {
    return seconds ? time_in_words(*seconds) : std::string(without);
  };
  const auto verdict = [](const std::optional<bool>& met) { return std::string(!met ? "-" : *met ? "met" : "missed"); };
  Columns columns({Align::left, Align::right, Align::right, Align::right, Align::left, Align::left, Align::left});
  columns.add({"first replication, UTC", "data old", "served", "full speed", "rpo", "rto", "drill"});
  std::size_t count = 0;
  for (const ResultDrill& drill : result.drills) {
    if (drill.plan != plan.name || ++count > shown) continue;
    const std::string_view given = drill.time;  // 2026-01-05T09:03:00Z
    const std::string at = given.size() == 20 ? fmt::format("{} {}", given.substr(0, 10), given.substr(11, 5)) : drill.time;
    columns.add({at, time(drill.whole.rpa_s, "-"), time(drill.whole.rta_s, "never"), time(drill.whole.full_speed_s, "never"),
                 verdict(drill.rpo_met), verdict(drill.rto_met), drill.passed ? "passed" : "failed"});
  }
  if (count == 0) return {};
  std::vector<std::string> lines = columns.lines();
  if (count > shown) lines.push_back(fmt::format("and {} more, with --format json", grouped(static_cast<double>(count - shown), 0)));
  return lines;
}

std::string failback_sentence(const RunResult& result, const std::string& prefix, const TextStyle& style) {
  const auto find = [&](const char* name) { return result.find(prefix + name); };
  const Metric *ready = find("ready_again_after"), *data = find("failback_data"), *outage = find("failback_outage");
  std::string words;
  if (ready != nullptr && ready->n > 0) {
    words = fmt::format("It is back at its source after {}", mean_time(ready, style));
    if (happens(data)) words += fmt::format(", with {} sent back", shown(*data).text(style));
    if (happens(outage)) words += fmt::format("; users wait {} for that switch", mean_time(outage, style));
    words += ".";
  }
  if (const Metric* never = find("failback_never_in_sync_probability"); happens(never)) {
    words += fmt::format("{}The way back is never in sync in {} of the cases.", words.empty() ? "" : " ", chance(never));
  }
  return words;
}

}  // namespace

std::vector<std::string> plan_sentences(const RunResult& result, const PlanSummary& plan, const TextStyle& style) {
  const std::string prefix = "recovery." + plan.name + ".";
  const auto find = [&](const char* name) { return result.find(prefix + name); };
  std::vector<std::string> sentences;
  const Metric* disasters = find("disasters");
  if (!happens(disasters)) {
    sentences.push_back(plan.answers.empty()
                            ? fmt::format("Plan {}: no fault of this scenario sets it off.", plan.name)
                            : fmt::format("Plan {}: no disaster struck {}.", plan.name, plan.protects));
  } else {
    std::string words = fmt::format("Plan {}, after {} in each replication:", plan.name,
                                    counted(std::round(disasters->mean * 10) / 10, "disaster"));
    const Metric *rpa = find("rpa"), *rta = find("rta"), *full = find("full_speed_after");
    const Metric* lost = find("total_loss_probability");
    const bool aged = rpa != nullptr && rpa->n > 0;
    if (aged) {
      const std::string unless =
          happens(lost) ? fmt::format(" where any is left (in {:.3g} % all is lost)", lost->mean * 100) : "";
      words += fmt::format(" data is {} old{}", mean_time(rpa, style), unless);
    }
    if (rta != nullptr && rta->n > 0) {
      words += fmt::format("{} users are served after {}", aged ? ", and" : "", mean_time(rta, style));
      if (full != nullptr && full->n > 0 && full->mean > rta->mean) {
        words += fmt::format(", at full speed after {}", mean_time(full, style));
      }
      words += ".";
    } else {
      words += fmt::format("{} the plan never brings the service back.", aged ? ", but" : "");
    }
    sentences.push_back(words);
    if (plan.rpo) {
      sentences.push_back(fmt::format("The recovery point objective of {} is missed with a probability of {}.",
                                      to_text(*plan.rpo), chance(find("rpo_missed_probability"))));
    }
    if (plan.rto) {
      sentences.push_back(fmt::format("The recovery time objective of {} is missed with a probability of {}.",
                                      to_text(*plan.rto), chance(find("rto_missed_probability"))));
    }
    if (happens(find("failed_probability"))) {
      sentences.push_back(fmt::format("The plan fails with a probability of {}.", chance(find("failed_probability"))));
    }
    if (const Metric* passed = find("unnoticed_probability"); happens(passed)) {
      sentences.push_back(fmt::format("With a probability of {} the failure passes before anybody notices it, and nothing is done.",
                                      chance(passed)));
    }
    if (const Metric* on = find("cluster_went_on_probability"); happens(on)) {
      sentences.push_back(fmt::format("With a probability of {} the failover cluster goes on where it ran, and nothing is done.", chance(on)));
    }
    if (const Metric* quorum = find("quorum_lost_probability"); happens(quorum)) {
      sentences.push_back(fmt::format("With a probability of {} the failover cluster loses its quorum, and stops until it is forced "
                                      "or what was lost returns.",
                                      chance(quorum)));
    }
    if (const std::string words_of_return = failback_sentence(result, prefix, style); !words_of_return.empty()) {
      sentences.push_back(words_of_return);
    }
    if (const Metric* both = find("double_serving_probability"); happens(both)) {
      sentences.push_back(fmt::format("Split brain: with a probability of {} the source is back, or was never gone, while the "
                                      "target serves, and nothing has shut it down: both may take writes.",
                                      chance(both)));
    }
  }
  if (const Metric* drills = find("drill.count"); drills != nullptr) {
    const Metric* passed = find("drill.passed_fraction");
    if (drills->mean == 0) {
      sentences.push_back(fmt::format("Drills of plan {}: none in the measured time.", plan.name));
    } else {
      sentences.push_back(fmt::format(
          "Drills of plan {}: {:.4g} in each replication, of which {} met the objectives; {} at most without one that did.",
          plan.name, drills->mean, passed != nullptr && passed->n > 0 ? fmt::format("{:.4g} %", passed->mean * 100) : "-",
          mean_time(find("drill.longest_without"), style)));
    }
  }
  return sentences;
}

std::vector<std::string> plan_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style) {
  const std::string prefix = "recovery." + plan.name + ".";
  const PlanTables tables(result, plan, prefix, style);
  std::vector<std::string> lines;
  if (happens(tables.find("disasters"))) {
    append(lines, tables.times("of " + plan.protects));
    append(lines, tables.resources());
    append(lines, tables.missed());
    append(lines, tables.steps());
  }
  append(lines, metric_lines(result, "cost", telling_metrics(result, prefix, cost_rows), style));
  if (happens(tables.find("failover_cost")) || happens(tables.find("outage_cost"))) {
    lines.push_back(wrapped("The total below has the standby, the drills and the target after disasters of the run itself; "
                            "neither that after what-if instants nor any outage."));
  }
  return lines;
}

std::vector<std::string> drill_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style) {
  const PlanTables tables(result, plan, "recovery." + plan.name + ".drill.", style);
  if (!happens(tables.find("count"))) return {};
  std::vector<std::string> lines = tables.times("drills, " + plan.drills);
  append(lines, tables.missed());
  append(lines, tables.steps());
  append(lines, drill_list(result, plan));
  return lines;
}

bool belongs_to_plan(const std::string& metric, const PlanSummary& plan) {
  return metric.starts_with("recovery." + plan.name + ".");
}

}  // namespace fleetsim::cli
