#include "models/scenario/advice/volume_options.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/scenario/number_words.hpp"

namespace fleetsim::scenario {
namespace {

std::int64_t up_to(double value, std::int64_t step) {
  return static_cast<std::int64_t>(std::ceil(value / static_cast<double>(step))) * step;
}
std::int64_t divided(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/// Stripes that are tried where one volume cannot do it.
constexpr std::int64_t stripes_tried[] = {1, 2, 3, 4, 6, 8, 12, 16};

/// IOPS come in steps of 100 and throughput in steps of 5 MiB/s, so that settings look as people write them.
constexpr std::int64_t iops_step = 100, mibps_step = 5;
/// A gigabyte more or less is no reason to reshape a volume.
constexpr std::int64_t gib_step = 10;

class Options {
 public:
  Options(const VolumeSettings& today, const Wants& wants, const VolumeHost& host, Date as_of)
      : today_(today), wants_(wants), host_(host), as_of_(as_of) {}

  VolumeOptions find() {
    found_.options.push_back({today_, "as it is"});
    if (today_.request.type == VolumeType::instance_store) return std::move(found_);
    for (const double part : {0.0, 0.5, 1.0}) {
      const auto at = [&](const WantedLevel& level) { return level.nearly + part * (level.most - level.nearly); };
      lay_out(at(wants_.ssd_iops), at(wants_.mibps), at(wants_.hdd_mibps));
    }
    if (const double work = wants_.work_mibps; work > 0) {
      // Backups and snapshots beside all the rest: they move large blocks, which an SSD counts by 256 KiB.
      lay_out(wants_.ssd_iops.most + 4 * work, wants_.mibps.most + work, wants_.hdd_mibps.most + work);
    }
    if (!wants_.large) refuse("st1, sc1", "HDD is for I/Os that are sequential or 128 KiB and more: a random one counts as a whole MiB");
    if (today_.request.boot) refuse("st1, sc1", "HDD does not boot");
    if (today_.temporary) {
      VolumeSettings store = plain(VolumeType::instance_store, today_.request.size_gib);
      store.restore.reset();
      found_.options.push_back({store, "instance store"});
    }
    return std::move(found_);
  }

 private:
  /// A setting of each type for so much.
  void lay_out(double wanted_iops, double wanted_mibps, double wanted_hdd_mibps) {
    const auto iops = up_to(wanted_iops, iops_step);
    const auto mibps = up_to(wanted_mibps, mibps_step);
    gp3(iops, mibps);
    provisioned(VolumeType::io2, iops, mibps, 500);
    // io1 costs what io2 costs, and lasts less.
    if (!offered(VolumeType::io2)) provisioned(VolumeType::io1, iops, mibps, 50);
    gp2(iops, mibps);
    hdd(VolumeType::st1, wanted_hdd_mibps, 40, 500);
    hdd(VolumeType::sc1, wanted_hdd_mibps, 12, 192);
  }

  void refuse(std::string kind, std::string reason) {
    for (const VolumeKindRefused& known : found_.refused) {
      if (known.kind == kind) return;
    }
    found_.refused.push_back({std::move(kind), std::move(reason)});
  }

  /// Today's volume with another type and without provisioned performance.
  VolumeSettings plain(VolumeType type, std::int64_t gib) const {
    VolumeSettings volume = today_;
    volume.stripes = 1;
    volume.request.type = type;
    volume.request.size_gib = gib;
    volume.request.iops = volume.request.mibps = std::nullopt;
    return volume;
  }

  bool offered(VolumeType type) const {
    return std::any_of(found_.options.begin() + 1, found_.options.end(),
                       [type](const VolumeOption& option) { return option.settings.request.type == type; });
  }

  std::int64_t gib_today() const { return today_.request.size_gib * today_.stripes; }

  void gp3(std::int64_t iops, std::int64_t mibps) {
    // Each volume has 3,000 IOPS and 125 MiB/s for nothing, so more of them can cost less than one.
    const std::int64_t useful = std::max(divided(iops, 3000), divided(mibps, 125));
    for (const std::int64_t stripes : stripes_tried) {
      const std::int64_t each_mibps = std::max<std::int64_t>(125, up_to(static_cast<double>(divided(mibps, stripes)), mibps_step));
      const std::int64_t each_iops =
          std::max({std::int64_t{3000}, up_to(static_cast<double>(divided(iops, stripes)), iops_step), 4 * each_mibps});
      const std::int64_t by_iops = each_iops == 3000 ? 1 : up_to(static_cast<double>(each_iops) / 500, gib_step);
      VolumeSettings volume = plain(VolumeType::gp3, std::max(divided(gib_today(), stripes), by_iops));
      if (each_iops > 3000) volume.request.iops = each_iops;
      if (each_mibps > 125) volume.request.mibps = each_mibps;
      if (add(std::move(volume), stripes) && stripes >= useful) return;
    }
  }

  void provisioned(VolumeType type, std::int64_t iops, std::int64_t mibps, std::int64_t iops_per_gib) {
    for (const std::int64_t stripes : stripes_tried) {
      // 0.25 MiB/s an IOPS: what 256 KiB give, and nearly what Block Express gives.
      const std::int64_t each = std::max({std::int64_t{100}, up_to(static_cast<double>(divided(iops, stripes)), iops_step),
                                          4 * divided(mibps, stripes)});
      const std::int64_t by_iops = up_to(static_cast<double>(each) / static_cast<double>(iops_per_gib), gib_step);
      VolumeSettings volume = plain(type, std::max({std::int64_t{4}, divided(gib_today(), stripes), by_iops}));
      volume.request.iops = each;
      if (add(std::move(volume), stripes)) return;
    }
  }

  void gp2(std::int64_t iops, std::int64_t mibps) {
    for (const std::int64_t stripes : stripes_tried) {
      const std::int64_t own = divided(gib_today(), stripes);
      if (divided(iops, stripes) > 16'000 || divided(mibps, stripes) > 250) continue;
      // With the burst the size of today may do.
      add(plain(VolumeType::gp2, own), stripes);
      const std::int64_t by_iops = up_to(static_cast<double>(divided(iops, stripes)) / 3, gib_step);
      const std::int64_t by_mibps = divided(mibps, stripes) > 128 ? 334 : 1;
      const bool added = add(plain(VolumeType::gp2, std::max({own, by_iops, by_mibps})), stripes);
      // Each volume bursts to 3,000 IOPS.
      if (added && stripes >= divided(iops, 3000)) return;
    }
    if (!offered(VolumeType::gp2)) refuse("gp2", "a gp2 volume has at most 16,000 IOPS and 250 MiB/s");
  }

  /// As many volumes as have `mibps` for ever, and, for the burst, those of today's size.
  void hdd(VolumeType type, double mibps, std::int64_t base_per_tib, std::int64_t base_max) {
    if (!wants_.large || today_.request.boot) return;
    for (const std::int64_t stripes : stripes_tried) {
      const double each = mibps / static_cast<double>(stripes);
      const std::int64_t own = std::max<std::int64_t>(125, divided(gib_today(), stripes));
      add(plain(type, own), stripes);
      if (each > static_cast<double>(base_max)) continue;
      const std::int64_t by_base = up_to(each * 1024 / static_cast<double>(base_per_tib), gib_step);
      if (add(plain(type, std::max(own, by_base)), stripes)) return;
    }
  }

  /// False if it breaks a rule.
  bool add(VolumeSettings volume, std::int64_t stripes) {
    volume.stripes = stripes;
    if (!check_volume(volume.request, host_, as_of_).empty()) return false;
    std::string kind(to_name(volume.request.type));
    if (volume.request.type == VolumeType::io2 && runs_block_express(host_, as_of_)) kind += " Block Express";
    if (stripes > 1) kind += " striped";
    const auto same = [&](const VolumeOption& other) { return in_words(other.settings) == in_words(volume); };
    if (std::none_of(found_.options.begin(), found_.options.end(), same)) {
      found_.options.push_back({std::move(volume), kind});
    }
    return true;
  }

  const VolumeSettings& today_;
  const Wants& wants_;
  const VolumeHost& host_;
  Date as_of_;
  VolumeOptions found_;
};

}  // namespace

VolumeOptions volume_options(const VolumeSettings& today, const Wants& wants, const VolumeHost& host, Date as_of) {
  return Options(today, wants, host, as_of).find();
}

std::string in_words(const VolumeSettings& volume) {
  const VolumeRequest& request = volume.request;
  std::string text = volume.stripes > 1 ? fmt::format("{} x ", volume.stripes) : "";
  text += request.type == VolumeType::instance_store ? "instance store" : std::string(to_name(request.type));
  if (request.size_gib > 0) text += ", " + grouped(request.size_gib) + " GiB";
  if (request.iops) text += ", " + grouped(*request.iops) + " IOPS";
  if (request.mibps) text += ", " + grouped(*request.mibps) + " MiB/s";
  return text;
}

}  // namespace fleetsim::scenario
