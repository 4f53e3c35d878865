/// The share of late responses against the queue it comes from.

#include "models/fleet/latency.hpp"

#include <cmath>

#include "support/catch.hpp"

namespace fleetsim::fleet {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("latency: with one server the response time is exponential with rate capacity - arrivals",
          "[fleet][analytic]") {
  for (const double arrivals : {0.0, 1.0, 50.0, 80.0, 99.0}) {
    for (const double budget : {0.001, 0.02, 0.2}) {
      const double exact = std::exp(-(100 - arrivals) * budget);
      CHECK_THAT(late_fraction(1, 100, arrivals, budget), WithinRel(exact, 1e-12));
    }
  }
}

TEST_CASE("latency: without load the response time is the service time", "[fleet][analytic]") {
  // Eight servers of 50/s each: P(S > t) = e^-50t.
  CHECK_THAT(late_fraction(8, 400, 0, 0.04), WithinRel(std::exp(-2.0), 1e-12));
}

TEST_CASE("latency: up to a known load nothing is late, and little more can be served in time", "[fleet][analytic]") {
  // Eight servers of 335/s with 200 ms left: 335 x 0.2 = 67 > 40, and the queue drains as fast until 40 / 0.2 = 200/s are left.
  const Lateness plenty(8, 2680, 0.2);
  CHECK_THAT(plenty.punctual_arrivals(), WithinRel(2480.0, 1e-6));
  CHECK(plenty.of(plenty.punctual_arrivals()) == 0);
  CHECK(plenty.of(0) == 0);
  CHECK(plenty.of(2481) > 0);
  // A server alone takes too long, however little arrives; and nobody answers when the time is over.
  CHECK(Lateness(2, 200, 0.2).punctual_arrivals() < 0);
  CHECK(Lateness(2, 200, 0).punctual_arrivals() < 0);
  CHECK(Lateness(2, 200, -0.1).punctual_arrivals() < 0);
}

TEST_CASE("latency: the Erlang C probability has its closed forms for one and two servers", "[fleet][analytic]") {
  for (const double load : {0.0, 0.1, 0.5, 0.9, 0.999}) {
    CHECK_THAT(erlang_c(1, load), WithinAbs(load, 1e-12));
    // Two servers of utilization r: 2 r^2 / (1 + r).
    CHECK_THAT(erlang_c(2, 2 * load), WithinAbs(2 * load * load / (1 + load), 1e-12));
  }
}

TEST_CASE("latency: the Erlang C probability equals its textbook sum", "[fleet][table]") {
  // C(k, a) = (a^k / k!) k / (k - a) / (sum over j < k of a^j / j! + the same): three servers, a = 2:
  // (8/6) 3 = 4; 1 + 2 + 2 = 5; 4/9. Five servers, a = 4: (1024/120) 5 = 128/3; 1 + 4 + 8 + 32/3 + 32/3 = 103/3;
  // 128 / 231.
  CHECK_THAT(erlang_c(3, 2), WithinRel(4.0 / 9, 1e-12));
  CHECK_THAT(erlang_c(5, 4), WithinRel(128.0 / 231, 1e-12));
}

TEST_CASE("latency: two servers, by hand", "[fleet][analytic]") {
  // Rate 1 each, arrivals 1/2: drains at 3/2, waits with C = 2/4^2 / (5/4) = 1/10. A wait and a service together
  // outlast t with (3/2 e^-t - e^-3t/2) / (1/2). At t = 2: 0.9 e^-2 + 0.1 (3 e^-2 - 2 e^-3).
  const double exact = 0.9 * std::exp(-2.0) + 0.1 * (3 * std::exp(-2.0) - 2 * std::exp(-3.0));
  CHECK_THAT(late_fraction(2, 2, 0.5, 2), WithinRel(exact, 1e-12));
}

TEST_CASE("latency: equal rates of waiting and service give the two-stage Erlang tail, and their neighbours nearly it",
          "[fleet][analytic]") {
  // Two servers of rate 1, arrivals 1: drains at 1 too; C = 1/3; tail (1 + t) e^-t.
  const double t = 3;
  const double exact = std::exp(-t) * (2.0 / 3 + (1 + t) / 3);
  CHECK_THAT(late_fraction(2, 2, 1, t), WithinRel(exact, 1e-12));
  // The formula divides by the difference of the rates; close to equality nothing may be lost by cancelling.
  for (const double shift : {1e-15, 1e-12, 1e-9, 1e-6}) {
    CHECK_THAT(late_fraction(2, 2, 1 + shift, t), WithinRel(exact, 10 * shift + 1e-14));
    CHECK_THAT(late_fraction(2, 2, 1 - shift, t), WithinRel(exact, 10 * shift + 1e-14));
  }
}

TEST_CASE("latency: all is late without a budget or without spare capacity, and nothing far from the limits",
          "[fleet][table]") {
  CHECK(late_fraction(4, 400, 100, 0) == 1);
  CHECK(late_fraction(4, 400, 100, -0.05) == 1);
  CHECK(late_fraction(4, 400, 400, 10) == 1);
  CHECK(late_fraction(4, 400, 500, 10) == 1);
  CHECK(late_fraction(4, 400, 100, 1) == 0);            // e^-100
  CHECK(late_fraction(1000, 1e6, 0.999e6, 1e-9) > 0.99);  // a budget far below one service
  // As utilization nears 1 the queue never drains in time: 1 - e^-(capacity - arrivals) t.
  CHECK_THAT(late_fraction(1, 100, 100 - 1e-6, 1), WithinAbs(1, 2e-6));
  // A fast service behind a slow drain, where e^(difference x budget) would overflow.
  CHECK_THAT(late_fraction(2, 2e6, 2e6 - 1, 1), WithinRel(std::exp(-1.0), 1e-5));
}

TEST_CASE("latency: more load, less budget or slower servers never make fewer late", "[fleet][property]") {
  for (const int servers : {1, 2, 4, 16, 96}) {
    double by_load = 0;
    for (double load = 0; load <= 1.0; load += 0.01) {
      const double late = late_fraction(servers, 100.0 * servers, load * 100 * servers, 0.03);
      CHECK(late >= by_load);
      by_load = late;
    }
    double by_budget = 1;
    for (double budget = 0; budget <= 1; budget += 0.01) {
      const double late = late_fraction(servers, 100.0 * servers, 90.0 * servers, budget);
      CHECK(late <= by_budget);
      by_budget = late;
    }
    double by_speed = 1;
    for (double speed = 91; speed <= 200; speed += 1) {
      const double late = late_fraction(servers, speed * servers, 90.0 * servers, 0.03);
      CHECK(late <= by_speed);
      by_speed = late;
    }
  }
}

TEST_CASE("latency: at equal utilization more servers wait less", "[fleet][property]") {
  double waits = 1;
  for (int servers = 1; servers <= 128; servers *= 2) {
    const double now = erlang_c(servers, 0.9 * servers);
    CHECK(now < waits);
    waits = now;
  }
}

}  // namespace
}  // namespace fleetsim::fleet
