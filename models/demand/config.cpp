#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "fleetsim/models/demand.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/text.hpp"
#include "models/demand/trace.hpp"
#include "models/demand/weights.hpp"

namespace fleetsim {
namespace {

using config::Section;

constexpr double factor_max = 1e6;

void read_steps(Section& in, DemandConfig& demand) {
  SteppedDemand stepped;
  std::optional<Duration> last;
  in.list("steps", stepped.steps, [&](Section& item, DemandStep& step) {
      item.required("at", step.at).not_negative().doc("since the start of the run");
      item.required("rate", step.rate).not_negative().at_most(demand_max).doc("from then on");
      if (last && step.at <= *last) {
        item.error("at", fmt::format("{} is not after {}, the step before", step.at, *last), "sort the steps by time");
      }
      last = step.at;
    }).doc("rates from given times on; zero before the first");
  if (in.has("steps")) demand.shape = std::move(stepped);
}

/// Reports what is no use as a shape, and empties it.
void check_multipliers(Section& in, std::string_view key, std::vector<double>& found, std::size_t count) {
  if (in.describing() || !in.has(key) || found.empty()) return;  // absent, or unreadable and reported as such
  const bool all_zero = std::all_of(found.begin(), found.end(), [](double of) { return of == 0; });
  if (found.size() == count && !all_zero) return;
  if (found.size() != count) {
    in.error(key, fmt::format("{}: found {} numbers, expected {}", key, found.size(), count));
  } else {
    in.error(key, fmt::format("{}: all are zero", key), "give at least one a number above zero");
  }
  found.clear();
}

void read_daily(Section& in, DemandConfig& demand) {
  in.optional_section("daily", "a shape by the hour of the day and the day of the week", [&](Section& shape) {
    DailyDemand daily;
    shape.required("hourly", daily.hourly)
        .between(0, factor_max)
        .doc("24 numbers, from midnight UTC on; only their proportions count");
    shape.optional("weekly", daily.weekly)
        .between(0, factor_max)
        .default_is("all days alike")
        .doc("7 numbers, from Monday on, that multiply the hours");
    check_multipliers(shape, "hourly", daily.hourly, 24);
    check_multipliers(shape, "weekly", daily.weekly, 7);
    if (!shape.describing()) demand.shape = std::move(daily);
  });
}

void read_scale(Section& in, DemandConfig& demand) {
  std::optional<RequestRate> mean;
  bool mean_given = false;
  in.optional_section("scale", "how high the demand is", [&](Section& scale) {
    scale.when(in.has("daily") || in.has("trace"), "trace or daily is given", [&](Section& of_shape) {
      mean_given = of_shape.has("mean");
      of_shape.optional("mean", mean)
          .positive()
          .at_most(demand_max)
          .doc("mean rate: of a trace over the run (without it a trace is replayed as recorded), of a daily shape over "
               "the week (needed)");
    });
    scale.optional("factor", demand.factor)
        .between(0, factor_max)
        .doc("multiplies every rate, after the mean: 1.15 is 15 % more work");
  });
  if (auto* trace = std::get_if<TraceDemand>(&demand.shape)) trace->mean = mean;
  if (auto* daily = std::get_if<DailyDemand>(&demand.shape)) {
    daily->mean = mean.value_or(RequestRate{});
    if (!mean_given) in.error("daily", "daily: a shape needs a mean", "give scale: {mean: 1000 requests/s}");
  }
}

void read_interpolation(Section& in, DemandConfig& demand) {
  in.when(in.has("daily") || in.has("trace"), "trace or daily is given", [&](Section& of_shape) {
    of_shape
        .optional_choice("interpolation", demand.interpolation,
                         {{"step", Interpolation::step}, {"linear", Interpolation::linear}})
        .doc("step: each interval at its mean rate; linear: a line through those, each in the middle of its interval");
    of_shape.when(demand.interpolation == Interpolation::linear, "interpolation is linear", [&](Section& of_line) {
      of_line.optional("resolution", demand.resolution)
          .at_least(1_s)
          .doc("the line is held level for so long, at its value in the middle");
    });
  });
}

void read_bursts(Section& in, DemandConfig& demand) {
  in.list("bursts", demand.bursts, [](Section& item, DemandBurst& burst) {
      item.required("at", burst.at).not_negative().doc("since the start of the run");
      item.required("duration", burst.duration).positive().doc("how long it lasts");
      item.required("factor", burst.factor).between(0, factor_max).doc("multiplies the rate");
    }).doc("times at which demand is a multiple of its shape; where they overlap their factors multiply");
}

DemandConfig read_demand(const std::string& name, Section& in, const DemandRun& run) {
  DemandConfig demand;
  demand.name = name;
  in.exactly_one_of({"constant", "steps", "daily", "trace"});
  std::optional<RequestRate> constant;
  in.optional("constant", constant).not_negative().at_most(demand_max).doc("the same rate all the time");
  if (constant) demand.shape = ConstantDemand{*constant};
  read_steps(in, demand);
  read_daily(in, demand);
  demand::read_trace(in, demand);
  read_scale(in, demand);
  read_interpolation(in, demand);
  read_bursts(in, demand);
  if (!in.describing()) demand::check_against_run(in, demand, run);
  return demand;
}

}  // namespace

std::vector<DemandConfig> read_demands(Section& scenario, const DemandRun& run, bool needed) {
  std::vector<DemandConfig> demands;
  const auto read = [&](const config::Located<std::string>& name, Section& in) {
    demands.push_back(read_demand(name.value, in, run));
  };
  constexpr std::string_view doc = "requests over time; needed where something serves them";
  if (needed && !scenario.describing()) {
    scenario.required_named("demand", "demand", doc, read);
  } else {
    scenario.named("demand", "demand", doc, read);
  }
  return demands;
}

}  // namespace fleetsim
