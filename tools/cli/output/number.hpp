#pragma once
/// Numbers as people read them: thousands separated, and no more digits than their interval supports.

#include <optional>
#include <string>

#include "fleetsim/result.hpp"
#include "fleetsim/units.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// "1,234,567.89". "-" for a value that is not finite.
std::string grouped(double value, int decimals);

/// "0" where none of the digits would be another.
std::string grouped_or_zero(double value, int decimals);
bool shows_zero(double value, int decimals);

/// "30 days", "1 day 11 hours 45 minutes", "1 minute 30 seconds", "0.5 seconds": exact.
std::string to_words(Duration duration);

/// "1 day 12 hours" for 35 h 45 min: rounded to the two largest units.
std::string to_about_words(Duration duration);

/// "29.5 days" where tenths of a day say it, else as to_words.
std::string span_in_words(Duration duration);

/// "90.6 s", "22.2 min", "3.2 h", "4.5 days": to three digits or so; "-" for what is not finite.
std::string time_in_words(double seconds);

/// "1 replication", "20 replications".
std::string counted(double count, std::string_view noun);

/// "20 replications of 30 days, measured after a warm-up of 12 hours; seed 1".
std::string run_in_words(std::uint64_t replications, Duration duration, Duration warm_up, std::uint64_t seed);

/// A metric in the unit that people use: a ratio becomes a percentage.
struct ShownMetric {
  double mean = 0;
  /// Of the 95 % interval; empty if there is none, zero if it is below a millionth of the mean.
  std::optional<double> half_width;
  double p05 = 0, p95 = 0;
  std::string unit;                  ///< "USD", "%", "h"; empty for a count
  int decimals = 0;

  /// "<0.000001" for what is not zero and would show as zero.
  std::string mean_text() const;
  /// "± 312", or empty.
  std::string half_width_text(const TextStyle& style) const;
  /// "41,234 ± 312 USD".
  std::string text(const TextStyle& style) const;
};
ShownMetric shown(const Metric& metric);

/// Decimals that give the half-width two significant digits (without an interval: the value four), never fewer than
/// zero and never more than the unit has a use for.
int decimals_for(double value, std::optional<double> half_width, std::string_view unit);

}  // namespace fleetsim::cli
