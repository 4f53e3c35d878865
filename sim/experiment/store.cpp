#include "fleetsim/sim/experiment/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "fleetsim/sim/invariant.hpp"
#include "sim/experiment/differences.hpp"
#include "sim/experiment/store_schema.hpp"

namespace fleetsim::experiment {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
/// Long enough for another process's largest batch on a slow disk.
constexpr int busy_timeout_ms = 60'000;

using Kind = StoreError::Kind;

[[noreturn]] void refuse(const std::string& message) { throw StoreError(Kind::refused, message); }

/// What SQLite says, in the words of someone who has a study running.
[[noreturn]] void rethrow(const std::string& path, const SQLite::Exception& error) {
  const int code = error.getErrorCode() & 0xff;
  switch (code) {
    case SQLITE_FULL:
      throw StoreError(Kind::failed, fmt::format("the disk that holds {} is full; what was committed before is safe\n"
                                                 "  help: make room, then give the same command again: it goes on",
                                                 path));
    case SQLITE_NOTADB:
      refuse(fmt::format("{} is no study store\n  help: a study's store is another file", path));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      refuse(fmt::format("cannot write the study store {}: {}\n"
                         "  help: give it a place that can be written to, with --store",
                         path, error.what()));
    case SQLITE_BUSY:
      throw StoreError(Kind::failed, fmt::format("{} has been locked by another process for a minute; what was committed "
                                                 "before is safe\n  help: end that process, or wait for it",
                                                 path));
    case SQLITE_CORRUPT:
      throw StoreError(Kind::failed, fmt::format("{} is damaged: {}\n  help: `sqlite3 {} .recover` saves what can be read",
                                                 path, error.what(), path));
    default:
      throw StoreError(Kind::failed, fmt::format("{}: {}; what was committed before is safe\n"
                                                 "  help: give the same command again: it goes on",
                                                 path, error.what()));
  }
}

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text, length};
}

void bind(SQLite::Statement& statement, int index, double value) {
  if (std::isnan(value)) statement.bind(index);
  else statement.bind(index, value);
}

void bind(SQLite::Statement& statement, int index, const std::optional<std::pair<double, double>>& interval) {
  bind(statement, index, interval ? interval->first : not_a_number);
  bind(statement, index + 1, interval ? interval->second : not_a_number);
}

std::string placeholders(std::size_t count) {
  std::string text = "?";
  for (std::size_t i = 1; i < count; ++i) text += ", ?";
  return text;
}

}  // namespace

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

StudyStore::StudyStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StudyStore::StudyStore(StudyStore&&) noexcept = default;
StudyStore& StudyStore::operator=(StudyStore&&) noexcept = default;
StudyStore::~StudyStore() = default;

StudyStore StudyStore::open(const std::string& path, const StudyIdentity& identity, Share share, const Session& session) {
  try {
    auto impl = std::make_unique<Impl>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& database = impl->database;
    // A rollback journal works on file systems of networks, which write-ahead logging does not; "full" and "extra" bring
    // each commit, and the journal's end, to the disk before it counts.
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = OFF;");
    // One process makes it; another that comes at the same time waits here and finds it made.
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) impl->create(identity, share);
    impl->check_schema();
    impl->load_identity();
    if (const std::string changed = differences(impl->identity, identity); !changed.empty())
      refuse(fmt::format("{} holds another study:{}\n  help: results of both don't mix; go back, or give this study a "
                         "store of its own with --store",
                         path, changed));
    if (impl->share != share)
      refuse(fmt::format("{} holds share {}/{} of the study, this is share {}/{}\n  help: give each share a store of its own",
                         path, impl->share.number, impl->share.count, share.number, share.count));
    impl->learn(identity);
    impl->begin_session(session);
    impl->load_designs();
    transaction.commit();
    impl->prepare_insert();
    impl->data_version = database.execAndGet("PRAGMA data_version").getInt64();
    return StudyStore(std::move(impl));
  } catch (const SQLite::Exception& error) {
    rethrow(path, error);
  }
}

StudyStore StudyStore::read(const std::string& path) {
  std::error_code error_code;
  if (!std::filesystem::exists(path, error_code)) refuse(fmt::format("there is no study store {}", path));
  try {
    // A process that was killed may have left a journal, which whoever comes next must play back: that is to write. Where
    // the file can't be written SQLite opens it to read all the same.
    auto impl = std::make_unique<Impl>(path, SQLite::OPEN_READWRITE);
    impl->database.exec("PRAGMA query_only = ON; BEGIN");
    impl->only_read = true;
    impl->check_schema();
    impl->load_identity();
    impl->load_designs();
    return StudyStore(std::move(impl));
  } catch (const SQLite::Exception& error) {
    rethrow(path, error);
  }
}

const std::string& StudyStore::path() const { return impl_->path; }
const StudyIdentity& StudyStore::identity() const { return impl_->identity; }
Share StudyStore::share() const { return impl_->share; }
const std::vector<Design>& StudyStore::designs() const { return impl_->designs; }

std::string StudyStore::note(const std::string& name) const {
  SQLite::Statement query(impl_->database, "SELECT text FROM notes WHERE name = ?");
  query.bind(1, name);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

void StudyStore::set_note(const std::string& name, const std::string& text) {
  if (note(name) == text) return;
  try {
    SQLite::Statement query(impl_->database, "INSERT OR REPLACE INTO notes (name, text) VALUES (?, ?)");
    query.bind(1, name);
    query.bind(2, text);
    query.exec();
  } catch (const SQLite::Exception& error) {
    rethrow(impl_->path, error);
  }
}

std::vector<std::size_t> StudyStore::find_or_add(const std::vector<Design>& wanted) {
  Impl& impl = *impl_;
  std::vector<std::size_t> numbers;
  numbers.reserve(wanted.size());
  const auto find_all = [&] {
    numbers.clear();
    for (const Design& design : wanted) {
      const auto found = impl.by_settings.find(settings_to_text(design.settings));
      if (found == impl.by_settings.end()) return false;
      numbers.push_back(found->second);
    }
    return true;
  };
  if (find_all()) return numbers;
  try {
    SQLite::Transaction transaction(impl.database, SQLite::TransactionBehavior::IMMEDIATE);
    impl.load_designs();  // that another process may have added
    SQLite::Statement add(impl.database, "INSERT INTO designs (design, name, settings) VALUES (?, ?, ?)");
    std::unordered_set<std::string> names;
    for (const Design& design : impl.designs) names.insert(design.name);
    for (const Design& design : wanted) {
      const std::string settings = settings_to_text(design.settings);
      if (!impl.by_settings.emplace(settings, impl.designs.size()).second) continue;
      if (!names.insert(design.name).second)
        refuse(fmt::format("{} has another design called {}\n  help: give this study a store of its own with --store", impl.path, design.name));
      add.bind(1, static_cast<std::int64_t>(impl.designs.size()));
      add.bind(2, design.name);
      add.bind(3, settings);
      add.exec();
      add.reset();
      impl.add_design(design);
    }
    impl.database.exec(create_summary_view(impl.identity.metrics, impl.parameters));
    transaction.commit();
    impl.prepare_insert();  // a new view makes SQLite read its schema again
  } catch (const SQLite::Exception& error) {
    rethrow(impl.path, error);
  }
  invariant(find_all(), "designs that were added are found");
  return numbers;
}

void StudyStore::each_replication(const Visit& visit) const {
  try {
    std::string columns = "design, replication";
    for (const MetricColumn& metric : impl_->identity.metrics) columns += ", " + sql_name(metric.name);
    SQLite::Statement query(impl_->database,
                            fmt::format("SELECT {} FROM replications ORDER BY design, replication", columns));
    std::vector<double> values(impl_->identity.metrics.size());
    while (query.executeStep()) {
      for (std::size_t m = 0; m < values.size(); ++m) {
        const SQLite::Column value = query.getColumn(static_cast<int>(m) + 2);
        values[m] = value.isNull() ? not_a_number : value.getDouble();
      }
      const auto design = static_cast<std::size_t>(query.getColumn(0).getInt64());
      // Another process may have added designs since the store was opened to be written.
      if (impl_->only_read && design >= impl_->designs.size())
        throw StoreError(Kind::failed, fmt::format("{} is damaged: it has replications of a design that it does not have", impl_->path));
      visit(design, static_cast<std::uint64_t>(query.getColumn(1).getInt64()), values);
    }
  } catch (const SQLite::Exception& error) {
    rethrow(impl_->path, error);
  }
}

std::uint64_t StudyStore::replications() const {
  return static_cast<std::uint64_t>(impl_->database.execAndGet("SELECT count(*) FROM replications").getInt64());
}

std::vector<std::string> StudyStore::versions() const {
  std::vector<std::string> versions;
  SQLite::Statement query(impl_->database, "SELECT DISTINCT version FROM sessions WHERE replications > 0 ORDER BY version");
  while (query.executeStep()) versions.push_back(query.getColumn(0).getString());
  return versions;
}

bool StudyStore::changed_by_others() {
  const std::int64_t version = impl_->database.execAndGet("PRAGMA data_version").getInt64();
  return std::exchange(impl_->data_version, version) != version;
}

void StudyStore::commit(const Batch& batch, const std::vector<DesignStatistics>& statistics) {
  Impl& impl = *impl_;
  const std::size_t metrics = impl.identity.metrics.size();
  invariant(batch.values.size() == batch.size() * metrics, "a replication has a value of each metric");
  try {
    SQLite::Transaction transaction(impl.database, SQLite::TransactionBehavior::IMMEDIATE);
    std::uint64_t added = 0;
    for (std::size_t k = 0; k < batch.size(); ++k) {
      impl.insert->bind(1, static_cast<std::int64_t>(batch.designs[k]));
      impl.insert->bind(2, static_cast<std::int64_t>(batch.replications[k]));
      impl.insert->bind(3, impl.session);
      for (std::size_t m = 0; m < metrics; ++m) bind(*impl.insert, static_cast<int>(m) + 4, batch.values[k * metrics + m]);
      added += static_cast<std::uint64_t>(impl.insert->exec());
      impl.insert->reset();
    }
    for (const DesignStatistics& of_design : statistics) {
      SQLite::Statement& row = *impl.insert_statistics;
      int column = 3;
      for (const Statistics& s : of_design.metrics) {
        row.bind(column, static_cast<std::int64_t>(s.n));
        bind(row, column + 1, s.mean);
        bind(row, column + 2, s.interval);
        const double values[] = {s.stddev, s.min, s.p05, s.p50, s.p95, s.max};
        for (int i = 0; i < 6; ++i) bind(row, column + 4 + i, values[i]);
        bind(row, column + 10, s.p95_interval);
        column += static_cast<int>(statistics_columns().size());
      }
      row.bind(1, static_cast<std::int64_t>(of_design.design));
      row.bind(2, static_cast<std::int64_t>(of_design.replications));
      row.exec();
      row.reset();
    }
    SQLite::Statement session(impl.database,
                              "UPDATE sessions SET replications = replications + ?, last_commit = ? WHERE session = ?");
    session.bind(1, static_cast<std::int64_t>(added));
    session.bind(2, now_utc());
    session.bind(3, impl.session);
    session.exec();
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    impl.insert->tryReset();
    impl.insert_statistics->tryReset();
    rethrow(impl.path, error);
  }
}

}  // namespace fleetsim::experiment
