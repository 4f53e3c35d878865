#include "models/fleet/response_time.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/fleet/latency.hpp"

namespace fleetsim::fleet {

namespace {

/// P(Exp(a) + Exp(b) > t), written so that rates which are nearly equal do not cancel.
double two_stage_tail(double a, double b, double t) {
  const double slower = std::min(a, b);
  const double faster = std::max(a, b);
  const double difference = faster - slower;
  const double second_stage = difference > 0 ? -std::expm1(-difference * t) / difference : t;
  return std::exp(-slower * t) * (1 + slower * second_stage);
}

/// The share of arrivals that find one exponential server busy, when they come with gamma gaps: the root below 1 of
/// x = (1 + c^2 (1 - x) / rho)^(-1 / c^2), which is rho itself for Poisson arrivals.
double busy_at_arrival(double utilization, double arrival_cv2) {
  if (arrival_cv2 >= 1 || utilization <= 0) return utilization;
  const double shape = 1 / arrival_cv2;
  // The iteration from below rises to the root, because the right side rises with x and is convex; Newton from the
  // Poisson root, which lies above, closes the last digits.
  double x = utilization;
  for (int step = 0; step < 60; ++step) {
    const double base = 1 + arrival_cv2 * (1 - x) / utilization;
    const double value = std::pow(base, -shape);
    const double slope = value / (base * utilization);
    const double next = x - (x - value) / (1 - slope);
    const double bounded = next > 0 && next < 1 ? next : value;
    if (std::abs(bounded - x) < 1e-14 * x) return bounded;
    x = bounded;
  }
  return x;
}

}  // namespace

double round_robin_cv2(double targets, double nodes, double utilization) {
  const double one_node = 1 / targets;
  const double idle = 1 - utilization;
  const double weight = 1 / (1 + 4 * idle * idle * (nodes - 1));
  return weight * one_node + 1 - weight;
}

ServiceShape::ServiceShape(double cv) {
  if (cv < 1) {
    constant = 1 - cv;
    branches = cv > 0 ? 1 : 0;
    rates[0] = cv > 0 ? 1 / cv : 1;
  } else if (cv > 1) {
    const double cv2 = cv * cv;
    branches = 2;
    weights[0] = (1 + std::sqrt((cv2 - 1) / (cv2 + 1))) / 2;
    weights[1] = 1 - weights[0];
    rates = {2 * weights[0], 2 * weights[1]};
  }
}

double residual_service_tail(double cv, double mean_seconds, double seconds) {
  const ServiceShape shape(cv);
  const double t = seconds / mean_seconds;
  // The integral of the service's tail from t on, in means: what is left of the constant, then the exponentials.
  const double beyond = std::max(0.0, t - shape.constant);
  double left = std::max(0.0, shape.constant - t);
  for (std::size_t j = 0; j < shape.branches; ++j) {
    left += shape.weights[j] * std::exp(-shape.rates[j] * beyond) / shape.rates[j];
  }
  return left;
}

ResponseTime::ResponseTime(const TargetQueue& queue) {
  const double service_rate = queue.capacity / queue.servers;
  const double utilization = queue.arrivals / queue.capacity;
  const double service_cv2 = queue.service_cv * queue.service_cv;
  const ServiceShape shape(queue.service_cv);
  mean_service_ = 1 / service_rate;
  constant_ = shape.constant / service_rate;
  service_branches_ = shape.branches;
  service_weights_ = shape.weights;
  service_rates_ = {shape.rates[0] * service_rate, shape.rates[1] * service_rate};
  if (queue.queue_limit) {
    limit_queue(queue);
    return;
  }
  if (utilization >= 1) {
    saturated_ = true;
    waits_ = 1;
    return;
  }
  const double targets = std::max(1.0, queue.targets);
  if (targets > 1) {
    // All targets together work like one queue; who waits does so at the one target that it was sent to.
    const int servers = static_cast<int>(std::lround(targets)) * queue.servers;
    waits_ = erlang_c(servers, utilization * servers);
    const double pooled = 1 / (targets * queue.capacity * (1 - utilization));
    const double own = (1 - 1 / targets) / queue.capacity;
    waiting_rates_[0] = 2 / ((pooled + own) * (1 + service_cv2));
    return;
  }
  const double waits_poisson = erlang_c(queue.servers, queue.arrivals / service_rate);
  const double busy = busy_at_arrival(utilization, queue.arrival_cv2);
  waits_ = utilization > 0 ? waits_poisson * busy / utilization : 0;
  // The queue drains at this rate while all servers are busy, and a wait of exponential services is exponential.
  const double drain = queue.capacity * (1 - busy);
  const double variation = (queue.arrival_cv2 + service_cv2) / (queue.arrival_cv2 + 1);
  if (shape.branches == 2 && utilization > 0) {
    // All servers together as one that is so much faster: two poles of the Pollaczek-Khinchine transform.
    const double fast1 = shape.rates[0] * queue.capacity;
    const double fast2 = shape.rates[1] * queue.capacity;
    // Balanced means: either branch is as likely to be found in service.
    const double sum = fast1 + fast2 - utilization * (fast1 + fast2) / 2;
    const double product = fast1 * fast2 * (1 - utilization);
    const double root = std::sqrt(std::max(0.0, sum * sum - 4 * product));
    const double high = (sum + root) / 2;
    const double low = product / high;
    const double weight = (1 - utilization) * (fast1 - low) * (fast2 - low) / ((high - low) * low * utilization);
    waiting_branches_ = 2;
    waiting_weights_ = {weight, 1 - weight};
    // Regular arrivals shorten all waits by the same factor.
    const double poisson_mean = (1 + service_cv2) / 2 / (queue.capacity * (1 - utilization));
    const double shorter = variation / drain / poisson_mean;
    waiting_rates_ = {low / shorter, high / shorter};
    return;
  }
  waiting_rates_[0] = drain / variation;
}

void ResponseTime::set_wait(double mean, double deviation) {
  const double exponential = std::min(deviation, mean);
  waiting_constant_ = mean - exponential;
  waiting_rates_[0] = exponential > 0 ? 1 / exponential : std::numeric_limits<double>::infinity();
}

void ResponseTime::limit_queue(const TargetQueue& queue) {
  const double targets = std::max(1.0, std::round(queue.targets));
  const double capacity = queue.capacity * targets;
  const double load = queue.arrivals / queue.capacity;
  if (load <= 0) return;
  const double service_cv2 = queue.service_cv * queue.service_cv;
  const int servers = queue.servers * static_cast<int>(targets);
  const int limit = *queue.queue_limit * static_cast<int>(targets);
  // The states from "all servers busy" on fall off by this factor; rho for Poisson arrivals and exponential services.
  const double decay = std::pow(load, 2 / (queue.arrival_cv2 + service_cv2));
  // Relative to the states up to "all servers busy", which sum to one. An arrival that finds i waiting waits for i + 1
  // departures; each takes 1 / capacity in the mean. Regular arrivals find all servers busy less often.
  double state = erlang_b(servers, load * servers);
  if (load < 1) state *= busy_at_arrival(load, queue.arrival_cv2) / load;
  double all = 1, waits = 0, first = 0, second = 0;
  for (int i = 0; i < limit; ++i) {
    const double departures = i + 1;
    waits += state;
    first += state * departures;
    second += state * departures * (departures + service_cv2);
    state *= decay;
    all += state;
    if (state < 1e-15 * all) break;
  }
  refused_ = state / all;
  waits_ = waits / (all - state);
  if (waits <= 0) return;
  const double mean = first / waits / capacity;
  const double variance = second / waits / (capacity * capacity) - mean * mean;
  // Who waits at one of several targets does so for that target alone.
  const double own = (1 - 1 / targets) / queue.capacity;
  set_wait(mean + own, std::sqrt(std::max(0.0, variance) + own * own));
}

double ResponseTime::mean_wait() const {
  if (saturated_) return std::numeric_limits<double>::infinity();
  double mean = waiting_constant_;
  for (std::size_t i = 0; i < waiting_branches_; ++i) mean += waiting_weights_[i] / waiting_rates_[i];
  return waits_ * mean;
}

double ResponseTime::tail(double seconds) const {
  if (saturated_) return 1;
  const double t = seconds - constant_;
  if (t < 0) return 1;
  double at_once = 0;
  for (std::size_t j = 0; j < service_branches_; ++j) at_once += service_weights_[j] * std::exp(-service_rates_[j] * t);
  if (waits_ <= 0) return at_once;
  const double waited = t - waiting_constant_;
  if (waited < 0) return (1 - waits_) * at_once + waits_;
  double after_wait = 0;
  for (std::size_t i = 0; i < waiting_branches_; ++i) {
    double tail = 0;
    for (std::size_t j = 0; j < service_branches_; ++j) {
      tail += service_weights_[j] * two_stage_tail(waiting_rates_[i], service_rates_[j], waited);
    }
    if (service_branches_ == 0) tail = std::exp(-waiting_rates_[i] * waited);
    after_wait += waiting_weights_[i] * tail;
  }
  return std::clamp((1 - waits_) * at_once + waits_ * after_wait, 0.0, 1.0);
}

}  // namespace fleetsim::fleet
