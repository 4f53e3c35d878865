#pragma once
/// What a study answers, as text for people and for programs.

#include <string>

#include "fleetsim/study.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// A design's values, "75%, 80%, 85%"; the header of a table has their names.
std::string label_of(const StudyDesignResult& design);

/// At most 80 columns wide. `store`: the file's name. Requires everywhere: a complete result.
std::string study_table(const StudyResult& result, const std::string& store, const TextStyle& style);
/// One object: study, designs, precision, search, sensitivity, worlds, warnings.
std::string study_json(const StudyResult& result);
/// A line a design, after a header: its settings, and of each metric mean, interval, deviation and quantiles.
std::string study_csv(const StudyResult& result);
/// A picture (SVG): the bars of a tornado, the frontier, or the first metric of each design.
std::string study_picture(const StudyResult& result);

/// What a store holds, whoever and whenever ran it: equal stores, equal bytes.
std::string export_summary_csv(const experiment::StudyStore& store);
std::string export_replications_csv(const experiment::StudyStore& store);
std::string export_json(const experiment::StudyStore& store, bool replications);

}  // namespace fleetsim::cli
