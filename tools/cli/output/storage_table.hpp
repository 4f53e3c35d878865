#pragma once
/// Machines with volumes: what each load gets of what it wants, and what held it back when.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// A sentence for each machine: what it costs, and its load that is held back most.
std::vector<std::string> storage_sentences(const RunResult& result, const TextStyle& style);
/// Lines of a table of the loads of all machines, and of pictures of what held volumes and instances over time. Empty if
/// the scenario has no machines.
std::vector<std::string> storage_table(const RunResult& result, const TextStyle& style);

/// "the instance's EBS IOPS" for "instance_iops".
std::string limit_in_words(std::string_view limit);

}  // namespace fleetsim::cli
