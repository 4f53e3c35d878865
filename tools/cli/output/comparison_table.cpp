#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/comparison.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// The difference as a metric, so that it is shown in the same unit as what it is a difference of.
Metric as_metric(const Metric& metric, const PairedComparison& comparison) {
  Metric result;
  result.name = metric.name;
  result.unit = metric.unit;
  result.mean = comparison.difference.mean;
  if (comparison.interval) {
    result.ci95_low = comparison.interval->low;
    result.ci95_high = comparison.interval->high;
  }
  return result;
}

std::string metric_block(const ComparedMetric& compared, const std::vector<std::string>& labels,
                         const TextStyle& style) {
  Columns columns({Align::right, Align::left, Align::right, Align::left, Align::left});
  columns.add({"mean", "", "difference", "", ""});
  for (const ComparedValue& value : compared.values) {
    const ShownMetric mean = shown(*value.metric);
    if (value.is_base) {
      columns.add({mean.mean_text(), mean.half_width_text(style), "", "", ""});
      continue;
    }
    const ShownMetric difference = shown(as_metric(*value.metric, value.against_base));
    const bool too_small = difference.mean != 0 && shows_zero(difference.mean, difference.decimals);
    const bool decided = value.verdict != "not decided";
    columns.add({mean.mean_text(), mean.half_width_text(style),
                 too_small ? "0" : (difference.mean > 0 ? "+" : "") + difference.mean_text(),
                 difference.half_width_text(style), too_small && decided ? "too small to show" : value.verdict});
  }
  const std::string unit = shown(*compared.values.front().metric).unit;
  std::string text = "\n" + style.bold(compared.label + (unit.empty() ? "" : ", " + unit)) + "\n";
  std::vector<std::string> with_header{""};
  with_header.insert(with_header.end(), labels.begin(), labels.end());
  for (const std::string& line : labelled(with_header, columns.lines())) text += line + "\n";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ComparedValue& value = compared.values[i];
    if (!value.more_to_decide) continue;
    text += wrapped(fmt::format("Not decided at this budget for {}: about {} would decide if the difference is as observed.", labels[i],
                                counted(static_cast<double>(*value.more_to_decide), "more replication"))) + "\n";
  }
  return text;
}

std::string time_in_words(double seconds) {
  return seconds < 1 ? "less than a second" : to_about_words(fleetsim::seconds(seconds));
}

/// How sure a verdict is, where not as sure as an interval of a mean: of several looks all together, for the first that
/// decides ends the comparison.
std::string sure_in_words(const Comparison& comparison, double usual) {
  const double sure = 1 - (1 - comparison.confidence) * static_cast<double>(comparison.looks);
  if (comparison.looks > 1) return fmt::format(" ({:.4g} % sure over all {} looks)", 100 * sure, comparison.looks);
  return comparison.confidence == usual ? "" : fmt::format(" ({:.4g} % sure)", 100 * sure);
}

/// "four-groups is cheaper by 12.1 to 14.9 %." And of a recovery plan: "With warm-standby, 95 % of the recoveries take up to
/// 3 minutes 33 seconds instead of 3 hours 26 minutes."
std::string plain_verdicts(const std::vector<ComparedMetric>& metrics, const std::vector<std::string>& labels, const std::string& sure) {
  std::string text;
  const auto say = [&text](const std::string& sentence) { text += wrapped(sentence) + "\n"; };
  for (std::size_t i = 1; i < labels.size(); ++i) {
    for (const ComparedMetric& compared : metrics) {
      const ComparedValue& base = compared.values.front();
      const ComparedValue& value = compared.values[i];
      const std::string& verdict = value.verdict;
      const bool less = verdict.ends_with("less");
      if (base.metric->name == "cost.total") {
        if (verdict == "the same") say(fmt::format("{} costs the same.", labels[i]));
        else if (verdict == "not decided") say(fmt::format("Whether {} is cheaper is not decided.", labels[i]));
        else if (verdict == "less" || verdict == "more") say(fmt::format("{} is {}{}.", labels[i], less ? "cheaper" : "dearer", sure));
        else say(fmt::format("{} is {} by {}{}.", labels[i], less ? "cheaper" : "dearer", verdict.substr(0, verdict.size() - 5), sure));
      } else if (base.metric->name.ends_with(".rta.p95") && value.against_base.interval && !value.against_base.interval->contains(0)) {
        say(fmt::format("With {}, 95 % of the recoveries take up to {} instead of {}{}.", labels[i],
                        time_in_words(value.metric->mean), time_in_words(base.metric->mean), sure));
      }
    }
  }
  return text;
}

}  // namespace

std::string comparison_table(const Comparison& comparison, const TextStyle& style) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  const RunResult& base = runs.front().result;
  const std::vector<std::string> labels = labels_of(runs);
  const std::vector<ComparedMetric> metrics = compare(comparison);
  std::string text = style.bold(fmt::format("{} and {}", labels.front(),
                                            counted(static_cast<double>(runs.size() - 1), "alternative"))) + "\n";
  text += wrapped(fmt::format("{} of each, with the same random numbers; seed {}. Differences are to {}, replication "
                              "by replication, so that what chance does to both cancels.",
                              counted(static_cast<double>(base.replications), "replication"), base.seed,
                              labels.front())) + "\n";
  constexpr double of_means = 0.95;
  std::string intervals = fmt::format("Here {} is half of a 95 % confidence interval", style.plus_minus());
  if (comparison.confidence != of_means) intervals += fmt::format(", of differences of one of {:.4g} %", 100 * comparison.confidence);
  text += wrapped(base.replications < 2 ? "One replication gives no interval; ask for more with --replications."
                                        : intervals + ".") + "\n";
  text += "\n" + plain_verdicts(metrics, labels, sure_in_words(comparison, of_means));
  for (const std::string& warning : comparison_warnings(runs)) {
    text += style.yellow("Warning:") + " " + wrapped(warning, 2, 9) + "\n";
  }
  for (const std::string& sentence : comparison.unmet) text += style.red("Unmet:") + " " + wrapped(sentence, 2, 7) + "\n";
  for (const ComparedMetric& compared : metrics) text += metric_block(compared, labels, style);
  return text;
}

}  // namespace fleetsim::cli
