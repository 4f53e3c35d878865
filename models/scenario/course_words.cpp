#include "models/scenario/course_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {

namespace {

/// "2024-03-11 08:00:00 UTC".
std::string calendar_time(Time at, config::UtcTime run_start) {
  std::string text = config::to_text(config::UtcTime{run_start.seconds_since_1970 + at.since_start().count() / nanoseconds_per_second});
  std::replace(text.begin(), text.end(), 'T', ' ');
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " UTC");
  return text;
}

std::string in_words(const Happened& happened, const RecoveryPlan& plan, config::UtcTime run_start) {
  const std::string& note = happened.note;
  const auto is = [&](auto which) { return happened.step && which(plan.steps()[*happened.step].kind); };
  const char* how = is(is_of_cluster) ? "on " : is([](StepKind kind) { return kind == StepKind::restore; }) ? "" : "as ";
  switch (happened.what) {
    case Happening::begun: return note.empty() ? "begins" : fmt::format("begins, {}{}", how, note);
    case Happening::waits:
      return "waits for " + note + (happened.until ? ", on call again at " + calendar_time(*happened.until, run_start) : "");
    case Happening::attempt_failed: return "attempt fails: " + note;
    case Happening::denied: return "denied: no valid approval";
    case Happening::done: return note.empty() ? "done" : "done: " + note;
    case Happening::given_up: return "given up; the plan goes on without it";
    case Happening::loaded: return "all blocks loaded";
    case Happening::struck: return "a second strike undoes work";
    case Happening::passed: return "the grey failure ends before anybody notices it; nothing is done";
    case Happening::went_on: return note + "; nothing is done";
    case Happening::served: return "users are served";
    case Happening::full_speed: return "full speed";
    case Happening::failed: return "the plan fails";
  }
  return {};
}

/// "3.91 GB", "93 KB": three digits of the largest unit that leaves one before the point.
std::string data_in_words(Bytes data) {
  const auto bytes = static_cast<double>(data.count());
  if (bytes >= 1e12) return fmt::format("{:.3g} TB", bytes / 1e12);
  if (bytes >= 1e9) return fmt::format("{:.3g} GB", bytes / 1e9);
  if (bytes >= 1e6) return fmt::format("{:.3g} MB", bytes / 1e6);
  if (bytes >= 1e3) return fmt::format("{:.3g} KB", bytes / 1e3);
  return fmt::format("{:.0f} B", bytes);
}

std::string rounded(Duration d) { return to_text(d < 10_s ? d / 1'000'000 * 1'000'000 : 1_s * ((d + 500_ms).count() / nanoseconds_per_second)); }

}  // namespace

void add_return(ResultCourse& course, const FailbackOutcome& failback, const std::vector<std::string>& copied_anew) {
  if (!failback.ready_again) {
    course.entries.push_back({.at_s = to_seconds(failback.ended_after), .step = {}, .resource = {},
                              .what = fmt::format("the way back fails: {} were to be sent, and it is never in sync", data_in_words(failback.sent))});
    return;
  }
  course.entries.push_back({.at_s = to_seconds(*failback.ready_again - failback.outage), .step = {}, .resource = {},
                            .what = fmt::format("in sync with the source after {} to send back; clients are moved in {}",
                                                data_in_words(failback.sent), rounded(failback.outage))});
  course.entries.push_back({.at_s = to_seconds(*failback.ready_again), .step = {}, .resource = {}, .what = "back at the source"});
  for (const std::string& replica : copied_anew) {
    course.entries.push_back({.at_s = to_seconds(*failback.ready_again), .step = {}, .resource = replica,
                              .what = "a new replica is begun, in full; until it is whole the promoted one keeps data of this instant"});
  }
}

ResultCourse course_in_words(const RecoveryPlan& plan, const PlanAnswered& answered,
                             const std::vector<FaultSurroundings::Beginning>& faults, const FaultConfig& fault,
                             config::UtcTime run_start, const std::vector<std::string>& copied_anew) {
  const RecoveryOutcome& outcome = answered.outcome;
  const bool grey = fault.kind == FaultKind::grey;
  ResultCourse course;
  course.plan = plan.config().name.value;
  course.fault = fault.name.value;
  const std::int64_t seconds = outcome.disaster.since_start().count() / nanoseconds_per_second;
  course.time = config::to_text(config::UtcTime{run_start.seconds_since_1970 + seconds});
  const auto add = [&](Duration at, std::string step, std::string resource, std::string what) {
    course.entries.push_back({.at_s = to_seconds(at), .step = std::move(step), .resource = std::move(resource), .what = std::move(what)});
  };
  const Duration end = outcome.course.empty() ? Duration{} : outcome.course.back().at;
  for (const FaultSurroundings::Beginning& beginning : faults) {
    if (beginning.at - outcome.disaster > end) break;
    add(beginning.at - outcome.disaster, {}, {}, fmt::format("fault {} strikes", beginning.fault->name.value));
  }
  for (std::size_t r = 0; r < plan.resources().size(); ++r) {
    const ResourceOutcome& own = outcome.resources[r];
    if (own.data_lost) add({}, {}, plan.resources()[r].name, "no recovery point survived");
    if (own.rpa && !outcome.unnoticed && !outcome.went_on) {
      add({}, {}, plan.resources()[r].name,
          fmt::format("newest usable data is {} old; {} written since {}", rounded(*own.rpa),
                      data_in_words(grey ? own.left_behind : own.lost), grey ? "stays at the source" : "is lost"));
    }
  }
  for (const Happened& happened : outcome.course) {
    add(happened.at, happened.step ? plan.steps()[*happened.step].name.value : std::string(),
        happened.resource ? plan.resources()[*happened.resource].name : std::string(), in_words(happened, plan, run_start));
  }
  if (answered.failback) add_return(course, *answered.failback, copied_anew);
  std::stable_sort(course.entries.begin(), course.entries.end(), [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  return course;
}

}  // namespace fleetsim::scenario
