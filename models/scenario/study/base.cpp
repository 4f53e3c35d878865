#include "models/scenario/study/base.hpp"

#include <algorithm>

#include "fleetsim/sim/config/document.hpp"

namespace fleetsim::scenario {

namespace {

/// What the scenario has at all of the parameter's paths; empty if it has not, or not one value.
std::optional<std::string> value_in(const config::Document& scenario, const Parameter& parameter) {
  std::optional<std::string> value;
  for (const auto& path : parameter.paths) {
    const std::optional<std::string> here = scenario.text_at(path.value);
    if (!here || (value && !is_same_value(*value, *here))) return std::nullopt;
    value = here;
  }
  return value;
}

}  // namespace

bool lies_in(const ValueRange& range, const std::string& value) {
  const std::optional<Amount> low = amount_of(range.at(0)), high = amount_of(range.at(1)), amount = amount_of(value);
  return low && high && amount && amount->unit == low->unit && amount->unit == high->unit && amount->value >= low->value &&
         amount->value <= high->value;
}

void add_base(Parameter& parameter, const config::Located<std::string>& base) {
  parameter.values.push_back(base);
  parameter.base = parameter.values.size() - 1;
  parameter.base_is_no_level = true;
}

bool reads_bases(const StudyPlan& plan) {
  const bool tornado = plan.sensitivity && plan.sensitivity->method == SensitivityMethod::tornado;
  return tornado || plan.design == DesignKind::one_at_a_time;
}

void take_bases_of_scenario(StudyPlan& plan) {
  if (plan.scenario_file.empty() || !reads_bases(plan)) return;
  config::Diagnostics told_elsewhere;
  const auto scenario = config::Document::read(plan.scenario_file, {.overrides = plan.sets, .folder = {}}, told_elsewhere);
  if (!scenario) return;
  for (Parameter& parameter : plan.parameters) {
    if (parameter.base_written || parameter.values.empty()) continue;
    const std::optional<std::string> value = value_in(*scenario, parameter);
    if (!value) continue;
    const auto found = std::find_if(parameter.values.begin(), parameter.values.end(),
                                    [&](const auto& level) { return is_same_value(level.value, *value); });
    if (found != parameter.values.end()) {
      parameter.base = static_cast<std::size_t>(found - parameter.values.begin());
    } else if (parameter.range && lies_in(*parameter.range, *value)) {
      add_base(parameter, {*value, parameter.where});
    }
  }
}

}  // namespace fleetsim::scenario
