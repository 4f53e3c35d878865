// What happens to a machine as its instance stops and starts, and the work that it does for itself: reading a restored
// volume whole, writing an instance store again.

#include <algorithm>

#include "fleetsim/models/storage.hpp"

namespace fleetsim {

/// Whether the load rests because its volume is lost, or because the instance rests: what passes between a volume and S3 goes on, and so does a snapshot.
bool StorageMachine::paused(std::size_t load) const {
  const StorageLoadConfig& config = config_.loads[load];
  const auto lost = [&](const std::optional<std::size_t>& volume) { return volume && volumes_[*volume].lost > 0; };
  if (lost(config.volume) || lost(config.from)) return true;
  return stopped_ && !config.snapshot && (!config.work || config.on_instance || config.network);
}

void StorageMachine::set_wanted(std::size_t index, std::int64_t rate) {
  Load& load = loads_[index];
  load.wanted_rate = rate;
  const std::int64_t offered = paused(index) ? 0 : rate;
  if (load.offered_rate == offered) return;
  book(load);
  load.offered_rate = offered;
  load.offer_changed = true;
}

void StorageMachine::lose_backlog(Load& load) {
  book(load);
  load.lost += Requests::of(load.backlog.level(sim_.now()));
  load.backlog = TokenBucket(load.backlog.capacity(), 0);
  load.backlog.set_rate(sim_.now(), 0);
  load.waiting = false;
}

void StorageMachine::pause_loads() {
  for (std::uint32_t l = 0; l < loads_.size(); ++l) {
    Load& load = loads_[l];
    if (!paused(l)) continue;
    set_wanted(l, load.wanted_rate);
    if (!config_.loads[l].work && load.waiting) {
      // I/Os of a machine that is gone are never answered.
      lose_backlog(load);
    }
    sharing_.set_demand(l, 0);
    load.offer_changed = true;
  }
}

void StorageMachine::resume_loads() {
  for (std::uint32_t l = 0; l < loads_.size(); ++l) {
    set_wanted(l, loads_[l].wanted_rate);
    if (loads_[l].waiting && !paused(l)) sharing_.set_demand(l, loads_[l].most);
    loads_[l].offer_changed = true;
  }
}

void StorageMachine::on(const InstanceStopped& event) {
  hold_down();
  if (const auto length = config_.stops[event.stop].length) sim_.schedule(*this, *length, InstanceStarted{event.stop});
}

void StorageMachine::on(const InstanceStarted&) { let_up(); }

void StorageMachine::hold_down() {
  if (++held_down_ > 1) return;
  stopped_ = true;
  changed_at_ = sim_.now();
  pause_loads();
  for (std::size_t v = 0; v < volumes_.size(); ++v) {
    if (volumes_[v].in_instance) ++volumes_[v].times_lost;
  }
  update();
  if (instance_listener_ != nullptr) instance_listener_->instance_stopped();
}

void StorageMachine::let_up() {
  if (--held_down_ > 0) return;
  stopped_time_ += sim_.now() - std::max(changed_at_, measured_from_);
  stopped_ = false;
  changed_at_ = sim_.now();
  resume_loads();
  for (std::size_t v = 0; v < volumes_.size(); ++v) {
    Volume& volume = volumes_[v];
    if (!volume.in_instance) continue;
    if (!volume.rebuilding) {
      volume.rebuilt_after = Duration{};  // nothing is written again
    } else if (!loads_[*volume.rebuilding].waiting) {
      give(*volume.rebuilding, config_.volumes[v].content);
    }
  }
  update();
  if (instance_listener_ != nullptr) instance_listener_->instance_started();
}

void StorageMachine::lose_volume(std::size_t volume) {
  if (++volumes_[volume].lost > 1) return;
  pause_loads();
  update();
}

void StorageMachine::restore_volume(std::size_t volume) {
  if (--volumes_[volume].lost > 0) return;
  resume_loads();
  update();
}

Duration StorageMachine::stopped_time() const {
  return stopped_ ? stopped_time_ + (sim_.now() - std::max(changed_at_, measured_from_)) : stopped_time_;
}

void StorageMachine::own_work_done(std::uint32_t load) {
  for (std::uint32_t v = 0; v < volumes_.size(); ++v) {
    Volume& volume = volumes_[v];
    if (volume.rebuilding == load) volume.rebuilt_after = sim_.now() - changed_at_;
    if (volume.loading != load || volume.load_step >= restore_steps) continue;
    ++volume.load_step;
    if (volume.load_step < restore_steps) {
      give(load, step_of(*config_.volumes[v].restore));
    } else {
      volume.full_speed = sim_.now();
    }
    apply(v, volume.limits);
    update();
  }
}

}  // namespace fleetsim
