#include "tools/cli/output/storage_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/storage/machine_config.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {
namespace {

/// In a picture: small for the volume's and the load's limits, capital for the instance's. By StorageLimit.
constexpr std::array<char, storage_limit_count> letters{'.', 'i', 't', 'b', 'I', 'T', 'B', 'N', 'O', 'f'};
constexpr std::string_view none = "none";

std::string_view name_of(std::size_t limit) { return to_name(static_cast<StorageLimit>(limit)); }

std::string percent(double share) {
  return fmt::format("{} %", grouped(share * 100, share >= 0.0995 || share == 0 ? 0 : share >= 0.00995 ? 1 : 2));
}
/// Three digits say enough of a rate.
std::string rate(double value) { return grouped(value, value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : 2); }
std::string time(double seconds) {
  const auto digits = [](double value) { return value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2; };
  if (seconds < 1) return fmt::format("{:.{}f} ms", seconds * 1e3, digits(seconds * 1e3));
  if (seconds < 120) return fmt::format("{:.{}f} s", seconds, digits(seconds));
  if (seconds < 7200) return fmt::format("{:.{}f} min", seconds / 60, digits(seconds / 60));
  return fmt::format("{:.{}f} h", seconds / 3600, digits(seconds / 3600));
}

/// The names between a prefix and a suffix, in the order of the metrics.
std::vector<std::string> names_between(const RunResult& result, const std::string& prefix, std::string_view suffix) {
  std::vector<std::string> names;
  const auto first = std::lower_bound(result.metrics.begin(), result.metrics.end(), prefix,
                                      [](const Metric& of, const std::string& name) { return of.name < name; });
  for (auto it = first; it != result.metrics.end() && it->name.starts_with(prefix); ++it) {
    const Metric& metric = *it;
    if (!metric.name.ends_with(suffix)) continue;
    if (metric.name.size() <= prefix.size() + suffix.size()) continue;
    names.push_back(metric.name.substr(prefix.size(), metric.name.size() - prefix.size() - suffix.size()));
  }
  return names;
}
std::vector<std::string> machines_of(const RunResult& result) { return names_between(result, "storage.", ".cost"); }

struct LoadFigures {
  std::string machine, load;
  bool works = false;  // through amounts that are given it, such as a snapshot: it wants what it gets
  double wanted = 0, done = 0, throughput = 0;
  std::optional<double> latency_mean, latency_max, waiting;
  double held = 0;          // share of the time
  std::string limit{none};

  double missing() const { return wanted > 0 ? 1 - done / wanted : 0; }
};

LoadFigures figures_of(const RunResult& result, const std::string& machine, const std::string& load) {
  const std::string prefix = "storage." + machine + ".load." + load + ".";
  const auto find = [&](std::string_view name) -> std::optional<double> {
    const Metric* metric = result.find(prefix + std::string(name));
    return metric != nullptr && metric->n > 0 ? std::optional(metric->mean) : std::nullopt;
  };
  LoadFigures figures{.machine = machine, .load = load, .latency_mean = {}, .latency_max = {}, .waiting = {}};
  const double measured = to_seconds(result.duration - result.warm_up);
  figures.wanted = find("offered").value_or(0) / measured;
  figures.done = find("iops").value_or(0);
  figures.works = find("work_time").has_value();
  if (figures.works) figures.wanted = figures.done;
  figures.throughput = find("throughput").value_or(0);
  figures.latency_mean = find("latency_mean");
  figures.latency_max = find("latency_max");
  figures.waiting = find("wait_fraction");
  figures.held = 1 - find("time_limited_by.none").value_or(1);
  double most = 0;
  for (std::size_t k = 1; k < storage_limit_count; ++k) {
    const double share = find(fmt::format("time_limited_by.{}", name_of(k))).value_or(0);
    if (share <= most) continue;
    most = share;
    figures.limit = name_of(k);
  }
  return figures;
}

/// One line of a picture: the letter of what held it most, for each column.
struct PictureLine {
  std::string label, letters;
};

using SeriesByName = std::map<std::string_view, const ResultSeries*>;

SeriesByName series_by_name(const RunResult& result) {
  SeriesByName by_name;
  for (const ResultSeries& series : result.series) by_name.emplace(series.name, &series);
  return by_name;
}

std::vector<PictureLine> pictures(const SeriesByName& all, const std::string& machine, std::size_t width) {
  std::map<std::string, std::map<std::size_t, const ResultSeries*>> by_part;
  const std::string prefix = "storage." + machine + ".";
  constexpr std::string_view by = ".limited_by.";
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix); ++it) {
    const std::string& name = it->second->name;
    const std::size_t at = name.rfind(by);
    if (at == std::string::npos || at < prefix.size()) continue;
    if (const auto limit = storage_limit_of(name.substr(at + by.size()))) {
      by_part[name.substr(prefix.size(), at - prefix.size())][static_cast<std::size_t>(*limit)] = it->second;
    }
  }
  std::vector<PictureLine> lines;
  for (const auto& [part, series] : by_part) {
    const bool held = std::any_of(series.begin(), series.end(), [](const auto& of) { return of.first > 0; });
    if (!held) continue;
    const std::size_t buckets = series.begin()->second->buckets.size();
    PictureLine line{part, {}};
    for (std::size_t column = 0; column < width; ++column) {
      std::size_t most = 0;
      double share = 0;
      for (const auto& [k, of] : series) {
        if (k == 0) continue;
        double sum = 0;
        for (std::size_t b = column * buckets / width; b < (column + 1) * buckets / width; ++b) sum += of->buckets[b].last;
        if (sum > share) {
          share = sum;
          most = k;
        }
      }
      line.letters += letters[most];
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// When the instance's burst ran empty and who drained it most, and when restored volumes are at full speed.
std::vector<std::string> happenings(const RunResult& result, const std::string& machine) {
  std::vector<std::string> sentences;
  const std::string prefix = "storage." + machine + ".";
  const auto mean = [&](const std::string& name) -> std::optional<double> {
    const Metric* metric = result.find(prefix + name);
    return metric != nullptr && metric->n > 0 ? std::optional(metric->mean) : std::nullopt;
  };
  const auto after = [](double s) { return to_about_words(Duration::of(std::llround(s / 60) * 60 * nanoseconds_per_second)); };
  if (const auto first = mean("instance.burst_emptied_first")) {
    std::string drainer;
    double most = 0;
    for (const std::string& load : names_between(result, prefix + "load.", ".share_of_emptying")) {
      const double share = mean("load." + load + ".share_of_emptying").value_or(0);
      if (share <= most) continue;
      most = share;
      drainer = load;
    }
    const double times = mean("instance.burst_emptied").value_or(0);
    sentences.push_back(fmt::format(
        "The EBS burst of {} runs empty {} in {}, first {} after the start; load {} is {} of what drains it then.", machine,
        times == 1 ? "once" : grouped(times, times == std::round(times) ? 0 : 1) + " times",
        span_in_words(result.duration - result.warm_up), after(*first), drainer, percent(most)));
  }
  for (const std::string& volume : names_between(result, prefix + "volume.", ".full_speed_after")) {
    const auto full = mean("volume." + volume + ".full_speed_after");
    if (full && *full == 0) continue;
    sentences.push_back(fmt::format("Volume {}/{} serves at once and {}.", machine, volume,
                                    full ? fmt::format("is at full speed after {}", after(*full))
                                         : "is not at full speed when the run ends"));
  }
  return sentences;
}

}  // namespace

std::string limit_in_words(std::string_view name) {
  const std::optional<StorageLimit> limit = storage_limit_of(name);
  return std::string(limit ? in_words(*limit) : name);
}

std::vector<std::string> storage_sentences(const RunResult& result, const TextStyle& style) {
  std::vector<std::string> sentences;
  for (const std::string& machine : machines_of(result)) {
    const Metric* cost = result.find("storage." + machine + ".cost");
    std::string words = fmt::format("Machine {} costs {} in {}", machine, shown(*cost).text(style),
                                    span_in_words(result.duration - result.warm_up));
    std::optional<LoadFigures> worst;
    for (const std::string& load : names_between(result, "storage." + machine + ".load.", ".offered")) {
      const LoadFigures figures = figures_of(result, machine, load);
      // A backlog at the horizon below half a percent is no news beside the time for which a load was held back.
      const auto rank = [](const LoadFigures& of) { return std::pair(of.missing() < 0.005 ? 0 : of.missing(), of.held); };
      if (figures.limit != none && (!worst || rank(figures) > rank(*worst))) worst = figures;
    }
    if (worst) {
      words += fmt::format("; its load {} gets {} of {} IOPS, held back for {} of the time, most by {}", worst->load,
                           rate(worst->done), rate(worst->wanted), percent(worst->held), limit_in_words(worst->limit));
    } else if (!names_between(result, "storage." + machine + ".load.", ".offered").empty()) {
      words += "; nothing holds its loads back";
    }
    sentences.push_back(words + ".");
  }
  return sentences;
}

std::vector<std::string> storage_table(const RunResult& result, const TextStyle& style) {
  std::vector<std::string> lines;
  const std::vector<std::string> machines = machines_of(result);
  if (machines.empty()) return lines;
  Columns columns({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
  columns.add({"Loads", "wanted", "done", "MiB/s", "latency", "at most", "wait"});
  std::vector<std::string> held;
  for (const std::string& machine : machines) {
    for (const std::string& load : names_between(result, "storage." + machine + ".load.", ".offered")) {
      const LoadFigures of = figures_of(result, machine, load);
      columns.add({machine + "/" + load, of.works ? "-" : rate(of.wanted), rate(of.done), rate(of.throughput),
                   of.latency_mean ? time(*of.latency_mean) : "-", of.latency_max ? time(*of.latency_max) : "-",
                   of.waiting ? percent(*of.waiting) : "-"});
      if (of.limit != none) {
        held.push_back(wrapped(fmt::format("{}/{} is held back for {} of the time, most by {}.", machine, load,
                                           percent(of.held), limit_in_words(of.limit)), 2));
      }
    }
  }
  std::vector<std::string> table = columns.lines();
  if (table.size() > 1) {
    table.front().replace(0, 5, style.bold("Loads"));
    lines.insert(lines.end(), table.begin(), table.end());
    lines.push_back(wrapped("wanted and done are IOPS in the mean; wait is the share of the I/Os that come while others wait."));
  }
  for (std::string& line : held) lines.push_back(std::move(line));
  for (const std::string& machine : machines) {
    for (const std::string& sentence : happenings(result, machine)) lines.push_back(wrapped(sentence, 2));
  }
  std::string used;
  const SeriesByName series = series_by_name(result);
  for (const std::string& machine : machines) {
    std::size_t label_width = 0;
    for (const PictureLine& line : pictures(series, machine, 1)) label_width = std::max(label_width, line.label.size());
    if (label_width == 0) continue;
    const std::size_t width = line_width - std::min<std::size_t>(label_width + 4, 40);
    lines.emplace_back();
    lines.push_back(style.bold(fmt::format("What held {} back", machine)) +
                    fmt::format(", in the first replication; a column is {}",
                                to_about_words(result.duration / static_cast<std::int64_t>(width))));
    for (const PictureLine& line : pictures(series, machine, width)) {
      lines.push_back(fmt::format("  {:<{}}  {}", line.label, label_width, line.letters));
      used += line.letters;
    }
  }
  if (!used.empty()) {
    std::string legend;
    for (std::size_t k = 0; k < storage_limit_count; ++k) {
      if (used.find(letters[k]) == std::string::npos) continue;
      legend += fmt::format("{}{} {}", legend.empty() ? "" : "; ", letters[k], in_words(static_cast<StorageLimit>(k)));
    }
    lines.push_back("  " + wrapped(legend, 2, 2));
  }
  return lines;
}

}  // namespace fleetsim::cli
