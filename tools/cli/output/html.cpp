// One page that stands by itself: pictures of what a table cannot show, then the tables.

#include <optional>

#include <fmt/format.h>

#include "tools/cli/output/course_picture.hpp"
#include "tools/cli/output/heat_map.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/recovery_table.hpp"
#include "tools/cli/output/svg.hpp"
#include "tools/cli/output/writers.hpp"

namespace fleetsim::cli {

namespace {

constexpr const char* style_sheet = R"(
body { font-family: sans-serif; margin: 2em auto; max-width: 62em; padding: 0 1em; color: #111827; background: #ffffff; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 2em; }
figure { margin: 1em 0; overflow-x: auto; } pre { overflow-x: auto; font-size: 0.85em; line-height: 1.3; }
table { border-collapse: collapse; font-size: 0.9em; } th, td { text-align: right; padding: 0.15em 0.8em 0.15em 0; }
th:first-child, td:first-child { text-align: left; } th { border-bottom: 1px solid #9ca3af; font-weight: 600; }
.missed { color: #b42318; font-weight: 600; }
)";

std::string cell(const std::string& text, const char* kind = "td", const char* mark = "") {
  return fmt::format("<{0}{1}>{2}</{0}>", kind, mark, svg::escaped(text));
}

/// Each drill of the first replication, with the verdicts.
std::string drills_of(const RunResult& result, const PlanSummary& plan) {
  std::string rows;
  const auto time = [](const std::optional<double>& seconds, const char* without) {
    return seconds ? time_in_words(*seconds) : std::string(without);
  };
  const auto verdict = [](const std::optional<bool>& met) {
    return cell(!met ? "-" : *met ? "met" : "missed", "td", met && !*met ? " class=\"missed\"" : "");
  };
  for (const ResultDrill& drill : result.drills) {
    if (drill.plan != plan.name) continue;
    rows += "<tr>" + cell(drill.time) + cell(time(drill.whole.rpa_s, "-")) + cell(time(drill.whole.rta_s, "never")) +
            cell(time(drill.whole.full_speed_s, "never")) + verdict(drill.rpo_met) + verdict(drill.rto_met) +
            cell(drill.passed ? "passed" : "failed", "td", drill.passed ? "" : " class=\"missed\"") + "</tr>\n";
  }
  if (rows.empty()) return {};
  std::string head = "<tr>";
  for (const char* name : {"drill, UTC", "data old", "served", "full speed", "rpo", "rto", "drill"}) head += cell(name, "th");
  return fmt::format("<h2>Drills of plan {} in the first replication</h2>\n<table>\n{}</tr>\n{}</table>\n", svg::escaped(plan.name),
                     head, rows);
}

}  // namespace

std::string to_html(const RunResult& result) {
  std::string page = fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                                 "content=\"width=device-width\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
                                 "<h1>{0}</h1>\n<p>{2}.</p>\n",
                                 svg::escaped(result.scenario), style_sheet,
                                 svg::escaped(run_in_words(result.replications, result.duration, result.warm_up, result.seed)));
  const TextStyle plain{.color = false, .utf8 = true};
  for (const PlanSummary& plan : result.plans) {
    for (const std::string& words : plan_sentences(result, plan, plain)) page += "<p>" + svg::escaped(words) + "</p>\n";
    if (const std::optional<HeatMap> map = heat_map_of(result, plan)) {
      page += "<figure>" + heat_map_svg(*map, "Plan " + plan.name + ", by hour of the week") + "</figure>\n";
    }
    for (const ResultCourse& course : result.courses) {
      if (course.plan == plan.name) page += "<figure>" + course_svg(course) + "</figure>\n";
    }
    page += drills_of(result, plan);
  }
  page += "<h2>All of it</h2>\n<pre>" + svg::escaped(to_table(result, plain)) + "</pre>\n";
  return page + fmt::format("<p>fleetsim {}</p>\n</body>\n</html>\n", svg::escaped(result.version));
}

}  // namespace fleetsim::cli
