#pragma once
/// Demand: requests over time, as a rate that is constant between changes. Nobody polls it: each change is an event,
/// and equal levels in a row are none.
///
/// Truth:      scaled to a mean, a trace has exactly that mean over the run (to a millionth of a request/s for each
///             level), wherever in the trace the run begins; a daily shape has it over its cycle.
/// Leaves out: single requests and their noise, sessions, dependence on how well the service responds; see
///             docs/models/demand.md.

#include <memory>
#include <string_view>
#include <vector>

#include "fleetsim/models/demand/config.hpp"
#include "fleetsim/models/demand/profile.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::config {
class Section;
}

namespace fleetsim {

/// Reads `demand` of the scenario, which may be absent unless `needed`. Errors: see docs/models/demand.md; among them a trace that ends before the run.
std::vector<DemandConfig> read_demands(config::Section& scenario, const DemandRun& run, bool needed = true);

/// Where in its trace this replication begins, drawn from the stream "demand/<name>/start" if the config says so.
Duration demand_begin(const DemandConfig& config, const DemandRun& run, const Simulation& sim);

/// The rates of a demand in this replication.
std::shared_ptr<const DemandProfile> demand_profile(const DemandConfig& config, const DemandRun& run, const Simulation& sim);

/// Port: whoever serves the demand.
struct DemandListener {
  virtual ~DemandListener() = default;
  virtual void demand_changed(RequestRate offered) = 0;
};

struct DemandChanged { static constexpr std::string_view name = "demand.changed"; };

class Demand : public EventHandler<Demand, DemandChanged> {
 public:
  Demand(Simulation& sim, const DemandConfig& config, const DemandRun& run, DemandListener& listener);
  /// Of a profile that others may follow too. Requires: it is of the same run.
  Demand(Simulation& sim, std::shared_ptr<const DemandProfile> profile, Duration run_length, DemandListener& listener);

  /// Announces the first rate and schedules the first change.
  void start();
  RequestRate rate() const { return rate_; }

  void on(const DemandChanged&);

 private:
  /// Announces the piece's rate and schedules the next instant at which the rate differs.
  void change_to(DemandProfile::Piece piece);

  Simulation& sim_;
  DemandListener& listener_;
  const std::shared_ptr<const DemandProfile> profile_;
  const Duration run_length_;
  RequestRate rate_;
  DemandProfile::Piece next_;  // takes effect at the scheduled change
};

}  // namespace fleetsim
