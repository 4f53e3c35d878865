#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::calibration {
namespace {

constexpr std::size_t line_width = 110;

/// Durations from a fit are known to a percent at best: whole seconds.
std::string duration_text(double in_seconds) { return to_text(seconds(std::max(1.0, std::round(in_seconds)))); }

std::string distribution_text(const Distribution& distribution) {
  const DistributionForm& form = distribution.form();
  if (const auto* f = std::get_if<Exponential>(&form)) {
    return fmt::format("{{exponential: {{mean: {}}}}}", duration_text(f->mean));
  }
  if (const auto* f = std::get_if<Weibull>(&form)) {
    return fmt::format("{{weibull: {{shape: {:.3f}, scale: {}}}}}", f->shape, duration_text(f->scale));
  }
  if (const auto* f = std::get_if<LogNormal>(&form)) {
    return fmt::format("{{lognormal: {{median: {}, sigma: {:.3f}}}}}", duration_text(f->median), f->sigma);
  }
  const auto& f = std::get<HyperExponential>(form);
  return fmt::format("{{hyperexponential: {{means: [{}, {}], weights: [{:.3f}, {:.3f}]}}}}", duration_text(f.means[0]),
                     duration_text(f.means[1]), std::max(0.001, f.weights[0]), std::max(0.001, f.weights[1]));
}

class YamlWriter {
 public:
  void line(std::size_t indent, std::string_view text) { text_ += fmt::format("{:{}}{}\n", "", indent, text); }

  /// Wraps at spaces.
  void comment(std::size_t indent, std::string_view text) {
    const std::size_t room = line_width - indent - 2;
    while (text.size() > room) {
      std::size_t cut = text.rfind(' ', room);
      if (cut == std::string_view::npos || cut == 0) cut = std::min(text.find(' ', room), text.size());
      line(indent, fmt::format("# {}", text.substr(0, cut)));
      text.remove_prefix(std::min(cut + 1, text.size()));
    }
    if (!text.empty()) line(indent, fmt::format("# {}", text));
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// What is known about one pool.
struct Evidence {
  const PoolReport* recording = nullptr;
  const PriceReport* price = nullptr;
  const AdvisorReport* advisor = nullptr;
};

std::map<std::string, Evidence> evidence_of(const Report& report) {
  std::map<std::string, Evidence> pools;
  for (const PoolReport& pool : report.pools) pools[pool.pool].recording = &pool;
  for (const PriceReport& price : report.prices) pools[price.pool].price = &price;
  for (const AdvisorReport& row : report.advisor) {
    for (const std::string& pool : row.pools) pools[pool].advisor = &row;
  }
  return pools;
}

/// "open 253 times, 0.72 h on average, coefficient of variation 1.5, distance 0.08 of 0.09 allowed".
std::string durations_text(std::string_view what, const Durations& durations) {
  const ModelFit& model = durations.models[*durations.chosen];
  return fmt::format(
      "{} {} times, {:.2f} h on average, coefficient of variation {:.1f}; {} is {} by {:.2f}, {:.2f} allowed", what,
      durations.seconds.ended.size(), durations.mean_hours(), durations.cv(), model.name,
      model.rejected ? "rejected, being off" : "off", model.ks_on_grid, durations.ks_allowed);
}

void write_recording(const PoolReport& pool, YamlWriter& out) {
  out.comment(6, fmt::format("{}: open {:.1f} % of {:.1f} days", pool.source, 100 * pool.availability,
                             to_hours(pool.span) / 24));
  if (pool.lives && pool.lives->chosen) {
    // A closing pool would take instances a second time, beside the lives in which its reclaims already are.
    out.comment(6, durations_text("instances ended", *pool.lives));
    out.line(6, fmt::format("life: {}", distribution_text(pool.lives->models[*pool.lives->chosen].fit.distribution)));
    out.line(6, "availability: {always: true}");
    return;
  }
  if (!pool.up.chosen || !pool.down.chosen) {
    if (pool.availability == 1) {
      out.line(6, "availability: {always: true}");
    } else {
      out.comment(6, "Too few changes to fit anything: replay the recording, or take another pool.");
    }
    return;
  }
  out.comment(6, durations_text("open", pool.up));
  out.comment(6, durations_text("closed", pool.down));
  out.line(6, "availability:");
  out.line(8, "on_off:");
  out.line(10, fmt::format("up: {}", distribution_text(pool.up.models[*pool.up.chosen].fit.distribution)));
  out.line(10, fmt::format("down: {}", distribution_text(pool.down.models[*pool.down.chosen].fit.distribution)));
}

void write_advisor(const AdvisorReport& row, bool alone, YamlWriter& out) {
  out.comment(6, fmt::format("{}: interrupted {} a month, saves {:.0f} %", row.source, row.range, 100 * row.saving));
  if (!alone) return;
  out.comment(6, fmt::format("mean life {:.0f} h", to_hours(row.mean_life)));
  // YAML takes a bare > for the beginning of a folded text.
  out.line(6, fmt::format("availability: {{advisor: {}}}",
                          row.range.starts_with('>') ? "\"" + row.range + "\"" : row.range));
}

/// The generator of docs/models/spot_market.md in the parameters of each Region that has them.
void write_regions(const Report& report, YamlWriter& out) {
  for (const RegionReport& region : report.regions) {
    out.comment(
        2, fmt::format("{}: {} pools are correlated by {:.2f}; some pool is open {:.1f} % of the time, {:.1f} % if "
                       "they were independent, as those below are",
                       region.region, region.pools.size(), region.correlation, 100 * region.any_open,
                       100 * region.any_open_if_independent));
    if (!region.latent) continue;
    const LatentParameters& p = region.latent->parameters;
    out.comment(
        2, fmt::format("latent factor at a step of {}; simulated, the pools are correlated by {:.2f} and some pool "
                       "is open {:.1f} % of the time:",
                       to_text(region.latent->step), region.latent->correlation, 100 * region.latent->any_open));
    out.line(2,
             fmt::format("# regions: {{{}: {{latent: {{correlation: {:.3f}, fast: {}, slow: {}, slow_weight: {:.3f}, "
                         "hysteresis: {:.3f}}}}}}}",
                         region.region, p.correlation, duration_text(p.fast_hours * 3600),
                         duration_text(p.slow_hours * 3600), p.slow_weight, p.hysteresis));
  }
}

void write_reclaim(const Report& report, YamlWriter& out) {
  std::size_t bursts = 0, whole = 0;
  for (const PoolReport& pool : report.pools) {
    if (!pool.reclaims) continue;
    bursts += pool.reclaims->bursts;
    whole += pool.reclaims->whole;
  }
  if (bursts == 0) return;
  out.comment(2, fmt::format("of {} reclaims {} left nothing", bursts, whole));
  out.line(2,
           fmt::format("reclaim: {{whole: {:.0f}%}}", 100 * static_cast<double>(whole) / static_cast<double>(bursts)));
}

void write_price(const PriceReport& price, YamlWriter& out) {
  out.comment(6, fmt::format("{}: {} records from {} to {}, {:.4f} USD/h on average", price.source, price.records,
                             config::to_text(price.first), config::to_text(price.last), price.mean_usd_per_hour));
  if (!price.ratio || *price.ratio >= 1) {
    out.line(6, fmt::format("price: {{constant: {:.4f} USD/h}}", price.mean_usd_per_hour));
    return;
  }
  out.comment(6,
              fmt::format("ratio to on demand {:.3f}, sd of its logarithm {:.3f}{}", *price.ratio, price.sd,
                          price.half_life_days ? fmt::format(", half-life {:.1f} days", *price.half_life_days) : ""));
  out.line(6, fmt::format("price: {{discount: {:.1f}%}}", 100 * (1 - *price.ratio)));
}

}  // namespace

std::string to_yaml(const Report& report) {
  YamlWriter out;
  std::set<std::string> sources;
  for (const PoolReport& pool : report.pools) sources.insert(pool.source);
  for (const PriceReport& price : report.prices) sources.insert(price.source);
  for (const AdvisorReport& row : report.advisor) sources.insert(row.source);
  out.comment(0, fmt::format("Written by fleetsim calibrate from {}. Include it in a scenario whose zones and instance "
                             "types these are.",
                             fmt::join(sources, ", ")));
  out.line(0, "spot_market:");
  write_regions(report, out);
  write_reclaim(report, out);
  out.line(2, "pools:");
  for (const auto& [name, known] : evidence_of(report)) {
    out.line(4, name + ":");
    if (known.recording != nullptr) write_recording(*known.recording, out);
    if (known.advisor != nullptr) write_advisor(*known.advisor, known.recording == nullptr, out);
    if (known.price != nullptr) {
      write_price(*known.price, out);
    } else if (known.advisor != nullptr && known.advisor->saving > 0) {
      out.line(6, fmt::format("price: {{discount: {:.0f}%}}", 100 * known.advisor->saving));
    }
  }
  return out.take();
}

}  // namespace fleetsim::calibration
