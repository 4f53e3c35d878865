#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "fleetsim/study.hpp"
#include "fleetsim/version.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/commands/share.hpp"
#include "tools/cli/interrupt.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/study.hpp"
#include "tools/cli/progress_bar.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

namespace {

using experiment::Share;
using experiment::StoreError;
namespace fs = std::filesystem;

constexpr std::uint64_t designs_without_asking = 1'000'000;

experiment::Session this_process() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char started[32];
  const std::size_t length = std::strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {.program = "fleetsim", .version = std::string(version), .host = host, .process = getpid(), .started = {started, length}};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string default_store(const StudyArguments& arguments, Share share) {
  const std::string stem = fs::path(arguments.study).stem().string();
  return share.count == 1 ? stem + ".db" : fmt::format("{}.{}-of-{}.db", stem, share.number, share.count);
}

/// For a shell: in quotes where the text needs them.
std::string quoted(const std::string& text) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-./=:,+@").find(c) != std::string_view::npos; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

/// What to give to go on.
std::string same_command(const StudyArguments& arguments, const CommonArguments& common, const std::string& store, Share share) {
  std::string command = fmt::format("fleetsim study {} --store {}", quoted(arguments.study), quoted(store));
  if (share.count > 1) command += fmt::format(" --shard {}/{}", share.number, share.count);
  for (const std::string& set : arguments.sets) command += " --set " + quoted(set);
  if (arguments.seed) command += fmt::format(" --seed {}", *arguments.seed);
  if (arguments.replications) command += fmt::format(" --replications {}", *arguments.replications);
  if (arguments.picture) command += " --picture " + quoted(*arguments.picture);
  if (arguments.jobs > 0) command += fmt::format(" --jobs {}", arguments.jobs);
  if (arguments.format) command += fmt::format(" --format {}", *arguments.format == Format::json ? "json" : *arguments.format == Format::csv ? "csv" : "table");
  if (common.output) command += " --output " + quoted(*common.output);
  if (arguments.yes) command += " --yes";
  return command;
}

/// A bar on a terminal; elsewhere, as in the log of a batch job, a line now and then.
class Watch {
 public:
  explicit Watch(bool quiet) : quiet_(quiet), terminal_(is_terminal(STDERR_FILENO)) {}

  void show(const StudyProgress& progress) {
    const Clock::time_point now = Clock::now();
    // The clock starts with the first replication: many designs take a while to write down.
    if (!bar_) bar_.emplace(!quiet_ && terminal_);
    bar_->show(progress.done, progress.total, progress.precision);
    if (quiet_ || terminal_) return;
    if (!found_) {
      found_ = progress.done - 1;
      start_ = said_ = now;
    }
    if (now - said_ < interval) return;
    said_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const std::string line = ProgressBar::line(progress.done, progress.total, elapsed, 200, *found_);
    say(line.substr(line.find(']') + 2) + (progress.precision.empty() ? "" : "; " + progress.precision) + "\n");
  }
 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds interval{30};

  const bool quiet_;
  const bool terminal_;
  std::optional<ProgressBar> bar_;
  Clock::time_point start_, said_;
  std::optional<std::uint64_t> found_;
};

std::string text_of(const StudyResult& result, const StudyArguments& arguments, const CommonArguments& common,
                    const std::string& store) {
  switch (arguments.format_for(common.output)) {
    case Format::json: return study_json(result);
    case Format::csv: return study_csv(result);
    case Format::html:  // not offered
    case Format::table: break;
  }
  TextStyle style = common.style(STDOUT_FILENO);
  if (common.output) style.color = false;
  return study_table(result, store, style);
}

/// 1 if a design was looked for and none was found that meets the objectives, or none was decided on, or if no design meets
/// them. What a surrogate search found counts where it meets them beyond doubt.
ExitCode judged(const StudyResult& result) {
  if (result.search) {
    const SearchResult& search = *result.search;
    const bool found = search.best && (search.method == "surrogate" ? result.designs[*search.best].surely_meets()
                                                                    : search.end == experiment::SelectionEnd::decided);
    return found ? ExitCode::done : ExitCode::missed;
  }
  bool any = result.designs.empty();
  for (const StudyDesignResult& design : result.designs) any = any || (design.replications > 0 && design.meets_all);
  return any ? ExitCode::done : ExitCode::missed;
}

ExitCode refused(const StoreError& error, const TextStyle& style) {
  print_error(error.what(), style);
  return error.kind() == StoreError::Kind::refused ? ExitCode::wrong_input : ExitCode::failed;
}

}  // namespace

ExitCode run_study_file(const StudyArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  const auto wrong = [&](const std::string& message) {
    print_error(message, style);
    return ExitCode::wrong_input;
  };
  if (arguments.study.empty()) return wrong("study needs a file to work on\n  help: fleetsim study --help");
  if (arguments.picture && fs::path(*arguments.picture).extension() != ".svg")
    return wrong(fmt::format("a picture is an SVG file, and {} would not be known as one\n  help: give it a name that ends in .svg", *arguments.picture));
  std::string problem;
  const std::optional<Share> share =
      arguments.shard ? parse_share(*arguments.shard, problem) : share_of_environment(environment, problem);
  if (!share) return wrong(problem);

  const LoadedStudy loaded =
      load_study(arguments.study, {.sets = arguments.sets, .seed = arguments.seed, .replications = arguments.replications});
  print_diagnostics(loaded.diagnostics, style, !common.quiet);
  const std::string store = arguments.store.value_or(default_store(arguments, *share));
  std::string reason = obstacle(common.output, loaded.files);
  if (reason.empty()) reason = obstacle(store, loaded.files);
  if (reason.empty() && arguments.picture) reason = obstacle(*arguments.picture, loaded.files);
  if (!reason.empty()) print_error(reason, style);
  if (!loaded.study && !common.quiet) say(fmt::format("{}; nothing was run\n", count_errors(loaded.diagnostics)));
  if (!loaded.study || !reason.empty()) return ExitCode::wrong_input;
  const Study& study = *loaded.study;
  if (share->count > 1 && !study.divisible())
    return wrong("a search decides as it goes and cannot be divided into shares\n"
                 "  help: run it in one process, or leave out search: and divide the designs");
  if (study.designs() > designs_without_asking && !arguments.yes)
    return wrong(fmt::format("the study has {} designs\n  help: take fewer values, or a Latin hypercube; --yes if that many are meant",
                             study.designs() == std::numeric_limits<std::uint64_t>::max()
                                 ? "more than can be counted"
                                 : grouped(static_cast<double>(study.designs()), 0)));

  StudyResult result;
  try {
    const InterruptGuard interrupt;
    Watch watch(common.quiet);
    result = run_study(study, {.store = store, .share = *share, .session = this_process(), .jobs = arguments.jobs,
                               .stop_requested = &interrupt.flag(),
                               .progress = [&](const StudyProgress& progress) { watch.show(progress); },
                               .notice = [&](const std::string& sentence) {
                                 if (!common.quiet) say(style.yellow("Note:") + " " + wrapped(sentence + ".", 2, 6) + "\n");
                               }});
  } catch (const StoreError& error) {
    return refused(error, style);
  }
  if (!result.complete) {
    say(wrapped(fmt::format("Interrupted: {} of the {} replications asked for so far are kept in {}. To go on:",
                            grouped(static_cast<double>(result.replications), 0), grouped(static_cast<double>(result.wanted), 0), store)) +
        "\n  " + same_command(arguments, common, store, *share) + "\n");
    return ExitCode::interrupted;
  }
  if (share->count > 1) {
    if (!common.quiet)
      say(wrapped(fmt::format("Share {} of {} is complete: {} in {}. When all are: fleetsim study merge, then the study "
                              "with the merged store.",
                              share->number, share->count, counted(static_cast<double>(result.replications), "replication"), store)) + "\n");
    return ExitCode::done;
  }
  if (arguments.picture) write(*arguments.picture, study_picture(result));
  write(common.output, text_of(result, arguments, common, store));
  return judged(result);
}

ExitCode export_study(const StudyExportArguments& arguments, const CommonArguments& common) {
  try {
    const experiment::StudyStore store = experiment::StudyStore::read(arguments.store);
    const std::string text = arguments.format == Format::json
                                 ? export_json(store, arguments.replications)
                                 : arguments.replications ? export_replications_csv(store) : export_summary_csv(store);
    return write_answer(text, common, {arguments.store});
  } catch (const StoreError& error) {
    return refused(error, common.style(STDERR_FILENO));
  }
}

ExitCode merge_study(const StudyMergeArguments& arguments, const CommonArguments& common) {
  const TextStyle style = common.style(STDERR_FILENO);
  if (const std::string reason = obstacle(arguments.into, {}); !reason.empty()) {
    print_error(reason, style);
    return ExitCode::wrong_input;
  }
  try {
    const experiment::MergeResult merged = experiment::merge_shares(arguments.into, arguments.shares, this_process());
    if (!common.quiet)
      say(wrapped(fmt::format("{} added to {}.", counted(static_cast<double>(merged.added), "replication"), arguments.into)) + "\n");
    for (const auto& [file, lacking] : merged.unfinished)
      print_error(fmt::format("{} is not finished: {} {} missing\n  help: run that share again, then merge it again", file,
                              counted(static_cast<double>(lacking), "replication"), lacking == 1 ? "is" : "are"),
                  style);
    if (!merged.missing.empty()) {
      std::string numbers;
      for (const std::uint32_t number : merged.missing) numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", number);
      print_error(fmt::format("share{} {} missing: {}\n  help: merge {} when {} there", merged.missing.size() == 1 ? "" : "s",
                              merged.missing.size() == 1 ? "is" : "are", numbers, merged.missing.size() == 1 ? "it" : "them",
                              merged.missing.size() == 1 ? "it is" : "they are"),
                  style);
    }
    return merged.missing.empty() && merged.unfinished.empty() ? ExitCode::done : ExitCode::missed;
  } catch (const StoreError& error) {
    return refused(error, style);
  }
}

}  // namespace fleetsim::cli
