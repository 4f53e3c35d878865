#pragma once
/// Protected data in a world: its model, the demands that write to it, its metrics and its lines in the ledger.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/demand.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/storage_node.hpp"

namespace fleetsim::scenario {

class DataNode {
 public:
  /// `machines`: those of `data.storages`, which outlive it.
  DataNode(Simulation& sim, Billing& billing, const ScenarioData& data, const ProtectionPlan& plan,
           const std::vector<std::unique_ptr<StorageNode>>& machines, FailbackListener* failback = nullptr);

  void start();
  void begin_measurement();
  /// Bills what was stored and sent up to the horizon.
  void finish();
  void report(MetricSink& sink) const;
  Usd cost() const;
  DataReplication& model() { return model_; }
  const DataReplication& model() const { return model_; }

 private:
  /// A store that is written to as a demand asks.
  struct Writer final : DemandListener {
    Writer(DataReplication& of, std::size_t index, BytesPerSecond base, Bytes each)
        : model(of), store(index), always(base), per_request(each) {}
    void demand_changed(RequestRate offered) override;
    DataReplication& model;
    std::size_t store;
    BytesPerSecond always;
    Bytes per_request;
  };
  /// A replica's agent: work without end for its machine, given in lumps, at the pace that the replica wants.
  struct Agent final : ReplicationHost, StorageWorkListener {
    Agent(DataReplication& of, StorageMachine& on, std::size_t index, std::size_t number)
        : model(of), machine(on), load(index), replica(number) {}
    void wants(std::size_t replica, BytesPerSecond rate) override;
    void work_done(std::size_t load) override;
    void work_rate_changed(std::size_t load, BytesPerSecond rate) override;
    void give();
    DataReplication& model;
    StorageMachine& machine;
    std::size_t load, replica;
    BytesPerSecond pace;
    bool working = false;
  };
  /// Snapshots of a store, read on a machine.
  struct Reader final : SnapshotHost, StorageWorkListener {
    Reader(DataReplication& of, StorageMachine& on, std::size_t index, std::size_t number)
        : model(of), machine(on), load(index), store(number) {}
    void read_snapshot(std::size_t store, Bytes data, BytesPerSecond rate) override;
    void give_up_snapshot(std::size_t store) override;
    void work_done(std::size_t) override { model.snapshot_read(store); }
    void work_rate_changed(std::size_t, BytesPerSecond) override {}
    DataReplication& model;
    StorageMachine& machine;
    std::size_t load, store;
  };
  AccountId line(std::string resource, SiteId site, std::string unit);
  void bill_stored();
  void add_time_based(std::size_t policy, SiteId from, SiteId to, std::vector<std::pair<Usd, DataVolume>>& by_price) const;
  void bill_transfers();
  void bill_services();
  void report_policy(MetricSink& sink, std::size_t policy) const;

  Simulation& sim_;
  Billing& billing_;
  const ProtectionPlan& plan_;
  const Topology topology_;
  DataReplication model_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<Demand>> demands_;
  std::vector<AccountId> lines_;
  std::vector<Usd> service_costs_;  // by replica: of the service that replicates it; empty until all is billed
  Time measured_from_;
  bool moves_ = false;  // some plan moves an application to another site
};

}  // namespace fleetsim::scenario
