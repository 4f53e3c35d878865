#pragma once
/// A study file after reading: plain structs, names resolved and checked.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/study.hpp"
#include "models/scenario/objective.hpp"
#include "models/scenario/study/range.hpp"

namespace fleetsim {

namespace scenario {

/// What a design or a world changes as a whole.
struct Variant {
  std::string name;
  config::Location where;
  std::optional<config::Located<std::string>> file;          ///< another scenario file
  std::vector<std::pair<std::string, config::Located<std::string>>> sets;  ///< path and value
};

/// One axis of the design space.
struct Parameter {
  std::string name;
  config::Location where;
  std::vector<config::Located<std::string>> paths;           ///< all get the value
  std::vector<config::Located<std::string>> values;          ///< levels; of a range, those at equal distances
  std::optional<ValueRange> range;
  std::size_t base = 0;                                      ///< level
  bool base_written = false;                                 ///< else the scenario's own value, where it is one of these
  bool base_is_no_level = false;                             ///< of a range: the last of `values` is the base alone
  std::size_t levels_written = 0;                            ///< of a range: before rounding, which may make some equal
};

enum class DesignKind : std::uint8_t { grid, one_at_a_time, latin_hypercube, sobol };
enum class SearchMethod : std::uint8_t { kn, ocba, surrogate };
enum class SensitivityMethod : std::uint8_t { tornado, morris, sobol };

struct StudyMetric {
  experiment::MetricColumn column;
  config::Location where;
};

struct WantedPrecision {
  experiment::Precision precision;
  std::optional<Bound> absolute;                             ///< as written, in place of a share
  std::string words;                                         ///< "mean of cost within 1 %"
};

struct StudyControl {
  std::size_t metric = 0;
  double mean = 0;
};

struct FrontierAxis {
  std::size_t metric = 0;
  Statistic statistic = Statistic::mean;
  bool larger_is_better = false;
};

struct SearchSettings {
  SearchMethod method = SearchMethod::kn;
  double probability = 0.95;
  std::optional<Bound> indifference_written;
  double indifference = 0;                                   ///< the same in the unit of the minimized metric
  std::optional<double> tolerance;                           ///< of objectives on means, as a share of the bound
  double share_tolerance = 0.02;
  std::uint64_t first = 10;
  std::uint64_t at_most = 1000;
  std::size_t points = 0;                                    ///< surrogate: the first ones; 0: 4 + 4 per parameter
  std::size_t further_points = 30;
};

struct SensitivitySettings {
  SensitivityMethod method = SensitivityMethod::tornado;
  std::vector<std::size_t> metrics;
  std::size_t trajectories = 10;
  std::size_t base_points = 64;
};

}  // namespace scenario

struct StudyPlan {
  std::string file;
  std::string text;                                          ///< of the file
  std::string name;
  std::string scenario_file;                                 ///< opens from the working directory
  config::Location scenario_where;                           ///< where it is named
  std::vector<std::string> sets;                             ///< "path=value", for every design
  std::vector<std::pair<std::string, config::Location>> set_places;  ///< of those in the file: path and where it stands
  std::uint64_t seed = 1;
  std::uint64_t replications = 20;                           ///< of each design; the first ones if precision is wanted
  bool antithetic_pairs = false;
  bool common_random_numbers = true;
  std::vector<scenario::Variant> variants;                   ///< of `designs`; empty: one design with nothing changed
  std::vector<scenario::Variant> worlds;
  std::vector<scenario::Parameter> parameters;
  scenario::DesignKind design = scenario::DesignKind::grid;
  std::size_t points = 0;                                    ///< of a Latin hypercube or Sobol' sequence
  std::vector<scenario::StudyMetric> metrics;
  std::vector<scenario::StudyControl> controls;
  double confidence = 0.95;
  std::uint64_t at_most = 1000;
  std::vector<scenario::WantedPrecision> precision;
  std::vector<scenario::Objective> objectives;
  std::size_t minimize = 0;
  std::vector<scenario::FrontierAxis> frontier;
  std::optional<scenario::SearchSettings> search;
  std::optional<scenario::SensitivitySettings> sensitivity;
  std::vector<experiment::Setting> definitions;              ///< what names of designs, worlds and parameters stand for
  std::vector<experiment::InputFile> inputs;
  std::vector<std::string> warnings;                         ///< sentences without a full stop
  std::optional<Scenario> base;                              ///< the scenario with `sets`

  experiment::StudyIdentity identity() const;
};

namespace scenario {

/// The scenario of a design: which file, and everything that is set over it.
struct DesignSource {
  std::string file;
  std::vector<std::string> sets;
};
DesignSource source_of(const StudyPlan& plan, const std::vector<experiment::Setting>& settings);

/// A design from its parts. Parameter values are in the order of the plan's parameters.
experiment::Design make_design(const StudyPlan& plan, std::size_t variant, std::size_t world,
                               const std::vector<std::string>& values);
/// Points of the design that the plan begins with, as many as its file asks for, though rounding may make some of them
/// equal; the largest number where they are too many to count.
std::uint64_t count_designs(const StudyPlan& plan);
/// Those designs: worlds change slowest, then variants, then parameters. Values that fall together (a range of whole
/// numbers) give one design.
std::vector<experiment::Design> first_designs(const StudyPlan& plan);
/// The design at a share of each parameter's range; a list is cut into equal parts.
experiment::Design design_at(const StudyPlan& plan, const std::vector<double>& point);
/// The share of each parameter's way from its first value to its last at which design_at() stands: the levels of a list are
/// equally far apart.
std::vector<double> place_of(const StudyPlan& plan, std::vector<double> point);
/// The points of a Morris or Sobol' analysis, or those that a surrogate search begins with, in their order.
std::vector<std::vector<double>> unit_points(const StudyPlan& plan);

}  // namespace scenario
}  // namespace fleetsim
