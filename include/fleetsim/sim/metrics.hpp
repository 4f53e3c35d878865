#pragma once
/// Named results of one replication, handed from the models to whoever asked for them.

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fleetsim {

/// One number that a replication measured.
struct MetricValue {
  std::string name;             ///< dotted, most general first: "fleet.bidder.drop_fraction"
  std::string unit;             ///< "USD", "h", "1" for a ratio or a count, …
  std::optional<double> value;  ///< empty when the replication could not observe it
};

/// Collects the metrics of one replication. A name is added once.
class MetricSink {
 public:
  void add(std::string name, std::string unit, std::optional<double> value) {
    values_.push_back({std::move(name), std::move(unit), value});
  }
  const std::vector<MetricValue>& values() const { return values_; }
  /// All of them; none is left here.
  std::vector<MetricValue> take() { return std::exchange(values_, {}); }

 private:
  std::vector<MetricValue> values_;
};

}  // namespace fleetsim
