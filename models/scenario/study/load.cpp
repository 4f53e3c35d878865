// Loads a study file and checks all that it says against the scenario, before anything runs.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fleetsim/file_kind.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/study.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/study/base.hpp"
#include "models/scenario/study/plan.hpp"
#include "models/scenario/study/read.hpp"
#include "models/scenario/world.hpp"

namespace fleetsim {

namespace scenario {
namespace {

namespace fs = std::filesystem;

/// Every design is checked whole up to this number; beyond it each value of each parameter alone, with the others at
/// their base.
constexpr std::uint64_t designs_checked_max = 200;
/// The text of a file of up to this size is kept beside its digest.
constexpr std::size_t kept_text_max = 256 * 1024;

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A digest of a content: the UUID of version 5 (SHA-1) under the namespace of object identifiers.
std::string digest_of(const std::string& content) {
  static const boost::uuids::name_generator_sha1 generator(boost::uuids::ns::oid());
  return boost::uuids::to_string(generator(content));
}

/// The nearest metric, or those whose names end alike, or where all are listed.
std::string help_for_metric(const std::string& found, const std::vector<std::string>& names) {
  if (std::string help = config::name_help("metric", found, names); !help.empty()) return help;
  constexpr std::size_t listed_max = 5;
  std::vector<std::string> alike, endings;
  const std::string ending = found.substr(found.rfind('.') + 1);
  for (const std::string& name : names) endings.push_back(name.substr(name.rfind('.') + 1));
  const std::string near = config::nearest_name(ending, endings);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!near.empty() && endings[i] == near) alike.push_back(names[i]);
  if (!alike.empty() && alike.size() <= listed_max) return fmt::format("metrics that end alike: {}", fmt::join(alike, ", "));
  return "`fleetsim run --format json` lists all there are";
}

/// Checks scenarios that a study makes of its own and gathers what is wrong with them, told at the study's lines.
class Checker {
 public:
  Checker(StudyPlan& plan, config::Diagnostics& diagnostics) : plan_(plan), diagnostics_(diagnostics) {}

  /// Loads the scenario of these settings; false after errors.
  bool check(const std::vector<experiment::Setting>& settings) {
    const DesignSource source = source_of(plan_, settings);
    const LoadedScenario loaded = load_scenario(source.file, source.sets);
    for (const std::string& file : loaded.files) files.insert(file);
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      if (diagnostic.severity == config::Severity::error) tell(diagnostic, settings);
    }
    if (!loaded.scenario) return false;
    last = loaded.scenario;
    return check_metrics(loaded.scenario->data(), settings);
  }

  std::set<std::string> files;
  std::optional<Scenario> last;

 private:
  /// An error that a value of the study causes is told where the study gives it.
  void tell(const config::Diagnostic& diagnostic, const std::vector<experiment::Setting>& settings) {
    constexpr std::string_view from_command_line = "command line: --set ";
    if (!diagnostic.where.file.starts_with(from_command_line)) {
      // What is wrong with a scenario file is so in every design: the first one tells it.
      if (!told_of_files_.insert(config::to_text(diagnostic)).second) return;
      const bool unreadable = diagnostic.where.line == 0;
      const config::Location named = unreadable ? place_of_file(diagnostic.where.file, settings) : config::Location{};
      if (named.line > 0) {
        diagnostics_.error(named, fmt::format("{}: {}", diagnostic.where.file, diagnostic.message), diagnostic.help);
      } else {
        diagnostics_.error(diagnostic.where, diagnostic.message + in_words(settings), diagnostic.help);
      }
      return;
    }
    const std::string set = diagnostic.where.file.substr(from_command_line.size());
    const std::string path = set.substr(0, set.find('='));
    const std::string value = set.substr(set.find('=') + 1);
    // What is said of no value is wrong with the path, and so with every value.
    const bool of_value = diagnostic.message.find(value) != std::string::npos;
    const config::Location place = place_of(path, of_value ? value : "", settings);
    // Some messages begin with the path themselves.
    const bool named = diagnostic.message.starts_with(path + ":");
    diagnostics_.error(place.line > 0 ? place : diagnostic.where,
                       named ? diagnostic.message : fmt::format("{}: {}", path, diagnostic.message), diagnostic.help);
  }

  config::Location place_of(const std::string& path, const std::string& value,
                            const std::vector<experiment::Setting>& settings) const {
    for (const experiment::Setting& setting : settings) {
      for (const Parameter& parameter : plan_.parameters) {
        if (parameter.name != setting.name) continue;
        for (const auto& name : parameter.paths) {
          if (name.value != path) continue;
          for (const auto& level : parameter.values)
            if (level.value == value && parameter.values.size() > 1 && !parameter.range) return level.where;
          return name.where;
        }
      }
      for (const auto* variants : {&plan_.variants, &plan_.worlds}) {
        for (const Variant& variant : *variants) {
          if (variant.name != setting.value) continue;
          for (const auto& [name, given] : variant.sets)
            if (name == path) return given.where;
        }
      }
    }
    for (const auto& [name, where] : plan_.set_places)
      if (name == path) return where;
    return {};
  }

  /// Where the study names a file.
  config::Location place_of_file(const std::string& file, const std::vector<experiment::Setting>& settings) const {
    for (const experiment::Setting& setting : settings)
      for (const auto* variants : {&plan_.variants, &plan_.worlds})
        for (const Variant& variant : *variants)
          if (variant.name == setting.value && variant.file && variant.file->value == file) return variant.file->where;
    return file == plan_.scenario_file ? plan_.scenario_where : config::Location{};
  }

  static std::string in_words(const std::vector<experiment::Setting>& settings) {
    std::string words;
    for (const experiment::Setting& setting : settings)
      words += fmt::format("{}{} {}", words.empty() ? " (with " : ", ", setting.name, setting.value);
    return words.empty() ? words : words + ")";
  }

  bool check_metrics(const ScenarioData& data, const std::vector<experiment::Setting>& settings) {
    const std::vector<MetricValue> reported = reported_metrics(data);
    std::vector<std::string> names;
    for (const MetricValue& metric : reported) names.push_back(metric.name);
    bool all = true;
    for (StudyMetric& metric : plan_.metrics) {
      const auto found = std::lower_bound(names.begin(), names.end(), metric.column.source);
      if (found == names.end() || *found != metric.column.source) {
        all = false;
        if (!told_.insert(metric.column.source).second) continue;
        diagnostics_.error(metric.where, fmt::format("there is no metric '{}'{}", metric.column.source, in_words(settings)),
                           help_for_metric(metric.column.source, names));
        continue;
      }
      metric.column.unit = reported[static_cast<std::size_t>(found - names.begin())].unit;
    }
    if (!all) return false;
    config::Diagnostics of_objectives;
    check_objectives(plan_.objectives, reported, of_objectives);
    for (const config::Diagnostic& error : of_objectives.sorted()) diagnostics_.error(error.where, error.message, error.help);
    return !of_objectives.has_errors();
  }

  StudyPlan& plan_;
  config::Diagnostics& diagnostics_;
  std::set<std::string> told_;  // metrics that are missing somewhere
  std::set<std::string> told_of_files_;
};

/// Settings with everything at its base: the first design and world, the parameters' base values.
std::vector<experiment::Setting> base_settings(const StudyPlan& plan) {
  std::vector<std::string> values;
  for (const Parameter& parameter : plan.parameters) values.push_back(parameter.values[parameter.base].value);
  return make_design(plan, 0, 0, values).settings;
}

void check_designs(StudyPlan& plan, Checker& checker) {
  if (plan.variants.empty() && plan.parameters.empty() && plan.worlds.empty()) {
    if (checker.check({})) plan.base = checker.last;
    return;
  }
  // Each value with all others at their base; what is wrong at the same place is told once.
  bool sound = plan.scenario_file.empty() || checker.check({});
  const std::vector<experiment::Setting> base = base_settings(plan);
  const auto check_with = [&](const std::string& name, const std::string& value) {
    std::vector<experiment::Setting> settings = base;
    for (experiment::Setting& setting : settings)
      if (setting.name == name) setting.value = value;
    const bool right = checker.check(settings);
    sound = sound && right;
    return right;
  };
  for (const Variant& variant : plan.variants) check_with("design", variant.name);
  for (const Variant& world : plan.worlds) check_with("world", world.name);
  for (const Parameter& parameter : plan.parameters) {
    // Where the first value is wrong for its path, so are the others.
    std::vector<std::string> values;
    for (const auto& value : parameter.values) values.push_back(value.value);
    if (parameter.range) values = {parameter.range->at(0), parameter.range->at(1), parameter.values[parameter.base].value};
    for (const std::string& value : values)
      if (!check_with(parameter.name, value) && parameter.range) break;
  }
  if (!sound) return;
  if (!checker.check(base)) return;
  plan.base = checker.last;
  if (count_designs(plan) > designs_checked_max) return;
  std::set<std::pair<Duration, Duration>> spans;
  for (const experiment::Design& design : first_designs(plan)) {
    if (!checker.check(design.settings)) return;
    spans.emplace(checker.last->duration(), checker.last->warm_up());
  }
  if (spans.size() > 1) plan.warnings.push_back("designs are measured over different times: their totals say little");
}

/// An amount in the unit of a metric; reports one that is of another kind.
double amount_in_unit(const Bound& bound, const experiment::MetricColumn& metric, config::Diagnostics& diagnostics) {
  const std::optional<double> value = in_unit(bound, metric.unit);
  if (!value) {
    diagnostics.error(bound.where, fmt::format("'{}' is no amount of {}, which is measured in {}", bound.text, metric.name,
                                               metric.unit == "1" ? "plain numbers" : metric.unit),
                      help_for_bound(bound, metric.unit));
  }
  return value.value_or(1);
}

/// Brings what was written in some unit into the metrics' units, which the scenario has told.
void convert_amounts(StudyPlan& plan, config::Diagnostics& diagnostics) {
  for (WantedPrecision& wanted : plan.precision) {
    if (wanted.absolute)
      wanted.precision.half_width =
          amount_in_unit(*wanted.absolute, plan.metrics[wanted.precision.metric].column, diagnostics);
  }
  if (plan.search && plan.search->indifference_written)
    plan.search->indifference =
        amount_in_unit(*plan.search->indifference_written, plan.metrics[plan.minimize].column, diagnostics);
}

std::vector<experiment::InputFile> describe_inputs(const std::set<std::string>& files, const fs::path& folder) {
  std::vector<experiment::InputFile> inputs;
  for (const std::string& file : files) {
    std::error_code error;
    const fs::path relative = fs::relative(file, folder.empty() ? fs::path(".") : folder, error);
    const std::string content = read_whole(file);
    const bool keep = content.size() <= kept_text_max && content.find('\0') == std::string::npos;
    inputs.push_back({.name = (error || relative.empty() ? fs::path(file) : relative).generic_string(),
                      .digest = digest_of(content),
                      .bytes = content.size(),
                      .text = keep ? content : ""});
  }
  std::sort(inputs.begin(), inputs.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return inputs;
}

/// A file that the study names, as it opens from the working directory.
std::string beside(const fs::path& folder, const std::string& name) {
  return fs::path(name).is_absolute() ? name : (folder / name).lexically_normal().string();
}

/// What the names in designs' settings stand for, as the study file has it. Requires: files as written.
std::vector<experiment::Setting> definitions_of(const StudyPlan& plan, const StudyText& text) {
  std::vector<experiment::Setting> definitions;
  const auto add = [&](const std::string& name, const std::vector<std::string>& parts) {
    definitions.push_back({name, parts.empty() ? "nothing changed" : fmt::format("{}", fmt::join(parts, ", "))});
  };
  if (text.scenario) add("the scenario", {text.scenario->value});
  for (const auto& [kind, variants] : {std::pair{"design", &plan.variants}, {"world", &plan.worlds}}) {
    for (const Variant& variant : *variants) {
      std::vector<std::string> parts;
      if (variant.file) parts.push_back(variant.file->value);
      for (const auto& [path, value] : variant.sets) parts.push_back(fmt::format("{}={}", path, value.value));
      add(fmt::format("{} {}", kind, variant.name), parts);
    }
  }
  for (const Parameter& parameter : plan.parameters) {
    std::vector<std::string> paths;
    for (const auto& path : parameter.paths) paths.push_back(path.value);
    add("parameter " + parameter.name, paths);
  }
  return definitions;
}

/// Two values for one place: the one that is set last would win, and designs be named after values that they don't have.
void check_paths(config::Section& root, const StudyPlan& plan) {
  std::map<std::string, std::string> owners;
  for (const Parameter& parameter : plan.parameters) {
    for (const auto& path : parameter.paths) {
      const auto [found, added] = owners.emplace(path.value, parameter.name);
      if (!added && found->second != parameter.name)
        root.error_at(path.where, fmt::format("parameter {}: {} is what parameter {} varies", parameter.name, path.value, found->second),
                      "a path has one value in a design: vary it by one of the two, or mend the path");
    }
  }
  for (const auto& [kind, variants] : {std::pair{"design", &plan.variants}, {"world", &plan.worlds}}) {
    for (const Variant& variant : *variants) {
      for (const auto& [path, value] : variant.sets)
        if (const auto found = owners.find(path); found != owners.end())
          root.error_at(value.where, fmt::format("{} {}: {} is what parameter {} varies", kind, variant.name, path, found->second),
                        "a path has one value in a design: leave it to the parameter, or leave the parameter out");
    }
  }
}

/// What the parts of a study don't allow together.
void check_shape(config::Section& root, const StudyPlan& plan, const StudyText& text) {
  if (!text.scenario && std::any_of(plan.variants.begin(), plan.variants.end(), [](const Variant& v) { return !v.file; })) {
    root.error("scenario", "scenario is missing", "name the scenario file, or one in each of the designs");
  } else if (!text.scenario && plan.variants.empty()) {
    root.error("scenario", "scenario is missing", "name the scenario file, such as scenario: ../quickstart.yaml");
  }
  if (plan.sensitivity && plan.parameters.empty())
    root.error("sensitivity", "sensitivity is of parameters, and the study has none", "add parameters: with what is uncertain");
  if (plan.sensitivity && (!plan.variants.empty() || !plan.worlds.empty()))
    root.error("sensitivity", "sensitivity looks at parameters alone, not at designs or worlds", "leave those to another study");
  if (plan.search && !plan.worlds.empty())
    root.error("search", "a search is in one world", "leave out worlds, or leave out search: worlds compare all designs in each");
  const bool surrogate = plan.search && plan.search->method == SearchMethod::surrogate;
  if (surrogate && (plan.parameters.empty() || !plan.variants.empty()))
    root.error("search", "a surrogate search is over parameters with ranges, not over designs", "use method: kn for those");
  if (plan.search) {
    for (const Objective& objective : plan.objectives) {
      if (!has_excess(objective) && !objective.metrics.empty())
        root.error_at(objective.metrics.front().where, "a search cannot decide this objective: no mean over the replications says whether it holds",
                      "take below or above of a mean or a percentile, or add with_probability");
    }
    if (root.has("until"))
      root.error("until", "a search decides by itself how many replications each design gets", "leave until out");
    if (!surrogate && root.has("replications"))
      root.error("replications", "this search decides by itself how many replications each design gets",
                 "leave replications out; first and at_most, in search, bound them");
  }
  if (root.has("design") && (plan.sensitivity || surrogate))
    root.error("design", fmt::format("{} chooses its points by itself", surrogate ? "a surrogate search" : "an analysis of sensitivity"),
               "leave design out");
  if (plan.search && plan.antithetic_pairs)
    root.error("variance_reduction", "a search needs independent replications, not antithetic pairs", "leave antithetic_pairs out");
}

/// A setting for all designs of what every design sets itself. The middle of a tornado is the scenario's, where it counts.
void warn_of_vain_sets(const StudyPlan& plan, const std::vector<std::string>& sets, config::Diagnostics& diagnostics) {
  for (const std::string& set : sets) {
    const std::string path = set.substr(0, set.find('='));
    for (const Parameter& parameter : plan.parameters) {
      const bool sets_it = std::any_of(parameter.paths.begin(), parameter.paths.end(), [&](const auto& own) { return own.value == path; });
      if (!sets_it || (reads_bases(plan) && !parameter.base_written)) continue;
      diagnostics.warning({"command line: --set " + set, 0, 0},
                          fmt::format("this changes no design, for the parameter {} of the study sets it in each", parameter.name),
                          "leave it out, or give the parameter other values in the study's file");
    }
  }
}

}  // namespace
}  // namespace scenario

const std::string& Study::name() const { return plan_->name; }
std::uint64_t Study::designs() const { return scenario::count_designs(*plan_); }
bool Study::divisible() const { return !plan_->search; }

experiment::StudyIdentity StudyPlan::identity() const {
  experiment::StudyIdentity result{.name = name, .seed = seed, .antithetic_pairs = antithetic_pairs,
                                   .common_random_numbers = common_random_numbers};
  for (const scenario::StudyMetric& metric : metrics) result.metrics.push_back(metric.column);
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    result.settings.push_back({set.substr(0, equals), set.substr(equals + 1)});
  }
  result.definitions = definitions;
  result.inputs = inputs;
  return result;
}

LoadedStudy load_study(const std::string& path, const LoadStudyOptions& options) {
  LoadedStudy loaded;
  loaded.files = {path};
  config::Diagnostics diagnostics;
  auto plan = std::make_shared<StudyPlan>();
  std::optional<config::Document> document = config::Document::read(path, {}, diagnostics);
  if (document) {
    config::Section root = document->root();
    if (!read_file_kind(root, FileKind::study)) {
      loaded.diagnostics = diagnostics.sorted();
      return loaded;
    }
    const scenario::StudyText text = scenario::read_study(root, *plan);
    scenario::check_shape(root, *plan, text);
    scenario::check_paths(root, *plan);
    document->finish();
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    plan->file = path;
    plan->text = scenario::read_whole(path);
    plan->definitions = scenario::definitions_of(*plan, text);
    if (text.scenario) {
      plan->scenario_file = scenario::beside(folder, text.scenario->value);
      plan->scenario_where = text.scenario->where;
    }
    for (auto* variants : {&plan->variants, &plan->worlds}) {
      for (scenario::Variant& variant : *variants)
        if (variant.file) variant.file->value = scenario::beside(folder, variant.file->value);
    }
    for (const std::string& set : options.sets) plan->sets.push_back(set);
    scenario::warn_of_vain_sets(*plan, options.sets, diagnostics);
    if (options.replications) {
      plan->replications = *options.replications;
      if (plan->search && plan->search->method != scenario::SearchMethod::surrogate)
        diagnostics.error({"command line: --replications", 0, 0}, "this search decides by itself how many replications each design gets",
                          "leave it out");
    }
    if (plan->antithetic_pairs) plan->replications += plan->replications % 2;
    plan->at_most = std::max(plan->at_most, plan->replications);
    const bool seed_given = root.has("seed");
    if (!diagnostics.has_errors()) {
      scenario::take_bases_of_scenario(*plan);
      scenario::Checker checker(*plan, diagnostics);
      scenario::check_designs(*plan, checker);
      if (plan->base && !seed_given) plan->seed = plan->base->seed();
      if (options.seed) plan->seed = *options.seed;
      for (const std::string& file : checker.files) loaded.files.push_back(file);
      if (!diagnostics.has_errors()) scenario::convert_amounts(*plan, diagnostics);
      if (!diagnostics.has_errors()) {
        plan->inputs = scenario::describe_inputs(checker.files, folder);
        loaded.study = Study(plan);
      }
    }
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace fleetsim
