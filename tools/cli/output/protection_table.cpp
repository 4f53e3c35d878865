#include "tools/cli/output/protection_table.hpp"

#include <algorithm>
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
    const bool with_rpo = any_policy([&](const ProtectionSummary::Policy& policy) {
      return std::any_of(policy.sites.begin(), policy.sites.end(), [&](const std::string& site) {
        return find(policy.name + "." + site + ".rpo_missed") != nullptr;
      });
    });
    std::vector<Align> alignment{Align::left, Align::left, Align::right, Align::right, Align::right};
    std::vector<std::string> head{"Age of newest data", "at", "mean", "longest", "none for"};
    if (with_rpo) {
      alignment.push_back(Align::right);
      head.emplace_back("over rpo");
    }
    Columns columns(std::move(alignment));
    columns.add(std::move(head));
    for (const ProtectionSummary::Policy& policy : protection.policies) {
      for (const std::string& site : policy.sites) {
        const std::string own = policy.name + "." + site + ".";
        std::vector<std::string> cells{policy.name, site, time(own + "rpa_mean"), time(own + "rpa_max"), share(own + "without_point")};
        if (with_rpo) cells.push_back(share(own + "rpo_missed"));
        columns.add(std::move(cells));
      }
    }
    block(columns);
    const auto promoted = [&](const std::string& name) {
      const Metric* metric = find(name + ".primary");
      return metric != nullptr && metric->mean > 0;
    };
    const bool any_promoted = std::any_of(protection.replicas.begin(), protection.replicas.end(), promoted);
    std::vector<Align> replica_alignment(any_promoted ? 7 : 6, Align::right);
    replica_alignment.front() = Align::left;
    Columns replicas(std::move(replica_alignment));
    std::vector<std::string> replica_head{"Replica", "mean lag", "longest", "backlog", "in sync", "sent"};
    if (any_promoted) replica_head.emplace_back("primary");
    replicas.add(std::move(replica_head));
    for (const std::string& name : protection.replicas) {
      std::vector<std::string> cells{name, time(name + ".lag_mean"), time(name + ".lag_max"), number(name + ".backlog_max", 2) + " GiB",
                                     share(name + ".in_sync"), number(name + ".sent") + " GB"};
      if (any_promoted) cells.push_back(share(name + ".primary"));
      replicas.add(std::move(cells));
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
    std::vector<const char*> counts{"snapshots", "snapshots_refused", "snapshots_failed", "copies", "copies_full", "copies_refused", "copies_dropped"};
    std::vector<std::string> head{"Snapshots", "taken", "refused", "failed", "copies", "in full", "refused", "dropped"};
    // Of copies in error nobody is told in the run: all the more here.
    if (any_policy([&](const ProtectionSummary::Policy& policy) { return find(policy.name + ".copies_failed") != nullptr; })) {
      counts.push_back("copies_failed");
      head.emplace_back("in error");
    }
    std::vector<Align> alignment(head.size(), Align::right);
    alignment.front() = Align::left;
    Columns columns(std::move(alignment));
    columns.add(std::move(head));
    for (const ProtectionSummary::Policy& policy : result_.protection.policies) {
      std::vector<std::string> cells{policy.name};
      for (const char* what : counts) cells.push_back(number(policy.name + "." + what));
      columns.add(std::move(cells));
    }
    block(columns);
    const auto some = [&](const ProtectionSummary::Policy& policy, const char* what) {
      const Metric* count = find(policy.name + "." + what);
      return count != nullptr && count->n > 0 && count->mean > 0;
    };
    if (any_policy([&](const ProtectionSummary::Policy& policy) { return some(policy, "snapshots_failed"); })) {
      lines_.push_back(wrapped("Taken are those that were completed: what failed is not among them."));
    }
  }

  void stored() {
    Columns columns({Align::left, Align::left, Align::right});
    columns.add({"Kept on average", "at", "GiB"});
    for (const std::string& store : result_.protection.stores) {
      for (const std::string& site : result_.protection.sites) {
        const std::string name = store + "." + site;
        if (find(name + ".stored") != nullptr) columns.add({store, site, number(name + ".stored", 1)});
        if (find(name + ".archived") != nullptr) columns.add({store, site + ", archive", number(name + ".archived", 1)});
      }
    }
    block(columns);
  }

  template <typename Predicate>
  bool any_policy(const Predicate& holds) const {
    return std::any_of(result_.protection.policies.begin(), result_.protection.policies.end(), holds);
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
