// Who ran the replications of a store.

#include "sim/experiment/store_impl.hpp"

namespace fleetsim::experiment {

std::vector<std::int64_t> StudyStore::replication_sessions() const {
  std::vector<std::int64_t> sessions;
  SQLite::Statement query(impl_->database, "SELECT session FROM replications ORDER BY design, replication");
  while (query.executeStep()) sessions.push_back(query.getColumn(0).getInt64());
  return sessions;
}

std::map<std::int64_t, std::int64_t> StudyStore::adopt_sessions(const StudyStore& other) {
  try {
    SQLite::Transaction transaction(impl_->database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement theirs(other.impl_->database,
                             "SELECT session, program, version, host, process, started, last_commit FROM sessions WHERE replications > 0");
    SQLite::Statement find(impl_->database, "SELECT session FROM sessions WHERE program = ? AND version = ? AND host = ?"
                                            " AND process = ? AND started = ?");
    SQLite::Statement add(impl_->database, "INSERT INTO sessions (program, version, host, process, started, last_commit)"
                                           " VALUES (?, ?, ?, ?, ?, ?)");
    std::map<std::int64_t, std::int64_t> numbers;
    while (theirs.executeStep()) {
      const auto bind_to = [&](SQLite::Statement& statement, int count) {
        for (int i = 1; i <= count; ++i) {
          if (i == 4) statement.bind(i, theirs.getColumn(i).getInt64());
          else statement.bind(i, theirs.getColumn(i).getString());
        }
      };
      bind_to(find, 5);
      if (find.executeStep()) {
        numbers.emplace(theirs.getColumn(0).getInt64(), find.getColumn(0).getInt64());
      } else {
        bind_to(add, 6);
        add.exec();
        numbers.emplace(theirs.getColumn(0).getInt64(), impl_->database.getLastInsertRowid());
        add.reset();
      }
      find.reset();
    }
    transaction.commit();
    return numbers;
  } catch (const SQLite::Exception& error) {
    rethrow(impl_->path, error);
  }
}

std::vector<std::string> StudyStore::versions() const {
  std::vector<std::string> versions;
  SQLite::Statement query(impl_->database, "SELECT DISTINCT version FROM sessions WHERE replications > 0 ORDER BY version");
  while (query.executeStep()) versions.push_back(query.getColumn(0).getString());
  return versions;
}

}  // namespace fleetsim::experiment
