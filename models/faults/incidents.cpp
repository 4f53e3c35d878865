#include "models/faults/incidents.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim {
namespace {

/// "2018-01-04T21:53Z" and "2018-01-04" are to the minute and to the day; seconds may be given.
std::optional<config::UtcTime> parse_instant(std::string_view text) {
  std::string whole(text);
  if (whole.size() == 10) whole += "T00:00:00Z";
  if (whole.size() == 17 && whole.back() == 'Z') whole.insert(16, ":00");
  return config::parse_utc_time(whole);
}

bool read_instant(config::CsvReader& csv, std::size_t column, config::UtcTime& out) {
  if (const std::optional<config::UtcTime> instant = parse_instant(csv.text(column))) {
    out = *instant;
    return true;
  }
  csv.error(column, fmt::format("'{}' is no instant", csv.text(column)), "write it as 2018-01-04T21:53Z");
  return false;
}

bool allowed(const std::vector<std::string>& wanted, std::string_view found) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), found) != wanted.end();
}

/// Of words joined by '+', whether one is wanted.
bool any_allowed(const std::vector<std::string>& wanted, std::string_view joined) {
  if (wanted.empty()) return true;
  while (!joined.empty()) {
    const std::size_t plus = joined.find('+');
    if (allowed(wanted, joined.substr(0, plus))) return true;
    joined = plus == std::string_view::npos ? std::string_view{} : joined.substr(plus + 1);
  }
  return false;
}

}  // namespace

IncidentReplay read_replay(config::Section& in, config::UtcTime run_start, Duration run_length) {
  IncidentReplay replay;
  config::FilePath file;
  const bool given = in.required("file", file).doc("a table of incidents (CSV)").given();
  in.optional("regions", replay.regions).default_is("all").doc("rows of these Regions only");
  in.optional("services", replay.services).default_is("all").doc("rows of these services only; needs the column service");
  in.optional("kinds", replay.kinds).default_is("all").doc("rows of one of these kinds only");
  in.optional("scopes", replay.scopes).default_is("all").doc("rows of these scopes only: az, region, global");
  if (in.describing() || !given) return replay;

  std::vector<std::string> columns{"start_utc", "end_utc", "region", "scope", "kind"};
  if (!replay.services.empty()) columns.emplace_back("service");
  config::CsvReader csv(file, columns, in.diagnostics());
  std::size_t matching = 0;
  while (csv.next()) {
    config::UtcTime start, end;
    const bool ends = !csv.empty(1);
    if (!read_instant(csv, 0, start) || (ends && !read_instant(csv, 1, end))) continue;
    if (ends && end < start) {
      csv.error(1, "end_utc: is before start_utc");
      continue;
    }
    if (!allowed(replay.regions, csv.text(2)) || !allowed(replay.scopes, csv.text(3)) ||
        !any_allowed(replay.kinds, csv.text(4)) || (!replay.services.empty() && !allowed(replay.services, csv.text(5)))) {
      continue;
    }
    ++matching;
    const std::int64_t after = start.seconds_since_1970 - run_start.seconds_since_1970;
    if (after < 0 || after >= run_length.count() / nanoseconds_per_second) continue;
    IncidentReplay::Incident incident{.begin = Time::at(1_s * after), .duration = {}};
    if (ends) incident.duration = 1_s * (end.seconds_since_1970 - start.seconds_since_1970);
    replay.incidents.push_back(incident);
  }
  std::stable_sort(replay.incidents.begin(), replay.incidents.end(),
                   [](const auto& a, const auto& b) { return a.begin < b.begin; });
  if (csv.ok() && replay.incidents.empty()) {
    in.warning("file", fmt::format("file: none of the {} incidents that match lies in the run", matching),
               "let run: {start: ..., duration: ...} cover some of them");
  }
  return replay;
}

}  // namespace fleetsim
