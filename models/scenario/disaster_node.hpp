#pragma once
/// Faults and recovery plans in a world: what a fault does to the other models, which plan answers it, and what all
/// disasters and drills of a replication come to.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/faults.hpp"
#include "fleetsim/models/recovery/execution.hpp"
#include "fleetsim/models/recovery/tally.hpp"
#include "fleetsim/models/topology.hpp"
#include "models/scenario/launch_gate.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/surroundings.hpp"

namespace fleetsim::scenario {

struct ApplicationCameBack { static constexpr std::string_view name = "scenario.application_came_back"; std::uint32_t plan; };

class DisasterNode final : public EventHandler<DisasterNode, ApplicationCameBack>, public FaultListener, public LaunchGate {
 public:
  DisasterNode(Simulation& sim, Billing& billing, const ScenarioData& data, FleetsUnderFaults& fleets);
  /// What holds the recovery points. Before `start`, where anything is protected.
  void protect_with(DataReplication& model) { protection_ = &model; }

  void start();
  void begin_measurement();
  /// Ends the billing of what stands, and carries out the branches and drills that look back on the whole run.
  void finish();
  void report(MetricSink& sink) const;
  Usd standby_cost() const;
  Usd drill_cost() const;
  /// Digest of all executions: equal digests, equal courses.
  std::uint64_t fingerprint() const { return digest_; }

  void fault_began(const Fault& fault) override;
  void fault_ended(const Fault& fault) override;
  void on(const ApplicationCameBack&);
  bool allows(std::string_view zone, std::string_view instance_type) const override;

 private:
  struct Standing {
    TariffId tariff;
    AccountId account;
    std::vector<InstanceMeter> meters;
  };
  struct Plan {
    const RecoveryPlanData* data;
    PlanTally disasters, drills;
    std::vector<Standing> standing;
    std::optional<AccountId> drill_account;
    Time away_until;                     ///< the application lives at the target until then
    std::uint64_t struck_while_away = 0;
    std::uint64_t drills_passed = 0;
    Duration longest_without_drill;      ///< that passed
    bool drilled = false;                ///< at least once in the measured time
    explicit Plan(const RecoveryPlanData& of) : data(&of), disasters(*of.plan), drills(*of.plan) {}
  };
  /// The outcome of the plan for a disaster, or a drill, at an instant.
  RecoveryOutcome execute(const Plan& plan, Time at, const FaultSurroundings& surroundings, const FaultConfig* fault,
                          const std::string& prefix, bool drill);
  std::vector<bool> struck(const RecoveryPlan& plan, const FaultConfig& fault) const;
  void count_disaster(Plan& plan, const RecoveryOutcome& outcome, const std::string& prefix);
  void move_away(std::uint32_t plan, const RecoveryOutcome& outcome);
  /// The places of the fault, struck or back.
  void tell_protection(const FaultConfig& fault, bool begins);
  std::vector<std::optional<double>> ages_by_hour(const RecoveryPlan& plan) const;
  void run_branches();
  void run_drills(Plan& plan);
  void add_to_service(const std::vector<std::optional<RecoveryOutcome>>& outcomes);
  std::vector<std::string_view> zones_of(const FaultConfig& fault) const;

  Simulation& sim_;
  Billing& billing_;
  const ScenarioData& data_;
  DataReplication* protection_ = nullptr;
  FleetsUnderFaults& fleets_;
  const Topology topology_;
  std::unique_ptr<Faults> faults_;       // of the run
  std::vector<const Fault*> active_;
  std::map<std::pair<FaultKind, std::uint32_t>, int> depth_;  // faults of a kind that strike a place now
  std::vector<std::unique_ptr<Plan>> plans_;
  ObservedValues service_rpa_, service_rta_;  // over plans that answer the same disaster
  std::uint64_t service_disasters_ = 0;
  std::uint64_t fault_count_ = 0;
  std::uint64_t digest_ = 0;
  Time measured_from_;
};

}  // namespace fleetsim::scenario
