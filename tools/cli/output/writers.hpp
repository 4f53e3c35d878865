#pragma once
/// A result in the forms that `--format` names. Each function returns the whole text, ending in a newline.

#include <string>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"
#include "tools/cli/text_sink.hpp"

namespace fleetsim::cli {

/// For people, at most 80 columns wide: sentences, then a table a fleet, totals, objectives and warnings.
std::string to_table(const RunResult& result, const TextStyle& style);

struct JsonOptions {
  bool values = false;  ///< each metric with its value in each replication; null where it was not observed
};
/// One object: scenario, fleetsim, seed, replications, metrics, objectives, ledger, warnings, series, fingerprint.
/// Numbers are in the shortest form that reads back as the same value; what is not a number is null.
std::string to_json(const RunResult& result, const JsonOptions& options = {});
/// The same text, a piece at a time.
void write_json(const TextSink& out, const RunResult& result, const JsonOptions& options);

/// One page that needs no other file: pictures of what tables cannot show, such as recovery points by the hour of the week,
/// then the tables.
std::string to_html(const RunResult& result);

/// One row a metric, after a header; an absent bound is an empty field (RFC 4180, with line feeds). An interrupted run
/// has a last row `replications.unfinished`.
std::string to_csv(const RunResult& result);

}  // namespace fleetsim::cli
