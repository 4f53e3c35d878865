#pragma once
/// Response times of a whole run in bounded memory: how many requests met which utilization. The distribution of the
/// response time follows from the utilization alone, so it is computed once, at the end, and a change of the load costs a
/// logarithm.

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "models/fleet/response_time.hpp"

namespace fleetsim::fleet {

/// Of the targets of one kind. Loads below one are gathered in bins of 1.8 % of the idle share 1 - u, so a wait is known to
/// about 1 %; a queue of limited length has bins of 1.8 % of the load from 99.99 % on, and any other one bin for the rest.
class LatencyRecord {
 public:
  /// `queue` with neither arrivals nor targets; `travel`: seconds of a round trip that each request takes besides.
  LatencyRecord(const TargetQueue& queue, double travel);

  /// So many requests met targets with the load `load`, arrivals over capacity, each one of `targets` that receive.
  void add(double load, double requests, double targets);
  void clear();

  /// A share of the requests with their response time.
  struct Part {
    double requests = 0;
    double travel = 0;
    ResponseTime response;
  };
  /// `pooled`: the targets share one stream by fewest outstanding requests; else each of `nodes` balancers deals its
  /// requests out in turn. Appends.
  void parts(bool pooled, double nodes, std::vector<Part>& out) const;

 private:
  static constexpr std::size_t bins = 512;
  static constexpr double bin_width = 9.21034037 / bins;  // ln 10^4
  struct Bin {
    double requests = 0;
    double targets = 0;  // times requests
  };
  TargetQueue queue_;
  double travel_;
  std::array<Bin, 2 * bins> bins_{};
};

/// The mean of all parts, in seconds; empty without requests, or if some of them met a queue that grows without end.
std::optional<double> mean_latency(const std::vector<LatencyRecord::Part>& parts);
/// The least latency that the share `p` of the requests does not exceed, to a relative 1e-6; empty without requests, or if
/// more than the rest of them met a queue that grows without end.
std::optional<double> latency_quantile(const std::vector<LatencyRecord::Part>& parts, double p);

}  // namespace fleetsim::fleet
