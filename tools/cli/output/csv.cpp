#include <cmath>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "tools/cli/output/csv_field.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::cli {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_field(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

std::string to_csv(const RunResult& result) {
  std::string csv = "name,unit,mean,ci95_low,ci95_high,stddev,min,p05,p50,p95,max,n\n";
  for (const Metric& m : result.metrics) {
    csv += csv_field(m.name) + "," + csv_field(m.unit);
    for (const std::optional<double> value : std::initializer_list<std::optional<double>>{
             m.mean, m.ci95_low, m.ci95_high, m.stddev, m.min, m.p05, m.p50, m.p95, m.max}) {
      csv += "," + (m.n > 0 ? csv_field(value) : "");  // where no replication observed it, there is no number to give
    }
    csv += fmt::format(",{}\n", m.n);
  }
  if (result.replications < result.replications_wanted) {
    csv += fmt::format("replications.unfinished,1,{},,,,,,,,,{}\n", result.replications_wanted - result.replications,
                       result.replications);
  }
  return csv;
}

}  // namespace fleetsim::cli
