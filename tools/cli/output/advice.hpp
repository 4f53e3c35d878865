#pragma once
/// The output forms of advice on machines with volumes.

#include <string>

#include "fleetsim/advice.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

std::string advice_table(const Advice& advice, const TextStyle& style);
std::string advice_json(const Advice& advice);

}  // namespace fleetsim::cli
