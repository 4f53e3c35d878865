#include "fleetsim/sim/random.hpp"

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "fleetsim/sim/simulation.hpp"
#include "sim/name_hash.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Block = std::array<std::uint64_t, 4>;

Block philox(Block counter, std::array<std::uint64_t, 2> key) {
  const r123::Philox4x64::ctr_type in = {{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x64::ctr_type out = r123::Philox4x64{}(in, {{key[0], key[1]}});
  return {out[0], out[1], out[2], out[3]};
}

TEST_CASE("random: Philox 4x64-10 gives the published known answers", "[random][table]") {
  // The file kat_vectors of Random123 1.14, lines "philox4x64 10".
  const std::uint64_t ones = ~std::uint64_t{0};
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        Block{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Block{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0});
  CHECK(philox({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
               {0x452821e638d01377, 0xbe5466cf34e90c6c}) ==
        Block{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6});
}

TEST_CASE("random: FNV-1a gives the published hashes", "[random][table]") {
  CHECK(fnv1a("") == 0xcbf29ce484222325);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8);
}

TEST_CASE("random: a stream is Philox keyed by seed and name, counting blocks of a replication", "[random][table]") {
  Stream stream(11, 22, "demand/bids");
  for (std::uint64_t block = 0; block < 100; ++block) {
    const Block expected = philox({block, 22, 0, 0}, {11, name_hash("demand/bids")});
    for (const std::uint64_t bits : expected) REQUIRE(stream.bits() == bits);
  }
}

TEST_CASE("random: a simulation's stream depends on seed, replication and name alone", "[random][property]") {
  Simulation sim({.seed = 5, .replication = 3});
  Stream used_before = sim.stream("another");
  for (int i = 0; i < 10; ++i) used_before.bits();
  Stream stream = sim.stream("faults/us-east-1a");
  Stream same(5, 3, "faults/us-east-1a");
  Stream other_name(5, 3, "faults/us-east-1b");
  Stream other_seed(6, 3, "faults/us-east-1a");
  Stream other_replication(5, 4, "faults/us-east-1a");
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t bits = stream.bits();
    REQUIRE(same.bits() == bits);
    // Equal by chance once in 2^64 draws.
    REQUIRE(other_name.bits() != bits);
    REQUIRE(other_seed.bits() != bits);
    REQUIRE(other_replication.bits() != bits);
  }
}

TEST_CASE("random: a copy of a stream goes on from the same draw", "[random][property]") {
  Stream stream(1, 0, "copied");
  for (int i = 0; i < 7; ++i) stream.bits();
  Stream copy = stream;
  for (int i = 0; i < 100; ++i) REQUIRE(copy.bits() == stream.bits());
}

TEST_CASE("random: a draw that is skipped leaves the others where they were", "[random][property]") {
  constexpr unsigned draws = 12;
  Stream plain(7, 3, "skips");
  std::array<std::uint64_t, draws> expected;
  for (std::uint64_t& bits : expected) bits = plain.bits();
  for (unsigned skipped = 0; skipped < 1U << draws; ++skipped) {
    Stream stream(7, 3, "skips");
    bool same = true;
    for (unsigned draw = 0; draw < draws; ++draw) {
      if ((skipped >> draw & 1U) != 0) stream.skip();
      else same = same && stream.bits() == expected[draw];
    }
    INFO("skipped, as bits " << skipped);
    REQUIRE(same);
  }
}

TEST_CASE("random: no bits give a uniform number of 0 or 1", "[random][table]") {
  STATIC_REQUIRE(Stream::uniform_of(0) == 0x1p-53);
  STATIC_REQUIRE(Stream::uniform_of(~std::uint64_t{0}) == 1 - 0x1p-53);
}

TEST_CASE("random: uniform draws have the moments of a uniform", "[random][stochastic]") {
  constexpr int n = 1'000'000;
  Stream stream(1, 0, "moments");
  double sum = 0;
  double squares = 0;
  std::array<int, 64> cells{};
  for (int i = 0; i < n; ++i) {
    const double u = stream.uniform();
    REQUIRE(u > 0.0);
    REQUIRE(u < 1.0);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
    ++cells[static_cast<std::size_t>(u * 64)];
  }
  // Variance 1/12; fourth central moment 1/80, so (u - 1/2)^2 has variance 1/80 - 1/144 = 1/180.
  CHECK_THAT(sum / n, WithinAbs(0.5, 5 * std::sqrt(1.0 / 12 / n)));
  CHECK_THAT(squares / n, WithinAbs(1.0 / 12, 5 * std::sqrt(1.0 / 180 / n)));
  // Chi-squared with 63 degrees of freedom: mean 63, variance 126.
  double chi_squared = 0;
  for (const int count : cells) chi_squared += std::pow(count - n / 64.0, 2) / (n / 64.0);
  CHECK_THAT(chi_squared, WithinAbs(63, 5 * std::sqrt(126.0)));
}

/// Correlation of paired draws; its standard error is 1 / sqrt(n) for independent streams.
double correlation(Stream a, Stream b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  return 12 * sum / n;
}

TEST_CASE("random: streams that differ in name, seed or replication are uncorrelated", "[random][stochastic]") {
  constexpr int n = 100'000;
  const double tolerance = 5 / std::sqrt(double{n});
  for (std::uint64_t i = 0; i < 20; ++i) {
    INFO("pair " << i);
    const std::string name = "instance/" + std::to_string(i);
    const std::string next = "instance/" + std::to_string(i + 1);
    CHECK_THAT(correlation(Stream(1, 0, name), Stream(1, 0, next), n), WithinAbs(0, tolerance));
    CHECK_THAT(correlation(Stream(i, 0, "a"), Stream(i + 1, 0, "a"), n), WithinAbs(0, tolerance));
    CHECK_THAT(correlation(Stream(1, i, "a"), Stream(1, i + 1, "a"), n), WithinAbs(0, tolerance));
  }
  // One draw and the one k later.
  for (int lag = 1; lag <= 8; ++lag) {
    Stream later(1, 0, "lagged");
    for (int i = 0; i < lag; ++i) later.bits();
    CHECK_THAT(correlation(Stream(1, 0, "lagged"), later, n), WithinAbs(0, tolerance));
  }
}

TEST_CASE("random: whole numbers below a bound are all as likely", "[random][stochastic]") {
  constexpr int n = 300'000;
  Stream stream(1, 0, "below");
  for (const std::uint64_t bound : {1U, 2U, 3U, 7U, 100U}) {
    std::vector<int> counts(bound);
    for (int i = 0; i < n; ++i) ++counts.at(stream.below(bound));
    const double p = 1.0 / static_cast<double>(bound);
    for (const int count : counts) CHECK_THAT(count, WithinAbs(n * p, 5 * std::sqrt(n * p * (1 - p)) + 1e-9));
  }
}

TEST_CASE("random: a bound of two thirds of 2^64 is drawn without bias", "[random][stochastic]") {
  // Without rejection, numbers of the form 3k would come twice as often as the others.
  constexpr int n = 300'000;
  const std::uint64_t bound = 0xaaaaaaaaaaaaaaab;
  Stream stream(1, 0, "large bound");
  std::array<int, 3> by_remainder{};
  for (int i = 0; i < n; ++i) {
    const std::uint64_t value = stream.below(bound);
    REQUIRE(value < bound);
    ++by_remainder[value % 3];
  }
  for (const int count : by_remainder) CHECK_THAT(count, WithinAbs(n / 3.0, 5 * std::sqrt(n * 2.0 / 9)));
}

TEST_CASE("random: chance draws once and is true as often as asked", "[random][stochastic]") {
  constexpr int n = 200'000;
  Stream stream(1, 0, "chance");
  Stream reference = stream;
  int hits = 0;
  for (int i = 0; i < n; ++i) {
    hits += stream.chance(0.3) ? 1 : 0;
    reference.bits();
  }
  CHECK_THAT(hits, WithinAbs(0.3 * n, 5 * std::sqrt(n * 0.3 * 0.7)));
  CHECK_FALSE(stream.chance(0));
  reference.bits();
  CHECK(stream.chance(1));
  reference.bits();
  CHECK(stream.bits() == reference.bits());
}

TEST_CASE("random: no whole number is below zero", "[random][table]") {
  Stream stream(1, 0, "zero");
  CHECK_THROWS_AS(stream.below(0), InvariantViolation);
}

}  // namespace
}  // namespace fleetsim
