#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "tools/cli/output/calibration.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {
namespace {

using calibration::Durations;
using calibration::ModelFit;
using calibration::PoolReport;
using calibration::Report;

class TableWriter {
 public:
  explicit TableWriter(const TextStyle& style) : style_(style) {}

  void heading(std::string_view text) {
    if (!text_.empty()) text_ += "\n";
    text_ += style_.bold(text) + "\n";
  }
  void note(std::string_view text) { text_ += wrapped(text) + "\n"; }
  void columns(const Columns& columns) {
    for (const std::string& line : columns.lines()) text_ += line + "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  TextStyle style_;
  std::string text_;
};

std::string ks_text(const Durations& durations, std::string_view name) {
  const ModelFit* model = durations.model(name);
  if (model == nullptr) return "-";
  return fmt::format("{:.2f}{}", model->ks_on_grid, model->rejected ? "*" : "");
}

void add_row(Columns& columns, const std::string& name, const Durations& durations) {
  if (durations.models.empty()) {
    columns.add({name, fmt::format("{}", durations.seconds.ended.size()), "-", "-", "-", "-", "-", "-", "-"});
    return;
  }
  columns.add({name, fmt::format("{}", durations.seconds.ended.size()), fmt::format("{:.2f}", durations.mean_hours()),
               fmt::format("{:.1f}", durations.cv()), ks_text(durations, "exponential"), ks_text(durations, "weibull"),
               ks_text(durations, "hyperexponential"), ks_text(durations, "lognormal"),
               fmt::format("{:.2f}", durations.ks_allowed)});
}

void add_pools(const Report& report, TableWriter& out) {
  if (report.pools.empty()) return;
  out.heading("Recordings");
  Columns pools({Align::left, Align::right, Align::right, Align::right, Align::right});
  pools.add({"pool", "days", "tick", "runs in steps of", "open"});
  for (const PoolReport& pool : report.pools) {
    pools.add({pool.pool, fmt::format("{:.1f}", to_hours(pool.span) / 24),
               pool.tick > Duration{} ? fmt::format("{}", pool.tick) : "-",
               pool.resolution > Duration{} ? fmt::format("{}", pool.resolution) : "-",
               fmt::format("{:.1f} %", 100 * pool.availability)});
  }
  out.columns(pools);

  out.heading("Durations, and the distance of each form from them");
  Columns rows({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                Align::right, Align::right});
  rows.add({"", "runs", "mean h", "CV", "exp.", "Weib.", "hyper", "log-n", "limit"});
  for (const PoolReport& pool : report.pools) {
    rows.add({pool.pool, "", "", "", "", "", "", "", ""});
    add_row(rows, "  open", pool.up);
    add_row(rows, "  closed", pool.down);
    if (pool.lives) add_row(rows, "  lives", *pool.lives);
  }
  out.columns(rows);
  out.note(
      "Forms: exponential, Weibull, hyper-exponential, log-normal. Distances are Kolmogorov and Smirnov's, half a step off "
      "the steps in which the runs come. A star marks a form that is rejected: over the limit, which chance exceeds less "
      "than one time in twenty.");
}

void add_hold_out(const Report& report, TableWriter& out) {
  Columns rows({Align::left, Align::right, Align::right, Align::right, Align::right});
  rows.add({"pool", "open, foretold", "seen", "open at a time, foretold", "seen"});
  bool any = false;
  for (const PoolReport& pool : report.pools) {
    if (!pool.hold_out) continue;
    const auto& rest = *pool.hold_out;
    rows.add({pool.pool, fmt::format("{:.1f} %", 100 * rest.availability_predicted),
              fmt::format("{:.1f} %", 100 * rest.availability_seen),
              fmt::format("{:.2f} h", rest.mean_up_hours_predicted), fmt::format("{:.2f} h", rest.mean_up_hours_seen)});
    any = true;
  }
  if (!any) return;
  out.heading("The last part of each recording, foretold from the rest");
  out.columns(rows);
}

void add_regions(const Report& report, TableWriter& out) {
  for (const calibration::RegionReport& region : report.regions) {
    out.heading(fmt::format("Correlation in {}", region.region));
    Columns rows({Align::left, Align::left, Align::right});
    for (const calibration::ZonePair& pair : region.pairs) {
      rows.add({pair.first, pair.second, fmt::format("{:.2f}", pair.correlation)});
    }
    out.columns(rows);
  }
}

void add_reclaims(const Report& report, TableWriter& out) {
  Columns rows({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
  rows.add({"pool", "bursts", "mean size", "largest", "took all", "mean share lost"});
  bool any = false;
  for (const PoolReport& pool : report.pools) {
    if (!pool.reclaims) continue;
    const auto& lost = *pool.reclaims;
    rows.add({pool.pool, fmt::format("{}", lost.bursts), fmt::format("{:.1f}", lost.mean_size()),
              fmt::format("{}", lost.largest), fmt::format("{:.0f} %", 100 * lost.whole_share()),
              fmt::format("{:.0f} %", 100 * lost.mean_share_lost)});
    any = true;
  }
  if (!any) return;
  out.heading("Instances lost within three minutes of each other");
  out.columns(rows);
}

void add_prices(const Report& report, TableWriter& out) {
  if (report.prices.empty()) return;
  out.heading(fmt::format("Prices of {}", report.product));
  Columns rows({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
  rows.add({"pool", "records", "mean USD/h", "of on demand", "sd of log", "half-life"});
  for (const calibration::PriceReport& price : report.prices) {
    rows.add({price.pool, fmt::format("{}", price.records), fmt::format("{:.4f}", price.mean_usd_per_hour),
              price.on_demand ? fmt::format("{:.0f} %", 100 * price.mean_usd_per_hour / to_usd_per_hour(*price.on_demand))
                              : "-",
              fmt::format("{:.3f}", price.sd), price.half_life_days ? fmt::format("{:.1f} d", *price.half_life_days) : "-"});
  }
  out.columns(rows);
}

void add_advisor(const Report& report, TableWriter& out) {
  if (report.advisor.empty()) return;
  out.heading("Spot Instance Advisor");
  Columns rows({Align::left, Align::left, Align::right, Align::right, Align::right});
  rows.add({"Region", "type", "interrupted a month", "mean life", "saves"});
  for (const calibration::AdvisorReport& row : report.advisor) {
    rows.add({row.region, row.instance_type, row.range, fmt::format("{} h", grouped(to_hours(row.mean_life), 0)),
              fmt::format("{:.0f} %", 100 * row.saving)});
  }
  out.columns(rows);
}

}  // namespace

std::string to_table(const Report& report, const TextStyle& style) {
  TableWriter out(style);
  add_pools(report, out);
  add_hold_out(report, out);
  add_regions(report, out);
  add_reclaims(report, out);
  add_prices(report, out);
  add_advisor(report, out);
  out.heading("In words");
  for (const std::string& finding : calibration::findings(report)) out.note(finding);
  return out.take();
}

}  // namespace fleetsim::cli
