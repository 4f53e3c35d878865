#include "fleetsim/sim/experiment.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using namespace fleetsim;

namespace {

/// A few thousand steps of a chaotic map: any mix-up of replications would show.
double chaos(std::uint64_t replication) {
  double x = 0.1 + 1e-3 * static_cast<double>(replication);
  for (int k = 0; k < 5000; ++k) x = 3.9 * x * (1 - x);
  return x;
}

}  // namespace

TEST_CASE("experiment: the number of threads cannot reach a result", "[experiment][property]") {
  const auto one = run_replications({.replications = 100, .jobs = 1}, chaos);
  CHECK(one.complete());
  CHECK(one.done == 100);
  CHECK(one.by_replication[17] == chaos(17));
  for (const unsigned jobs : {2U, 7U, 0U}) {
    INFO(jobs << " jobs");
    CHECK(run_replications({.replications = 100, .jobs = jobs}, chaos).by_replication == one.by_replication);
  }
}

TEST_CASE("experiment: it never has more replications in flight than jobs", "[experiment][property]") {
  for (const unsigned jobs : {1U, 3U}) {
    std::atomic<unsigned> in_flight = 0;
    std::atomic<unsigned> most = 0;
    run_replications({.replications = 200, .jobs = jobs}, [&](std::uint64_t k) {
      const unsigned now = ++in_flight;
      for (unsigned seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
      const double result = chaos(k);
      --in_flight;
      return result;
    });
    CHECK(most <= jobs);
  }
}

TEST_CASE("experiment: no replications, and more threads than replications", "[experiment][table]") {
  CHECK(run_replications({.replications = 0, .jobs = 3}, chaos).complete());
  const auto two = run_replications({.replications = 2, .jobs = 64}, chaos);
  CHECK(two.by_replication == std::vector<std::optional<double>>{chaos(0), chaos(1)});
}

TEST_CASE("experiment: progress is told once for each replication, rising, one call at a time",
          "[experiment][property]") {
  for (const unsigned jobs : {1U, 7U}) {
    std::vector<std::uint64_t> told;  // without a lock of its own
    run_replications({.replications = 50,
                      .jobs = jobs,
                      .progress =
                          [&](std::uint64_t done, std::uint64_t total) {
                            if (total == 50) told.push_back(done);
                          }},
                     chaos);
    REQUIRE(told.size() == 50);
    for (std::uint64_t k = 0; k < 50; ++k) CHECK(told[k] == k + 1);
  }
}

TEST_CASE("experiment: a stop lets what is in flight finish and keeps the first replications",
          "[experiment][property]") {
  for (const unsigned jobs : {1U, 2U, 7U}) {
    std::atomic<bool> stop = false;
    const auto result = run_replications({.replications = 100'000, .jobs = jobs, .stop_requested = &stop},
                                         [&](std::uint64_t k) {
                                           if (k == 20) stop = true;
                                           return chaos(k);
                                         });
    INFO(jobs << " jobs");
    CHECK_FALSE(result.complete());
    CHECK(result.done >= 21);
    if (jobs == 1) CHECK(result.done == 21);
    REQUIRE(result.by_replication.size() == 100'000);
    bool first_ones = true;
    for (std::uint64_t k = 0; k < 100'000; ++k) first_ones &= result.by_replication[k].has_value() == (k < result.done);
    CHECK(first_ones);
  }
  const std::atomic<bool> before = true;
  CHECK(run_replications({.replications = 5, .jobs = 2, .stop_requested = &before}, chaos).done == 0);
}

TEST_CASE("experiment: of several exceptions the lowest replication's is rethrown, whatever the threads",
          "[experiment][property]") {
  for (const unsigned jobs : {1U, 2U, 7U})
    for (int repetition = 0; repetition < 20; ++repetition) {
      std::atomic<int> started = 0;
      const auto failing = [&](std::uint64_t k) {
        ++started;
        const double result = k == 13 ? chaos(k) + chaos(k + 1) : chaos(k);  // the first to fail is the slowest
        if (k >= 13) throw std::runtime_error("replication " + std::to_string(k));
        return result;
      };
      CHECK_THROWS_WITH(run_replications({.replications = 10'000, .jobs = jobs}, failing), "replication 13");
      CHECK(started < 10'000);
    }
}
