#pragma once
/// Two metrics of the designs of a study against each other.

#include <string>
#include <utility>

#include "fleetsim/study.hpp"

namespace fleetsim::cli {

/// A metric and its statistic on each axis; the designs that count are numbered and named below. Requires: a result with a
/// frontier or a search.
std::string study_scatter(const StudyResult& result, const std::pair<std::size_t, std::string>& of_x,
                          const std::pair<std::size_t, std::string>& of_y);

}  // namespace fleetsim::cli
