/// The durable store: what was committed stays, whatever ends the process.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "fleetsim/sim/experiment/runner.hpp"
#include "fleetsim/sim/experiment/store.hpp"
#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::experiment;
using Catch::Matchers::ContainsSubstring;
using fleetsim::test::TemporaryFolder;

namespace {

StudyIdentity identity() {
  return {.name = "test",
          .seed = 7,
          .metrics = {{"cost", "cost.total", "USD"}, {"drops", "drops", "1"}},
          .settings = {{"a", "1"}},
          .definitions = {{"parameter x", "load.rate"}},
          .inputs = {{.name = "scenario.yaml", .digest = "d1", .bytes = 3, .text = "x: 1"}}};
}

const Session session{.program = "test", .version = "1", .host = "here", .process = 1, .started = "2026-01-01T00:00:00Z"};

std::vector<Design> designs(std::size_t count) {
  std::vector<Design> result;
  for (std::size_t d = 0; d < count; ++d) result.push_back({fmt::format("x {}", d), {{"x", std::to_string(d)}}});
  return result;
}

std::vector<double> measure(std::size_t design, std::uint64_t replication) {
  Stream stream(7, replication, "test/model");
  const double cost = 100.0 * static_cast<double>(design + 1) + stream.uniform();
  return {cost, replication % 5 == 0 ? std::nan("") : stream.uniform()};
}

/// Everything that results are made of, as text with every digit.
std::string contents(const std::string& path) {
  const StudyStore store = StudyStore::read(path);
  std::string text;
  for (const Design& design : store.designs()) text += design.name + "\n";
  store.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> values) {
    text += fmt::format("{} {} {} {}\n", design, replication, values[0], values[1]);
  });
  return text;
}

RunnerOptions quick() { return {.jobs = 1, .commit_interval = std::chrono::milliseconds(0)}; }

void run_all(const std::string& path, std::size_t count, std::uint64_t replications, RunnerOptions options = quick()) {
  StudyStore store = StudyStore::open(path, identity(), {}, session);
  store.find_or_add(designs(count));
  Runner runner(store, measure, std::move(options));
  CHECK(runner.bring_to(std::vector<std::uint64_t>(count, replications)));
}

std::string refusal(const std::string& path, const StudyIdentity& other, Share share = {}) {
  try {
    StudyStore::open(path, other, share, session);
  } catch (const StoreError& error) {
    CHECK(error.kind() == StoreError::Kind::refused);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("study store: it gives back what was committed, absent values too", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db";
  run_all(path, 2, 11);
  const StudyStore store = StudyStore::read(path);
  CHECK(store.identity().metrics == identity().metrics);
  CHECK(store.designs() == designs(2));
  CHECK(store.replications() == 22);
  std::uint64_t seen = 0;
  store.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> values) {
    const std::vector<double> expected = measure(design, replication);
    CHECK(values[0] == expected[0]);
    CHECK((values[1] == expected[1] || (std::isnan(values[1]) && std::isnan(expected[1]))));
    CHECK(seen == design * 11 + replication);
    ++seen;
  });
  CHECK(seen == 22);
}

TEST_CASE("study store: what is there is not run again", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db";
  run_all(path, 2, 10);
  StudyStore store = StudyStore::open(path, identity(), {}, session);
  store.find_or_add(designs(3));
  std::atomic<int> runs = 0;
  Runner runner(store, [&](std::size_t d, std::uint64_t k) { ++runs; return measure(d, k); }, quick());
  CHECK(runner.bring_to(std::vector<std::uint64_t>{12, 5, 4}));
  CHECK(runs == 2 + 0 + 4);
  CHECK(runner.executed() == 6);
  CHECK(runner.values(0, 0, 12)[11] == measure(0, 11)[0]);
}

TEST_CASE("study store: a stop commits what was finished, and the rest follows", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db", whole = folder.path() / "whole.db";
  run_all(whole, 1, 100);
  std::atomic<bool> stop = false;
  {
    StudyStore store = StudyStore::open(path, identity(), {}, session);
    store.find_or_add(designs(1));
    RunnerOptions options{.jobs = 2, .stop_requested = &stop, .commit_interval = std::chrono::hours(1)};
    Runner runner(store, [&](std::size_t d, std::uint64_t k) { if (k == 30) stop = true; return measure(d, k); }, options);
    CHECK_FALSE(runner.bring_to(std::vector<std::uint64_t>{100}));
    CHECK(store.replications() >= 31);
    CHECK(store.replications() < 100);
  }
  run_all(path, 1, 100);
  CHECK(contents(path) == contents(whole));
}

TEST_CASE("study store: a replication that throws keeps those that were finished", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  StudyStore store = StudyStore::open(folder.path() / "study.db", identity(), {}, session);
  store.find_or_add(designs(1));
  RunnerOptions options{.jobs = 1, .commit_interval = std::chrono::hours(1)};
  Runner runner(store, [](std::size_t d, std::uint64_t k) { return k < 5 ? measure(d, k) : throw std::runtime_error("five"); }, options);
  CHECK_THROWS_WITH(runner.bring_to(std::vector<std::uint64_t>{10}), "five");
  CHECK(store.replications() == 5);
}

TEST_CASE("study store: after 100 kills at random moments it equals an undisturbed one", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "killed.db", whole = folder.path() / "whole.db";
  constexpr std::size_t count = 3;
  constexpr std::uint64_t replications = 2000;
  const auto slowly = [](std::size_t design, std::uint64_t replication) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
    while (std::chrono::steady_clock::now() < end) {}
    return measure(design, replication);
  };
  Stream moments(1, 0, "test/kills");
  std::uint64_t before = 0;
  int lives_that_committed = 0;
  // Longer while nothing is committed: on a slow machine, or under a sanitizer.
  std::uint64_t longest_life_us = 20'000;
  for (int kills = 0, in_vain = 0; kills < 100; ++kills) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        StudyStore store = StudyStore::open(path, identity(), {}, session);
        store.find_or_add(designs(count));
        Runner runner(store, slowly, quick());
        runner.bring_to(std::vector<std::uint64_t>(count, replications));
      } catch (...) {
        _exit(1);
      }
      while (true) pause();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(moments.below(longest_life_us)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    std::uint64_t now = before;
    try {
      now = StudyStore::read(path).replications();
    } catch (const StoreError&) {
      REQUIRE(before == 0);  // killed before the store was made
    }
    CHECK(now >= before);  // nothing that was committed is lost
    lives_that_committed += now > before;
    if (lives_that_committed <= 3 && ++in_vain % 10 == 0) longest_life_us *= 2;
    before = now;
  }
  CHECK(lives_that_committed > 3);
  run_all(path, count, replications);
  run_all(whole, count, replications);
  CHECK(contents(path) == contents(whole));
}

TEST_CASE("study store: two processes on one file leave it whole", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "both.db", whole = folder.path() / "whole.db";
  std::vector<pid_t> children;
  for (int process = 0; process < 2; ++process) {
    children.push_back(fork());
    REQUIRE(children.back() >= 0);
    if (children.back() > 0) continue;
    try {
      StudyStore store = StudyStore::open(path, identity(), {}, session);
      store.find_or_add(designs(2));
      Runner runner(store, measure, quick());
      _exit(runner.bring_to(std::vector<std::uint64_t>(2, 60)) ? 0 : 2);
    } catch (...) {
      _exit(1);
    }
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  run_all(whole, 2, 60);
  CHECK(contents(path) == contents(whole));
}

TEST_CASE("study store: a changed study is refused, with what has changed", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db";
  run_all(path, 1, 2);
  const std::string before = contents(path);
  StudyIdentity other = identity();
  other.inputs[0].digest = "d2";
  CHECK(refusal(path, other) == path + " holds another study:\n  scenario.yaml has changed\n"
                                       "  help: results of both don't mix; go back, or give this study a store of its own with --store");
  other = identity();
  other.seed = 8;
  other.settings[0].value = "2";
  CHECK_THAT(refusal(path, other), ContainsSubstring("the seed was 7, now it is 8\n  the settings of all designs were"));
  other = identity();
  other.metrics[1] = {"time", "rta", "s"};
  CHECK_THAT(refusal(path, other), ContainsSubstring("metric time is new\n  metric drops is gone"));
  CHECK_THAT(refusal(path, identity(), {2, 3}), ContainsSubstring("holds share 1/1 of the study, this is share 2/3"));
  other = identity();
  other.inputs.push_back({.name = "further.yaml", .digest = "d3"});
  other.definitions.push_back({"design b", "load.rate=5"});
  CHECK(refusal(path, other).empty());  // a new alternative may bring its own file
  other.definitions[1].value = "load.rate=6";
  CHECK_THAT(refusal(path, other), ContainsSubstring("design b was load.rate=5, now it is load.rate=6"));
  CHECK(contents(path) == before);
}

TEST_CASE("study store: a design of a known name with other settings is refused", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db";
  run_all(path, 2, 2);
  const std::string before = contents(path);
  StudyStore store = StudyStore::open(path, identity(), {}, session);
  CHECK_THROWS_WITH(store.find_or_add({{"x 1", {{"y", "1"}}}}), ContainsSubstring("has another design called x 1"));
  CHECK(contents(path) == before);
  CHECK(store.versions() == std::vector<std::string>{session.version});
}

TEST_CASE("study store: the view has every parameter that a question brought, and counts what was run", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db";
  run_all(path, 1, 6);
  StudyStore::open(path, identity(), {}, session).find_or_add({{"y 5", {{"y", "5"}}}});
  SQLite::Database database(path, SQLite::OPEN_READWRITE);
  CHECK(database.execAndGet("SELECT x FROM summary WHERE design = 'x 0'").getString() == "0");
  CHECK(database.execAndGet("SELECT y FROM summary WHERE design = 'y 5'").getString() == "5");
  // Replications 0 and 5 did not observe the second metric, and count all the same.
  CHECK(database.execAndGet("SELECT replications FROM summary WHERE design = 'x 0'").getInt() == 6);
  CHECK(database.execAndGet("SELECT drops_n FROM summary WHERE design = 'x 0'").getInt() == 4);
  database.exec("UPDATE replications SET design = 7 WHERE replication = 3");
  CHECK_THROWS_WITH(contents(path), ContainsSubstring("is damaged: it has replications of a design that it does not have"));
}

TEST_CASE("study store: a file that is no store, and one of a newer program, are refused and left alone", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string text = folder.write("notes.txt", "These are notes, long enough to be taken for a database header at first sight.");
  CHECK_THAT(refusal(text, identity()), ContainsSubstring("is no study store"));
  CHECK(std::filesystem::file_size(text) == 78);
  const std::string path = folder.path() / "newer.db";
  run_all(path, 1, 2);
  {
    // The schema's version lies at byte 60 of an SQLite file, big-endian.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.write("\0\0\0\2", 4);
  }
  CHECK_THAT(refusal(path, identity()),
             ContainsSubstring("was written by a newer fleetsim: its schema is version 2, this program knows 1"));
  CHECK_THROWS_WITH(StudyStore::read(folder.path() / "none.db"), ContainsSubstring("there is no study store"));
  CHECK_THAT(refusal("/proc/none/study.db", identity()), ContainsSubstring("cannot write the study store"));
}

TEST_CASE("study store: in a read-only folder it is refused to a study, and read all the same", "[store]") {
  namespace fs = std::filesystem;
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "study.db", none = folder.path() / "none.db";
  run_all(path, 1, 2);
  const std::string before = contents(path);
  constexpr auto everyone_reads = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  fs::permissions(path, everyone_reads);
  fs::permissions(folder.path(), everyone_reads | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Root may write anywhere.
    constexpr id_t nobody = 65534;
    if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0)) _exit(9);
    const auto refused = [](const std::string& store) {
      try {
        StudyStore::open(store, identity(), {}, session);
      } catch (const StoreError& error) {
        return error.kind() == StoreError::Kind::refused && std::string(error.what()).starts_with("cannot write the study store " + store);
      }
      return false;
    };
    if (!refused(none)) _exit(1);
    if (!refused(path)) _exit(2);
    try {
      _exit(contents(path) == before ? 0 : 3);
    } catch (...) {
      _exit(4);
    }
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(contents(path) == before);
  CHECK_FALSE(fs::exists(none));
}

TEST_CASE("study store: a disk that takes no more loses nothing that was committed", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string path = folder.path() / "full.db", whole = folder.path() / "whole.db";
  run_all(path, 1, 20);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A file may grow no further: for the store that is as good as a full disk.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{96 * 1024, 96 * 1024};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      StudyStore store = StudyStore::open(path, identity(), {}, session);
      store.find_or_add(designs(1));
      Runner runner(store, measure, quick());
      runner.bring_to(std::vector<std::uint64_t>{100'000});
    } catch (const StoreError& error) {
      const bool told = std::string(error.what()).find("what was committed before is safe") != std::string::npos;
      _exit(error.kind() == StoreError::Kind::failed && told ? 42 : 1);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  const std::uint64_t kept = StudyStore::read(path).replications();
  CHECK(kept >= 20);
  CHECK(kept < 100'000);
  run_all(path, 1, kept + 50);
  run_all(whole, 1, kept + 50);
  CHECK(contents(path) == contents(whole));
}

namespace {

/// The stores of all shares of 3 designs with 20 replications each.
std::vector<std::string> run_shares(const TemporaryFolder& folder, std::uint32_t count) {
  std::vector<std::string> paths;
  for (std::uint32_t number = 1; number <= count; ++number) {
    paths.push_back(folder.path() / fmt::format("{}-of-{}.db", number, count));
    StudyStore store = StudyStore::open(paths.back(), identity(), {number, count}, session);
    store.find_or_add(designs(3));
    Runner runner(store, measure, quick());
    std::vector<Job> jobs;
    for (std::uint32_t d = 0; d < 3; ++d)
      for (std::uint64_t k = 0; k < 20; ++k)
        if ((d * 20 + k) % count == number - 1) jobs.push_back({d, k});
    store.set_note(replications_wanted_note, std::to_string(jobs.size()));
    CHECK(runner.run(jobs));
  }
  return paths;
}

}  // namespace

TEST_CASE("study merge: one to seven shares make the same whole, in any order and more than once", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string whole = folder.path() / "whole.db";
  run_all(whole, 3, 20);
  const std::string expected = contents(whole);
  for (std::uint32_t count = 1; count <= 7; ++count) {
    std::vector<std::string> paths = run_shares(folder, count);
    std::reverse(paths.begin(), paths.end());
    const std::string merged = folder.path() / fmt::format("merged-{}.db", count);
    CHECK(merge_shares(merged, paths, session).added == 60);
    CHECK(contents(merged) == expected);
    const MergeResult again = merge_shares(merged, {paths.front()}, session);
    CHECK(again.added == 0);
    CHECK(again.missing.empty());
    CHECK(contents(merged) == expected);
  }
}

TEST_CASE("study merge: who ran each replication is kept", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  std::vector<std::string> paths;
  for (std::uint32_t number = 1; number <= 2; ++number) {
    paths.push_back(folder.path() / fmt::format("{}.db", number));
    Session worker = session;
    worker.version = fmt::format("1.{}", number);
    worker.host = fmt::format("node{}", number);
    StudyStore store = StudyStore::open(paths.back(), identity(), {number, 2}, worker);
    store.find_or_add(designs(1));
    Runner runner(store, measure, quick());
    std::vector<Job> jobs;
    for (std::uint64_t k = number - 1; k < 11; k += 2) jobs.push_back({0, k});
    CHECK(runner.run(jobs));
  }
  const std::string merged = folder.path() / "merged.db";
  merge_shares(merged, paths, session);
  merge_shares(merged, paths, session);
  CHECK(StudyStore::read(merged).versions() == std::vector<std::string>{"1.1", "1.2"});
  SQLite::Database database(merged, SQLite::OPEN_READONLY);
  for (const auto& [host, count] : {std::pair{"node1", 6}, {"node2", 5}}) {
    SQLite::Statement query(database, "SELECT sum(sessions.replications), (SELECT count(*) FROM replications JOIN sessions"
                                      " USING (session) WHERE host = ?1) FROM sessions WHERE host = ?1");
    query.bind(1, host);
    REQUIRE(query.executeStep());
    CHECK(query.getColumn(0).getInt() == count);
    CHECK(query.getColumn(1).getInt() == count);
  }
}

TEST_CASE("study merge: missing and unfinished shares are named", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::vector<std::string> paths = run_shares(folder, 5);
  const std::string merged = folder.path() / "merged.db";
  CHECK(merge_shares(merged, {paths[1], paths[3]}, session).missing == std::vector<std::uint32_t>{1, 3, 5});
  CHECK(merge_shares(merged, {paths[0], paths[4]}, session).missing == std::vector<std::uint32_t>{3});
  StudyStore::open(paths[2], identity(), {3, 5}, session).set_note(replications_wanted_note, "100");
  const MergeResult result = merge_shares(merged, {paths[2]}, session);
  CHECK(result.missing.empty());
  REQUIRE(result.unfinished.size() == 1);
  CHECK(result.unfinished[0].first == paths[2]);
  CHECK(result.unfinished[0].second == 88);
  // It is not forgotten.
  CHECK(merge_shares(merged, {paths[0]}, session).missing == std::vector<std::uint32_t>{3});
}

TEST_CASE("study merge: a share of another study or another division is refused", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::vector<std::string> two = run_shares(folder, 2), three = run_shares(folder, 3);
  const std::string merged = folder.path() / "merged.db";
  CHECK_THROWS_WITH(merge_shares(merged, {two[0], three[1]}, session), ContainsSubstring("it is share 2/3"));
  StudyIdentity other = identity();
  other.seed = 8;
  const std::string foreign = folder.path() / "foreign.db";
  StudyStore::open(foreign, other, {2, 2}, session).find_or_add(designs(3));
  CHECK_THROWS_WITH(merge_shares(merged, {two[0], foreign}, session), ContainsSubstring("foreign.db does not belong to this study: compared with " + two[0] + "\n  the seed was 7, now it is 8\n"));
  CHECK_THROWS_WITH(merge_shares(two[0], {two[0], two[1]}, session), ContainsSubstring("it is the store to merge into"));
  StudyStore::open(two[0], identity(), {1, 2}, session).set_note(division_note, "12 replications");
  StudyStore::open(two[1], identity(), {2, 2}, session).set_note(division_note, "20 replications");
  CHECK_THROWS_WITH(merge_shares(merged, two, session), ContainsSubstring("its designs get 20 replications, those of the others 12 replications"));
  merge_shares(merged, {two[0]}, session);
  CHECK_THROWS_WITH(merge_shares(merged, {two[1]}, session), ContainsSubstring("its designs get 20 replications, those of the others 12 replications"));
}

TEST_CASE("study merge: two values for one replication are refused", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::vector<std::string> paths = run_shares(folder, 2);
  const std::string wrong = folder.path() / "wrong.db";
  StudyStore store = StudyStore::open(wrong, identity(), {2, 2}, session);
  store.find_or_add(designs(3));
  Runner runner(store, [](std::size_t, std::uint64_t) { return std::vector<double>{1, 2}; }, quick());
  CHECK(runner.run(std::vector<Job>{{0, 0}}));
  CHECK_THROWS_WITH(merge_shares(folder.path() / "merged.db", {paths[0], paths[1], wrong}, session),
                    ContainsSubstring("replication 0 of design x 0 has other values than in another share"));
}

TEST_CASE("study store: the number of threads cannot reach what is stored", "[store]") {
  const TemporaryFolder folder = TemporaryFolder::in_memory();
  const std::string one = folder.path() / "one.db", many = folder.path() / "many.db";
  run_all(one, 3, 50);
  run_all(many, 3, 50, {.jobs = 5, .commit_interval = std::chrono::milliseconds(1)});
  CHECK(contents(one) == contents(many));
}
