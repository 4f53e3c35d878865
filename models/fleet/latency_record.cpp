#include "models/fleet/latency_record.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::fleet {

LatencyRecord::LatencyRecord(const TargetQueue& queue, double travel) : queue_(queue), travel_(travel) {}

void LatencyRecord::add(double load, double requests, double targets) {
  const double idle = 1 - load;
  const std::size_t index = idle > 1e-4          ? std::min(static_cast<std::size_t>(-std::log(idle) / bin_width), bins - 1)
                            : queue_.queue_limit ? bins + static_cast<std::size_t>(std::log(std::max(1.0, load)) / bin_width)
                                                 : bins - 1;
  Bin& bin = bins_[std::min(index, bins_.size() - 1)];
  bin.requests += requests;
  bin.targets += requests * targets;
}

void LatencyRecord::clear() { bins_.fill({}); }

void LatencyRecord::parts(bool pooled, double nodes, std::vector<Part>& out) const {
  for (std::size_t b = 0; b < bins_.size(); ++b) {
    const Bin& bin = bins_[b];
    if (bin.requests <= 0) continue;
    const double middle = (static_cast<double>(b < bins ? b : b - bins) + 0.5) * bin_width;
    const double load = b < bins ? 1 - std::exp(-middle) : std::exp(middle);
    const double targets = bin.targets / bin.requests;
    TargetQueue queue = queue_;
    queue.arrivals = load * queue.capacity;
    if (pooled) queue.targets = targets;
    else queue.arrival_cv2 = round_robin_cv2(targets, nodes, std::min(1.0, load));
    out.push_back({.requests = bin.requests, .travel = travel_, .response = ResponseTime(queue)});
  }
}

std::optional<double> mean_latency(const std::vector<LatencyRecord::Part>& parts) {
  double requests = 0;
  double sum = 0;
  for (const LatencyRecord::Part& part : parts) {
    requests += part.requests;
    sum += part.requests * (part.travel + part.response.mean());
  }
  if (requests <= 0 || std::isinf(sum)) return std::nullopt;
  return sum / requests;
}

std::optional<double> latency_quantile(const std::vector<LatencyRecord::Part>& parts, double p) {
  double requests = 0, never = 0;
  double high = 0;
  for (const LatencyRecord::Part& part : parts) {
    requests += part.requests;
    const double mean = part.travel + part.response.mean();
    if (std::isinf(mean)) never += part.requests;
    else high = std::max(high, mean);
  }
  if (requests <= 0 || never > (1 - p) * requests) return std::nullopt;
  const auto exceeds = [&](double t) {
    double above = 0;
    for (const LatencyRecord::Part& part : parts) above += part.requests * part.response.tail(t - part.travel);
    return above > (1 - p) * requests;
  };
  double low = 0;
  while (exceeds(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-6 * high) {
    const double middle = (low + high) / 2;
    (exceeds(middle) ? low : high) = middle;
  }
  return high;
}

}  // namespace fleetsim::fleet
