#include "sim/config/distribution_reader.hpp"

#include <algorithm>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::config {
namespace {

/// The double nearest to the number of seconds: a division rounds once, where a product with 1e-9 rounds twice.
double in_seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }

/// Reads the parameters of one form. Each parameter knows whether it could be read, so that a form is built only from
/// parameters in their ranges.
class Parameters {
 public:
  explicit Parameters(Section& in) : in_(in) {}

  /// A duration above zero, in seconds.
  double positive_duration(std::string_view key, std::string_view doc) {
    Duration value = Duration::of(0);
    const auto field = in_.required(key, value).positive().doc(doc);
    check(field.given() && value > Duration{});
    return in_seconds(value);
  }
  /// A duration from zero on, in seconds.
  double duration(std::string_view key, std::string_view doc) {
    Duration value;
    const auto field = in_.required(key, value).not_negative().doc(doc);
    check(field.given() && value >= Duration{});
    return in_seconds(value);
  }
  double positive_number(std::string_view key, std::string_view doc) {
    double value = 0;
    const auto field = in_.required(key, value).positive().doc(doc);
    check(field.given() && value > 0);
    return value;
  }
  std::vector<double> durations(std::string_view key, bool above_zero, std::string_view doc) {
    std::vector<Duration> values;
    auto field = in_.required(key, values).at_least_count(1).doc(doc);
    above_zero ? field.positive() : field.not_negative();
    check(field.given() && !values.empty() && std::all_of(values.begin(), values.end(), [&](Duration d) {
            return above_zero ? d > Duration{} : d >= Duration{};
          }));
    std::vector<double> numbers;
    for (const Duration d : values) numbers.push_back(in_seconds(d));
    return numbers;
  }
  /// Positive numbers, as many as `count`.
  std::vector<double> weights(std::size_t count, std::string_view of) {
    std::vector<double> values;
    const auto field = in_.required("weights", values)
                           .positive()
                           .at_least_count(1)
                           .doc(fmt::format("the weight of each of the {}; only their proportions matter", of));
    check(field.given() && std::all_of(values.begin(), values.end(), [](double w) { return w > 0; }));
    if (ok_ && values.size() != count) {
      wrong("weights", fmt::format("weights: {} given for {} {}", values.size(), count, of));
    }
    return values;
  }
  void wrong(std::string_view key, std::string message) {
    in_.error(key, std::move(message));
    ok_ = false;
  }
  bool ok() const { return ok_; }

 private:
  void check(bool holds) { ok_ = ok_ && holds; }

  Section& in_;
  bool ok_ = true;
};

Exponential read_exponential(Parameters& in) { return {in.positive_duration("mean", "the mean")}; }

Weibull read_weibull(Parameters& in) {
  const double shape = in.positive_number("shape", "below 1 the hazard falls with age, above 1 it rises");
  return {shape, in.positive_duration("scale", "63.2% of the draws lie below it")};
}

LogNormal read_lognormal(Parameters& in) {
  const double median = in.positive_duration("median", "half of the draws lie below it");
  return {median, in.positive_number("sigma", "standard deviation of the logarithm")};
}

HyperExponential read_hyperexponential(Parameters& in) {
  std::vector<double> means = in.durations("means", true, "the mean of each branch, an exponential distribution");
  return {in.weights(means.size(), "means"), means};
}

Gamma read_gamma(Parameters& in) {
  const double shape = in.positive_number("shape", "the mean is shape times scale");
  return {shape, in.positive_duration("scale", "the variance over the mean")};
}

Normal read_normal(Parameters& in) {
  const double mean = in.duration("mean", "the mean; draws below zero count as zero");
  return {mean, in.duration("sigma", "the standard deviation")};
}

Uniform read_uniform(Parameters& in) {
  const double low = in.duration("low", "the smallest draw");
  const double high = in.duration("high", "the largest draw; above low");
  if (in.ok() && low >= high) in.wrong("high", "high: is not above low");
  return {low, high};
}

Triangular read_triangular(Parameters& in) {
  const double low = in.duration("low", "the smallest draw");
  const double mode = in.duration("mode", "the most likely draw; from low to high");
  const double high = in.duration("high", "the largest draw; above low");
  if (in.ok() && low >= high) in.wrong("high", "high: is not above low");
  if (in.ok() && (mode < low || mode > high)) in.wrong("mode", "mode: does not lie between low and high");
  return {low, mode, high};
}

Discrete read_discrete(Parameters& in) {
  std::vector<double> values = in.durations("values", false, "the values");
  return {in.weights(values.size(), "values"), values};
}

Empirical read_empirical(Parameters& in) {
  std::vector<double> values =
      in.durations("values", false, "a sample; draws lie between its values by linear interpolation");
  std::sort(values.begin(), values.end());
  return {values};
}

Bathtub read_bathtub(Parameters& in) {
  const double share = in.positive_number("share", "share of draws that the early failures tend to");
  const double early = in.positive_duration("early", "scale of the early failures");
  const double late = in.positive_duration("late", "scale of the rise before the limit");
  return {share, early, late, in.positive_duration("limit", "no draw is larger; who reaches it ends there")};
}

std::string text_of(double number) { return to_text(seconds(number)); }

std::string text_of(const std::vector<double>& numbers) {
  std::vector<std::string> texts;
  for (const double number : numbers) texts.push_back(text_of(number));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

struct FormText {
  std::string operator()(const Constant& f) const { return text_of(f.value); }
  std::string operator()(const Exponential& f) const {
    return fmt::format("{{exponential: {{mean: {}}}}}", text_of(f.mean));
  }
  std::string operator()(const Weibull& f) const {
    return fmt::format("{{weibull: {{shape: {}, scale: {}}}}}", f.shape, text_of(f.scale));
  }
  std::string operator()(const LogNormal& f) const {
    return fmt::format("{{lognormal: {{median: {}, sigma: {}}}}}", text_of(f.median), f.sigma);
  }
  std::string operator()(const HyperExponential& f) const {
    return fmt::format("{{hyperexponential: {{means: {}, weights: [{}]}}}}", text_of(f.means),
                       fmt::join(f.weights, ", "));
  }
  std::string operator()(const Gamma& f) const {
    return fmt::format("{{gamma: {{shape: {}, scale: {}}}}}", f.shape, text_of(f.scale));
  }
  std::string operator()(const Normal& f) const {
    return fmt::format("{{normal: {{mean: {}, sigma: {}}}}}", text_of(f.mean), text_of(f.sigma));
  }
  std::string operator()(const Uniform& f) const {
    return fmt::format("{{uniform: {{low: {}, high: {}}}}}", text_of(f.low), text_of(f.high));
  }
  std::string operator()(const Triangular& f) const {
    return fmt::format("{{triangular: {{low: {}, mode: {}, high: {}}}}}", text_of(f.low), text_of(f.mode),
                       text_of(f.high));
  }
  std::string operator()(const Discrete& f) const {
    return fmt::format("{{discrete: {{values: {}, weights: [{}]}}}}", text_of(f.values), fmt::join(f.weights, ", "));
  }
  std::string operator()(const Empirical& f) const {
    return fmt::format("{{empirical: {{values: {}}}}}", text_of(f.sorted_values));
  }
  std::string operator()(const Bathtub& f) const {
    return fmt::format("{{bathtub: {{share: {}, early: {}, late: {}, limit: {}}}}}", f.share, text_of(f.early),
                       text_of(f.late), text_of(f.limit));
  }
};

}  // namespace

std::optional<DistributionForm> read_duration_distribution(Section& in) {
  std::optional<DistributionForm> form;
  const auto known = [&](std::string_view name, std::string_view doc, auto read) {
    in.optional_section(name, doc, [&](Section& parameters) {
      Parameters checked(parameters);
      auto value = read(checked);
      if (checked.ok()) form = std::move(value);
    });
  };
  known("exponential", "a constant hazard", read_exponential);
  known("weibull", "a hazard that falls or rises with age", read_weibull);
  known("lognormal", "the logarithm is normal", read_lognormal);
  known("hyperexponential", "a mixture of exponentials", read_hyperexponential);
  known("gamma", "a sum of exponential stages, if shape is whole", read_gamma);
  known("normal", "the bell curve, cut off at zero", read_normal);
  known("uniform", "any value between low and high as likely", read_uniform);
  known("triangular", "rises from low to mode and falls to high", read_triangular);
  known("discrete", "one of the values, by weight", read_discrete);
  known("empirical", "drawn from a sample", read_empirical);
  known("bathtub", "early failures, a flat middle, a wall at a limit", read_bathtub);
  in.exactly_one_of({"exponential", "weibull", "lognormal", "hyperexponential", "gamma", "normal", "uniform",
                     "triangular", "discrete", "empirical", "bathtub"});
  if (in.describing()) form.reset();
  return form;
}

std::string duration_distribution_to_text(const DistributionForm& form) { return std::visit(FormText{}, form); }

}  // namespace fleetsim::config
