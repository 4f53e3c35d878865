#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"

namespace fleetsim::cli {

ExitCode print_reference(const CommonArguments& common) { return write_answer(scenario_reference(), common); }

}  // namespace fleetsim::cli
