// Every scenario that ships: its fingerprint, the claims, and the reference made from the reader.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;

namespace {

const std::filesystem::path fingerprint_file = std::filesystem::path(test::source_dir) / "tests/scenarios/fingerprints.txt";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Of the first two replications: every event, its time, order and data.
std::string fingerprint(const std::string& path) {
  const RunResult result = run(test::shipped(path), {.seed = 1, .replications = 2, .jobs = 1, .progress = {}, .stop = {}});
  return fmt::format("{:016x}", result.fingerprint);
}

}  // namespace

// A fingerprint changes when a model, a default or a scenario changes. Renew them on purpose, and say why in the commit:
//   FLEETSIM_RENEW_FINGERPRINTS=1 tools/test -R fingerprint
TEST_CASE("shipped scenarios: each has its recorded fingerprint", "[scenarios][fingerprint]") {
  std::map<std::string, std::string> measured;
  for (const std::string& path : test::shipped_scenarios()) measured[path] = fingerprint(path);
  if (std::getenv("FLEETSIM_RENEW_FINGERPRINTS") != nullptr) {
    std::ofstream file(fingerprint_file);
    for (const auto& [path, digest] : measured) file << digest << "  " << path << "\n";
  }
  std::map<std::string, std::string> recorded;
  std::ifstream file(fingerprint_file);
  std::string digest, path;
  while (file >> digest >> path) recorded[path] = digest;
  CHECK(measured == recorded);
}

TEST_CASE("claims: the simulation bears each of them out", "[scenarios][claims]") {
  for (const std::string& path : test::shipped_scenarios()) {
    if (path.find("/claims/") == std::string::npos) continue;
    const RunResult result = run(test::shipped(path));
    CHECK_FALSE(result.objectives.empty());
    for (const ObjectiveResult& objective : result.objectives) {
      INFO(path << ": " << objective.name << ", measured " << objective.measured << " " << objective.unit);
      CHECK(objective.met);
    }
  }
}

TEST_CASE("metrics: the page explains each that is reported, and no other", "[scenarios][documents]") {
  const std::string page = text_of(std::filesystem::path(test::source_dir) / "docs/metrics.md");
  std::set<std::string> explained;
  const std::regex row("\\n\\| `([^`]+)` \\|");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) explained.insert((*it)[1]);

  std::set<std::string> reported;
  struct Shown {
    const char* path;
    const char* duration = "2d";
  };
  for (const auto& [path, duration] : {
           Shown{"scenarios/rtb-four-groups.yaml"},
           Shown{"scenarios/ec2-fleet-rebalancing.yaml"},
           Shown{"scenarios/spot-stop-or-hibernate.yaml"},
           Shown{"scenarios/claims/EB-04.yaml"},
           Shown{"scenarios/claims/PP-03.yaml"},
           Shown{"scenarios/claims/EB-10.yaml"},
           Shown{"scenarios/claims/RH-02.yaml"},
           Shown{"scenarios/database-on-a-small-instance.yaml"},
           Shown{"scenarios/failing-targets.yaml"},
           Shown{"scenarios/protected-application.yaml"},
           Shown{"scenarios/copies-to-a-vault.yaml", "101d"},
           Shown{"scenarios/retry-storm.yaml", "3m"},
           Shown{"scenarios/burstable-web.yaml"},
           Shown{"scenarios/bad-deployment.yaml"},
           Shown{"scenarios/scale-out-of-a-warm-pool.yaml", "15d"},
           Shown{"scenarios/rtb-reserved-home.yaml"},
           Shown{"scenarios/claims/DR-07.yaml"},
           Shown{"scenarios/claims/FC-02.yaml"},
           Shown{"scenarios/claims/DR-09.yaml"},
           Shown{"scenarios/claims/AP-02.yaml"},
           Shown{"scenarios/claims/DR-13.yaml"},
           Shown{"scenarios/strategy-backup-and-restore.yaml"},
           Shown{"scenarios/strategy-pilot-light.yaml"},
       }) {
    const RunResult result = run(test::shipped(path, {std::string("run.duration=") + duration}),
                                 {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
    for (const Metric& metric : result.metrics) {
      std::string name = std::regex_replace(metric.name, std::regex("^fleet\\.[^.]+\\."), "fleet.<fleet>.");
      name = std::regex_replace(name, std::regex("\\.group\\.[^.]+\\."), ".group.<group>.");
      name = std::regex_replace(name, std::regex("^storage\\.[^.]+\\.(load|volume)\\.[^.]+\\."), "storage.<machine>.$1.<$1>.");
      name = std::regex_replace(name, std::regex("^storage\\.[^.<]+\\."), "storage.<machine>.");
      name = std::regex_replace(name, std::regex("^commitment\\.[^.]+\\."), "commitment.<commitment>.");
      name = std::regex_replace(name, std::regex("_by\\.[a-z_]+$"), "_by.<limit>");
      name = std::regex_replace(name, std::regex("\\.review\\.[0-9]+\\."), ".review.<review>.");
      name = std::regex_replace(name, std::regex("^data\\.[^.]+\\.(snapshots|copies|copy)([a-z_]*)$"), "data.<policy>.$1$2");
      name = std::regex_replace(name, std::regex("^data\\.[^.]+\\.[^.]+\\.(rpa_|rpo_|without_|points)([a-z]*)$"), "data.<policy>.<site>.$1$2");
      name = std::regex_replace(name, std::regex("^data\\.[^.]+\\.[^.]+\\.(rpa|lost)\\..*$"), "data.<data>.<site>.$1.<instant>");
      name = std::regex_replace(name, std::regex("^data\\.[^.]+\\.[^.]+\\.(stored|archived)$"), "data.<data>.<site>.$1");
      name = std::regex_replace(name, std::regex("^data\\.[^.<]+\\.([a-z_]+)$"), "data.<replica>.$1");
      // Quantiles stand in the row of their mean, and a drill has the metrics of its plan.
      if (std::regex_search(name, std::regex("^(recovery|service)\\..*\\.(p50|p95|max)$"))) continue;
      name = std::regex_replace(name, std::regex("^recovery\\.[^.]+\\."), "recovery.<plan>.");
      name = std::regex_replace(name, std::regex("^failover_cluster\\.[^.]+\\."), "failover_cluster.<cluster>.");
      if (std::regex_search(name, std::regex("^recovery\\.<plan>\\.drill\\.(?!(count|passed_fraction|longest_without|cost)$)"))) continue;
      name = std::regex_replace(name, std::regex("^(recovery\\..*)\\.(step|resource)\\.[^.]+\\."), "$1.$2.<$2>.");
      name = std::regex_replace(name, std::regex("\\.band\\.[0-9]+\\."), ".band.<band>.");
      name = std::regex_replace(name, std::regex("rpa_by_hour\\.[a-z]+-[0-9]+$"), "rpa_by_hour.<day>-<hour>");
      reported.insert(
          std::regex_replace(name, std::regex("^spot\\.pool\\..*\\.([a-z_]+)$"), "spot.pool.<zone>/<type>.$1"));
    }
  }
  CHECK(explained == reported);
}

TEST_CASE("scenario reference: the page is what the reader describes", "[scenarios][documents]") {
  const auto page = std::filesystem::path(test::source_dir) / "docs/scenario-reference.md";
  INFO("renew it with: tools/fleetsim reference --output docs/scenario-reference.md");
  CHECK(text_of(page) == scenario_reference());
}
