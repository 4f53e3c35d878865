#pragma once
/// What followed from a disaster as bars over time.

#include <string>

#include "fleetsim/result.hpp"

namespace fleetsim::cli {

/// A row a task: pale while it waits, solid while it is at work, and lines where users are served and full speed is reached.
/// Of many tasks the first ones; the picture says how many are left out. What comes after full speed, or after users are
/// served, such as the way back, is left out too.
std::string course_svg(const ResultCourse& course);

}  // namespace fleetsim::cli
