#pragma once
/// Fields of a CSV file.

#include <optional>
#include <string>

namespace fleetsim::cli {

/// In quotes where the text needs them (RFC 4180).
std::string csv_field(const std::string& text);
/// The shortest form that reads back as the same value; empty for what is absent or no number.
std::string csv_field(std::optional<double> value);

}  // namespace fleetsim::cli
