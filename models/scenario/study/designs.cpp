#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "fleetsim/sim/experiment/designs.hpp"
#include "fleetsim/sim/experiment/sensitivity.hpp"
#include "models/scenario/study/plan.hpp"

namespace fleetsim::scenario {

namespace {

/// Streams of the points, apart from all of the simulation's.
Stream stream_of(const StudyPlan& plan, std::string_view use) { return {plan.seed, 0, fmt::format("study/{}", use)}; }

std::vector<std::size_t> level_counts(const StudyPlan& plan) {
  std::vector<std::size_t> counts;
  for (const Parameter& parameter : plan.parameters) counts.push_back(parameter.values.size());
  return counts;
}

/// Without a base that lies between the levels of a range: a grid has the levels alone.
std::vector<std::size_t> grid_counts(const StudyPlan& plan) {
  std::vector<std::size_t> counts;
  for (const Parameter& parameter : plan.parameters)
    counts.push_back(parameter.values.size() - (parameter.base_is_no_level ? 1 : 0));
  return counts;
}

/// The level that stands at a share of a list.
std::size_t level_at(const Parameter& parameter, double share) {
  const auto count = static_cast<double>(parameter.values.size());
  return static_cast<std::size_t>(std::clamp(share * count, 0.0, count - 1));
}

std::vector<std::string> values_at(const StudyPlan& plan, const experiment::Levels& levels) {
  std::vector<std::string> values;
  for (std::size_t p = 0; p < levels.size(); ++p) values.push_back(plan.parameters[p].values[levels[p]].value);
  return values;
}

std::vector<std::string> values_at(const StudyPlan& plan, const experiment::UnitPoint& point) {
  std::vector<std::string> values;
  for (std::size_t p = 0; p < point.size(); ++p) {
    const Parameter& parameter = plan.parameters[p];
    values.push_back(parameter.range ? parameter.range->at(point[p]) : parameter.values[level_at(parameter, point[p])].value);
  }
  return values;
}

/// The parameters' values of each point of the plan.
std::vector<std::vector<std::string>> points_of(const StudyPlan& plan) {
  std::vector<std::vector<std::string>> points;
  const auto add_levels = [&](const std::vector<experiment::Levels>& all) {
    for (const experiment::Levels& levels : all) points.push_back(values_at(plan, levels));
  };
  const auto add_units = [&](const std::vector<experiment::UnitPoint>& all) {
    for (const experiment::UnitPoint& point : all) points.push_back(values_at(plan, point));
  };
  if (plan.parameters.empty()) return {{}};
  const std::size_t dimensions = plan.parameters.size();
  const std::vector<std::size_t> counts = level_counts(plan);
  experiment::Levels base;
  for (const Parameter& parameter : plan.parameters) base.push_back(parameter.base);

  if (plan.sensitivity && plan.sensitivity->method == SensitivityMethod::tornado) {
    add_levels(experiment::one_at_a_time(counts, base));
  } else if (plan.sensitivity || (plan.search && plan.search->method == SearchMethod::surrogate)) {
    add_units(unit_points(plan));
  } else {
    switch (plan.design) {
      case DesignKind::grid: add_levels(experiment::grid(grid_counts(plan))); break;
      case DesignKind::one_at_a_time: add_levels(experiment::one_at_a_time(counts, base)); break;
      case DesignKind::latin_hypercube: {
        Stream stream = stream_of(plan, "latin-hypercube");
        add_units(experiment::latin_hypercube(plan.points, dimensions, stream));
        break;
      }
      case DesignKind::sobol: {
        Stream stream = stream_of(plan, "sobol");
        add_units(experiment::sobol(plan.points, dimensions, stream));
        break;
      }
    }
  }
  return points;
}

/// As many levels of each as the study file asks for.
std::vector<std::size_t> written_counts(const StudyPlan& plan) {
  std::vector<std::size_t> counts = grid_counts(plan);
  for (std::size_t p = 0; p < counts.size(); ++p) counts[p] = std::max(counts[p], plan.parameters[p].levels_written);
  return counts;
}

std::uint64_t count_points(const StudyPlan& plan) {
  if (plan.parameters.empty()) return 1;
  const std::vector<std::size_t> counts = level_counts(plan);
  const std::size_t dimensions = counts.size();
  const auto one_at_a_time = [&] {
    std::uint64_t sum = 1;
    for (const std::size_t count : counts) sum += count - 1;
    return sum;
  };
  if (plan.sensitivity) {
    switch (plan.sensitivity->method) {
      case SensitivityMethod::tornado: return one_at_a_time();
      case SensitivityMethod::morris: return plan.sensitivity->trajectories * (dimensions + 1);
      case SensitivityMethod::sobol: return plan.sensitivity->base_points * (dimensions + 2);
    }
  }
  if (plan.search && plan.search->method == SearchMethod::surrogate)
    return plan.search->points > 0 ? plan.search->points : 4 + 4 * dimensions;
  switch (plan.design) {
    case DesignKind::grid: return experiment::grid_size(written_counts(plan));
    case DesignKind::one_at_a_time: return one_at_a_time();
    case DesignKind::latin_hypercube:
    case DesignKind::sobol: return plan.points;
  }
  return 0;
}

}  // namespace

std::vector<std::vector<double>> unit_points(const StudyPlan& plan) {
  const std::size_t dimensions = plan.parameters.size();
  if (plan.sensitivity && plan.sensitivity->method == SensitivityMethod::morris) {
    Stream stream = stream_of(plan, "morris");
    return experiment::morris_points(plan.sensitivity->trajectories, dimensions, stream);
  }
  if (plan.sensitivity) {
    Stream stream = stream_of(plan, "sobol-indices");
    return experiment::sobol_index_points(plan.sensitivity->base_points, dimensions, stream);
  }
  Stream stream = stream_of(plan, "surrogate");
  const std::size_t count = plan.search->points > 0 ? plan.search->points : 4 + 4 * dimensions;
  return experiment::sobol(count, dimensions, stream);
}

DesignSource source_of(const StudyPlan& plan, const std::vector<experiment::Setting>& settings) {
  DesignSource source{.file = plan.scenario_file, .sets = plan.sets};
  const auto apply = [&](const std::vector<Variant>& variants, const std::string& name) {
    for (const Variant& variant : variants) {
      if (variant.name != name) continue;
      if (variant.file) source.file = variant.file->value;
      for (const auto& [path, value] : variant.sets) source.sets.push_back(path + "=" + value.value);
    }
  };
  for (const experiment::Setting& setting : settings) {
    if (setting.name == "world") apply(plan.worlds, setting.value);
    if (setting.name == "design") apply(plan.variants, setting.value);
    for (const Parameter& parameter : plan.parameters) {
      if (parameter.name != setting.name) continue;
      for (const auto& path : parameter.paths) source.sets.push_back(path.value + "=" + setting.value);
    }
  }
  return source;
}

experiment::Design make_design(const StudyPlan& plan, std::size_t variant, std::size_t world,
                               const std::vector<std::string>& values) {
  experiment::Design design;
  const auto add = [&design](const std::string& name, const std::string& value, const std::string& words) {
    design.settings.push_back({name, value});
    design.name += (design.name.empty() ? "" : ", ") + words;
  };
  if (!plan.variants.empty()) add("design", plan.variants[variant].name, plan.variants[variant].name);
  for (std::size_t p = 0; p < values.size(); ++p) {
    const std::string& name = plan.parameters[p].name;
    add(name, values[p], fmt::format("{} {}", name, values[p]));
  }
  if (!plan.worlds.empty()) add("world", plan.worlds[world].name, "in " + plan.worlds[world].name);
  if (design.name.empty()) design.name = "the scenario";  // no design of a study file can be called so
  return design;
}

std::uint64_t count_designs(const StudyPlan& plan) {
  const std::vector<std::size_t> factors{std::max<std::size_t>(1, plan.variants.size()),
                                         std::max<std::size_t>(1, plan.worlds.size()),
                                         static_cast<std::size_t>(count_points(plan))};
  return experiment::grid_size(factors);
}

std::vector<experiment::Design> first_designs(const StudyPlan& plan) {
  const std::vector<std::vector<std::string>> points = points_of(plan);
  std::vector<experiment::Design> designs;
  std::set<std::string> names;
  for (std::size_t world = 0; world < std::max<std::size_t>(1, plan.worlds.size()); ++world) {
    for (std::size_t variant = 0; variant < std::max<std::size_t>(1, plan.variants.size()); ++variant) {
      for (const std::vector<std::string>& values : points) {
        experiment::Design design = make_design(plan, variant, world, values);
        if (names.insert(design.name).second) designs.push_back(std::move(design));
      }
    }
  }
  return designs;
}

std::vector<double> place_of(const StudyPlan& plan, std::vector<double> point) {
  for (std::size_t p = 0; p < point.size(); ++p) {
    const Parameter& parameter = plan.parameters[p];
    if (parameter.range) continue;
    const std::size_t steps = parameter.values.size() - 1;
    point[p] = steps == 0 ? 0 : static_cast<double>(level_at(parameter, point[p])) / static_cast<double>(steps);
  }
  return point;
}

experiment::Design design_at(const StudyPlan& plan, const std::vector<double>& point) {
  return make_design(plan, 0, 0, values_at(plan, point));
}

}  // namespace fleetsim::scenario
