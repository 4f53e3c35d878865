#pragma once
/// What a scenario's machines with volumes could be instead, and the cheapest that meets their demand.
///
/// Alternatives are edits of the scenario: other volumes (type, IOPS, throughput, striped over several), another instance
/// type with at least the vCPUs and memory of today's, temporary data on the instance store. What a volume or an instance
/// type cannot do alone, with all other limits away, is ruled out; what is left is simulated whole, by rising cost, with
/// today's random numbers.
///
/// Truth:      an alternative that is called enough was simulated, and held back no more than the share asked for.
/// Leaves out: other Regions, reservations, storage on the network, older volume types as a target (standard, io1); what
///             moving the data costs and for how long. See docs/models/storage.md.
/// Source:     AWS Compute Blog, Optimizing Amazon EC2 workloads with CloudWatch.

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/summary.hpp"

namespace fleetsim {

struct AdviceOptions {
  std::optional<std::uint64_t> seed;          ///< instead of the scenario's
  std::optional<std::uint64_t> replications;
  unsigned jobs = 0;                          ///< threads; 0: as many as the machine has
  /// Of each load: the share of its I/Os that may be held back. Of an open loop those that wait, or, where the load has a
  /// deadline, those that miss it; of a closed one what it does not do of what it would without limits today.
  double held_back_max = 0.01;
  std::optional<Duration> latency_max;        ///< of each load, mean; empty: any
  std::function<void()> progress;             ///< called after each replication, never by two threads at once
  std::stop_token stop;
};

enum class AdviceVerdict : std::uint8_t {
  chosen,     ///< the cheapest that is enough
  enough,     ///< enough, and dearer
  too_little, ///< holds back more than asked for
  undecided,  ///< the interval of what it holds back includes the share asked for
  ruled_out   ///< by a rule, or by what a part of it cannot do alone; the whole was not simulated
};
std::string_view to_name(AdviceVerdict verdict);

/// What a load gets.
struct AdvisedLoad {
  std::string name;
  double offered_iops = 0, done_iops = 0;     ///< means over the replications
  double throughput_mibps = 0;
  double latency_mean_s = 0;
  Summary held_back;                          ///< share of its I/Os
  std::string limit;                          ///< what held back most: "instance_iops"; "none"
};

/// One way to run a machine.
struct Alternative {
  std::string instance_type;
  std::vector<std::string> volumes;           ///< "data: gp3, 1000 GiB, 16,000 IOPS, 500 MiB/s", by volume
  std::string change;                         ///< from today: "instance r5b.large → r5b.8xlarge"; empty for today's
  AdviceVerdict verdict = AdviceVerdict::ruled_out;
  std::string reason;                         ///< why it was chosen or not
  std::optional<double> monthly_usd;          ///< instance, licence and volumes, for a month of 30 days
  double monthly_volumes_usd = 0;             ///< of it
  std::vector<AdvisedLoad> loads;             ///< empty if it was not simulated
  std::optional<Summary> held_back;           ///< of the load that is held back most, in each replication
};

struct MachineAdvice {
  std::string machine;
  Alternative today;
  std::optional<Alternative> chosen;          ///< empty if nothing that was tried is enough; may be today's
  std::vector<Alternative> others;            ///< by rising cost, ruled out ones last
  std::vector<std::string> notes;             ///< sentences, on the network and on what else to know
};

struct Advice {
  std::string scenario, version;
  std::uint64_t seed = 0, replications = 0;
  Duration duration, warm_up;
  double held_back_max = 0;
  std::optional<Duration> latency_max;
  std::vector<MachineAdvice> machines;
  std::uint64_t considered = 0;               ///< settings of volumes and types of instances that were looked at
  std::uint64_t simulated = 0;                ///< runs of a machine, or of a part of one, each of all replications
  bool interrupted = false;                   ///< the machines that were not finished are missing
};

/// Requires: the scenario has machines with volumes under `storage`.
Advice advise(const Scenario& scenario, const AdviceOptions& options = {});
/// Whether the scenario has machines to advise on.
bool has_machines(const Scenario& scenario);

}  // namespace fleetsim
