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
#include "fleetsim/models/recovery/tally.hpp"
#include "fleetsim/models/topology.hpp"
#include "fleetsim/result.hpp"
#include "models/scenario/cluster_views.hpp"
#include "models/scenario/disaster_course.hpp"
#include "models/scenario/failover_bill.hpp"
#include "models/scenario/launch_gate.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/surroundings.hpp"

namespace fleetsim::scenario {

/// A plan has put another volume where one was lost.
struct VolumeReplaced { static constexpr std::string_view name = "scenario.volume_replaced"; std::uint32_t data; };

/// Users are served where a plan has moved their data.
struct DataMoved {
  static constexpr std::string_view name = "scenario.data_moved";
  static constexpr std::uint32_t restored = 0xFFFF'FFFF;
  std::uint32_t data;
  std::uint32_t promoted_at;  ///< site of a replica that took over, or `restored`
};

class DisasterNode final : public EventHandler<DisasterNode, VolumeReplaced, DataMoved>,
                           public FaultListener,
                           public LaunchGate,
                           public FailbackListener,
                           public WayBack,
                           public FailbackObserver {
 public:
  /// `keep_courses`: of the first disaster that each plan answers, in words, and each drill.
  DisasterNode(Simulation& sim, Billing& billing, const ScenarioData& data, FleetsUnderFaults& fleets, bool keep_courses);
  /// What holds the recovery points. Before `start`, where anything is protected.
  void protect_with(DataReplication& model) { protection_ = &model; }

  void start();
  void begin_measurement();
  /// Ends the billing of what stands, and carries out the branches and drills that look back on the whole run.
  void finish();
  void report(MetricSink& sink) const;
  Usd standby_cost() const;
  Usd drill_cost() const;
  Usd failover_cost() const;
  std::vector<ResultCourse> courses() const;
  std::vector<ResultDrill> drills() const;
  /// Digest of all executions: equal digests, equal courses.
  std::uint64_t fingerprint() const { return digest_; }

  void fault_began(const Fault& fault) override;
  void fault_ended(const Fault& fault) override;
  void failback_in_sync(DataId data) override;
  void on(const VolumeReplaced&);
  void on(const DataMoved&);
  bool allows(std::string_view zone, std::string_view instance_type) const override;
  bool allows_all() const override { return active_.empty(); }

 private:
  struct Standing {
    TariffId tariff;
    AccountId account;
    std::vector<InstanceMeter> meters;
  };
  /// The application lives at the target.
  struct Away {
    RecoveryOutcome outcome;
    std::unique_ptr<PlanFailback> failback;  ///< null: it stays there
  };
  /// A disaster of the run, and what it comes to as far as is known: later ones may still delay its plans.
  struct Disaster {
    Fault fault;
    std::string prefix;                      ///< of random streams
    std::vector<std::size_t> plans;          ///< that answer
    Answers answers;                         ///< one for each
    std::vector<PlanAnswered> results;
    std::vector<std::vector<EventHandle>> moves;  ///< of data, still to come
    bool counts = true;                      ///< it began in the measured time
  };
  /// Disasters whose plans overlap, in the order of their beginnings.
  struct Overlap {
    std::vector<std::unique_ptr<Disaster>> disasters;
    Time ends;                               ///< the last plan
    std::uint64_t digest = 0;
  };
  struct Plan {
    const RecoveryPlanData* data;
    PlanTally disasters, drills;
    std::vector<Standing> standing;
    FailoverBill failover_bill, drill_bill;
    std::optional<Away> away;
    std::vector<std::pair<Time, Time>> was_away;  ///< times that have ended
    std::vector<std::pair<Time, Time>> in_vain;   ///< times in which it was carried out and failed
    std::vector<std::unique_ptr<PlanFailback>> ended;  ///< their events may still be in the list
    std::optional<ResultCourse> course;      ///< of the first disaster, at
    Time course_of;
    Time in_vain_until;                      ///< as far as is known it is carried out, and fails: nobody begins it once more
    std::uint64_t struck_while_away = 0;
    std::vector<ResultDrill> drill_results;  ///< while courses are kept
    std::uint64_t drills_passed = 0;
    Duration longest_without_drill;          ///< that passed
    bool drilled = false;                    ///< at least once in the measured time
    Plan(Billing& billing, const ScenarioData& scenario, const RecoveryPlanData& of)
        : data(&of), disasters(*of.plan), drills(*of.plan), failover_bill(billing, scenario, of, "failover"),
          drill_bill(billing, scenario, of, "drills") {}
  };

  /// Who answers the fault; null if nobody does. `away`: in a branch, by plan, whether it has been called there; null in the run.
  std::unique_ptr<Disaster> call(const Fault& fault, std::string prefix, std::vector<bool>* away);
  /// Carries out the plans of all disasters of the overlap, and does what follows in the run.
  void carry_out(Overlap& overlap, const FaultSurroundings& surroundings);
  /// Nothing is left that could delay the plans of `open_`: counts what they came to.
  void settle();
  void count(Disaster& disaster, const FaultSurroundings& surroundings);
  /// `from`: the beginning of the branch.
  void carry_out_branch(std::vector<std::unique_ptr<Disaster>> disasters, const FaultSurroundings& surroundings, Time from);
  bool is_unanswered(std::size_t fault) const;
  std::vector<bool> struck(const RecoveryPlan& plan, const FaultConfig& fault) const;
  void count_disaster(Plan& plan, const PlanAnswered& answered, const std::string& prefix);
  void add_to_service(const Disaster& disaster);
  static std::vector<std::size_t> moved(const RecoveryPlan& plan, const RecoveryOutcome& outcome);
  /// Names of the replicas at its target that are copied anew after a return.
  std::vector<std::string> copied_anew(const RecoveryPlan& plan) const;
  void move_away(Disaster& disaster, std::size_t answer, bool anew);
  /// Of what was to follow from a result that holds no longer.
  void call_off(Disaster& disaster, std::size_t answer);
  void stay_at_home(const Disaster& disaster, std::size_t answer, const RecoveryOutcome& expected);
  void replace_volumes(const RecoveryPlan& plan, const RecoveryOutcome& outcome, std::vector<EventHandle>& moves);
  void charge_away(Plan& plan);
  /// The application of its clusters is back at the source with the rest.
  void move_clusters_home(const RecoveryPlan& plan);
  bool was_away_or_in_vain(const Plan& plan, Time at) const;
  void run_branches();
  void run_drills(Plan& plan);
  std::vector<std::optional<double>> ages_by_hour(const Plan& plan) const;
  /// Times at which no what-if disaster finds the application at home, or anything at its target.
  std::vector<std::pair<Time, Time>> without_disaster(const Plan& plan) const;
  void report_plan(MetricSink& sink, const Plan& plan) const;
  void report_clusters(MetricSink& sink) const;

  // The ways back of the run itself.
  Bytes send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& since, BytesPerSecond most) override;
  void failback_ended(PlanFailback& failback) override;

  // What a fault of the run does to the other models.
  void tell_fleets(const FaultConfig& fault, bool begins);
  void tell_protection(const FaultConfig& fault, bool begins);
  Ratio link_left(RegionId from, RegionId to) const;
  std::vector<std::string_view> all_zones() const;
  Ratio grey_share(std::string_view zone) const;
  std::vector<std::string_view> zones_of(const FaultConfig& fault) const;
  /// A place is lost with the first fault of a kind that strikes it, and back with the end of the last.
  bool changes(FaultKind kind, std::uint32_t place, bool begins);

  Simulation& sim_;
  Billing& billing_;
  const ScenarioData& data_;
  DataReplication* protection_ = nullptr;
  FleetsUnderFaults& fleets_;
  const bool keep_courses_;
  const bool plans_share_;               // something, at all
  const bool asks_what_if_;
  const Topology topology_;
  std::unique_ptr<Faults> faults_;       // of the run
  std::unique_ptr<FaultSurroundings> around_clusters_;
  std::unique_ptr<ClusterViews> clusters_;  // of the run; null without any
  std::vector<const Fault*> active_;
  std::map<std::pair<FaultKind, std::uint32_t>, int> depth_;  // faults of a kind that strike a place now
  std::vector<std::unique_ptr<Plan>> plans_;
  Overlap open_;                         // of the run, to which a disaster may still be added
  std::vector<Overlap> settled_;         // in which a what-if instant may lie
  ObservedValues service_rpa_, service_rta_;  // over plans that answer the same disaster
  std::uint64_t service_disasters_ = 0;
  std::uint64_t fault_count_ = 0;
  std::uint64_t unanswered_ = 0;              // disasters that no plan answers
  std::uint64_t digest_ = 0;
  Time measured_from_;
};

}  // namespace fleetsim::scenario
