#pragma once
/// How requests are simulated, and what clients do about a failure.
/// Source: docs/models/fleet.md, "One by one".

#include <cstdint>
#include <optional>

#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }

enum class RequestModel : std::uint8_t {
  fluid,  ///< a rate, with the distribution of the response time by a formula
  each    ///< one by one
};

enum class BackOffJitter : std::uint8_t {
  none,
  equal,  ///< uniform between half of the wait and the whole
  full    ///< uniform between nothing and the whole
};

/// Before the n-th retry a client waits initial x factor^(n - 1), at most `max`. With initial 0 it retries at once.
struct RetryConfig {
  int count = 0;  ///< of one request, after the first attempt
  Duration initial = Duration::of(nanoseconds_per_second);
  double factor = 2;
  Duration max = Duration::of(20 * nanoseconds_per_second);
  BackOffJitter jitter = BackOffJitter::full;
};

struct RequestsConfig {
  RequestModel model = RequestModel::fluid;
  /// Waiting on one instance for a free vCPU; a request that finds so many is refused.
  int queue_limit = 100;
  /// A client waits so long for a response and then takes it for failed; the instance goes on with it.
  Duration timeout = Duration::of(60 * nanoseconds_per_second);
  RetryConfig retries;  ///< of `each`
};

/// Reads `requests` of a fleet; empty where it is not given.
std::optional<RequestsConfig> read_requests(config::Section& fleet);

}  // namespace fleetsim
