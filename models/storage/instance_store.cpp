#include "fleetsim/models/storage/instance_store.hpp"

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

VolumeLimits instance_store_limits(Iops reads, Iops writes) {
  invariant(writes > Iops{} && writes <= reads, "an instance store reads at least as fast as it writes");
  VolumeLimits limits;
  limits.iops = limits.iops_burst = reads;
  limits.throughput = limits.throughput_burst = BytesPerSecond::of(reads.count() * Bytes{4_KiB}.count());
  limits.io_max = 256_KiB;
  limits.latency = 100_us;
  limits.write_millionths = (1'000'000 * reads.count() + writes.count() - 1) / writes.count();
  return limits;
}

}  // namespace fleetsim
