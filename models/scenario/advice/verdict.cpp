#include "models/scenario/advice/verdict.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim::scenario {
namespace {

std::string percent(double share) {
  const double value = share * 100;
  return fmt::format("{:.{}f} %", value, value >= 9.95 || value == 0 ? 0 : value >= 0.095 ? 1 : 2);
}

std::string_view limit_in_words(std::string_view name) {
  const std::optional<StorageLimit> limit = storage_limit_of(name);
  return limit ? in_words(*limit) : name;
}

}  // namespace

Judgement judge(const Trial& trial, const AdviceOptions& options) {
  const Summary held = summarize(trial.held_back);
  const AdvisedLoad* worst = nullptr;
  for (const AdvisedLoad& load : trial.loads) {
    if (worst == nullptr || load.held_back.mean > worst->held_back.mean) worst = &load;
  }
  const double most = options.held_back_max;
  const double low = held.ci95 ? held.ci95->low : held.mean, high = held.ci95 ? held.ci95->high : held.mean;
  std::string reason =
      worst == nullptr || held.mean == 0 ? "holds nothing back"
      : worst->limit == "none" ? fmt::format("holds back {} of the I/Os of {}", percent(held.mean), worst->name)
                               : fmt::format("holds back {} of the I/Os of {}, mostly by {}", percent(held.mean), worst->name,
                                             limit_in_words(worst->limit));
  if (high > most && low <= most) {
    reason += fmt::format("; {} to {} with 95 % confidence, so it is not decided", percent(std::max(0.0, low)), percent(high));
    return {AdviceVerdict::undecided, reason};
  }
  if (low > most) return {AdviceVerdict::too_little, reason};
  if (!trial.behind.empty()) return {AdviceVerdict::too_little, trial.behind};
  if (trial.too_slow) {
    for (const AdvisedLoad& load : trial.loads) {
      if (load.latency_mean_s <= to_seconds(*options.latency_max)) continue;
      reason = fmt::format("an I/O of {} takes {:.3g} ms in the mean, asked for {:.3g}", load.name,
                           load.latency_mean_s * 1e3, to_seconds(*options.latency_max) * 1e3);
    }
    return {AdviceVerdict::too_little, reason};
  }
  if (trial.network_busy) {
    return {AdviceVerdict::too_little, "its network is at 80 % of its maximum or more for 5 % of the time"};
  }
  return {AdviceVerdict::enough, reason};
}

double monthly_of_volumes(const StoragePlan& plan) {
  double usd = 0;
  for (const VolumeCharge& charge : plan.charges) {
    if (charge.to == Time::max()) usd += to_usd(charge.per_month) * static_cast<double>(charge.units);
  }
  return usd;
}
double monthly_of_instance(const StoragePlan& plan) {
  return (to_usd_per_hour(plan.price.instance) + to_usd_per_hour(plan.price.licence)) * hours_of_month;
}

}  // namespace fleetsim::scenario
