#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/bench.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli::bench {

namespace {

constexpr std::size_t moved_shown = 8;  // of a case; JSON has all

/// `renewed`: the baseline has just been made of it, and nothing is judged.
std::string in_words(Outcome outcome, bool renewed) {
  switch (outcome) {
    case Outcome::same: return "same";
    case Outcome::within_tolerance: return "within tolerance";
    case Outcome::moved: return renewed ? "moved" : "MOVED";
    case Outcome::settings_differ: return renewed ? "other settings" : "OTHER SETTINGS";
    case Outcome::not_recorded: return renewed ? "new" : "NOT RECORDED";
    case Outcome::not_deterministic: return "NOT DETERMINISTIC";
  }
  return {};
}

std::string percent(double change) {
  const double shown = 100 * change;
  constexpr double least = 0.00005;  // that four decimals show
  if (std::abs(shown) < least) return "0.0 %";
  const int decimals = std::abs(shown) >= 10 ? 0 : std::abs(shown) >= 0.05 ? 1 : 4;
  return fmt::format("{:+.{}f} %", shown, decimals);
}

/// A change that exceeds what is allowed, with the digits that show it to.
std::string percent_beyond(double change, double allowed_percent) {
  constexpr int most_decimals = 15;
  std::string text = percent(change);
  for (int decimals = 1; decimals <= most_decimals && std::abs(std::stod(text)) <= allowed_percent; ++decimals) {
    text = fmt::format("{:+.{}f} %", 100 * change, decimals);
  }
  return text;
}

std::string change_text(const std::optional<Cost>& cost, const char* word, bool renewed) {
  if (!cost || !cost->change()) return "-";
  return percent(*cost->change()) + (cost->regressed && !renewed ? std::string(" ") + word : "");
}

/// What speed is, and what is judged.
std::string speed_text(const Report& report, bool counted_any) {
  std::string text = fmt::format("Speed is the least processor time of a replication in calibration loops ({:.0f} ms here)",
                                 1e3 * report.calibration_seconds);
  const int most = report.rounds * most_rounds_factor;
  if (report.renewed) return fmt::format("{}, of {}.", text, counted(most, "round"));
  return fmt::format("{}, of {} or, where that looks slower, up to {}; {:g} % more is a regression{}.", text,
                     counted(report.rounds, "round"), most, 100 * report.slower_allowed.value,
                     counted_any ? fmt::format(", as are {:g} % more instructions", 100 * report.instructions_allowed.value)
                                 : "");
}

std::string value_text(const std::optional<double>& value, const std::string& unit) {
  if (!value) return "none";
  const bool share = unit == "1";
  return fmt::format("{:.7g}{}", *value, share ? "" : " " + unit);
}

std::string moved_lines(const Verdict& verdict) {
  std::string text = verdict.name + "\n";
  if (verdict.outcome == Outcome::moved && verdict.recorded_fingerprint != verdict.fingerprint &&
      verdict.moved.empty()) {
    return text + "  the events differ, and no metric's mean\n";
  }
  std::size_t outside = 0;
  for (const MovedMetric& metric : verdict.moved) {
    if (metric.within || outside++ >= moved_shown) continue;
    const std::string allowed = fmt::format("{:.12g}", 100 * metric.tolerance.value);
    std::string change =
        std::isfinite(metric.change()) ? percent_beyond(*metric.is / *metric.was - 1, std::stod(allowed)) : "";
    if (metric.tolerance.value > 0) change += fmt::format("{}allowed {} %", change.empty() ? "" : ", ", allowed);
    if (!change.empty()) change = " (" + change + ")";
    text += "  " + metric.name + "\n    " +
            wrapped(fmt::format("{} -> {}{}", value_text(metric.was, metric.unit), value_text(metric.is, metric.unit),
                                change),
                    6, 4) +
            "\n";
  }
  if (outside > moved_shown) text += fmt::format("  and {} more; --json has them all\n", outside - moved_shown);
  if (const std::size_t within = verdict.moved.size() - outside; within > 0) {
    text += fmt::format("  {}{} moved within {} tolerance\n", within, outside > 0 ? " more" : "",
                        within == 1 ? "its" : "their");
  }
  return text;
}

/// Says of how many cases the speed was measured and not judged.
std::string no_regression(const std::vector<Verdict>& verdicts) {
  const auto measured =
      std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.speed.has_value(); });
  const auto unjudged =
      std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.speed && v.speed->unjudged; });
  if (unjudged == 0) return "No regression.";
  if (unjudged == measured) return "No regression; speed was not judged.";
  return fmt::format("No regression; the speed of {} was not judged.", counted(static_cast<double>(unjudged), "case"));
}

}  // namespace

std::string settings_in_words(const Verdict& verdict) {
  const Settings& was = verdict.recorded_settings;
  const Settings& is = verdict.settings;
  return fmt::format("recorded with {} and seed {}, run with {} and {}",
                     counted(static_cast<double>(was.replications), "replication"), was.seed,
                     grouped(static_cast<double>(is.replications), 0), is.seed);
}

bool Report::regressed() const {
  if (renewed) return false;
  return !left_over.empty() ||
         std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.regressed(); });
}

std::string to_table(const Report& report, const TextStyle& style) {
  const std::string maker = report.baseline_version.empty() ? "" : ", made by fleetsim " + report.baseline_version;
  std::string text =
      wrapped(fmt::format("{}: {} against {}{}.", report.suite,
                          counted(static_cast<double>(report.verdicts.size()), "case"), report.baseline, maker)) +
      "\n";
  const bool with_speed =
      std::any_of(report.verdicts.begin(), report.verdicts.end(), [](const Verdict& v) { return v.speed.has_value(); });
  const bool counted_any = std::any_of(report.verdicts.begin(), report.verdicts.end(),
                                       [](const Verdict& v) { return v.instructions.has_value(); });
  if (with_speed) text += wrapped(speed_text(report, counted_any)) + "\n";
  std::vector<Align> alignment{Align::left, Align::left};
  std::vector<std::string> head{"case", "result"};
  if (with_speed) {
    alignment.insert(alignment.end(), {Align::right, Align::left});
    head.insert(head.end(), {"loops", "change"});
  }
  if (counted_any) {
    alignment.insert(alignment.end(), {Align::right, Align::left});
    head.insert(head.end(), {"Minstr.", "change"});
  }
  Columns columns(alignment);
  columns.add(head);
  for (const Verdict& verdict : report.verdicts) {
    std::vector<std::string> cells{verdict.name, in_words(verdict.outcome, report.renewed)};
    if (with_speed) {
      cells.push_back(verdict.speed ? fmt::format("{:.3g}", verdict.speed->is) : "-");
      cells.push_back(change_text(verdict.speed, "SLOWER", report.renewed));
    }
    if (counted_any) {
      cells.push_back(verdict.instructions ? grouped(verdict.instructions->is / 1e6, 1) : "-");
      cells.push_back(change_text(verdict.instructions, "MORE", report.renewed));
    }
    columns.add(std::move(cells));
  }
  const std::vector<std::string> lines = columns.lines();
  text += "\n" + style.bold(lines.front()) + "\n";
  for (std::size_t i = 1; i < lines.size(); ++i) text += lines[i] + "\n";

  std::string moved;
  for (const Verdict& verdict : report.verdicts) {
    const bool differs = !verdict.moved.empty() || verdict.outcome == Outcome::moved;
    if (differs && verdict.outcome != Outcome::settings_differ) moved += moved_lines(verdict);
  }
  std::string otherwise;
  for (const Verdict& verdict : report.verdicts) {
    if (verdict.outcome != Outcome::settings_differ) continue;
    otherwise += wrapped(fmt::format("'{}' was {}.", verdict.name, settings_in_words(verdict))) + "\n";
  }
  if (!otherwise.empty()) text += "\n" + otherwise;
  if (!moved.empty()) text += "\n" + style.bold("What moved, the most first") + "\n" + moved;
  for (const std::string& name : report.left_over) {
    text += "\n" + wrapped(fmt::format("The {}baseline {} a case '{}' that the suite lacks.", report.renewed ? "former " : "",
                                       report.renewed ? "had" : "has", name)) + "\n";
  }
  for (const std::string& note : report.notes) text += "\n" + wrapped(note) + "\n";
  const auto regressions =
      std::count_if(report.verdicts.begin(), report.verdicts.end(), [](const Verdict& v) { return v.regressed(); }) +
      static_cast<std::ptrdiff_t>(report.left_over.size());
  std::string end = no_regression(report.verdicts);
  if (regressions > 0) {
    end = fmt::format("{}. If that is meant, renew the baseline with --update.",
                      counted(static_cast<double>(regressions), "regression"));
  }
  if (report.renewed) {
    end = fmt::format("The baseline is {}: {}.", report.baseline_version.empty() ? "made" : "renewed", report.baseline);
  }
  text += "\n" + wrapped(end) + "\n";
  return text;
}

}  // namespace fleetsim::cli::bench
