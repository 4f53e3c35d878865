#include "tools/cli/output/protection_table.hpp"

#include <array>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

class ProtectionTable {
 public:
  ProtectionTable(const RunResult& result, const TextStyle& style) : result_(result), style_(style) {}

  std::vector<std::string> lines() {
    ages();
    instants();
    work();
    stored();
    return std::move(lines_);
  }

 private:
  const Metric* find(const std::string& name) const {
    const Metric* metric = result_.find("data." + name);
    return metric != nullptr && metric->n > 0 ? metric : nullptr;
  }
  std::string time(const std::string& name) const {
    const Metric* metric = find(name);
    return metric != nullptr ? time_in_words(metric->mean) : "-";
  }
  std::string share(const std::string& name) const {
    const Metric* metric = find(name);
    return metric != nullptr ? fmt::format("{:.3g} %", metric->mean * 100) : "-";
  }
  std::string number(const std::string& name, int decimals = 0) const {
    const Metric* metric = find(name);
    return metric != nullptr ? grouped(metric->mean, decimals) : "-";
  }
  /// A block under a bold first line, apart from what is above it.
  void block(const Columns& columns) {
    std::vector<std::string> lines = columns.lines();
    if (lines.size() < 2) return;
    if (!lines_.empty()) lines_.emplace_back();
    lines.front() = style_.bold(lines.front());
    for (std::string& line : lines) lines_.push_back(std::move(line));
  }

  void ages() {
    const ProtectionSummary& protection = result_.protection;
    Columns columns({Align::left, Align::left, Align::right, Align::right, Align::right, Align::right});
    columns.add({"Age of the newest data", "at", "mean", "longest", "none for", "over rpo"});
    for (const ProtectionSummary::Policy& policy : protection.policies) {
      for (const std::string& site : policy.sites) {
        const std::string own = policy.name + "." + site + ".";
        columns.add({policy.name, site, time(own + "rpa_mean"), time(own + "rpa_max"), share(own + "without_point"), share(own + "rpo_missed")});
      }
    }
    block(columns);
    Columns replicas({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
    replicas.add({"Replica", "mean lag", "longest", "backlog", "in sync", "sent"});
    for (const std::string& name : protection.replicas) {
      replicas.add({name, time(name + ".lag_mean"), time(name + ".lag_max"), number(name + ".backlog_max", 2) + " GiB",
                    share(name + ".in_sync"), number(name + ".sent") + " GB"});
    }
    block(replicas);
  }

  void instants() {
    const ProtectionSummary& protection = result_.protection;
    Columns columns({Align::left, Align::left, Align::left, Align::right, Align::right});
    columns.add({"If it is lost at", "data", "restored at", "age of data", "lost"});
    for (const std::string& instant : protection.instants) {
      for (const std::string& data : protection.data) {
        for (const std::string& site : protection.sites) {
          const std::string own = data + "." + site + ".";
          if (result_.find("data." + own + "rpa." + instant) == nullptr) continue;
          columns.add({instant, data, site, find(own + "rpa." + instant) != nullptr ? time(own + "rpa." + instant) : "no copy",
                       number(own + "lost." + instant, 2) + " GiB"});
        }
      }
    }
    block(columns);
  }

  void work() {
    Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
    columns.add({"Snapshots", "taken", "refused", "failed", "copies", "in full", "refused", "dropped"});
    for (const ProtectionSummary::Policy& policy : result_.protection.policies) {
      std::vector<std::string> cells{policy.name};
      for (const char* what : {"snapshots", "snapshots_refused", "snapshots_failed", "copies", "copies_full", "copies_refused", "copies_dropped"}) {
        cells.push_back(number(policy.name + "." + what));
      }
      columns.add(std::move(cells));
    }
    block(columns);
  }

  void stored() {
    Columns columns({Align::left, Align::left, Align::right});
    columns.add({"Kept on average", "at", "GiB"});
    for (const std::string& store : result_.protection.stores) {
      for (const std::string& site : result_.protection.sites) {
        const std::string name = store + "." + site + ".stored";
        if (find(name) != nullptr) columns.add({store, site, number(name, 1)});
      }
    }
    block(columns);
  }

  const RunResult& result_;
  const TextStyle& style_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> protection_table(const RunResult& result, const TextStyle& style) {
  return ProtectionTable(result, style).lines();
}

bool belongs_to_protection(const std::string& metric) { return metric.starts_with("data."); }

}  // namespace fleetsim::cli
