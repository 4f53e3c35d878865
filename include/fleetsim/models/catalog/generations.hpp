#pragma once
/// When AWS began to offer a family of instance types, where, and what it names as the successor of an old family.
///
/// Truth:      what the tables do not say is not refused: a family without a row is offered everywhere at any time.
/// Leaves out: every family but those of the tables; when other Regions followed, which the tables give a day for from
///             which they do not know.
/// Source:     scenarios/data/catalogue/README.md, launches.csv and successors.csv.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fleetsim {

class Catalog;

/// The beginning of a family.
struct FamilyLaunch {
  std::chrono::sys_days since;
  std::vector<std::string> regions;              ///< of that day, sorted
  std::chrono::sys_days elsewhere_unknown_from;  ///< before it these are the only Regions; from it on, any may be one
};
/// Empty if the table does not have the family, such as "m6i".
std::optional<FamilyLaunch> launch_of_family(std::string_view family);

/// What AWS names instead of a family of an earlier generation.
struct Successor {
  std::string family;               ///< "m5", or a service that is no family: "AWS ParallelCluster"
  std::optional<std::string> type;  ///< of that family: the same size, or else the smallest with as many vCPUs and as much
                                    ///< memory, or else with as many vCPUs; empty where there is none
};
/// Empty if the type is of no family that has a successor.
std::optional<Successor> successor_of(const Catalog& catalog, std::string_view instance_type);

/// "2021-08-16".
std::string to_text(std::chrono::sys_days date);

}  // namespace fleetsim
