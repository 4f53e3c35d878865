#pragma once
/// Private to the store: what it keeps open, and what SQLite says in words.

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/experiment/store.hpp"
#include "sim/experiment/store_schema.hpp"

namespace fleetsim::experiment {

/// Long enough for another process's largest batch on a slow disk.
inline constexpr int busy_timeout_ms = 60'000;

[[noreturn]] void refuse(const std::string& message);
/// What SQLite says, in the words of someone who has a study running.
[[noreturn]] void rethrow(const std::string& path, const SQLite::Exception& error);
std::string now_utc();
/// "?, ?, ?"
std::string placeholders(std::size_t count);

struct StudyStore::Impl {
  Impl(const std::string& path_, int flags) : path(path_), database(path_, flags, busy_timeout_ms) {}

  std::string path;
  SQLite::Database database;
  StudyIdentity identity;
  Share share;
  bool only_read = false;
  std::vector<Design> designs;
  std::vector<std::string> parameters;  // of all designs, in the order in which they bring them
  std::unordered_map<std::string, std::size_t> by_settings;
  std::int64_t session = 0;
  std::int64_t data_version = 0;
  std::unique_ptr<SQLite::Statement> insert, insert_statistics;

  int pragma(const char* text) { return database.execAndGet(text).getInt(); }

  /// Refuses what is no store, and one of a newer program.
  void check_schema() {
    if (pragma("PRAGMA application_id") != application_id)
      refuse(fmt::format("{} is no study store\n  help: a study's store is another file", path));
    const int version = pragma("PRAGMA user_version");
    if (version > schema_version)
      refuse(fmt::format("{} was written by a newer fleetsim: its schema is version {}, this program knows {}\n"
                         "  help: use that program, or another store",
                         path, version, schema_version));
  }

  std::string get(const std::string& key) {
    SQLite::Statement query(database, "SELECT value FROM study WHERE key = ?");
    query.bind(1, key);
    return query.executeStep() ? query.getColumn(0).getString() : "";
  }
  void put(const std::string& key, const std::string& value) {
    SQLite::Statement query(database, "INSERT INTO study (key, value) VALUES (?, ?)");
    query.bind(1, key);
    query.bind(2, value);
    query.exec();
  }

  void create(const StudyIdentity& wanted, Share of) {
    database.exec(create_tables(wanted.metrics));
    put("name", wanted.name);
    put("seed", std::to_string(wanted.seed));
    put("antithetic_pairs", wanted.antithetic_pairs ? "yes" : "no");
    put("common_random_numbers", wanted.common_random_numbers ? "yes" : "no");
    put("settings", settings_to_text(wanted.settings));
    put("share", fmt::format("{}/{}", of.number, of.count));
    put("created", now_utc());
    SQLite::Statement metric(database, "INSERT INTO metrics (metric, name, source, unit) VALUES (?, ?, ?, ?)");
    for (std::size_t m = 0; m < wanted.metrics.size(); ++m) {
      metric.bind(1, static_cast<std::int64_t>(m));
      metric.bind(2, wanted.metrics[m].name);
      metric.bind(3, wanted.metrics[m].source);
      metric.bind(4, wanted.metrics[m].unit);
      metric.exec();
      metric.reset();
    }
    database.exec(create_summary_view(wanted.metrics, {}));
  }

  /// Inputs and definitions that the store does not have yet, and the study's present name.
  void learn(const StudyIdentity& wanted) {
    SQLite::Statement rename(database, "UPDATE study SET value = ? WHERE key = 'name'");
    rename.bind(1, wanted.name);
    rename.exec();
    SQLite::Statement define(database, "INSERT OR IGNORE INTO definitions (name, meaning) VALUES (?, ?)");
    for (const Setting& definition : wanted.definitions) {
      define.bind(1, definition.name);
      define.bind(2, definition.value);
      define.exec();
      define.reset();
    }
    SQLite::Statement add(database, "INSERT OR IGNORE INTO inputs (file, digest, bytes, text) VALUES (?, ?, ?, ?)");
    for (const InputFile& input : wanted.inputs) {
      add.bind(1, input.name);
      add.bind(2, input.digest);
      add.bind(3, static_cast<std::int64_t>(input.bytes));
      if (input.text.empty()) add.bind(4);
      else add.bind(4, input.text);
      add.exec();
      add.reset();
    }
  }

  void load_identity() {
    identity.name = get("name");
    identity.seed = std::strtoull(get("seed").c_str(), nullptr, 10);
    identity.antithetic_pairs = get("antithetic_pairs") == "yes";
    identity.common_random_numbers = get("common_random_numbers") == "yes";
    identity.settings = settings_from_text(get("settings"));
    const std::string text = get("share");
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) refuse(fmt::format("{} is an incomplete study store\n  help: delete it", path));
    share = {static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10)),
             static_cast<std::uint32_t>(std::strtoul(text.c_str() + slash + 1, nullptr, 10))};
    SQLite::Statement metric(database, "SELECT name, source, unit FROM metrics ORDER BY metric");
    while (metric.executeStep())
      identity.metrics.push_back(
          {metric.getColumn(0).getString(), metric.getColumn(1).getString(), metric.getColumn(2).getString()});
    SQLite::Statement definition(database, "SELECT name, meaning FROM definitions ORDER BY name");
    while (definition.executeStep())
      identity.definitions.push_back({definition.getColumn(0).getString(), definition.getColumn(1).getString()});
    SQLite::Statement input(database, "SELECT file, digest, bytes, text FROM inputs ORDER BY file");
    while (input.executeStep())
      identity.inputs.push_back({.name = input.getColumn(0).getString(),
                                 .digest = input.getColumn(1).getString(),
                                 .bytes = static_cast<std::uint64_t>(input.getColumn(2).getInt64()),
                                 .text = input.getColumn(3).isNull() ? "" : input.getColumn(3).getString()});
  }

  void add_design(const Design& design) {
    for (const Setting& setting : design.settings)
      if (std::find(parameters.begin(), parameters.end(), setting.name) == parameters.end()) parameters.push_back(setting.name);
    designs.push_back(design);
  }

  void load_designs() {
    SQLite::Statement query(database, "SELECT name, settings FROM designs WHERE design >= ? ORDER BY design");
    query.bind(1, static_cast<std::int64_t>(designs.size()));
    while (query.executeStep()) {
      by_settings.emplace(query.getColumn(1).getString(), designs.size());
      add_design({query.getColumn(0).getString(), settings_from_text(query.getColumn(1).getString())});
    }
  }

  void begin_session(const Session& info) {
    SQLite::Statement add(database, "INSERT INTO sessions (program, version, host, process, started) VALUES (?, ?, ?, ?, ?)");
    add.bind(1, info.program);
    add.bind(2, info.version);
    add.bind(3, info.host);
    add.bind(4, info.process);
    add.bind(5, info.started);
    add.exec();
    session = database.getLastInsertRowid();
  }

  void prepare_insert() {
    std::string columns = "design, replication, session";
    for (const MetricColumn& metric : identity.metrics) columns += ", " + sql_name(metric.name);
    insert = std::make_unique<SQLite::Statement>(
        database, fmt::format("INSERT OR IGNORE INTO replications ({}) VALUES ({})", columns,
                              placeholders(3 + identity.metrics.size())));
    insert_statistics = std::make_unique<SQLite::Statement>(
        database, fmt::format("INSERT OR REPLACE INTO statistics VALUES ({})",
                              placeholders(2 + identity.metrics.size() * statistics_columns().size())));
  }
};

}  // namespace fleetsim::experiment
