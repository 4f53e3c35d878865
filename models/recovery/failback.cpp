#include "fleetsim/models/recovery/failback.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim {

PlanFailback::PlanFailback(Simulation& sim, const RecoveryPlan& plan, WayBack& way, const std::string& stream_prefix,
                           FailbackObserver* observer)
    : EventHandler(sim), sim_(sim), plan_(plan), way_(way), observer_(observer),
      stream_(sim.stream(stream_prefix + "failback")) {}

void PlanFailback::begin(const Departure& departure, Time source_back, std::vector<SentBack> sent) {
  departure_ = departure;
  sent_ = std::move(sent);
  const Time due = std::max(departure.served, source_back) + plan_.config().failback->wait.sample(stream_);
  start_ = sim_.schedule_at(*this, std::max(sim_.now(), due), FailbackBegun{});
}

void PlanFailback::on(const FailbackBegun&) {
  const FailbackConfig& config = *plan_.config().failback;
  begun_ = true;
  give_up_ = sim_.schedule(*this, plan_.config().gives_up_after, FailbackGaveUp{});
  const std::vector<PlanResource>& resources = plan_.resources();
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (resources[r].data && sent_[r].what != SentBack::What::nothing) missing_.push_back(*resources[r].data);
  }
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (!resources[r].data || sent_[r].what == SentBack::What::nothing) continue;
    const bool full = config.full_resync || sent_[r].what == SentBack::What::all;
    const Divergence since{.point = sent_[r].point, .stopped = departure_.stopped, .resumed = departure_.served};
    bytes_ += way_.send_back(*resources[r].data, resources[r].target, resources[r].source, full, since, config.bandwidth);
  }
  if (missing_.empty()) all_in_sync();
}

void PlanFailback::in_sync(DataId data) {
  const auto it = std::find(missing_.begin(), missing_.end(), data);
  if (outcome_ || it == missing_.end()) return;
  missing_.erase(it);
  if (missing_.empty()) all_in_sync();
}

void PlanFailback::all_in_sync() {
  sim_.cancel(give_up_);
  outage_ = plan_.config().failback->switch_duration.sample(stream_);
  sim_.schedule(*this, outage_, FailbackSwitched{});
}

void PlanFailback::on(const FailbackGaveUp&) { end({.sent = bytes_, .ready_again = {}, .outage = {}, .ended_after = sim_.now() - departure_.disaster}); }

void PlanFailback::on(const FailbackSwitched&) {
  end({.sent = bytes_, .ready_again = sim_.now() - departure_.disaster, .outage = outage_, .ended_after = sim_.now() - departure_.disaster});
}

void PlanFailback::end(FailbackOutcome outcome) {
  outcome_ = outcome;
  if (observer_ != nullptr) observer_->failback_ended(*this);
}

}  // namespace fleetsim
