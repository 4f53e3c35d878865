#include "fleetsim/models/demand.hpp"

#include <utility>

#include <fmt/format.h>

namespace fleetsim {

Duration demand_begin(const DemandConfig& config, const DemandRun& run, const Simulation& sim) {
  const DemandBeginnings beginnings = demand_beginnings(config, run);
  if (beginnings.days == 1) return beginnings.first;
  Stream stream = sim.stream(fmt::format("demand/{}/start", config.name));
  return beginnings.first + 1_d * stream.below(static_cast<std::uint64_t>(beginnings.days));
}

std::shared_ptr<const DemandProfile> demand_profile(const DemandConfig& config, const DemandRun& run, const Simulation& sim) {
  return std::make_shared<const DemandProfile>(config, run, demand_begin(config, run, sim));
}

Demand::Demand(Simulation& sim, const DemandConfig& config, const DemandRun& run, DemandListener& listener)
    : Demand(sim, demand_profile(config, run, sim), run.length, listener) {}

Demand::Demand(Simulation& sim, std::shared_ptr<const DemandProfile> profile, Duration run_length, DemandListener& listener)
    : EventHandler(sim), sim_(sim), listener_(listener), profile_(std::move(profile)), run_length_(run_length) {}

void Demand::start() { change_to(profile_->at(sim_.now().since_start())); }

void Demand::on(const DemandChanged&) { change_to(next_); }

void Demand::change_to(DemandProfile::Piece piece) {
  rate_ = piece.rate;
  listener_.demand_changed(rate_);
  Duration change = piece.end;
  while (change < run_length_) {
    next_ = profile_->at(change);
    if (next_.rate != rate_) {
      sim_.schedule_at(*this, Time::at(change), DemandChanged{});
      return;
    }
    change = next_.end;
  }
}

}  // namespace fleetsim
