#include "models/scenario/study/range.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/study/parsed.hpp"

namespace fleetsim::scenario {

namespace {

template <class Unit>
std::optional<double> count_of(const std::string& text) {
  const auto value = parsed<Unit>(text);
  if (!value) return std::nullopt;
  return static_cast<double>(value->count());
}

template <class Unit>
std::string unit_text(double count) {
  return to_text(Unit::of(static_cast<typename Unit::rep>(std::llround(count))));
}

/// A step of 1, 2 or 5 times a power of ten, not above this.
double step_below(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double times = rough / power;
  return power * (times >= 5 ? 5 : times >= 2 ? 2 : 1);
}

}  // namespace

std::optional<double> ValueRange::read(Kind kind, const std::string& text) {
  switch (kind) {
    case Kind::whole: {
      const auto value = parsed<std::int64_t>(text);
      const bool digits = text.find_first_not_of("-0123456789") == std::string::npos;
      return value && digits ? std::optional(static_cast<double>(*value)) : std::nullopt;
    }
    case Kind::number: return parsed<double>(text);
    case Kind::ratio: {
      const auto value = parsed<Ratio>(text);
      return value ? std::optional(value->value) : std::nullopt;
    }
    case Kind::duration: return count_of<Duration>(text);
    case Kind::bytes: return count_of<Bytes>(text);
    case Kind::money: return count_of<Usd>(text);
    case Kind::price: return count_of<UsdPerHour>(text);
    case Kind::rate: return count_of<RequestRate>(text);
  }
  return std::nullopt;
}

std::optional<ValueRange> ValueRange::parse(const std::string& from, const std::string& to, bool logarithmic,
                                            std::string& problem) {
  for (const Kind kind : {Kind::whole, Kind::number, Kind::ratio, Kind::duration, Kind::bytes, Kind::money, Kind::price,
                          Kind::rate}) {
    const std::optional<double> low = read(kind, from);
    const std::optional<double> high = read(kind, to);
    if (!low || !high) continue;
    if (!(*low < *high)) {
      problem = fmt::format("the range is empty: {} is not below {}", from, to);
      return std::nullopt;
    }
    if (logarithmic && !(*low > 0)) {
      problem = fmt::format("a logarithmic range begins above zero, found {}", from);
      return std::nullopt;
    }
    ValueRange range;
    range.kind_ = kind;
    range.low_ = *low;
    range.high_ = *high;
    range.logarithmic_ = logarithmic;
    range.from_ = from;
    range.to_ = to;
    return range;
  }
  problem = fmt::format("'{}' and '{}' are not two values of one kind", from, to);
  return std::nullopt;
}

std::string ValueRange::write(double value) const {
  switch (kind_) {
    case Kind::whole: return fmt::format("{}", std::llround(value));
    case Kind::number: return fmt::format("{:.12g}", value);
    // As a percentage, in which people set shares.
    case Kind::ratio: return fmt::format("{:.12g}%", value * 100);
    case Kind::duration: return unit_text<Duration>(value);
    case Kind::bytes: return unit_text<Bytes>(value);
    case Kind::money: return unit_text<Usd>(value);
    case Kind::price: return unit_text<UsdPerHour>(value);
    case Kind::rate: return unit_text<RequestRate>(value);
  }
  return "";
}

std::string ValueRange::at(double share) const { return rounded_at(share, 1); }

std::string ValueRange::rounded_at(double share, double spacing) const {
  if (share <= 0) return from_;
  if (share >= 1) return to_;
  const double value = logarithmic_ ? low_ * std::pow(high_ / low_, share) : low_ + share * (high_ - low_);
  const double span = logarithmic_ ? value : high_ - low_;
  const double apart = logarithmic_ ? value * (std::pow(high_ / low_, spacing) - 1) : spacing * (high_ - low_);
  double step = kind_ == Kind::whole ? 1 : step_below(std::min(span / 500, apart / 5));
  // A duration is rounded in whole seconds where the range has room for that, for 1m13s reads better than 1m12.8s.
  if (kind_ == Kind::duration) {
    for (const double nice : {60e9, 1e9, 1e6})
      if (step >= nice / 60 && step * 10 > nice) {
        const double rounded = std::max(nice, std::round(step / nice) * nice);
        if (2 * rounded <= apart) step = rounded;
        break;
      }
  }
  return write(std::clamp(std::round(value / step) * step, low_, high_));
}

std::string ValueRange::level(std::size_t index, std::size_t count) const {
  if (count < 2) return at(0.5);
  const double spacing = 1 / static_cast<double>(count - 1);
  return rounded_at(static_cast<double>(index) * spacing, spacing);
}

}  // namespace fleetsim::scenario
