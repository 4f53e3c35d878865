#pragma once
/// Distributions of durations in a scenario: {lognormal: {median: 30s, sigma: 0.25}}.

#include <optional>
#include <string>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"

namespace fleetsim::config {

/// Reads the mapping; its only key is the form's name. Empty after an error, and in describe mode.
std::optional<DistributionForm> read_duration_distribution(Section& in);

/// As a scenario writes it; a constant is a plain duration. The form's numbers are seconds.
std::string duration_distribution_to_text(const DistributionForm& form);

}  // namespace fleetsim::config
