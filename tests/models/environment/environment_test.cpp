// What needs what, and what a clone lacks.

#include <algorithm>

#include "fleetsim/models/environment.hpp"
#include "support/catch.hpp"
#include "support/read_text.hpp"

using namespace fleetsim;

namespace {

constexpr std::string_view application = R"(
environments:
  production:
    region: us-east-1
    account: main
    vpcs: {main: {subnets: {front: us-east-1a, back: us-east-1b}, routes: [{to: internet}, {to: shared}]}}
    peerings: {shared: {with: services/main}}
    security_groups:
      lb: {rules: [{from_cidr: 0.0.0.0/0, port: 443}]}
      web: {tags: [tier=web], rules: [{from: lb, port: 80}, {from: web}]}
      db: {rules: [{from_tag: tier=web, port: 5432}, {from: services/monitor, port: 9100}]}
    images: {web: {copied_to: [us-west-2]}}
    instances: {web: {instance_type: m5.large, subnet: front, image: web, security_groups: [web], uses: [orders]}}
    databases: {orders: {subnet: back, security_groups: [db]}}
  services: {region: us-east-1, account: main, vpcs: {main: {}}, security_groups: {monitor: {}}}
)";

std::vector<EnvironmentConfig> with_clone(const std::string& clone) {
  const auto result = test::read_text(std::string(application) + clone, read_environments);
  REQUIRE(result.problems == "");
  return result.value;
}

std::vector<std::string> names_of(const EnvironmentGraph& graph, const std::vector<std::size_t>& items) {
  std::vector<std::string> names;
  for (const std::size_t item : items) names.push_back(graph.items()[item].name);
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("environment: what an item needs, directly or not", "[environment][table]") {
  const EnvironmentGraph graph(with_clone("").front());
  const auto closure = [&](const char* name) { return names_of(graph, graph.closure({*graph.find(name)})); };
  CHECK(closure("lb") == Names{"lb", "main"});
  CHECK(closure("db") == Names{"db", "lb", "main", "web"} );
  CHECK(closure("back") == Names{"back", "main"});
  CHECK(closure("orders") == Names{"back", "db", "lb", "main", "main->internet", "main->shared", "orders", "shared", "web"});
}

TEST_CASE("environment: a clone takes along what it needs", "[environment][table]") {
  const auto all = with_clone("  dr: {clone_of: production, region: us-west-2, takes: [orders]}\n");
  const EnvironmentGraph graph(all.front());
  const Names taken = names_of(graph, graph.taken_by(all.back()));
  CHECK(taken == Names{"back", "db", "lb", "main", "main->internet", "main->shared", "orders", "shared", "web"});
}

TEST_CASE("environment: each reason to lack something", "[environment][table]") {
  const auto missing = [&](const std::string& clone, std::string_view region, std::string_view account) {
    const auto all = with_clone(clone);
    std::vector<std::string> texts;
    for (const MissingItem& m : EnvironmentGraph(all.front()).missing_in(all.back(), region, account)) {
      texts.push_back(m.item + " lacks " + m.lacks + " " + m.reason);
    }
    return texts;
  };
  const std::string same_region = "  dr: {clone_of: production}\n";
  CHECK(missing(same_region, "us-east-1", "main").empty());
  // In another Region a peered group cannot be named; the image has a copy in us-west-2 only.
  const std::string peered = "security group db lacks security group services/monitor which Region ";
  CHECK(missing(same_region, "us-west-2", "main") == Names{peered + "us-west-2 cannot name"});
  CHECK(missing(same_region, "eu-west-1", "main") ==
        Names{"image web lacks a copy in Region eu-west-1", peered + "eu-west-1 cannot name"});
  CHECK(missing(same_region, "us-east-1", "dr") == Names{"image web lacks permission for account dr"});
  CHECK(missing("  dr: {clone_of: production, leaves_out: [lb]}\n", "us-east-1", "main") ==
        Names{"security group web lacks security group lb which the clone leaves out"});
}

TEST_CASE("environment: what is missing names the resources that need it", "[environment][table]") {
  const auto all = with_clone("  dr: {clone_of: production, leaves_out: [db]}\n");
  const auto missing = EnvironmentGraph(all.front()).missing_in(all.back(), "us-east-1", "main");
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].item == "database orders");
  CHECK(missing[0].resources == Names{"orders", "web"});
}

TEST_CASE("environment: a clone reaches what its original's routes lead to", "[environment][table]") {
  const auto all = with_clone(
      "  open: {clone_of: production, region: us-west-2}\n"
      "  closed: {clone_of: production, region: us-west-2, leaves_out: [shared]}\n");
  CHECK(reachable_from(all, "open") == Names{"open", "production", "services"});
  CHECK(reachable_from(all, "closed") == Names{"closed"});
  CHECK(reachable_from(all, "production") == Names{"open", "production", "services"});
}

TEST_CASE("environment: errors of the section", "[environment][table]") {
  const auto problems = [](const char* text) { return test::read_text(text, read_environments).problems; };
  CHECK(problems("environments: {a: {region: r, instances: {w: {instance_type: t, uses: [x]}}}}").find("has no resource 'x'") != std::string::npos);
  CHECK(problems("environments: {a: {region: r, instances: {w: {instance_type: t}}, volumes: {w: {}}}}").find("'w' names two things") != std::string::npos);
  CHECK(problems("environments: {a: {clone_of: b}}").find("there is no environment 'b'") != std::string::npos);
  CHECK(problems("environments: {a: {region: r}, b: {clone_of: a}, c: {clone_of: b}}").find("is itself a clone") != std::string::npos);
  CHECK(problems("environments: {a: {region: r}, b: {clone_of: a, leaves_out: [q]}}").find("has no item 'q'") != std::string::npos);
}
