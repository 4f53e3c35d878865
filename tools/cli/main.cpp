/// fleetsim: parses the command line and calls the verb it names.

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <exception>
#include <functional>
#include <limits>
#include <new>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/version.hpp"
#include "tools/cli/command_line_error.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {
namespace {

struct Arguments {
  CommonArguments common;
  RunArguments run;
  CompareArguments compare;
  AdviseArguments advise;
  StudyArguments study;
  StudyExportArguments study_export;
  StudyMergeArguments study_merge;
  ValidateArguments validate;
  ExplainArguments explain;
  CalibrateArguments calibrate;
  BenchArguments bench;
  bool schema_of_studies = false;
  std::function<ExitCode()> chosen;  ///< the verb with its arguments
};

std::string example(std::string_view lines) { return fmt::format("Example:\n{}", lines); }

CLI::App* add_verb(CLI::App& program, const char* name, const char* what, std::string_view example_lines,
                   Arguments& arguments, std::function<ExitCode()> action) {
  CLI::App* verb = program.add_subcommand(name, what);
  verb->group("Verbs");
  verb->footer(example(example_lines));
  verb->add_option("-o,--output", arguments.common.output, "Write to a file, whole or not at all")
      ->type_name("FILE");
  verb->add_flag("-q,--quiet", arguments.common.quiet, "Only results and errors");
  verb->add_flag("--no-color", arguments.common.no_color, "No colour; the same as NO_COLOR=1");
  verb->callback([&arguments, action] { arguments.chosen = action; });
  return verb;
}

/// Refuses an empty text, such as an unset variable of the shell leaves.
std::string is_named(const std::string& file) { return file.empty() ? "the name of the file is empty" : ""; }

void add_sets(CLI::App& verb, std::vector<std::string>& sets) {
  verb.add_option("--set", sets, "Override a value, as in run.duration=7d (repeatable)")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& set) {
        const std::size_t equals = set.find('=');
        return equals != std::string::npos && equals > 0 ? "" : "write it as path=value, such as run.duration=7d";
      });
}

/// A whole number in decimal digits; CLI11's own reading takes 010 for 8.
template <class Number>
void add_number(CLI::App& verb, const char* name, Number min, Number max, const char* what,
                std::function<void(Number)> set) {
  verb.add_option_function<std::string>(
          name,
          [=](const std::string& text) {
            Number number = 0;
            const char* end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, number);
            if (read.ec != std::errc{} || read.ptr != end || number < min || number > max) {
              throw CLI::ValidationError(name, fmt::format("'{}' is no whole number from {} to {}", text, min, max));
            }
            set(number);
          },
          what)
      ->type_name("N");
}

/// A value in the form that a scenario has: "1%", "5ms".
template <class T>
void add_value(CLI::App& verb, const char* name, const char* type, const char* what, std::function<void(T)> set) {
  verb.add_option_function<std::string>(
          name,
          [=](const std::string& text) {
            T value{};
            const config::ParseResult read = config::parse_scalar(text, false, value);
            if (!read.ok()) throw CLI::ValidationError(name, fmt::format("{}; {}", read.problem, read.help));
            set(value);
          },
          what)
      ->type_name(type);
}

/// `formats`: what --format may be, in the order of its help.
void add_simulation(CLI::App& verb, SimulationArguments& arguments,
                    const std::vector<std::pair<std::string, Format>>& formats) {
  add_sets(verb, arguments.sets);
  add_number<std::uint64_t>(verb, "--seed", 0, std::numeric_limits<std::uint64_t>::max(),
                            "Seed, instead of the scenario's",
                            [&arguments](std::uint64_t seed) { arguments.seed = seed; });
  add_number<std::uint64_t>(verb, "--replications", 1, 1'000'000, "Independent runs, instead of the scenario's",
                            [&arguments](std::uint64_t count) { arguments.replications = count; });
  add_number<unsigned>(verb, "-j,--jobs", 1, 1024, "Threads; without it, as many as the machine has",
                       [&arguments](unsigned jobs) { arguments.jobs = jobs; });
  std::string choice;  // "table, json or csv"
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (formats[i].second == Format::html) arguments.offers_html = true;
    choice += (i == 0 ? "" : i + 1 < formats.size() ? ", " : " or ") + formats[i].first;
  }
  verb.add_option_function<std::string>(
          "-f,--format",
          [&arguments, formats, choice](const std::string& name) {
            for (const auto& [known, format] : formats) {
              if (name == known) arguments.format = format;
            }
            if (!arguments.format) {
              throw CLI::ValidationError("--format", fmt::format("'{}' is no format; write {}", name, choice));
            }
          },
          choice + "; else by --output's ending")
      ->type_name("FORMAT");
}

void add_run(CLI::App& program, Arguments& arguments) {
  RunArguments& run = arguments.run;
  CLI::App* verb = add_verb(program, "run", "Run a scenario: what it costs and what it drops",
                            "  fleetsim run scenarios/quickstart.yaml\n"
                            "  fleetsim run scenarios/quickstart.yaml --replications 100 -o result.json\n"
                            "  fleetsim run scenarios/strategy-backup-and-restore.yaml -o page.html",
                            arguments, [&arguments] { return run_scenario(arguments.run, arguments.common); });
  verb->footer(verb->get_footer() +
               "\n\nThe exit code is 1 if an objective does not hold for what was measured, decided\n"
               "or not. An objective is undecided while the 95 % interval of what was measured\n"
               "includes its bound; more replications settle it. One whose metric no\n"
               "replication observed does not hold.");
  verb->add_option("scenario", run.scenario, "Scenario file (YAML)")->required()->type_name("FILE")->check(is_named);
  add_simulation(*verb, run, {{"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}, {"html", Format::html}});
  verb->add_flag("--why", run.why, "Also what each Auto Scaling group did, and why, in the\nfirst replication");
  verb->add_flag("--values", run.values, "In JSON, also each metric's value in each replication");
}

void add_compare(CLI::App& program, Arguments& arguments) {
  CompareArguments& compare = arguments.compare;
  CLI::App* verb = add_verb(program, "compare", "Run scenarios side by side: what costs or drops less",
                            "  fleetsim compare scenarios/rtb-four-groups.yaml \\\n"
                            "    scenarios/rtb-on-demand-home.yaml",
                            arguments, [&arguments] { return compare_scenarios(arguments.compare, arguments.common); });
  verb->add_option("scenarios", compare.scenarios, "Scenario files, the base first")
      ->required()
      ->type_name("BASE OTHER")
      ->expected(2, -1)
      ->check(is_named);
  add_simulation(*verb, compare, {{"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}});
  verb->add_option("--expect", compare.expectations, "As in cost.total=less (repeatable)")
      ->type_name("METRIC=less|more")
      ->allow_extra_args(false);
  add_value<Ratio>(*verb, "--confidence", "SHARE", "Of what is said of differences; without it, 95%",
                   [&compare](Ratio share) {
                     if (!(share.value >= 0.5 && share.value < 1)) {
                       throw CLI::ValidationError("--confidence", "write a share from 50% to below 100%");
                     }
                     compare.confidence = share.value;
                   });
  add_number<std::uint64_t>(*verb, "--until-decided", 2, 1'000'000,
                            "Twice the replications, again and again up to N,\nuntil the cost, or all that --expect names, is\ndecided",
                            [&compare](std::uint64_t count) { compare.at_most = count; });
  verb->footer(verb->get_footer() +
               "\n\nAll run with the seed and the number of replications of the first. The exit\n"
               "code is 1 if one of the others misses an objective of its own scenario, or is\n"
               "not what --expect says of it, decided by the interval of the difference.");
}

void add_advise(CLI::App& program, Arguments& arguments) {
  AdviseArguments& advise = arguments.advise;
  CLI::App* verb = add_verb(program, "advise", "Find the cheapest volumes and instance for a load",
                            "  fleetsim advise scenarios/database-on-a-small-instance.yaml\n"
                            "  fleetsim advise scenarios/claims/EB-05.yaml --held-back 5% --format json",
                            arguments, [&arguments] { return advise_scenario(arguments.advise, arguments.common); });
  verb->add_option("scenario", advise.scenario, "Scenario file (YAML) with machines under storage")
      ->required()
      ->type_name("FILE")
      ->check(is_named);
  add_simulation(*verb, advise, {{"table", Format::table}, {"json", Format::json}});
  add_value<Ratio>(*verb, "--held-back", "SHARE", "Most of a load's I/Os that may be held back;\nwithout it, 1%",
                   [&advise](Ratio share) {
                     if (share.value < 0 || share.value >= 1) {
                       throw CLI::ValidationError("--held-back", "the share must be below 100%");
                     }
                     advise.held_back_max = share.value;
                   });
  add_value<Duration>(*verb, "--latency", "TIME", "Longest time of an I/O in the mean, such as 5ms;\nwithout it, any",
                      [&advise](Duration latency) { advise.latency_max = latency; });
  verb->footer(verb->get_footer() +
               "\n\nHeld back are I/Os that wait behind others or miss their load's deadline, and\n"
               "what a closed loop does not do. Objectives are not judged.");
}

/// What is done with the stores of studies: verbs of the verb.
void add_study_verbs(CLI::App& study, Arguments& arguments) {
  StudyExportArguments& exported = arguments.study_export;
  CLI::App* verb = add_verb(study, "export", "Print what a store holds",
                            "  fleetsim study export thresholds.db --format json", arguments,
                            [&arguments] { return export_study(arguments.study_export, arguments.common); });
  verb->add_option("store", exported.store, "Store of a study")->required()->type_name("STORE")->check(is_named);
  verb->add_option_function<std::string>(
          "-f,--format",
          [&exported](const std::string& name) {
            if (name != "csv" && name != "json")
              throw CLI::ValidationError("--format", fmt::format("'{}' is no format; write csv or json", name));
            exported.format = name == "json" ? Format::json : Format::csv;
          },
          "csv or json; csv if not given")
      ->type_name("FORMAT");
  verb->add_flag("--replications", exported.replications, "Each replication, not a line a design");

  StudyMergeArguments& merged = arguments.study_merge;
  verb = study.add_subcommand("merge", "Join the stores of shares");
  verb->group("Verbs");
  verb->add_option("shares", merged.shares, "Stores of the shares")->required()->type_name("STORE")->expected(1, -1)->check(is_named);
  verb->add_option("-o,--output", merged.into, "Store to make or to add to")->required()->type_name("STORE")->check(is_named);
  verb->add_flag("-q,--quiet", arguments.common.quiet, "Only errors");
  verb->add_flag("--no-color", arguments.common.no_color, "No colour; the same as NO_COLOR=1");
  verb->footer(example("  fleetsim study merge thresholds.*-of-7.db -o thresholds.db") +
               "\n\nThe exit code is 1 if shares are missing or unfinished. Merging one again\nchanges nothing.");
  verb->callback([&arguments] { arguments.chosen = [&arguments] { return merge_study(arguments.study_merge, arguments.common); }; });
}

void add_study(CLI::App& program, Arguments& arguments) {
  StudyArguments& study = arguments.study;
  CLI::App* verb = add_verb(program, "study", "Answer a what-if question over many designs",
                            "  fleetsim study scenarios/studies/thresholds.yaml\n"
                            "  fleetsim study scenarios/studies/thresholds.yaml --shard 3/7\n"
                            "  fleetsim study merge thresholds.*-of-7.db -o thresholds.db\n"
                            "  fleetsim study export thresholds.db",
                            arguments, {});
  verb->callback([&arguments, verb] {
    if (!verb->get_subcommands().empty()) return;  // whose callback has been here
    arguments.chosen = [&arguments] { return run_study_file(arguments.study, arguments.common); };
  });
  verb->add_option("study", study.study, "Study file (YAML)")->type_name("FILE")->check(is_named);
  add_simulation(*verb, study, {{"table", Format::table}, {"json", Format::json}, {"csv", Format::csv}});
  verb->add_option("--store", study.store, "Database of the study; without it, NAME.db")
      ->type_name("FILE")
      ->check(is_named);
  verb->add_option("--shard", study.shard, "Share to run; without it, the batch system's")->type_name("K/N");
  verb->add_option("--picture", study.picture, "Write a picture (SVG)")->type_name("FILE")->check(is_named);
  verb->add_flag("--yes", study.yes, "More than a million designs are meant");
  verb->footer(verb->get_footer() +
               "\n\nThe same command goes on where an earlier one was interrupted, and answers at\n"
               "once when all is there. The exit code is 1 if no design meets the objectives.");
  verb->require_subcommand(0, 1);
  add_study_verbs(*verb, arguments);
}

void add_validate(CLI::App& program, Arguments& arguments) {
  CLI::App* verb = add_verb(program, "validate", "Check scenarios without running them",
                            "  fleetsim validate scenarios/*.yaml", arguments,
                            [&arguments] { return validate(arguments.validate, arguments.common); });
  verb->add_option("scenarios", arguments.validate.scenarios, "Scenario files")
      ->required()
      ->type_name("FILE")
      ->check(is_named);
  add_sets(*verb, arguments.validate.sets);
}

void add_explain(CLI::App& program, Arguments& arguments) {
  CLI::App* verb = add_verb(program, "explain", "Print what a scenario means after defaults",
                            "  fleetsim explain scenarios/quickstart.yaml", arguments,
                            [&arguments] { return explain_scenario(arguments.explain, arguments.common); });
  verb->add_option("scenario", arguments.explain.scenario, "Scenario file")->required()->type_name("FILE")->check(is_named);
  verb->add_flag("--dot", arguments.explain.dot, "Environments and recovery plans as graphs\nfor Graphviz");
  add_sets(*verb, arguments.explain.sets);
}

void add_calibrate(CLI::App& program, Arguments& arguments) {
  CalibrateArguments& calibrate = arguments.calibrate;
  CLI::App* verb = add_verb(program, "calibrate", "Turn recordings of Spot pools into settings",
                            "  fleetsim calibrate scenarios/data/no-stated-licence/\\\n"
                            "    sky-avail-2023-02/availability.csv -o market.yaml\n"
                            "  fleetsim calibrate us-east-1a/p3.2xlarge=trace.json.xz",
                            arguments, [&arguments] { return calibrate_market(arguments.calibrate, arguments.common); });
  verb->get_option("--output")->description("Write the settings (YAML), whole or not at all");
  verb->add_option("inputs", calibrate.inputs,
                   "Availability traces, fleet events, price\nhistories, Advisor data: .json or .csv, also .gz\n"
                   "and .xz. A trace that does not name its pool\nis written as ZONE/TYPE=FILE")
      ->required()
      ->type_name("FILE");
  verb->add_option("--pool", calibrate.pools, "Only this pool (repeatable)")
      ->type_name("ZONE/TYPE")
      ->allow_extra_args(false);
  verb->add_option("--product", calibrate.product, "Whose prices; without it, Linux/UNIX")->type_name("PRODUCT");
  add_number<std::int64_t>(*verb, "--needed", 1, 1'000'000, "Instances without which a pool counts as\nclosed; without it, 1",
                           [&calibrate](std::int64_t count) { calibrate.needed = count; });
  verb->add_flag("--independent", calibrate.independent,
                 "Write each pool's own open and closed times, not\nwhat the pools of a Region share");
  verb->add_option_function<std::string>(
          "-f,--format",
          [&calibrate](const std::string& name) {
            if (name != "table" && name != "json") {
              throw CLI::ValidationError("--format", fmt::format("'{}' is no format; write table or json", name));
            }
            calibrate.format = name == "json" ? Format::json : Format::table;
          },
          "Of the report: table or json")
      ->type_name("FORMAT");
}

void add_bench(CLI::App& program, Arguments& arguments) {
  BenchArguments& bench = arguments.bench;
  CLI::App* verb = add_verb(program, "bench", "Compare results and speed with a recorded baseline",
                            "  fleetsim bench scenarios/bench/shipped.yaml\n"
                            "  fleetsim bench scenarios/bench/shipped.yaml --update",
                            arguments, [&arguments] { return run_bench(arguments.bench, arguments.common); });
  verb->get_option("--output")->description("Write the table to a file, whole or not at all");
  verb->add_option("suite", bench.suite, "Suite file (YAML): scenarios, and their baseline")
      ->required()
      ->type_name("FILE")
      ->check(is_named);
  verb->add_flag("--update", bench.update, "Record what is measured as the new baseline");
  add_number<int>(*verb, "--rounds", 1, 1000, "Runs of each case, at least; the fastest is its\nspeed; instead of the suite's",
                  [&bench](int rounds) { bench.rounds = rounds; });
  verb->add_flag_callback("--no-speed", [&bench] { bench.with_speed = false; }, "Compare results only");
  verb->add_flag("--callgrind", bench.callgrind, "Count instructions with valgrind");
  const auto add_file = [&](const char* name, Destination& destination, const char* what) {
    verb->add_option(name, destination, what)->type_name("FILE")->check(is_named);
  };
  add_file("--json", bench.json, "Also write the verdicts as JSON");
  add_file("--junit", bench.junit, "Also write the verdicts as JUnit XML, for CI");
  verb->footer(verb->get_footer() +
               "\n\nThe exit code is 1 if a result, a speed or a number of instructions is worse\n"
               "than the baseline allows. docs/bench.md says how suites are written.");
}

void add_documents(CLI::App& program, Arguments& arguments) {
  CLI::App* schema = add_verb(program, "schema", "Print the JSON Schema of scenario files, for editors",
                              "  fleetsim schema -o fleetsim.schema.json\n"
                              "  fleetsim schema --study -o study.schema.json", arguments,
                              [&arguments] { return print_schema(arguments.schema_of_studies, arguments.common); });
  schema->add_flag("--study", arguments.schema_of_studies, "Of study files instead");
  add_verb(program, "reference", "Print the reference of all settings, in Markdown",
           "  fleetsim reference | less", arguments, [&arguments] { return print_reference(arguments.common); });
}

/// Parses and runs; everything that is no bug of ours leaves as an exit code and a message.
ExitCode run_program(int argc, char** argv) {
  Arguments arguments;
  CLI::App program("Simulates EC2 fleets on Spot and on-demand capacity: what they cost and drop.",
                   "fleetsim");
  program.require_subcommand(0, 1);
  program.set_version_flag("-V,--version", fmt::format("fleetsim {}", version), "Print the version");
  program.get_formatter()->column_width(26);
  program.get_formatter()->label("SUBCOMMAND", "VERB");
  program.footer(example("  fleetsim run scenarios/quickstart.yaml\n\n"
                         "fleetsim VERB --help says more about one of them.\n\n"
                         "Exit codes:\n"
                         "  0    done\n"
                         "  1    done, but an objective does not hold, or a benchmark got worse\n"
                         "  2    the command line or a file is wrong; nothing was run\n"
                         "  3    the run failed, or its results could not be written\n"
                         "  130  interrupted; what was finished is printed"));
  add_run(program, arguments);
  add_compare(program, arguments);
  add_advise(program, arguments);
  add_study(program, arguments);
  add_validate(program, arguments);
  add_explain(program, arguments);
  add_calibrate(program, arguments);
  add_bench(program, arguments);
  add_documents(program, arguments);

  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    std::ostringstream text;
    program.exit(help_or_version, text, text);
    return write_answer(text.str(), {});
  } catch (const CLI::ParseError& error) {
    print_error(explain_error(program, error), style_for(STDERR_FILENO, arguments.common.no_color));
    return ExitCode::wrong_input;
  }
  if (!arguments.chosen) {
    say(program.help());
    return ExitCode::wrong_input;
  }
  return arguments.chosen();
}

}  // namespace
}  // namespace fleetsim::cli

int main(int argc, char** argv) {
  using namespace fleetsim;
  // "fleetsim help run" says what "fleetsim run --help" does.
  std::vector<char*> arguments(argv, argv + argc);
  std::string help = "--help";
  if (argc >= 2 && std::string_view(argv[1]) == "help") {
    arguments.erase(arguments.begin() + 1);
    arguments.push_back(help.data());
  }
  // A closed pipe shows as an error of write, which is told; the signal would end the program without a word.
  std::signal(SIGPIPE, SIG_IGN);
  cli::occupy_standard_streams();
  const auto failed = [](const std::string& message) {
    cli::print_error(message, cli::style_for(STDERR_FILENO, false));
    return static_cast<int>(cli::ExitCode::failed);
  };
  try {
    return static_cast<int>(cli::run_program(static_cast<int>(arguments.size()), arguments.data()));
  } catch (const InvariantViolation& bug) {
    return failed(std::string(bug.what()) +
                  "\n  help: this is a bug of fleetsim; please report it with the scenario and the command line");
  } catch (const std::bad_alloc&) {
    return failed("out of memory");
  } catch (const std::exception& error) {
    return failed(error.what());
  }
}
