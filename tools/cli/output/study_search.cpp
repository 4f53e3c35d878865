// What a search found, in words.

#include <algorithm>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

using experiment::Feasibility;
using experiment::SelectionEnd;

namespace {

/// Of a surrogate search, whose means alone choose: whether chance leaves the choice open, and what else it may have been.
std::string surrogate_lines(const StudyResult& result, const std::string& meets) {
  const SearchResult& search = *result.search;
  const StudyDesignResult& chosen = result.designs[*search.best];
  const std::string& metric = result.metrics[result.minimized].name;
  const std::string end = search.end == SelectionEnd::decided
                              ? "no place is left where the surrogate expects a gain worth a look"
                              : "it ended with its budget, so more points may find a better one";
  std::vector<std::string> cheaper;
  const StudyDesignResult* sure = nullptr;
  for (const StudyDesignResult& design : result.designs) {
    if (!is_shown(design)) continue;
    const StudyMetricResult& minimized = design.metrics[result.minimized];
    if (!design.meets_all && design.may_meet() && minimized.against_chosen && minimized.against_chosen->difference.mean < 0)
      cheaper.push_back(design.name);
    if (design.surely_meets() && (sure == nullptr || minimized.plain.mean < sure->metrics[result.minimized].plain.mean)) sure = &design;
  }
  std::string text;
  if (chosen.surely_meets()) {
    text = fmt::format("Found: {}, with the least {}{}.", chosen.name, metric, meets);
  } else {
    text = fmt::format("Not decided: {} has the least {} of those whose means meet the objectives, but its interval leaves open "
                       "whether it meets them. ", chosen.name, metric);
    text += sure == nullptr ? "No point meets them beyond doubt." : fmt::format("Of the points that meet them beyond doubt, {} has the least.", sure->name);
  }
  if (!cheaper.empty())
    text += fmt::format(" With less {}, and as open whether the objectives are met: {}.", metric, some_of(cheaper));
  if (!chosen.surely_meets() || !cheaper.empty()) text += " More replications of each point would decide.";
  return text + fmt::format(" A search over ranges promises no probability; {}.", end);
}

}  // namespace

std::string search_section(const StudyResult& result) {
  if (!result.search) return "";
  const SearchResult& search = *result.search;
  const std::string& metric = result.metrics[result.minimized].name;
  const auto count = [&](Feasibility which) { return std::count(search.feasibility.begin(), search.feasibility.end(), which); };
  std::string text;
  const auto add = [&text](const std::string& line) { text += wrapped(line) + "\n"; };
  const std::string meets = search.feasibility.empty() ? "" : " of those that meet the objectives";
  if (!search.best) {
    add(search.method == "surrogate"          ? "None of the points looked at meets the objectives."
        : search.end == SelectionEnd::decided ? "No design meets the objectives."
            : fmt::format("Not decided at this budget: no design is known to meet the objectives, {} might.", count(Feasibility::undecided)));
  } else {
    const std::string& name = result.designs[*search.best].name;
    if (search.method == "surrogate") {
      add(surrogate_lines(result, meets));
    } else if (search.end == SelectionEnd::decided && search.method == "OCBA") {
      add(fmt::format("{} has the least {}{}. OCBA estimates the probability of that at {:.4g} %; it promises none.", name, metric, meets,
                      search.probability * 100));
    } else if (search.end == SelectionEnd::decided) {
      add(fmt::format("{} has the least {}{}, or one that is larger by no more than the indifference, with probability {:.4g} % or more ({}).",
                      name, metric, meets, search.probability * 100, search.method));
    } else {
      const std::string which = meets.empty()                                   ? ""
                                : result.designs[*search.best].surely_meets() ? meets + " by their own 95 % intervals"
                                                                              : " of those that the search holds to meet the objectives";
      add(fmt::format("Not decided at this budget; {} has the least {} so far{}. {} still possible.", name, metric, which,
                      search.survivors.size() == 1 ? "1 design is" : fmt::format("{} designs are", search.survivors.size())));
    }
  }
  const auto doubtful = std::count_if(result.designs.begin(), result.designs.end(), [](const StudyDesignResult& design) {
    return is_shown(design) && design.meets_all &&
           std::any_of(design.objectives.begin(), design.objectives.end(), [](const ObjectiveResult& o) { return !o.decided; });
  });
  if (const auto undecided = count(Feasibility::undecided); undecided > 0) {
    add(fmt::format("The search's own test, which is to be right of all designs together, finds that {} of {} meet the objectives and "
                    "leaves {} undecided. In the table each meets or misses by its own 95 % interval.",
                    count(Feasibility::feasible), search.feasibility.size(), undecided));
  } else if (!search.feasibility.empty()) {
    add(fmt::format("{} of {} designs meet the objectives{}.", count(Feasibility::feasible), search.feasibility.size(),
                    // A surrogate search counts means as they are.
                    search.method == "surrogate" && doubtful > 0 ? fmt::format(", {} of them not beyond doubt", doubtful) : ""));
  }
  if (!search.lengths.empty()) {
    std::string words;
    for (const auto& [parameter, length] : search.lengths)
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", parameter, length < 1 ? fmt::format("{:.2g} %", 100 * length) : "all of it");
    add(fmt::format("Part of its range over which one point tells {} at others, small where a parameter matters: {}.", metric, words));
  }
  return "\n" + text;
}

}  // namespace fleetsim::cli
