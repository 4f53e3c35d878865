#pragma once
/// Whether an alternative is enough, why, and what it costs.

#include <string>

#include "fleetsim/advice.hpp"
#include "models/scenario/advice/trial.hpp"

namespace fleetsim::scenario {

struct Judgement {
  AdviceVerdict verdict = AdviceVerdict::undecided;
  std::string reason;
  bool could_be_enough() const { return verdict == AdviceVerdict::enough || verdict == AdviceVerdict::undecided; }
};
/// By the load that is held back most, then work that falls behind, latency, and the network.
Judgement judge(const Trial& trial, const AdviceOptions& options);

inline constexpr double hours_of_month = 720;
/// USD of a month of 30 days, as the volumes are at the end of the run; of a month on demand, with the licence.
double monthly_of_volumes(const StoragePlan& plan);
double monthly_of_instance(const StoragePlan& plan);

}  // namespace fleetsim::scenario
