#pragma once
/// A small scenario and studies of it, in a folder of their own.

#include <string>
#include <vector>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

/// Two instances whose demand changes by chance, six hours of them: a replication takes about a millisecond.
inline const char* const small_scenario = R"(fleetsim: 1
name: a small fleet
run: {start: 2026-01-05T00:00:00Z, duration: 2d, seed: 3, replications: 4}
regions:
  us-east-1: {zones: [us-east-1a]}
demand:
  web: {constant: 600 requests/s}
spot_market:
  default:
    availability: {on_off: {up: {exponential: {mean: 3h}}, down: {exponential: {mean: 30m}}}}
    price: {discount: 65%}
fleets:
  shop:
    serves: web
    instance_types: [m5.large]
    capacity_per_vcpu: 100 requests/s
    expected_instances: 4
    groups:
      - {name: spot, purchase: spot, zones: [us-east-1a], scale_out_above: 70%, scale_in_below: 40%, max: 9, initial: 4}
      - {name: rest, purchase: on_demand, zones: [us-east-1a], scale_out_above: 85%, max: 9}
)";

inline std::string study_text(const std::string& rest) {
  return "fleetsim_study: 1\nname: thresholds\nscenario: scenario.yaml\n" + rest;
}

inline const std::string four_designs = study_text(R"(parameters:
  spot: {path: fleets.shop.groups.spot.scale_out_above, values: [60%, 75%]}
  rest: {path: fleets.shop.groups.rest.scale_out_above, values: [80%, 90%]}
metrics: {cost: cost.total, drops: fleet.shop.drop_fraction}
)");
inline const std::string two_by_two = four_designs + "replications: 10\n";

struct StudyFiles {
  explicit StudyFiles(const std::string& study) {
    folder.write("scenario.yaml", small_scenario);
    file = folder.write("study.yaml", study);
  }
  std::string path(const std::string& name) const { return folder.path() / name; }
  std::vector<std::string> command(const std::string& store, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"study", file, "--store", path(store)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  /// Every digit of what the store holds.
  std::string exported(const std::string& store) const {
    const ProgramRun run = run_program({"study", "export", path(store), "--replications"});
    CHECK(run.exit_code == 0);
    return run.out + run_program({"study", "export", path(store), "--format", "json"}).out;
  }
  TemporaryFolder folder = TemporaryFolder::in_memory();
  std::string file;
};

}  // namespace fleetsim::test
