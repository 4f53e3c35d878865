// What a search found, in words.

#include <algorithm>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

using experiment::Feasibility;
using experiment::SelectionEnd;

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
      add(fmt::format("Found: {}, with the least {}{}. A search over ranges promises no probability; {}.", name, metric, meets,
                      search.end == SelectionEnd::decided ? "no place is left where the surrogate expects a gain worth a look"
                                                          : "it ended with its budget, so more points may find a better one"));
    } else if (search.end == SelectionEnd::decided && search.method == "OCBA") {
      add(fmt::format("{} has the least {}{}. OCBA estimates the probability of that at {:.4g} %; it promises none.", name, metric, meets,
                      search.probability * 100));
    } else if (search.end == SelectionEnd::decided) {
      add(fmt::format("{} has the least {}{}, or one that is larger by no more than the indifference, with probability {:.4g} % or more ({}).",
                      name, metric, meets, search.probability * 100, search.method));
    } else {
      add(fmt::format("Not decided at this budget; {} has the least {}{} so far. {} designs are still possible.", name, metric, meets,
                      search.survivors.size()));
    }
  }
  const auto doubtful = std::count_if(result.designs.begin(), result.designs.end(), [](const StudyDesignResult& design) {
    return is_shown(design) && design.meets_all &&
           std::any_of(design.objectives.begin(), design.objectives.end(), [](const ObjectiveResult& o) { return !o.decided; });
  });
  if (!search.feasibility.empty())
    add(fmt::format("{} of {} designs meet the objectives{}{}.", count(Feasibility::feasible), search.feasibility.size(),
                    count(Feasibility::undecided) > 0 ? fmt::format(", {} are undecided", count(Feasibility::undecided)) : "",
                    // A surrogate search counts means as they are.
                    search.method == "surrogate" && doubtful > 0 ? fmt::format(", {} of them not beyond doubt", doubtful) : ""));
  if (!search.lengths.empty()) {
    std::string words;
    for (const auto& [parameter, length] : search.lengths) words += fmt::format("{}{} {:.2g}", words.empty() ? "" : ", ", parameter, length);
    add(fmt::format("Share of its range over which {} hardly changes, small where a parameter matters: {}.", metric, words));
  }
  return "\n" + text;
}

}  // namespace fleetsim::cli
