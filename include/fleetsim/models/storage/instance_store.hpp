#pragma once
/// What the disks inside an instance deliver.
///
/// Source: Amazon EC2 user guide of May 2023, ssd-instance-store-volumes: IOPS of random 4 KiB reads and writes by type.

#include "fleetsim/models/storage/volume.hpp"

namespace fleetsim {

/// All disks of the instance together, as one. AWS prints no throughput: MODEL: that of its random reads of 4 KiB, which
/// is within a fifth of the 16 GB/s that an i3.16xlarge is said to do. A write counts as so much more than a read that the
/// published writes fit. Latency: our choice for a disk inside the machine.
/// Requires: 0 < writes <= reads.
VolumeLimits instance_store_limits(Iops reads, Iops writes);

}  // namespace fleetsim
