#include "sim/experiment/store_schema.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace fleetsim::experiment {
namespace {

/// "'text'", quotes doubled.
std::string literal(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "''" : std::string(1, c);
  return result + "'";
}

}  // namespace

std::string sql_name(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

const std::vector<std::string>& statistics_columns() {
  static const std::vector<std::string> columns{"n",   "mean", "low", "high", "stddev",  "min",
                                                "p05", "p50",  "p95", "max",  "p95_low", "p95_high"};
  return columns;
}

std::string create_tables(const std::vector<MetricColumn>& metrics) {
  std::string values;
  std::string statistics;
  for (const MetricColumn& metric : metrics) {
    values += ", " + sql_name(metric.name) + " REAL";
    for (const std::string& column : statistics_columns())
      statistics += ", " + sql_name(metric.name + "_" + column) + (column == "n" ? " INTEGER" : " REAL");
  }
  return fmt::format(
      "PRAGMA application_id = {};\n"
      "PRAGMA user_version = {};\n"
      "CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;\n"
      "CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;\n"
      "CREATE TABLE metrics (metric INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
      " unit TEXT NOT NULL);\n"
      "CREATE TABLE definitions (name TEXT PRIMARY KEY, meaning TEXT NOT NULL) WITHOUT ROWID;\n"
      "CREATE TABLE inputs (file TEXT PRIMARY KEY, digest TEXT NOT NULL, bytes INTEGER NOT NULL, text TEXT)"
      " WITHOUT ROWID;\n"
      "CREATE TABLE designs (design INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, settings TEXT NOT NULL UNIQUE);\n"
      "CREATE TABLE sessions (session INTEGER PRIMARY KEY, program TEXT NOT NULL, version TEXT NOT NULL,"
      " host TEXT NOT NULL, process INTEGER NOT NULL, started TEXT NOT NULL, last_commit TEXT,"
      " replications INTEGER NOT NULL DEFAULT 0);\n"
      "CREATE TABLE replications (design INTEGER NOT NULL, replication INTEGER NOT NULL,"
      " session INTEGER NOT NULL{}, PRIMARY KEY (design, replication)) WITHOUT ROWID;\n"
      "CREATE TABLE statistics (design INTEGER PRIMARY KEY, replications INTEGER NOT NULL{});\n",
      application_id, StudyStore::schema_version, values, statistics);
}

std::string create_summary_view(const std::vector<MetricColumn>& metrics, const std::vector<std::string>& parameters) {
  std::string columns = "designs.name AS design, statistics.replications AS replications";
  for (const std::string& parameter : parameters) {
    if (parameter == "design") continue;
    columns += fmt::format(", (SELECT value FROM json_each(designs.settings) WHERE key = {}) AS {}", literal(parameter),
                           sql_name(parameter));
  }
  for (const MetricColumn& metric : metrics)
    for (const std::string& column : statistics_columns()) columns += ", statistics." + sql_name(metric.name + "_" + column);
  return fmt::format(
      "DROP VIEW IF EXISTS summary;\n"
      "CREATE VIEW summary AS SELECT {} FROM designs LEFT JOIN statistics USING (design) ORDER BY designs.design;\n",
      columns);
}

std::string settings_to_text(const std::vector<Setting>& settings) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Setting& setting : settings) json[setting.name] = setting.value;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<Setting> settings_from_text(const std::string& text) {
  std::vector<Setting> settings;
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return settings;
  for (const auto& [name, value] : json.items()) settings.push_back({name, value.is_string() ? value.get<std::string>() : ""});
  return settings;
}

}  // namespace fleetsim::experiment
