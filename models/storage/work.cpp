// Loads whose I/Os come in lumps: transfers that others give to a machine.

#include <algorithm>

#include "fleetsim/models/storage.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr std::int64_t micro = 1'000'000;

}  // namespace

BytesPerSecond StorageMachine::throughput(std::size_t load) const {
  const Int128 bytes = static_cast<Int128>(rate(load).count()) * config_.loads[load].io_size.count();
  return BytesPerSecond::of(static_cast<std::int64_t>(bytes / micro));
}

void StorageMachine::give(std::size_t index, Bytes data) {
  const StorageLoadConfig& config = config_.loads[index];
  invariant(config.work && data > Bytes{}, "only a load of work is given data");
  Load& load = loads_[index];
  book(load);
  const std::int64_t io = config.io_size.count();
  constexpr Int128 parts = static_cast<Int128>(micro) * nanoseconds_per_second;
  const TokenBucket::Level ios = (static_cast<Int128>(data.count()) * parts + io - 1) / io;
  const std::int64_t rate = load.backlog.rate();
  load.backlog = TokenBucket(load.backlog.capacity(), load.backlog.level(sim_.now()) + ios);
  load.backlog.set_rate(sim_.now(), rate);
  load.offered += Requests::of(ios);
  if (!load.waiting) load.given_at = sim_.now();
  load.waiting = true;
  set_uploading(index, config.snapshot);
  if (!paused(index)) sharing_.set_demand(static_cast<std::uint32_t>(index), load.most);
}

void StorageMachine::set_pace(std::size_t index, std::optional<BytesPerSecond> pace) {
  const StorageLoadConfig& config = config_.loads[index];
  invariant(config.work && (!pace || *pace > BytesPerSecond{}), "a pace is that of a load of work, and above 0");
  Load& load = loads_[index];
  load.most = as_much_as_possible;
  if (pace) {
    const Int128 ios = static_cast<Int128>(pace->count()) * micro / config.io_size.count();
    load.most = static_cast<std::int64_t>(std::clamp<Int128>(ios, 1, as_much_as_possible));
  }
  if (load.waiting && !paused(index)) sharing_.set_demand(static_cast<std::uint32_t>(index), load.most);
}

void StorageMachine::withdraw(std::size_t index) {
  Load& load = loads_[index];
  invariant(load.work, "only work is withdrawn");
  if (!load.waiting) return;
  lose_backlog(load);
  load.offer_changed = true;
  sharing_.set_demand(static_cast<std::uint32_t>(index), 0);
  set_uploading(index, false);
}

void StorageMachine::set_uploading(std::size_t index, bool uploading) {
  Load& load = loads_[index];
  if (load.uploading == uploading) return;
  load.uploading = uploading;
  const std::size_t v = *config_.loads[index].volume;
  volumes_[v].snapshots += uploading ? 1 : -1;
  // st1 and sc1 are slower meanwhile, also those that the volume only turns into.
  if (is_hdd(volumes_[v].limits) || volumes_[v].other) apply(v, volumes_[v].limits);
}

/// A rate that a listener does not know yet is told by an event of its own, once the shares have settled.
void StorageMachine::tell_rates() {
  for (std::uint32_t flow = 0; flow < loads_.size(); ++flow) {
    Load& load = loads_[flow];
    if (load.listener == nullptr || load.told == load.rate) continue;
    load.told = load.rate;
    sim_.schedule(*this, Duration{}, StorageWorkRateChanged{flow});
  }
}

void StorageMachine::on(const StorageWorkRateChanged& changed) {
  loads_[changed.load].listener->work_rate_changed(changed.load, throughput(changed.load));
}

void StorageMachine::on(const StorageWorkDue& due) {
  const RecurringWork& work = *config_.loads[due.load].recurring;
  if (work.every) sim_.schedule(*this, *work.every, StorageWorkDue{due.load});
  give(due.load, work.data);
  update();
}

void StorageMachine::on(const StorageWorkDone& done) {
  // More may have been given in the same instant.
  if (loads_[done.load].waiting) return;
  loads_[done.load].work_time.add(to_seconds(sim_.now() - loads_[done.load].given_at));
  if (loads_[done.load].uploading) {
    set_uploading(done.load, false);
    update();
  }
  own_work_done(done.load);
  if (loads_[done.load].listener != nullptr) loads_[done.load].listener->work_done(done.load);
}

}  // namespace fleetsim
