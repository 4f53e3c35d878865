#pragma once
/// What is paid for at a target: instances from their launch on, volumes from their restore on, the hours of managed databases
/// once they stand there, until the application is back, or the drill over.

#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/recovery/execution.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

class FailoverBill {
 public:
  /// `what`: "failover" or "drills", as its lines in the ledger begin.
  FailoverBill(Billing& billing, const ScenarioData& data, const RecoveryPlanData& plan, std::string_view what);
  /// Charges what an outcome brought up, from `from` until `until`, both since the disaster.
  void charge(const RecoveryOutcome& outcome, Duration from, Duration until);
  /// Charges what an outcome restored from the archive tier, where that began between the two.
  void charge_retrieval(const RecoveryOutcome& outcome, Duration from, Duration until);
  /// What that comes to, without charging it.
  Usd cost_of_use(const RecoveryOutcome& outcome, Duration until) const;
  Usd cost() const;

 private:
  /// What a resource comes to once it is brought up.
  struct Priced {
    Bytes size;                            // of what a restore makes; 0 for what holds no data
    Usd gib_month;
    std::optional<UsdPerHour> database_hour;  // empty: none, not charged for, or a replica there is charged for all the time
  };
  Priced price_of(const ScenarioData& data, const PlanResource& resource, bool restored) const;
  /// Calls `instances(account, count, time, price)` and `volume(bytes x ns, price)` for what ran between the two.
  template <class Instances, class Volume>
  void visit(const RecoveryOutcome& outcome, Duration from, Duration until, Instances instances, Volume volume) const;

  Billing& billing_;
  const RecoveryPlanData& plan_;
  std::vector<Priced> priced_;  // by resource
  AccountId instances_, volumes_;
  std::optional<AccountId> databases_;  // if any is charged for
  std::optional<AccountId> retrieved_;  // if any of its data is archived
  UsdPerGb retrieval_price_;
};

}  // namespace fleetsim::scenario
