#include "models/scenario/group_network.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace fleetsim::scenario {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr sys_days vpc_only{std::chrono::year{2013} / 12 / 5};  // accounts made after 4 December
constexpr sys_days closed_to_idle{std::chrono::year{2021} / 10 / 30};
constexpr sys_days closed{std::chrono::year{2022} / 8 / 15};

// Regions that were there before VPC-only accounts, and the families that EC2-Classic had [2].
constexpr std::array<std::string_view, 8> classic_regions{"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1",
                                                          "sa-east-1",      "us-east-1",      "us-west-1",      "us-west-2"};
constexpr std::array<std::string_view, 13> classic_families{"c1", "c3", "cc2", "cr1", "d2", "g2", "hs1",
                                                            "i2", "m1", "m2",  "m3",  "r3", "t1"};

template <std::size_t n>
bool has(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Check {
 public:
  Check(const FleetPlan& plan, const Catalog& catalog, RunDays run, config::Diagnostics& diagnostics)
      : plan_(plan), catalog_(catalog), run_(run), diagnostics_(diagnostics) {}

  void group(std::size_t g) {
    const GroupConfig& group = plan_.groups[g];
    const GroupNetwork& network = plan_.networks[g];
    if (network.efa) check_efa(group);
    if (!network.classic) return;
    check_dates(group, *network.classic);
    if (!plan_.config.region.empty() && !has(classic_regions, plan_.config.region)) {
      error(group.where, group, fmt::format("there is no EC2-Classic in Region '{}'", plan_.config.region),
            fmt::format("it was in {}", fmt::join(classic_regions, ", ")));
    }
    for (const config::Located<std::string>& type : group.instance_types) {
      if (!catalog_.type(type.value) || has(classic_families, family_of(type.value))) continue;
      error(type.where, group, fmt::format("EC2-Classic has no '{}'", type.value),
            fmt::format("its families were {}", fmt::join(classic_families, ", ")));
    }
  }

 private:
  void error(const config::Location& where, const GroupConfig& group, std::string_view problem, std::string help) {
    diagnostics_.error(where, fmt::format("group {}: {}", group.name, problem), std::move(help));
  }

  void check_efa(const GroupConfig& group) {
    for (const config::Located<std::string>& name : group.instance_types) {
      const std::optional<InstanceType> type = catalog_.type(name.value);
      if (!type || type->efa) continue;
      std::vector<std::string> sizes;
      for (const std::string& other : catalog_.type_names()) {
        if (family_of(other) == family_of(name.value) && catalog_.type(other)->efa) sizes.push_back(other);
      }
      const std::string choice = sizes.empty() ? "choose another type" : fmt::format("choose {}", fmt::join(sizes, " or "));
      error(name.where, group, fmt::format("'{}' takes no Elastic Fabric Adapter", name.value),
            fmt::format("{}; the catalogue knows it of types until May 2023, of a newer one that does write efa: true under "
                        "catalog.instance_types.{}", choice, name.value));
    }
  }

  void check_dates(const GroupConfig& group, const ClassicAccount& account) {
    const auto created = sys_seconds(std::chrono::seconds(account.created.seconds_since_1970));
    if (created >= sys_seconds(vpc_only) && !account.on_request) {
      error(account.where, group, "its account was made after 2013-12-04 and launches into VPCs only",
            "leave ec2_classic out, or write on_request: true if AWS's support enabled it");
    }
    if (created > run_.begin) {
      error(account.where, group,
            fmt::format("its account is made at {}, and the run starts at {}", config::to_text(account.created),
                        config::to_text(config::UtcTime{run_.begin.time_since_epoch().count()})),
            "let account_created be before run.start");
    }
    const sys_days last = account.active ? closed : closed_to_idle;
    if (run_.end <= sys_seconds(last)) return;
    error(account.where, group,
          fmt::format("EC2-Classic ends on {}{}, and the run at {}", to_text(last),
                      account.active ? "" : " for accounts without active resources in it",
                      config::to_text(config::UtcTime{run_.end.time_since_epoch().count()})),
          fmt::format("let the run end before {}, or leave ec2_classic out", to_text(last)));
  }

  const FleetPlan& plan_;
  const Catalog& catalog_;
  RunDays run_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

GroupNetwork read_group_network(config::Section& group) {
  GroupNetwork network;
  group.optional("elastic_fabric_adapter", network.efa)
      .doc("its instances have an Elastic Fabric Adapter, which only some instance types take");
  group.optional_section("ec2_classic", "launch into EC2-Classic, which ended in 2022, not into a VPC", [&](config::Section& in) {
    ClassicAccount& account = network.classic.emplace();
    account.where = in.where();
    in.required("account_created", account.created)
        .doc("when the AWS account was made; those made after 2013-12-04 launch into VPCs only");
    in.optional("on_request", account.on_request).doc("AWS's support enabled EC2-Classic in the account");
    in.optional("active_resources", account.active)
        .doc("it has instances or other resources in EC2-Classic already; without them it ended on 2021-10-30, with them on "
             "2022-08-15");
  });
  return network;
}

void check_networks(const FleetPlan& plan, const Catalog& catalog, RunDays run, config::Diagnostics& diagnostics) {
  Check check(plan, catalog, run, diagnostics);
  for (std::size_t g = 0; g < plan.groups.size(); ++g) check.group(g);
}

}  // namespace fleetsim::scenario
