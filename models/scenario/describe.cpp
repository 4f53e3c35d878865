// What the reader accepts, as a JSON Schema and as a reference page.

#include "fleetsim/file_kind.hpp"
#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/config/description.hpp"
#include "models/scenario/loader.hpp"
#include "models/scenario/study/read.hpp"

namespace fleetsim {

namespace {
config::Description describe_scenario() {
  config::Diagnostics unused;
  return config::describe([&](config::Section& root) {
    read_file_kind(root, FileKind::scenario);
    (void)scenario::read_scenario(root, unused);
  });
}
}  // namespace

std::string study_schema() {
  const auto read = [](config::Section& root) {
    StudyPlan plan;
    read_file_kind(root, FileKind::study);
    (void)scenario::read_study(root, plan);
  };
  return config::to_json_schema(config::describe(read), "fleetsim study");
}
std::string scenario_schema() { return config::to_json_schema(describe_scenario(), "fleetsim scenario"); }
std::string scenario_reference() { return config::to_reference_markdown(describe_scenario(), "Scenario reference"); }

}  // namespace fleetsim
