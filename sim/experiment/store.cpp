#include "fleetsim/sim/experiment/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <unordered_set>

#include "fleetsim/sim/invariant.hpp"
#include "sim/experiment/differences.hpp"
#include "sim/experiment/store_impl.hpp"
#include "sim/experiment/store_schema.hpp"

namespace fleetsim::experiment {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
using Kind = StoreError::Kind;

void bind(SQLite::Statement& statement, int index, double value) {
  if (std::isnan(value)) statement.bind(index);
  else statement.bind(index, value);
}

void bind(SQLite::Statement& statement, int index, const std::optional<std::pair<double, double>>& interval) {
  bind(statement, index, interval ? interval->first : not_a_number);
  bind(statement, index + 1, interval ? interval->second : not_a_number);
}

}  // namespace

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
    std::map<std::int64_t, std::uint64_t> added;  // by session
    for (std::size_t k = 0; k < batch.size(); ++k) {
      impl.insert->bind(1, static_cast<std::int64_t>(batch.designs[k]));
      impl.insert->bind(2, static_cast<std::int64_t>(batch.replications[k]));
      const std::int64_t session = batch.sessions.empty() ? impl.session : batch.sessions[k];
      impl.insert->bind(3, session);
      for (std::size_t m = 0; m < metrics; ++m) bind(*impl.insert, static_cast<int>(m) + 4, batch.values[k * metrics + m]);
      added[session] += static_cast<std::uint64_t>(impl.insert->exec());
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
    SQLite::Statement count(impl.database, "UPDATE sessions SET replications = replications + ? WHERE session = ?");
    for (const auto& [session, replications] : added) {
      count.bind(1, static_cast<std::int64_t>(replications));
      count.bind(2, session);
      count.exec();
      count.reset();
    }
    SQLite::Statement seen(impl.database, "UPDATE sessions SET last_commit = ? WHERE session = ?");
    seen.bind(1, now_utc());
    seen.bind(2, impl.session);
    seen.exec();
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    impl.insert->tryReset();
    impl.insert_statistics->tryReset();
    rethrow(impl.path, error);
  }
}

}  // namespace fleetsim::experiment
