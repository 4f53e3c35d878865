#include "fleetsim/sim/invariant.hpp"

#include <fmt/format.h>

namespace fleetsim {

void invariant_broken(std::string_view claim, std::source_location where) {
  throw InvariantViolation(fmt::format("broken invariant: {} ({}:{})", claim, where.file_name(), where.line()));
}

}  // namespace fleetsim
