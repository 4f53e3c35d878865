#pragma once
/// The verdict on a difference, in the words that `compare` and `study` share.

#include <string>
#include <string_view>

#include "fleetsim/sim/summary.hpp"

namespace fleetsim::cli {

/// "41.2 to 43.0 % less" of the baseline's mean; "more" or "less" where what is compared is itself shown in percent, or the
/// baseline's mean may be zero; "the same" where no replication differs; "not decided" where the interval of the
/// difference includes zero, or there is none.
std::string in_words(const PairedComparison& comparison, std::string_view shown_unit);

}  // namespace fleetsim::cli
