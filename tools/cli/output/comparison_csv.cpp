#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tools/cli/output/comparison.hpp"
#include "tools/cli/output/csv_field.hpp"

namespace fleetsim::cli {

std::string comparison_csv(const std::vector<ComparedRun>& runs) {
  std::string csv =
      "metric,unit,file,mean,ci95_low,ci95_high,n,difference,difference_ci95_low,difference_ci95_high,verdict\n";
  for (const ComparedMetric& compared : compare(runs)) {
    for (const ComparedValue& value : compared.values) {
      const Metric& m = *value.metric;
      csv += fmt::format("{},{},{},{},{},{},{}", csv_field(m.name), csv_field(m.unit), csv_field(value.run->file),
                         csv_field(m.mean), csv_field(m.ci95_low), csv_field(m.ci95_high), m.n);
      if (value.is_base) {
        csv += ",,,,\n";
        continue;
      }
      const Summary& difference = value.against_base.difference;
      std::optional<double> low, high;
      if (difference.ci95) {
        low = difference.ci95->low;
        high = difference.ci95->high;
      }
      csv += fmt::format(",{},{},{},{}\n", csv_field(difference.mean), csv_field(low), csv_field(high),
                         csv_field(value.verdict));
    }
  }
  return csv;
}

}  // namespace fleetsim::cli
