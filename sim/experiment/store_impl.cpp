#include "sim/experiment/store_impl.hpp"

#include <sqlite3.h>

#include <chrono>
#include <ctime>

namespace fleetsim::experiment {

using Kind = StoreError::Kind;

void refuse(const std::string& message) { throw StoreError(Kind::refused, message); }

void rethrow(const std::string& path, const SQLite::Exception& error) {
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

std::string placeholders(std::size_t count) {
  std::string text = "?";
  for (std::size_t i = 1; i < count; ++i) text += ", ?";
  return text;
}

}  // namespace fleetsim::experiment
