#pragma once
/// How long a response takes, from a queueing approximation: a wait, exponential or a mixture of two exponentials, and a
/// service of a given mean and coefficient of variation.
///
/// Truth:      exact for Poisson arrivals at k servers with exponential service (M/M/k), for Poisson arrivals at one
///             server with hyper-exponential service (M/H2/1), and for gamma arrivals at one server with exponential
///             service (G/M/1); the mean is that of Pollaczek and Khinchine for one server of any variation (M/G/1).
///             With a limit of the queue, the share that is refused and the mean are exact for M/M/k/K.
/// Leaves out: service times that depend on each other; docs/models/fleet.md states the error of
///             everything between.
/// Source:     Kleinrock, Queueing Systems I (1975), 3.5, 5.6 and 6.4; Allen (1990), the Allen-Cunneen approximation;
///             Whitt, The queueing network analyzer, Bell System Technical Journal 62 (1983), section 4.3.

#include <array>
#include <cstddef>
#include <optional>

namespace fleetsim::fleet {

/// One target's queue. Rates are for each second.
struct TargetQueue {
  int servers = 1;            ///< vCPUs, >= 1
  double capacity = 1;        ///< what all of them serve at 100 % utilization, > 0
  double arrivals = 0;        ///< >= 0
  double service_cv = 1;      ///< coefficient of variation of the service time, >= 0
  double arrival_cv2 = 1;     ///< squared coefficient of variation of the time between arrivals, in (0, 1]
  std::optional<int> queue_limit = {};  ///< waiting requests; one that finds so many is refused. Empty: any number wait
  double targets = 1;         ///< that share one stream by fewest outstanding requests; 1: the target has its own
};

/// The squared coefficient of variation of the time between requests at one of `targets` targets, when each of `nodes`
/// balancers deals its requests out in turn, and the target's servers are busy for the share `utilization`.
double round_robin_cv2(double targets, double nodes, double utilization);

/// A service time of mean 1 by its coefficient of variation: a constant and a mixture of at most two exponentials. Below
/// 1 a constant and one exponential, at 1 one exponential, above 1 two of balanced means.
struct ServiceShape {
  explicit ServiceShape(double cv);
  double constant = 0;
  std::size_t branches = 1;                        ///< 0: the constant alone
  std::array<double, 2> weights{1, 0};
  std::array<double, 2> rates{1, 1};
};

/// The share of the services under way that last `seconds` longer, for services of that mean and variation.
double residual_service_tail(double cv, double mean_seconds, double seconds);

class ResponseTime {
 public:
  explicit ResponseTime(const TargetQueue& queue);

  /// The share of the arrivals that find the queue full; 0 without a limit.
  double refused() const { return refused_; }
  /// Of those that are not refused, the probability of having to wait; 1 when arrivals reach capacity without a limit.
  double waits() const { return waits_; }
  /// In seconds, infinite when arrivals reach capacity without a limit.
  double mean_wait() const;
  double mean() const { return mean_wait() + mean_service_; }
  /// P(response time > seconds).
  double tail(double seconds) const;

 private:
  /// A wait of that mean and standard deviation: a constant and an exponential.
  void set_wait(double mean, double deviation);
  void limit_queue(const TargetQueue& queue);

  double mean_service_ = 0;
  double refused_ = 0;
  double waiting_constant_ = 0;
  double constant_ = 0;
  double waits_ = 0;
  bool saturated_ = false;
  std::size_t waiting_branches_ = 1;
  std::array<double, 2> waiting_weights_{1, 0};
  std::array<double, 2> waiting_rates_{1, 1};
  std::size_t service_branches_ = 1;
  std::array<double, 2> service_weights_{1, 0};
  std::array<double, 2> service_rates_{1, 1};
};

}  // namespace fleetsim::fleet
