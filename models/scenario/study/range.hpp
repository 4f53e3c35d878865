#pragma once
/// A range between two values as a scenario writes them: 60% to 90%, 15m to 1d, 2 to 20.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace fleetsim::scenario {

class ValueRange {
 public:
  /// Empty, with the reason in `problem`, if the two are not of one kind or the range is empty. A logarithmic range needs
  /// a low end above zero. Ends that are both whole plain numbers make a range of whole numbers.
  static std::optional<ValueRange> parse(const std::string& from, const std::string& to, bool logarithmic,
                                         std::string& problem);

  /// The value at a share of the range, rounded to what a person would write: about a thousandth of the range.
  /// Requires: 0 <= share <= 1.
  std::string at(double share) const;
  /// Level `index` of `count` at equal distances, the ends among them, rounded so that they stay apart if they can: whole
  /// numbers and the smallest part of a unit may fall together. Requires: index < count.
  std::string level(std::size_t index, std::size_t count) const;

 private:
  enum class Kind : std::uint8_t { whole, number, ratio, duration, bytes, money, price, rate };
  static std::optional<double> read(Kind kind, const std::string& text);
  std::string write(double value) const;
  /// Where the next value is a share `spacing` of the range away: rounded finely enough to stay apart from it.
  std::string rounded_at(double share, double spacing) const;

  Kind kind_ = Kind::number;
  double low_ = 0, high_ = 0;
  bool logarithmic_ = false;
  std::string from_, to_;
};

}  // namespace fleetsim::scenario
