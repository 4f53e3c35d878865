/// The response time of a queue against queues whose answer is known, and how far it is off where none is.

#include "models/fleet/response_time.hpp"

#include <cmath>
#include <vector>

#include "models/fleet/latency.hpp"
#include "support/catch.hpp"

namespace fleetsim::fleet {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// P(W <= t) in M/D/1 with service 1: (1 - r) sum over j <= t of (r (j - t))^j / j! e^(-r (j - t)) (Erlang 1909; in any
/// text on queueing). The terms alternate and grow, so it is good for small t only.
double wait_cdf_of_md1(double utilization, double t) {
  double sum = 0;
  double factorial = 1;
  for (int j = 0; j <= static_cast<int>(t); ++j) {
    if (j > 0) factorial *= j;
    const double x = utilization * (j - t);
    sum += std::pow(x, j) / factorial * std::exp(-x);
  }
  return (1 - utilization) * sum;
}

TEST_CASE("response time: with exponential services and Poisson arrivals it is that of M/M/k", "[fleet][analytic]") {
  for (const int servers : {1, 2, 8, 96}) {
    for (const double utilization : {0.0, 0.3, 0.75, 0.95}) {
      const double capacity = 10.0 * servers;
      const ResponseTime response({.servers = servers, .capacity = capacity, .arrivals = utilization * capacity});
      const double wait = erlang_c(servers, utilization * servers) / (capacity * (1 - utilization));
      CHECK_THAT(response.mean(), WithinRel(0.1 + wait, 1e-12));
      for (const double t : {0.01, 0.1, 0.5}) {
        CHECK_THAT(response.tail(t), WithinRel(late_fraction(servers, capacity, utilization * capacity, t), 1e-10));
      }
    }
  }
}

TEST_CASE("response time: the mean is that of Pollaczek and Khinchine for one server of any variation",
          "[fleet][analytic]") {
  for (const double cv : {0.0, 0.5, 1.0, 1.5, 3.0}) {
    for (const double utilization : {0.2, 0.6, 0.9}) {
      const ResponseTime response({.servers = 1, .capacity = 4, .arrivals = 4 * utilization, .service_cv = cv});
      const double wait = utilization / (1 - utilization) / 4 * (1 + cv * cv) / 2;
      CHECK_THAT(response.mean_wait(), WithinRel(wait, 1e-10));
      CHECK_THAT(response.waits(), WithinRel(utilization, 1e-12));
      // The mean is the integral of the tail.
      double integral = 0;
      const double step = 1e-3;
      for (double t = 0; t < 400; t += step) integral += response.tail(t + step / 2) * step;
      CHECK_THAT(integral, WithinRel(response.mean(), 2e-3));
    }
  }
}

TEST_CASE("response time: two branches of service against the transform inverted by hand", "[fleet][analytic]") {
  // cv^2 = 3: p = (1 + sqrt(1/2)) / 2, rates 2p and 2(1-p). At utilization 1/2 the wait has the poles of
  // s^2 + s (2 - 1/2) + product / 2, product = 4 p (1 - p) = 1/2: r = (3/2 +- sqrt(9/4 - 1)) / 2.
  const double cv = std::sqrt(3.0);
  const ResponseTime response({.servers = 1, .capacity = 1, .arrivals = 0.5, .service_cv = cv});
  const double low = (1.5 - std::sqrt(1.25)) / 2;
  const double high = (1.5 + std::sqrt(1.25)) / 2;
  // P(W > 0) = 1/2; E[W] = (1/2)(1 + 3)/2 / (1/2) = 2: the weights follow from both.
  const double weight = (4 - 1 / high) / (1 / low - 1 / high);  // of the slow pole, given that one waits
  const double p = (1 + std::sqrt(0.5)) / 2;
  const auto both = [](double a, double b, double t) { return (b * std::exp(-a * t) - a * std::exp(-b * t)) / (b - a); };
  for (const double t : {0.5, 2.0, 10.0}) {
    const double service = p * std::exp(-2 * p * t) + (1 - p) * std::exp(-2 * (1 - p) * t);
    const auto after = [&](double r) { return p * both(r, 2 * p, t) + (1 - p) * both(r, 2 * (1 - p), t); };
    const double exact = 0.5 * service + 0.5 * (weight * after(low) + (1 - weight) * after(high));
    CHECK_THAT(response.tail(t), WithinRel(exact, 1e-9));
  }
}

TEST_CASE("response time: regular arrivals at one server against G/M/1", "[fleet][analytic]") {
  // Erlang-2 arrivals, cv^2 = 1/2, at utilization 1/2 (Kleinrock 6.4): x = (1 / (1 + (1 - x)))^2 has the root
  // x (2 - x)^2 = 1: x^3 - 4 x^2 + 4 x - 1 = (x - 1)(x^2 - 3 x + 1), so x = (3 - sqrt 5) / 2.
  const ResponseTime response({.servers = 1, .capacity = 1, .arrivals = 0.5, .service_cv = 1, .arrival_cv2 = 0.5});
  const double x = (3 - std::sqrt(5.0)) / 2;
  CHECK_THAT(response.waits(), WithinRel(x, 1e-10));
  CHECK_THAT(response.mean(), WithinRel(1 / (1 - x), 1e-10));
  CHECK_THAT(response.tail(3), WithinRel(std::exp(-3 * (1 - x)), 1e-9));
}

TEST_CASE("response time: with constant services the tail is within the stated error of M/D/1", "[fleet][analytic]") {
  // docs/models/fleet.md states these bounds: 0.06 in probability everywhere, and a factor of 2.2 where the tail is
  // above 1 %.
  for (const double utilization : {0.3, 0.6, 0.8, 0.9}) {
    const ResponseTime response({.servers = 1, .capacity = 1, .arrivals = utilization, .service_cv = 0});
    for (double t = 0.05; t < 12; t += 0.05) {
      const double exact = 1 - wait_cdf_of_md1(utilization, t);
      const double ours = response.tail(1 + t);
      CAPTURE(utilization, t, exact, ours);
      CHECK_THAT(ours, WithinAbs(exact, 0.06));
      if (exact > 0.01) CHECK((ours < 2.2 * exact && exact < 2.2 * ours));
    }
  }
}

TEST_CASE("response time: an idle queue answers in the service time, a full one never", "[fleet][table]") {
  const ResponseTime constant({.servers = 4, .capacity = 40, .arrivals = 0, .service_cv = 0});
  CHECK(constant.tail(0.0999) == 1);
  CHECK(constant.tail(0.1001) == 0);
  CHECK(constant.mean() == 0.1);
  const ResponseTime full({.servers = 4, .capacity = 40, .arrivals = 40});
  CHECK(full.tail(1000) == 1);
  CHECK(std::isinf(full.mean()));
}

TEST_CASE("response time: one target with the fewest outstanding requests is a queue of its own", "[fleet][property]") {
  const ResponseTime own({.servers = 8, .capacity = 80, .arrivals = 60});
  const ResponseTime pooled({.servers = 8, .capacity = 80, .arrivals = 60, .service_cv = 1, .arrival_cv2 = 1, .targets = 1});
  CHECK(own.mean() == pooled.mean());
  double wait = own.mean_wait();
  for (const double targets : {2.0, 4.0, 16.0}) {  // more targets, less waiting
    const ResponseTime shared(
        {.servers = 8, .capacity = 80, .arrivals = 60, .service_cv = 1, .arrival_cv2 = 1, .targets = targets});
    CHECK(shared.mean_wait() < wait);
    wait = shared.mean_wait();
  }
}

TEST_CASE("response time: dealing out in turn makes arrivals more regular, and many dealers Poisson again",
          "[fleet][analytic]") {
  CHECK_THAT(round_robin_cv2(1, 1, 0.5), WithinRel(1, 1e-12));
  CHECK_THAT(round_robin_cv2(4, 1, 0.5), WithinRel(0.25, 1e-12));
  CHECK_THAT(round_robin_cv2(4, 1e9, 0.5), WithinAbs(1, 1e-6));
  // A queue that hardly drains sees the long run of each stream, which stays regular: the weight tends to 1.
  CHECK_THAT(round_robin_cv2(4, 3, 0.999), WithinAbs(0.25, 1e-4));
}

TEST_CASE("response time: what is in service lasts on as its shape says", "[fleet][analytic]") {
  CHECK_THAT(residual_service_tail(1, 2, 4), WithinRel(std::exp(-2.0), 1e-12));
  CHECK_THAT(residual_service_tail(0, 2, 0.5), WithinRel(0.75, 1e-12));  // constant: uniform
  CHECK(residual_service_tail(0, 2, 3) == 0);
  for (const double cv : {0.0, 0.4, 1.0, 2.0}) CHECK_THAT(residual_service_tail(cv, 3, 0), WithinRel(1, 1e-12));
}

}  // namespace
}  // namespace fleetsim::fleet
