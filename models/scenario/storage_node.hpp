#pragma once
/// One machine with volumes in a world: its model, the demands that load it, and its lines in the ledger.

#include <memory>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/demand.hpp"
#include "fleetsim/models/storage.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

class StorageNode {
 public:
  StorageNode(Simulation& sim, Billing& billing, const ScenarioData& data, const StoragePlan& plan);

  void start();
  void begin_measurement();
  /// Bills instance and volumes up to the horizon.
  void finish();
  void report(MetricSink& sink) const;
  StorageMachine& machine() { return machine_; }
  Usd instance_cost() const;  ///< with its licence
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
  const StoragePlan& plan_;
  StorageMachine machine_;
  std::vector<std::unique_ptr<LoadDemand>> listeners_;
  std::vector<std::unique_ptr<Demand>> demands_;
  /// Of the instance, and of its operating system's licence.
  struct Hourly {
    AccountId account;
    TariffId tariff;
    InstanceMeter meter;
  };
  std::vector<Hourly> hourly_;
  std::vector<AccountId> volumes_;  // by charge of the plan
  Time measured_from_;
};

}  // namespace fleetsim::scenario
