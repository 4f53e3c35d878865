#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "tools/cli/output/comparison.hpp"
#include "tools/cli/output/csv_field.hpp"

namespace fleetsim::cli {

namespace {

/// ",mean,low,high"
std::string csv_fields(double mean, const std::optional<Interval>& interval) {
  std::optional<double> low, high;
  if (interval) {
    low = interval->low;
    high = interval->high;
  }
  return fmt::format(",{},{},{}", csv_field(mean), csv_field(low), csv_field(high));
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  std::string csv =
      "metric,unit,file,mean,ci95_low,ci95_high,n,difference,difference_low,difference_high,change,change_low,change_high,"
      "verdict,confidence\n";
  for (const ComparedMetric& compared : compare(comparison)) {
    for (const ComparedValue& value : compared.values) {
      const Metric& m = *value.metric;
      csv += fmt::format("{},{},{},{},{},{},{}", csv_field(m.name), csv_field(m.unit), csv_field(value.run->file),
                         csv_field(m.mean), csv_field(m.ci95_low), csv_field(m.ci95_high), m.n);
      if (value.is_base) {
        csv += ",,,,,,,,\n";
        continue;
      }
      const PairedComparison& against = value.against_base;
      csv += csv_fields(against.difference.mean, against.interval) + csv_fields(against.relative.mean, against.relative.interval) +
             fmt::format(",{},{}\n", csv_field(value.verdict), csv_field(comparison.confidence));
    }
  }
  return csv;
}

}  // namespace fleetsim::cli
