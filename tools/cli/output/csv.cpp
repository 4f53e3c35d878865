#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tools/cli/output/writers.hpp"

namespace fleetsim::cli {

namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string field(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

}  // namespace

std::string to_csv(const RunResult& result) {
  std::string csv = "name,unit,mean,ci95_low,ci95_high,stddev,min,p05,p50,p95,max,n\n";
  for (const Metric& m : result.metrics) {
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", field(m.name), field(m.unit), field(m.mean),
                       field(m.ci95_low), field(m.ci95_high), field(m.stddev), field(m.min), field(m.p05),
                       field(m.p50), field(m.p95), field(m.max), m.n);
  }
  return csv;
}

}  // namespace fleetsim::cli
