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
  void line(std::size_t indent, std::string_view text) {
    text_ += fmt::format("{:{}}{}\n", "", indent, text);
    if (!text.starts_with('#')) ++settings_;
  }
  void append(YamlWriter other) { text_ += other.text_; }
  /// Lines that are no comments.
  std::size_t settings() const { return settings_; }

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
  std::size_t settings_ = 0;
};

/// What is known about one pool.
struct Evidence {
  const PoolReport* recording = nullptr;
  const PriceReport* price = nullptr;
  const AdvisorReport* advisor = nullptr;
  bool latent = false;  // its Region's factor says how it goes
};

/// The Regions whose factor is written, each once: a Region recorded at two times has two.
std::map<std::string, const LatentFit*> factors_of(const Report& report, World world) {
  std::map<std::string, const LatentFit*> factors;
  for (const RegionReport& region : report.regions) {
    if (world == World::latent && region.latent) factors.try_emplace(region.region, &*region.latent);
  }
  return factors;
}

std::map<std::string, Evidence> evidence_of(const Report& report, World world) {
  std::map<std::string, Evidence> pools;
  for (const PoolReport& pool : report.pools) pools[pool.pool].recording = &pool;
  for (const PriceReport& price : report.prices) pools[price.pool].price = &price;
  for (const AdvisorReport& row : report.advisor) {
    for (const std::string& pool : row.pools) pools[pool].advisor = &row;
  }
  for (const auto& [region, factor] : factors_of(report, world)) {
    for (const LatentPool& pool : factor->pools) pools[pool.pool].latent = true;
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

bool can_be_fitted(const PoolReport& pool) { return pool.up.chosen && pool.down.chosen; }

void write_recording(const PoolReport& pool, bool latent, YamlWriter& out) {
  out.comment(6, fmt::format("{}: open {:.1f} % of {:.1f} days", pool.source, 100 * pool.availability,
                             to_hours(pool.span) / 24));
  if (pool.lives && pool.lives->chosen) {
    // A closing pool would take instances a second time, beside the lives in which its reclaims already are.
    out.comment(6, durations_text("instances ended", *pool.lives));
    out.line(6, fmt::format("life: {}", distribution_text(pool.lives->models[*pool.lives->chosen].fit.distribution)));
    out.line(6, "availability: {always: true}");
    return;
  }
  if (!can_be_fitted(pool)) {
    if (pool.availability == 1) {
      out.line(6, "availability: {always: true}");
    } else {
      out.comment(6, "Too few changes to fit anything: replay the recording, or take another pool.");
    }
    return;
  }
  out.comment(6, durations_text("open", pool.up));
  out.comment(6, durations_text("closed", pool.down));
  const std::string up = distribution_text(pool.up.models[*pool.up.chosen].fit.distribution);
  const std::string down = distribution_text(pool.down.models[*pool.down.chosen].fit.distribution);
  if (latent) {
    out.line(6, fmt::format("# availability: {{on_off: {{up: {}, down: {}}}}}", up, down));
    out.line(6, fmt::format("availability: {{latent: {{availability: {:.2f}%}}}}",
                            std::clamp(100 * pool.availability, 0.01, 99.99)));
    return;
  }
  out.line(6, "availability:");
  out.line(8, "on_off:");
  out.line(10, "up: " + up);
  out.line(10, "down: " + down);
}

void write_advisor(const AdvisorReport& row, bool alone, YamlWriter& out) {
  out.comment(6, fmt::format("{}: interrupted {} a month, saves {:.0f} %", row.source, row.range, 100 * row.saving));
  if (!alone) return;
  out.comment(6, fmt::format("mean life {:.0f} h", to_hours(row.mean_life)));
  // YAML takes a bare > for the beginning of a folded text.
  out.line(6, fmt::format("availability: {{advisor: {}}}",
                          row.range.starts_with('>') ? "\"" + row.range + "\"" : row.range));
}

std::string factor_text(const LatentFit& latent) {
  const LatentParameters& p = latent.parameters;
  return fmt::format("{{correlation: {:.1f}%, fast: {}, slow: {}, slow_weight: {:.1f}%, hysteresis: {:.3f}, step: {}}}",
                     100 * p.correlation, duration_text(p.fast_hours * 3600), duration_text(p.slow_hours * 3600),
                     100 * p.slow_weight, p.hysteresis, to_text(latent.step));
}

void write_regions(const Report& report, World world, YamlWriter& out) {
  const auto factors = factors_of(report, world);
  if (!factors.empty()) out.line(2, "regions:");
  for (const RegionReport& region : report.regions) {
    out.comment(4,
                fmt::format("{}: {} pools are correlated by {:.2f}; some pool is open {:.1f} % of the time, {:.1f} % "
                            "if they were independent",
                            region.region, region.pools.size(), region.correlation, 100 * region.any_open,
                            100 * region.any_open_if_independent));
    if (!region.latent) continue;
    out.comment(4,
                fmt::format("simulated by the factor, they are correlated by {:.2f} and some pool is open {:.1f} % of "
                            "the time",
                            region.latent->correlation, 100 * region.latent->any_open));
    const auto written = factors.find(region.region);
    const bool active = written != factors.end() && written->second == &*region.latent;
    out.line(4, active ? region.region + ":" : fmt::format("# {}:", region.region));
    out.line(active ? 6 : 4, fmt::format("{}latent: {}", active ? "" : "#   ", factor_text(*region.latent)));
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
  if (price.of_bids) {
    out.comment(6, "Bids set this price and took instances, until 2017-11-28. Of that a discount keeps nothing. Replay the "
                   "prices, price: {history: FILE}, with a max_price in the groups; or let others bid, units: N and "
                   "price: {bidding: {}} (docs/models/spot_market.md)");
    if (price.on_demand && price.mean_up_to_on_demand > 0) {
      out.comment(6, fmt::format("above on demand {:.1f} % of the time, {:.4f} USD/h on average for the rest",
                                 100 * price.share_above_on_demand, price.mean_up_to_on_demand));
      out.line(6, fmt::format("price: {{discount: {:.1f}%}}",
                              100 * (1 - price.mean_up_to_on_demand / to_usd_per_hour(*price.on_demand))));
      return;
    }
  }
  if (!price.ratio || *price.ratio >= 1) {
    out.line(6, fmt::format("price: {{constant: {:.4f} USD/h}}", price.mean_usd_per_hour));
    return;
  }
  out.comment(6,
              fmt::format("ratio to on demand {:.3f}, sd of its logarithm {:.3f}{}", *price.ratio, price.sd,
                          price.half_life_days ? fmt::format(", half-life {:.1f} days", *price.half_life_days) : ""));
  // The generator never goes below a tenth of on demand unless it is told to.
  if (price.half_life_days && price.sd > 0 && *price.ratio > 0.1) {
    out.line(6, fmt::format("price: {{generated: {{ratio: {:.1f}%, half_life: {:.0f}h, sd: {:.3f}}}}}", 100 * *price.ratio,
                            std::max(1.0, 24 * *price.half_life_days), price.sd));
  } else {
    out.line(6, fmt::format("price: {{discount: {:.1f}%}}", 100 * (1 - *price.ratio)));
  }
}

}  // namespace

std::string to_yaml(const Report& report, World world) {
  YamlWriter out;
  std::set<std::string> sources;
  for (const PoolReport& pool : report.pools) sources.insert(pool.source);
  for (const PriceReport& price : report.prices) sources.insert(price.source);
  for (const AdvisorReport& row : report.advisor) sources.insert(row.source);
  out.comment(0, fmt::format("Written by fleetsim calibrate from {}. Include it in a scenario whose zones and instance "
                             "types these are; --pool ZONE/TYPE writes only those that it has.",
                             fmt::join(sources, ", ")));
  out.line(0, "spot_market:");
  write_regions(report, world, out);
  write_reclaim(report, out);
  YamlWriter pools;
  for (const auto& [name, known] : evidence_of(report, world)) {
    YamlWriter pool;
    if (known.recording != nullptr) write_recording(*known.recording, known.latent, pool);
    if (known.advisor != nullptr) {
      write_advisor(*known.advisor, known.recording == nullptr || !can_be_fitted(*known.recording), pool);
    }
    if (known.price != nullptr) {
      write_price(*known.price, pool);
    } else if (known.advisor != nullptr && known.advisor->saving > 0) {
      pool.line(6, fmt::format("price: {{discount: {:.0f}%}}", 100 * known.advisor->saving));
    }
    pools.line(4, fmt::format("{}{}:", pool.settings() > 0 ? "" : "# ", name));
    pools.append(std::move(pool));
  }
  out.line(2, pools.settings() > 0 ? "pools:" : "pools: {}");
  out.append(std::move(pools));
  return out.take();
}

}  // namespace fleetsim::calibration
