#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/output/group_chart.hpp"
#include "tools/cli/output/group_table.hpp"
#include "tools/cli/output/heat_map.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/metric_rows.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/pool_table.hpp"
#include "tools/cli/output/protection_table.hpp"
#include "tools/cli/output/storage_table.hpp"
#include "tools/cli/output/recovery_course.hpp"
#include "tools/cli/output/recovery_table.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::cli {

namespace {

const std::vector<MetricRow> fleet_rows{
    {"drop_fraction", "requests dropped", true},
    {"late_fraction", "  because late"},
    {"utilization", "utilization"},
    {"instance_hours", "instance-hours"},
    {"cost_per_million_requests", "cost / million requests"},
    {"requests_offered", "requests offered"},
    {"home_gb_per_instance_hour", "traffic with home zone"},
    {"break_even_gb_per_instance_hour", "break-even x*"},
};
struct Feature {
  const char* title;
  std::vector<MetricRow> rows;
};
/// What a fleet with a load balancer reports beside this.
const Feature balancer{"Load balancer",
                       {{"requests_lost", "requests lost", true},
                        {"attempts", "requests and retries"},
                        {"attempts_repeated", "  retries"},
                        {"attempts_refused", "  refused"},
                        {"attempts_timed_out", "  given up by the client"},
                        {"unhealthy_hours", "targets unhealthy", true},
                        {"all_unhealthy_time", "all targets unhealthy"},
                        {"latency_mean", "response time", true},
                        {"latency_p50", "  median", true},
                        {"latency_p95", "  95th percentile", true},
                        {"latency_p99", "  99th percentile", true}}};
/// Of a group; it reports them where it uses the feature.
const std::vector<Feature> group_features{
    {"CPU credits",
     {{"throttled_hours", "slowed down without credits", true},
      {"surplus_vcpu_hours", "vCPU time on surplus credits", true},
      {"cpu_credits_end", "credits at the end", true}}},
    {"Replacement",
     {{"refreshes_done", "refreshes or rollbacks done", true},
      {"refreshes_failed", "instance refreshes failed", true},
      {"instances_replaced", "instances replaced", true},
      {"instance_failures", "instances that failed", true}}},
    {"Warm pool", {{"warm_starts", "launches out of the pool", true}}},
};
/// In JSON and CSV only: what other rows say in another way.
const std::vector<std::string> fleet_details{"cost", "requests_served", "requests_dropped",
                                             "cross_zone_gb", "cross_zone_gb_per_instance_hour"};
const std::vector<MetricRow> total_rows{
    {"cost.total", "cost", true},
    {"cost.spot", "  Spot instances"},
    {"cost.on_demand", "  on-demand instances"},
    {"cost.reserved", "  reserved instances"},
    {"cost.commitments", "  commitments, used or not"},
    {"cost.surplus_credits", "  surplus CPU credits"},
    {"cost.transfer", "  transfer between zones"},
    {"cost.load_balancers", "  load balancers"},
    {"cost.volumes", "  EBS volumes"},
    {"cost.protection", "  copies of data"},
    {"cost.standby", "  standing by for a disaster"},
    {"cost.failover", "  running at a recovery site"},
    {"cost.drills", "  drills"},
    {"spot.launches", "Spot launches"},
    {"spot.launch_failures", "Spot launches that failed"},
    {"spot.launch_failures.by_price", "  for their maximum price"},
    {"spot.rebalance_recommendations", "rebalance recommendations"},
    {"spot.interruptions", "Spot interruptions"},
    {"spot.interruptions.by_price", "  for their price"},
    {"spot.interruptions.by_constraint", "  with their launch group"},
    {"faults.count", "faults of the run"},
    {"faults.unanswered", "disasters that no plan answers"},
};
const std::vector<MetricRow> service_rows{
    {"rpa", "age of the oldest data", true},
    {"rta", "until all are served", true},
};
constexpr std::size_t other_metrics_max = 30;
constexpr std::size_t activities_shown = 40;

class Table {
 public:
  Table(const RunResult& result, const TextStyle& style) : result_(result), style_(style) {
    for (const GroupSummary& group : result.groups) {
      if (fleets_.empty() || fleets_.back() != group.fleet) fleets_.push_back(group.fleet);
      group_prefixes_.insert("fleet." + group.fleet + ".group." + group.group + ".");
    }
  }

  std::string text() {
    introduction();
    for (const std::string& fleet : fleets_) fleet_section(fleet);
    for (const PlanSummary& plan : result_.plans) plan_section(plan);
    for (const PlanSummary& plan : result_.plans) lines(course_lines(result_, plan));
    metric_section("All plans together", "service.", service_rows);
    lines(protection_table(result_, style_));
    for (const char* detail : {"rpa.p50", "rpa.p95", "rpa.max", "rta.p50", "rta.p95", "rta.max", "disasters"}) {
      told_.insert(std::string("service.") + detail);
    }
    metric_section("Totals", "", total_rows);
    told_.insert("spot.interruptions.by_capacity");  // the rest of the interruptions
    commitments();
    lines(storage_table(result_, style_));
    lines(pool_table(result_));
    other_metrics();
    activities();
    objectives();
    for (const std::string& warning : result_.warnings) {
      text_ += "\n" + style_.yellow("Warning:") + " " + wrapped(warning, 2, 9) + "\n";
    }
    ending();
    return std::move(text_);
  }

 private:
  void sentence(const std::string& words) { text_ += wrapped(words) + "\n"; }
  void heading(const std::string& words) { text_ += "\n" + style_.bold(words) + "\n"; }
  void lines(const std::vector<std::string>& block) {
    if (!block.empty()) text_ += "\n";
    for (const std::string& line : block) text_ += line + "\n";
  }
  std::string text_of(const Metric& metric) const { return shown(metric).text(style_); }

  void introduction() {
    text_ += style_.bold(result_.scenario) + "\n";
    sentence(run_in_words(result_.replications, result_.duration, result_.warm_up, result_.seed) + ".");
    if (result_.replications < result_.replications_wanted) {
      sentence(fmt::format("Interrupted: {} of {} replications finished, and only these are counted.",
                           grouped(static_cast<double>(result_.replications), 0),
                           grouped(static_cast<double>(result_.replications_wanted), 0)));
    }
    text_ += "\n";
    for (const std::string& fleet : fleets_) fleet_headline(fleet);
    for (const std::string& words : storage_sentences(result_, style_)) sentence(words);
    for (const PlanSummary& plan : result_.plans) {
      for (const std::string& words : plan_sentences(result_, plan, style_)) sentence(words);
    }
    if (const Metric* unanswered = result_.find("faults.unanswered"); unanswered != nullptr && unanswered->mean > 0) {
      sentence(fmt::format("No plan answers {} in each replication: what data and time they cost is not told.",
                           counted(std::round(unanswered->mean * 10) / 10, "disaster")));
    }
    const Metric* cost = result_.find("cost.total");
    if (cost != nullptr && !is_one_fleets(*cost)) sentence("The whole costs " + text_of(*cost) + ".");
    sentence(about_intervals());
  }

  std::string about_intervals() const {
    if (result_.replications < 2) return "One replication gives no interval; ask for more with --replications.";
    const bool alike = std::all_of(result_.metrics.begin(), result_.metrics.end(),
                                   [](const Metric& metric) { return metric.n == 0 || metric.min == metric.max; });
    if (alike) return "All replications are alike: nothing in this scenario is random.";
    // Both are interpolated between order statistics (R's type 7): the least and the greatest of n lie outside, which is
    // more than one in ten of fewer than 20.
    constexpr std::uint64_t enough_for_p05 = 20;
    return fmt::format("Here {} is half of the mean's 95 % confidence interval; {}.", style_.plus_minus(),
                       result_.replications >= enough_for_p05
                           ? "nine replications in ten lie between p05 and p95"
                           : "p05 and p95 are rough: of fewer than 20 replications more than one in ten lies outside");
  }

  /// Whether the headline of the only fleet has told it.
  bool is_one_fleets(const Metric& total) const {
    if (fleets_.size() != 1) return false;
    const Metric* cost = result_.find("fleet." + fleets_.front() + ".cost");
    return cost == nullptr || shown(*cost).mean_text() == shown(total).mean_text();
  }

  void fleet_headline(const std::string& fleet) {
    const Metric* cost = result_.find("fleet." + fleet + ".cost");
    if (cost == nullptr && fleets_.size() == 1) cost = result_.find("cost.total");
    const Metric* drops = result_.find("fleet." + fleet + ".drop_fraction");
    if (cost == nullptr && drops == nullptr) return;
    std::string words = "Fleet " + fleet;
    if (cost != nullptr) words += " costs " + text_of(*cost) + " in " + span_in_words(result_.duration - result_.warm_up);
    if (cost != nullptr && drops != nullptr) words += " and";
    if (drops != nullptr) {
      words += drops->max > 0 ? " drops " + text_of(*drops) + " of its requests" : " drops none of its requests";
    }
    sentence(words + ".");
  }

  void plan_section(const PlanSummary& plan) {
    const auto block = [&](const std::string& title, const std::vector<std::string>& all) {
      if (all.empty()) return;
      heading(title);
      for (const std::string& line : all) text_ += line + "\n";
    };
    block(fmt::format("Plan {}: {} recovers in {}", plan.name, plan.protects, plan.target), plan_table(result_, plan, style_));
    if (const std::optional<HeatMap> map = heat_map_of(result_, plan)) {
      block(fmt::format("Plan {}: age of the data by the hour of the disaster", plan.name), heat_map_lines(*map, style_));
    }
    block("Drills of plan " + plan.name, drill_table(result_, plan, style_));
  }

  void fleet_section(const std::string& fleet) {
    heading("Fleet " + fleet);
    for (const std::string& line : group_table(result_, fleet, style_)) text_ += line + "\n";
    cost_beside_groups(fleet);
    lines(group_chart(result_, fleet, style_));
    const std::string prefix = "fleet." + fleet + ".";
    for (const std::string& name : fleet_details) told_.insert(prefix + name);
    metric_section("", prefix, fleet_rows);
    const Metric* break_even = result_.find(prefix + "break_even_gb_per_instance_hour");
    if (break_even != nullptr && break_even->n > 0) {
      text_ += wrapped("x*: Spot in another zone costs less than on-demand in the home zone while an instance's "
                       "traffic with the home zone is below this.") +
               "\n";
    }
    if (result_.find(prefix + "latency_mean") != nullptr) metric_section(balancer.title, prefix, balancer.rows);
    for (const Feature& feature : group_features) feature_section(fleet, feature);
  }

  /// Where more than its groups is on a fleet's bill.
  void cost_beside_groups(const std::string& fleet) {
    const Metric* cost = result_.find("fleet." + fleet + ".cost");
    if (cost == nullptr) return;
    double beside = cost->mean;
    for (const GroupSummary& group : result_.groups) {
      if (group.fleet != fleet) continue;
      const Metric* of_group = result_.find("fleet." + fleet + ".group." + group.group + ".cost");
      if (of_group != nullptr) beside -= of_group->mean;
    }
    constexpr double cent = 0.01;
    if (beside >= cent) sentence(fmt::format("Its load balancer costs {} USD beside its groups.", grouped(beside, 2)));
  }

  void feature_section(const std::string& fleet, const Feature& feature) {
    const auto groups = std::count_if(result_.groups.begin(), result_.groups.end(),
                                      [&](const GroupSummary& group) { return group.fleet == fleet; });
    LabelledMetrics found;
    for (const GroupSummary& group : result_.groups) {
      if (group.fleet != fleet) continue;
      for (const MetricRow& row : feature.rows) {
        const Metric* metric = result_.find("fleet." + fleet + ".group." + group.group + "." + row.metric);
        if (metric == nullptr || metric->n == 0) continue;
        found.emplace_back(groups > 1 ? group.group + ": " + row.label : row.label, metric);
      }
    }
    lines(metric_lines(result_, feature.title, found, style_));
  }

  void commitments() {
    constexpr std::string_view prefix = "commitment.", ending = ".savings";
    LabelledMetrics rows;
    for (const Metric& metric : result_.metrics) {
      if (!metric.name.starts_with(prefix)) continue;
      told_.insert(metric.name);
      if (!metric.name.ends_with(ending)) continue;
      const std::string name = metric.name.substr(0, metric.name.size() - ending.size());
      rows.emplace_back(name.substr(prefix.size()) + ": saves", &metric);
      for (const auto& [part, label] : {std::pair{".cost", "  its fee"}, {".utilization", "  used"},
                                        {".unused_cost", "  fee of what is not used"}}) {
        const Metric* found = result_.find(name + part);
        if (found != nullptr && found->n > 0) rows.emplace_back(label, found);
      }
    }
    lines(metric_lines(result_, "Commitments", rows, style_));
  }

  /// The metrics among `rows` that exist and say something; nothing if none does.
  void metric_section(const std::string& title, const std::string& prefix, const std::vector<MetricRow>& rows) {
    for (const MetricRow& row : rows) told_.insert(prefix + row.metric);
    lines(metric_lines(result_, title, telling_metrics(result_, prefix, rows), style_));
  }

  bool is_told(const std::string& name) const {
    if (told_.contains(name) || name.starts_with(pool_prefix) || name.starts_with("storage.")) return true;
    if (belongs_to_protection(name)) return true;
    for (const PlanSummary& plan : result_.plans) {
      if (belongs_to_plan(name, plan)) return true;
    }
    // A group's name may have dots itself.
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      if (group_prefixes_.contains(std::string_view(name).substr(0, dot + 1))) return true;
    }
    return false;
  }

  void other_metrics() {
    LabelledMetrics rows;
    std::size_t left_out = 0;
    for (const Metric& metric : result_.metrics) {
      if (is_told(metric.name) || metric.n == 0) continue;
      if (rows.size() < other_metrics_max) {
        rows.emplace_back(metric.name, &metric);
      } else {
        ++left_out;
      }
    }
    lines(metric_lines(result_, "Other metrics", rows, style_));
    if (left_out > 0) text_ += fmt::format("and {} more, with --format csv or json\n", left_out);
  }

  /// The first of what the groups did; all of it is in JSON.
  void activities() {
    if (result_.activities.empty()) return;
    heading("Scaling activities of the first replication, UTC");
    const std::size_t count = std::min(result_.activities.size(), activities_shown);
    for (std::size_t a = 0; a < count; ++a) {
      const ResultActivity& activity = result_.activities[a];
      std::string time = activity.time;  // 2026-01-05T09:03:00Z
      if (time.size() == 20) time = time.substr(0, 10) + " " + time.substr(11, 8);
      const std::string group = fleets_.size() > 1 ? activity.fleet + "/" + activity.group : activity.group;
      text_ += fmt::format("{}  {}: {}\n", time, group, activity.what);
      text_ += "    " + wrapped(activity.why, 4, 4) + "\n";
    }
    const std::uint64_t more = result_.activities.size() - count + result_.activities_left_out;
    if (more > 0) text_ += fmt::format("and {} more; --format json lists the first 10,000\n", grouped(static_cast<double>(more), 0));
  }

  void objectives() {
    if (result_.objectives.empty()) return;
    heading("Objectives");
    constexpr std::size_t margin = 11;
    for (const ObjectiveResult& objective : result_.objectives) {
      const std::string verdict = !objective.decided ? "undecided" : objective.met ? "met" : "missed";
      const std::string painted = !objective.decided ? style_.yellow(verdict)
                                  : objective.met    ? style_.green(verdict)
                                                     : style_.red(verdict);
      text_ += painted + std::string(margin - verdict.size(), ' ') + wrapped(objective.name, margin, margin) + "\n";
      text_ += std::string(margin, ' ') + wrapped(found(objective), margin, margin) + "\n";
    }
  }

  std::string found(const ObjectiveResult& objective) const {
    std::string words;
    if (objective.n == 0 && objective.ordering.empty()) {
      return "not observed in any replication" + (objective.bound.empty() ? "" : ", wanted " + objective.bound);
    }
    if (objective.n > 0 && objective.target > 0) {
      words = fmt::format("holds in {:.4g} % of the replications, wanted in {:.4g} %", objective.probability * 100,
                          objective.target * 100);
    } else {
      words = "measured " + measured(objective);
      if (!objective.bound.empty()) words += ", wanted " + objective.bound;
    }
    if (objective.n == 0) return words + "; no replication observed all of them";
    if (objective.decided) return words;
    return words + fmt::format("; {} so far, but {} can't settle it", objective.met ? "it holds" : "it does not hold",
                               counted(static_cast<double>(result_.replications), "replication"));
  }

  /// The means of an ordering's metrics, which may be some that no replication observed.
  std::string measured_order(const ObjectiveResult& objective) const {
    std::string words;
    for (const std::string& name : objective.ordering) {
      const Metric* metric = result_.find(name);
      words += words.empty() ? "" : ", then ";
      words += metric == nullptr || metric->n == 0 ? "not observed" : text_of(*metric);
    }
    return words;
  }

  std::string measured(const ObjectiveResult& objective) const {
    if (!objective.ordering.empty()) return measured_order(objective);
    // The name of an objective on a mean begins with its metric, which knows unit and interval.
    const Metric* metric = result_.find(objective.name.substr(0, objective.name.find(' ')));
    const bool is_mean = metric != nullptr && metric->mean == objective.measured && metric->unit == objective.unit;
    if (is_mean) return text_of(*metric);
    if (objective.bound.find('%') != std::string::npos) return fmt::format("{:.5g} %", objective.measured * 100);
    std::string text = grouped(objective.measured, decimals_for(objective.measured, {}, objective.unit));
    if (!objective.unit.empty() && objective.unit != "1") text += " " + objective.unit;
    return text;
  }

  void ending() {
    text_ += "\n";
    sentence(fmt::format("All {} metrics with their intervals, the ledger and the series: --format json.",
                         result_.metrics.size()));
  }

  const RunResult& result_;
  const TextStyle& style_;
  std::vector<std::string> fleets_;
  std::set<std::string, std::less<>> group_prefixes_;
  std::set<std::string> told_;  // names of metrics that the table shows or leaves to --format json on purpose
  std::string text_;
};

}  // namespace

std::string to_table(const RunResult& result, const TextStyle& style) { return Table(result, style).text(); }

}  // namespace fleetsim::cli
