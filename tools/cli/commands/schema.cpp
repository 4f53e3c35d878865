#include "fleetsim/scenario.hpp"
#include "fleetsim/study.hpp"
#include "tools/cli/commands/commands.hpp"

namespace fleetsim::cli {

ExitCode print_schema(bool of_studies, const CommonArguments& common) {
  return write_answer(of_studies ? study_schema() : scenario_schema(), common);
}

}  // namespace fleetsim::cli
