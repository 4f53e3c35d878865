#include <algorithm>

#include <fmt/format.h>

#include "models/storage/volume_rules.hpp"

namespace fleetsim {
namespace {

using storage::VolumeRange;

/// Collects the breaches of one request.
class Check {
 public:
  Check(const VolumeRequest& request, const VolumeHost& host, Date as_of)
      : request_(request), host_(host), as_of_(as_of), range_(storage::range_of(request.type, host, as_of)) {}

  std::vector<VolumeBreach> run() {
    size();
    iops();
    throughput();
    boot();
    block_express();
    return std::move(breaches_);
  }

 private:
  void add(std::string_view field, std::string message, std::string help, std::optional<std::int64_t> nearest = {}) {
    breaches_.push_back({std::string(field), std::move(message), std::move(help), nearest});
  }

  void size() {
    const std::int64_t gib = request_.size_gib;
    if (gib >= range_.gib_min && gib <= range_.gib_max) return;
    const std::int64_t nearest = std::clamp(gib, range_.gib_min, range_.gib_max);
    std::string help = fmt::format("the nearest size allowed is {} GiB", nearest);
    if (request_.type == VolumeType::io2 && gib > range_.gib_max && gib <= 65'536) {
      help += fmt::format("; larger ones are Block Express, which {} does not run at that date", host_.instance_type);
    }
    add("size", fmt::format("{} has {} to {} GiB, not {}", name(), range_.gib_min, range_.gib_max, gib), help, nearest);
  }

  void iops() {
    if (!request_.iops) {
      if (request_.type == VolumeType::io1 || request_.type == VolumeType::io2) {
        add("iops", fmt::format("{} needs its provisioned IOPS", name()),
            fmt::format("give at least {} IOPS", range_.iops_min), range_.iops_min);
      }
      return;
    }
    if (range_.iops_max == 0) {
      add("iops", fmt::format("{} takes no provisioned IOPS", name()), "leave iops away, or take gp3, io1 or io2");
      return;
    }
    const std::int64_t iops = *request_.iops;
    const std::int64_t by_size = iops_of_size(request_.size_gib);
    const std::int64_t nearest = std::clamp(iops, range_.iops_min, std::min(range_.iops_max, by_size));
    if (iops < range_.iops_min || iops > range_.iops_max) {
      std::string where;
      if (iops > range_.iops_max && !host_.nitro && range_.iops_max == 32'000) {
        where = fmt::format(" on {}, which is no Nitro instance", host_.instance_type);
      } else if (request_.type == VolumeType::io2 && iops > range_.iops_max && range_.iops_max < 256'000) {
        where = fmt::format(" on {}, which does not run Block Express at that date", host_.instance_type);
      }
      add("iops", fmt::format("{} has {} to {} IOPS{}, not {}", name(), range_.iops_min, range_.iops_max, where, iops),
          fmt::format("the nearest allowed is {} IOPS", nearest), nearest);
    } else if (iops > by_size) {
      const std::int64_t gib = (iops + range_.iops_per_gib - 1) / range_.iops_per_gib;
      add("iops",
          fmt::format("{} has at most {} IOPS for each GiB: {} on {} GiB, not {}", name(), range_.iops_per_gib, by_size,
                      request_.size_gib, iops),
          fmt::format("the nearest allowed is {} IOPS; {} IOPS need {} GiB", nearest, iops, gib), nearest);
    }
  }

  void throughput() {
    if (!request_.mibps) return;
    if (range_.mibps_max == 0) {
      add("throughput", fmt::format("{} takes no provisioned throughput", name()),
          "leave throughput away, or take gp3");
      return;
    }
    const std::int64_t mibps = *request_.mibps;
    const std::int64_t iops = request_.iops.value_or(storage::gp3_iops_included);
    const std::int64_t by_iops = iops / storage::gp3_iops_per_mibps;
    const std::int64_t nearest =
        std::clamp(mibps, range_.mibps_min, std::max(range_.mibps_min, std::min(range_.mibps_max, by_iops)));
    if (mibps < range_.mibps_min || mibps > range_.mibps_max) {
      add("throughput",
          fmt::format("{} has {} to {} MiB/s, not {}", name(), range_.mibps_min, range_.mibps_max, mibps),
          fmt::format("the nearest allowed is {} MiB/s", nearest), nearest);
    } else if (mibps > by_iops) {
      add("throughput",
          fmt::format("{} has at most 0.25 MiB/s for each IOPS: {} MiB/s with {} IOPS, not {}", name(), by_iops, iops,
                      mibps),
          fmt::format("the nearest allowed is {} MiB/s; {} MiB/s need {} IOPS", nearest, mibps,
                      mibps * storage::gp3_iops_per_mibps),
          nearest);
    }
  }

  void boot() {
    if (!request_.boot || range_.boot) return;
    add("boot", fmt::format("{} cannot be a boot volume", name()), "the nearest type that boots is gp3");
  }

  /// The rules of 2021, before all io2 volumes became Block Express.
  void block_express() {
    if (request_.type != VolumeType::io2 || as_of_ >= storage::day::block_express_everywhere) return;
    if (!runs_block_express(host_, as_of_)) return;
    const bool beyond = request_.size_gib > storage::plain_io2_gib_max ||
                        request_.iops.value_or(0) > storage::plain_io2_iops_max;
    if (beyond && request_.encrypted && request_.from_unencrypted_or_shared_image) {
      add("encrypted",
          "an encrypted io2 volume above 16,384 GiB or 64,000 IOPS cannot be made from an unencrypted or a shared image",
          "take at most 16,384 GiB and 64,000 IOPS, or an encrypted image of this account");
    }
    if (request_.fast_snapshot_restore) {
      add("fast_snapshot_restore", "io2 Block Express has no fast snapshot restore at that date",
          "leave it away, or attach the volume to an instance without Block Express");
    }
  }

  /// IOPS that the size allows; gp3 has those included at any size.
  std::int64_t iops_of_size(std::int64_t gib) const {
    return std::max(range_.iops_min, range_.iops_per_gib * std::max<std::int64_t>(gib, 0));
  }
  std::string_view name() const { return to_name(request_.type); }

  const VolumeRequest& request_;
  const VolumeHost& host_;
  Date as_of_;
  VolumeRange range_;
  std::vector<VolumeBreach> breaches_;
};

bool is_hdd(VolumeType type) { return type == VolumeType::st1 || type == VolumeType::sc1; }

}  // namespace

std::vector<VolumeBreach> check_volume(const VolumeRequest& request, const VolumeHost& host, Date as_of) {
  if (request.type == VolumeType::instance_store) return {};
  return Check(request, host, as_of).run();
}

std::vector<VolumeBreach> check_modification(const VolumeRequest& from, const VolumeRequest& to, const VolumeHost& host,
                                             Date as_of) {
  std::vector<VolumeBreach> breaches;
  if (to.size_gib < from.size_gib) {
    breaches.push_back({"size", fmt::format("a volume never shrinks: it has {} GiB, not {}", from.size_gib, to.size_gib),
                        fmt::format("the nearest size allowed is {} GiB", from.size_gib), from.size_gib});
  }
  if (from.boot && is_hdd(to.type)) {
    breaches.push_back({"type", fmt::format("a boot volume cannot become {}", to_name(to.type)),
                        "the nearest type that boots is gp3", {}});
  }
  if (from.type == VolumeType::io2 && runs_block_express(host, as_of) && as_of < storage::day::block_express_families &&
      (from.size_gib != to.size_gib || from.iops != to.iops)) {
    breaches.push_back({from.iops != to.iops ? "iops" : "size",
                        "an io2 Block Express volume keeps its size and IOPS at that date",
                        fmt::format("keep {} GiB and {} IOPS", from.size_gib, from.iops.value_or(0)), {}});
  }
  return breaches;
}

}  // namespace fleetsim
