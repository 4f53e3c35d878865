#pragma once
/// Private to the store: its tables and views as SQL.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/experiment/store.hpp"

namespace fleetsim::experiment {

/// Says to tools such as file(1) whose database it is: "flst".
inline constexpr int application_id = 0x666c7374;

/// A name in double quotes, for SQL.
std::string sql_name(std::string_view name);
/// The tables of a new store.
std::string create_tables(const std::vector<MetricColumn>& metrics);
/// The view `summary`, made anew for these parameters.
std::string create_summary_view(const std::vector<MetricColumn>& metrics, const std::vector<std::string>& parameters);
/// The columns of `statistics` of one metric, without its name: "n", "mean", ...
const std::vector<std::string>& statistics_columns();

/// A design's settings as one text, {"name": "value", ...}, and back.
std::string settings_to_text(const std::vector<Setting>& settings);
std::vector<Setting> settings_from_text(const std::string& text);

}  // namespace fleetsim::experiment
