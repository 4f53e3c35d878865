#include "fleetsim/models/recovery/tally.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fleetsim {
namespace {

constexpr double bytes_per_gigabyte = 1e9;

std::optional<double> in_seconds(std::optional<Duration> d) {
  return d ? std::optional(to_seconds(*d)) : std::nullopt;
}

std::optional<double> mean_of(const Tally& tally) {
  return tally.count() > 0 ? std::optional(tally.mean()) : std::nullopt;
}

/// Whether the service waits for a task of the resource, without which it has no recovery time of its own.
bool waited_for(const RecoveryPlan& plan, std::size_t resource) {
  return std::any_of(plan.tasks().begin(), plan.tasks().end(), [&](const PlanTask& task) {
    return task.resource == resource && plan.steps()[task.step].needed_for == NeededFor::service;
  });
}

}  // namespace

void ObservedValues::add(std::optional<double> value) {
  value ? values_.push_back(*value) : void(++unobserved_);
}

std::optional<double> ObservedValues::mean() const {
  Tally tally;
  for (const double value : values_) tally.add(value);
  return mean_of(tally);
}

std::optional<double> ObservedValues::quantile(double p) const {
  if (values_.empty()) return std::nullopt;
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  // The definition of sample_quantile, whose two neighbours must both have been observed.
  const double place = static_cast<double>(values_.size() + unobserved_ - 1) * p;
  const auto below = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(below);
  if (below + (part > 0 ? 1 : 0) >= sorted.size()) return std::nullopt;
  return part > 0 ? sorted[below] + part * (sorted[below + 1] - sorted[below]) : sorted[below];
}

std::optional<bool> meets_rpo(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome) {
  if (!plan.objectives.rpo) return std::nullopt;
  return !outcome.total_loss && (!outcome.rpa || *outcome.rpa <= *plan.objectives.rpo);
}

std::optional<bool> meets_rto(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome) {
  if (!plan.objectives.rto) return std::nullopt;
  return outcome.rta && *outcome.rta <= *plan.objectives.rto;
}

Duration outage_of(const RecoveryPlanConfig& plan, const RecoveryOutcome& outcome) {
  return outcome.rta.value_or(plan.gives_up_after);
}

OutageCost draw_outage_cost(const OutageCostConfig& config, Duration down, Stream& stream) {
  OutageCost result;
  const double u = stream.uniform(), within = stream.uniform();
  double below = 0;
  for (std::size_t b = 0; b < config.bands.size(); ++b) {
    const OutageCostBand& band = config.bands[b];
    below += band.share.value;
    if (u >= below && b + 1 < config.bands.size()) continue;
    const double low = std::log(to_usd(band.from)), high = std::log(to_usd(band.to));
    result.cost = usd(std::exp(low + within * (high - low)));
    result.band = b;
    break;
  }
  result.cost += cost_of(config.per_hour * down);
  return result;
}

PlanTally::PlanTally(const RecoveryPlan& plan)
    : plan_(&plan), bands_(plan.config().outage_cost.bands.size()), steps_(plan.steps().size()),
      resources_(plan.resources().size()) {}

void PlanTally::add(const RecoveryOutcome& outcome, std::optional<Usd> outage_cost, std::optional<std::size_t> band) {
  ++count_;
  const std::optional<bool> rpo = meets_rpo(plan_->config(), outcome), rto = meets_rto(plan_->config(), outcome);
  rpo_missed_ += rpo && !*rpo;
  rto_missed_ += rto && !*rto;
  both_met_ += rpo.value_or(true) && rto.value_or(true) && !outcome.failed;
  failed_ += outcome.failed;
  total_losses_ += outcome.total_loss;
  unnoticed_ += outcome.unnoticed;
  went_on_ += outcome.went_on;
  quorum_lost_ += outcome.quorum_lost;
  strikes_ += outcome.strikes;
  fallbacks_ += outcome.fallbacks;
  shut_down_ += outcome.source_shut_down;
  double_serving_ += outcome.double_serving;
  standing_lost_ += outcome.standing_lost;
  const bool holds_data = std::any_of(plan_->resources().begin(), plan_->resources().end(),
                                      [](const PlanResource& resource) { return resource.data.has_value(); });
  if (holds_data) {
    rpa_.add(in_seconds(outcome.rpa));
    lost_.add(static_cast<double>(outcome.lost.count()) / bytes_per_gigabyte);
  }
  rta_.add(in_seconds(outcome.rta));
  full_speed_.add(in_seconds(outcome.full_speed));
  if (outcome.rta && outcome.full_speed) degraded_.add(to_seconds(*outcome.full_speed - *outcome.rta));
  vcpus_share_.add(outcome.vcpus_share);
  target_price_.add(to_usd_per_hour(outcome.target_price));
  if (outage_cost) outage_cost_.add(to_usd(*outage_cost));
  if (band) ++bands_[*band];
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const StepOutcome& step = outcome.steps[s];
    if (step.begun && step.done) steps_[s].time.add(to_seconds(*step.done - *step.begun));
    steps_[s].attempts += step.attempts;
    steps_[s].failed_attempts += step.failed_attempts;
    steps_[s].denied += step.denied;
    steps_[s].cut_off += step.cut_off;
    Duration critical;
    for (const PathPart& part : outcome.path) {
      if (part.step == s) critical += part.length;
    }
    steps_[s].critical += critical > Duration{};
    steps_[s].critical_s += to_seconds(critical);
  }
  for (std::size_t r = 0; r < resources_.size(); ++r) {
    const ResourceOutcome& resource = outcome.resources[r];
    // Data that the plan left where it was has no age.
    if (resource.rpa || resource.data_lost) resources_[r].rpa.add(in_seconds(resource.rpa));
    const bool moved = !outcome.unnoticed && !outcome.went_on;
    if (moved) {
      resources_[r].rta.add(in_seconds(resource.rta));
      resources_[r].full_speed.add(in_seconds(resource.full_speed));
    }
    resources_[r].lost += resource.data_lost;
    const ObjectivesConfig& objectives = plan_->config().objectives;
    resources_[r].rpo_missed += objectives.rpo && (resource.data_lost || (resource.rpa && *resource.rpa > *objectives.rpo));
    resources_[r].rto_missed += objectives.rto && moved && !(resource.rta && *resource.rta <= *objectives.rto);
  }
}

void PlanTally::add_failback(const FailbackOutcome& failback) {
  ++failbacks_;
  never_in_sync_ += !failback.ready_again;
  ready_again_.add(in_seconds(failback.ready_again));
  failback_data_.add(static_cast<double>(failback.sent.count()) / bytes_per_gigabyte);
  if (failback.ready_again) failback_outage_.add(to_seconds(failback.outage));
}

std::optional<double> PlanTally::share(std::uint64_t of) const {
  if (count_ == 0) return std::nullopt;
  return static_cast<double>(of) / static_cast<double>(count_);
}

void PlanTally::report(MetricSink& sink, const std::string& prefix) const {
  const auto add = [&](std::string_view name, std::string_view unit, std::optional<double> value) {
    sink.add(fmt::format("{}{}", prefix, name), std::string(unit), value);
  };
  const auto spread = [&](std::string_view name, const ObservedValues& values) {
    add(name, "s", values.mean());
    add(fmt::format("{}.p50", name), "s", values.quantile(0.5));
    add(fmt::format("{}.p95", name), "s", values.quantile(0.95));
    add(fmt::format("{}.max", name), "s", values.max());
  };
  const RecoveryPlanConfig& config = plan_->config();
  const bool data = std::any_of(plan_->resources().begin(), plan_->resources().end(),
                                [](const PlanResource& resource) { return resource.data.has_value(); });
  if (data) {
    spread("rpa", rpa_);
    add("data_lost", "GB", mean_of(lost_));
    add("total_loss_probability", "1", share(total_losses_));
  }
  spread("rta", rta_);
  spread("full_speed_after", full_speed_);
  add("degraded_time", "s", mean_of(degraded_));
  add("failed_probability", "1", share(failed_));
  if (config.objectives.rpo) add("rpo_missed_probability", "1", share(rpo_missed_));
  if (config.objectives.rto) add("rto_missed_probability", "1", share(rto_missed_));
  add("second_strikes", "1", share(strikes_));
  add("standing_lost", "1", share(standing_lost_));
  add("type_fallbacks", "1", share(fallbacks_));
  add("vcpus_share", "1", mean_of(vcpus_share_));
  add("launched_price", "USD/h", mean_of(target_price_));
  add("source_shut_down_probability", "1", share(shut_down_));
  add("double_serving_probability", "1", share(double_serving_));
  if (config.failback) {
    add("ready_again_after", "s", ready_again_.mean());
    add("failback_data", "GB", mean_of(failback_data_));
    add("failback_outage", "s", mean_of(failback_outage_));
    add("failover_cost", "USD", mean_of(failover_cost_));
    add("failback_never_in_sync_probability", "1",
        failbacks_ > 0 ? std::optional(static_cast<double>(never_in_sync_) / static_cast<double>(failbacks_)) : std::nullopt);
  }
  if (!config.outage_cost.bands.empty() || config.outage_cost.per_hour > UsdPerHour{}) {
    add("outage_cost", "USD", mean_of(outage_cost_));
    for (std::size_t b = 0; b < bands_.size(); ++b) {
      add(fmt::format("outage_cost.band.{}.fraction", b + 1), "1", share(bands_[b]));
    }
  }
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    const std::string step = fmt::format("step.{}.", plan_->steps()[s].name.value);
    const auto n = static_cast<double>(count_);
    add(step + "time", "s", mean_of(steps_[s].time));
    add(step + "critical_fraction", "1", share(steps_[s].critical));
    add(step + "critical_time", "s", count_ > 0 ? std::optional(steps_[s].critical_s / n) : std::nullopt);
    add(step + "attempts", "1", share(steps_[s].attempts));
    add(step + "failed_attempts", "1", share(steps_[s].failed_attempts));
    if (plan_->steps()[s].needs_approval) add(step + "denied", "1", share(steps_[s].denied));
    if (plan_->steps()[s].timeout || plan_->steps()[s].ends_at_expiry) add(step + "cut_off", "1", share(steps_[s].cut_off));
  }
  for (std::size_t r = 0; r < resources_.size(); ++r) {
    const std::string resource = fmt::format("resource.{}.", plan_->resources()[r].name);
    if (plan_->resources()[r].data) {
      spread(resource + "rpa", resources_[r].rpa);
      add(resource + "total_loss_probability", "1", share(resources_[r].lost));
      if (config.objectives.rpo) add(resource + "rpo_missed_probability", "1", share(resources_[r].rpo_missed));
    }
    spread(resource + "rta", resources_[r].rta);
    if (config.objectives.rto && waited_for(*plan_, r)) {
      add(resource + "rto_missed_probability", "1", share(resources_[r].rto_missed));
    }
    add(resource + "full_speed_after", "s", resources_[r].full_speed.mean());
  }
}

}  // namespace fleetsim
