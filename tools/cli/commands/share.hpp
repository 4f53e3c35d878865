#pragma once
/// Which share of a study this process is to run.

#include <functional>
#include <optional>
#include <string>

#include "fleetsim/sim/experiment/store.hpp"

namespace fleetsim::cli {

/// "3/7" as share 3 of 7; empty, with what is wrong in `problem`, if it is none.
std::optional<experiment::Share> parse_share(const std::string& text, std::string& problem);

/// From the variables that Slurm, AWS Batch and Kubernetes set in the tasks of an array; a share of one if there are
/// none. Empty, with what is wrong in `problem`, if they make no share. `variable` gives the text of a variable, empty if
/// it is not set.
///
///   Slurm       SLURM_ARRAY_TASK_ID, with SLURM_ARRAY_TASK_MIN, _STEP and _COUNT
///   AWS Batch   AWS_BATCH_JOB_ARRAY_INDEX from 0, AWS_BATCH_JOB_ARRAY_SIZE
///   Kubernetes  JOB_COMPLETION_INDEX from 0, and JOB_COMPLETIONS, which the job's file must set
std::optional<experiment::Share> share_of_environment(const std::function<std::string(const char*)>& variable,
                                                      std::string& problem);

}  // namespace fleetsim::cli
