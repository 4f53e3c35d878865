#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"

namespace fleetsim::cli {

ExitCode print_schema(const CommonArguments& common) { return write_answer(scenario_schema(), common); }

}  // namespace fleetsim::cli
