#pragma once
/// The verbs, one function each, with what main has parsed for them. Results go to stdout or a file, all else
/// to stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/units.hpp"
#include "tools/cli/destination.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

struct CommonArguments {
  Destination output;
  bool quiet = false;     ///< only results and errors
  bool no_color = false;

  TextStyle style(int file_descriptor) const;
};

enum class Format { table, json, csv, html };

/// How a verb that simulates does so.
struct SimulationArguments {
  std::vector<std::string> sets;              ///< "path=value"
  std::optional<std::uint64_t> seed, replications;
  unsigned jobs = 0;                          ///< 0: as many as the machine has
  std::optional<Format> format;               ///< empty: by the ending of the output's name, else table
  bool offers_html = false;                   ///< whether the verb makes pages

  Format format_for(const Destination& output) const;
};

struct RunArguments : SimulationArguments {
  std::string scenario;
  bool values = false;
  bool why = false;                           ///< list what the groups did and why
};
ExitCode run_scenario(const RunArguments& arguments, const CommonArguments& common);

struct CompareArguments : SimulationArguments {
  std::vector<std::string> scenarios;         ///< the first is what the others are compared with
  std::vector<std::string> expectations;      ///< "cost.total=less"
  double confidence = 0.95;                   ///< of what is decided
  std::optional<std::uint64_t> at_most;       ///< more replications until it is decided, up to this
};
ExitCode compare_scenarios(const CompareArguments& arguments, const CommonArguments& common);

struct AdviseArguments : SimulationArguments {
  std::string scenario;
  double held_back_max = 0.01;                ///< share of a load's I/Os
  std::optional<Duration> latency_max;
};
ExitCode advise_scenario(const AdviseArguments& arguments, const CommonArguments& common);

struct StudyArguments : SimulationArguments {
  std::string study;
  std::optional<std::string> store;           ///< empty: the study's name in the working folder
  std::optional<std::string> shard;           ///< "K/N"; empty: by the environment
  std::optional<std::string> picture;         ///< an SVG file
  bool yes = false;                           ///< more than a million designs are meant
};
ExitCode run_study_file(const StudyArguments& arguments, const CommonArguments& common);

struct StudyExportArguments {
  std::string store;
  Format format = Format::csv;
  bool replications = false;                  ///< each of them, not a line a design
};
ExitCode export_study(const StudyExportArguments& arguments, const CommonArguments& common);

struct StudyMergeArguments {
  std::vector<std::string> shares;
  std::string into;
};
ExitCode merge_study(const StudyMergeArguments& arguments, const CommonArguments& common);

struct ValidateArguments {
  std::vector<std::string> scenarios;
  std::vector<std::string> sets;
};
ExitCode validate(const ValidateArguments& arguments, const CommonArguments& common);

struct ExplainArguments {
  std::string scenario;
  std::vector<std::string> sets;
  bool dot = false;                           ///< the graphs instead of the words
};
ExitCode explain_scenario(const ExplainArguments& arguments, const CommonArguments& common);

struct CalibrateArguments {
  std::vector<std::string> inputs;            ///< files, or "<zone>/<type>=file"
  std::vector<std::string> pools;             ///< only these; empty: all
  std::string product = "Linux/UNIX";
  std::int64_t needed = 1;
  bool independent = false;                   ///< each pool by itself, not by its Region's factor
  Format format = Format::table;              ///< of the report on stdout; --output takes the settings
};
ExitCode calibrate_market(const CalibrateArguments& arguments, const CommonArguments& common);

struct BenchArguments {
  std::string suite;
  std::optional<int> rounds;                  ///< instead of the suite's
  bool update = false;                        ///< record what is measured as the baseline
  bool with_speed = true;
  bool callgrind = false;                     ///< count instructions by valgrind
  Destination json, junit;                    ///< beside the table; empty: not written
};
ExitCode run_bench(const BenchArguments& arguments, const CommonArguments& common);

/// `of_studies`: of study files, not of scenarios.
ExitCode print_schema(bool of_studies, const CommonArguments& common);
ExitCode print_reference(const CommonArguments& common);

/// Writes a text that is the whole answer of a verb, but not over one of `inputs`, the files that it is made from.
ExitCode write_answer(const std::string& text, const CommonArguments& common,
                      const std::vector<std::string>& inputs = {});

}  // namespace fleetsim::cli
