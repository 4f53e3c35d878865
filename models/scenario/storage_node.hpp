#pragma once
/// One machine with volumes in a world: its model, the demands that load it, and its lines in the ledger.

#include <map>
#include <memory>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/billing/commitments.hpp"
#include "fleetsim/models/demand.hpp"
#include "fleetsim/models/storage.hpp"
#include "fleetsim/result.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// By settings. Loads of many volumes follow one demand, and its rates are in memory once.
using DemandProfiles = std::map<const DemandConfig*, std::shared_ptr<const DemandProfile>>;

class StorageNode final : private InstanceListener {
 public:
  /// `profiles`: adds those that it needs and that are not there. `keep_series`: of what held the volumes and the instance,
  /// for the result.
  StorageNode(Simulation& sim, Billing& billing, Commitments& commitments, const ScenarioData& data,
              const StoragePlan& plan, DemandProfiles& profiles, bool keep_series);

  void start();
  void begin_measurement();
  /// Bills instance and volumes up to the horizon.
  void finish();
  void report(MetricSink& sink) const;
  /// Adds what held the volumes and the instance, each limit that did.
  void add_series(std::vector<ResultSeries>& all) const;
  StorageMachine& machine() { return machine_; }
  // Faults.
  void zone_changed(std::string_view zone, bool lost);
  /// `volume`: as machine/volume.
  void volume_changed(std::string_view volume, bool lost);
  Usd instance_cost() const;  ///< with its licence, without what commitments pay
  Usd volume_cost() const;

 private:
  struct LoadDemand final : DemandListener {
    LoadDemand(StorageMachine& of, std::size_t index) : machine(of), load(index) {}
    void demand_changed(RequestRate offered) override;
    StorageMachine& machine;
    std::size_t load;
  };

  Simulation& sim_;
  Billing& billing_;
  Commitments& commitments_;
  const StoragePlan& plan_;
  StorageMachine machine_;
  Duration run_length_;
  std::vector<std::unique_ptr<LoadDemand>> listeners_;
  std::vector<std::unique_ptr<Demand>> demands_;
  /// Of the instance, of its operating system's licence, of fast restore.
  struct Hourly {
    AccountId account;
    TariffId tariff;
    InstanceMeter meter;
  };
  void instance_stopped() override;
  void instance_started() override;

  std::vector<Hourly> running_;  // while the instance runs
  std::vector<Hourly> always_;
  std::vector<AccountId> once_;  // by charge of the plan
  bool stopped_ = false;
  std::vector<AccountId> volumes_;  // by charge of the plan
  Time measured_from_;
};

}  // namespace fleetsim::scenario
