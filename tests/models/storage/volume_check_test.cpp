/// Requests on the border of each rule, and the nearest one allowed.

#include "fleetsim/models/storage/volume.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace std::chrono;

namespace {

constexpr Date in_2021 = 2021y / August / 15, in_2023 = 2023y / May / 15, in_2024 = 2024y / March / 1,
               in_2026 = 2026y / March / 1;
const VolumeHost nitro{"m5.large", true}, xen{"m4.large", false}, r5b{"r5b.large", true};

struct Row {
  VolumeType type;
  std::int64_t gib;
  std::optional<std::int64_t> iops, mibps;
  VolumeHost host;
  Date as_of;
  std::string_view field;                // of the one rule broken; empty for a request that is taken
  std::optional<std::int64_t> nearest;
};

void check(const Row& row) {
  INFO(to_name(row.type) << ' ' << row.gib << " GiB, IOPS " << row.iops.value_or(-1) << ", MiB/s "
                         << row.mibps.value_or(-1) << " on " << row.host.instance_type);
  const auto breaches =
      check_volume({.type = row.type, .size_gib = row.gib, .iops = row.iops, .mibps = row.mibps}, row.host, row.as_of);
  if (row.field.empty()) {
    CHECK(breaches.empty());
    return;
  }
  REQUIRE(breaches.size() == 1);
  CHECK(breaches.front().field == row.field);
  CHECK(breaches.front().nearest == row.nearest);
  CHECK_FALSE(breaches.front().message.empty());
  CHECK_FALSE(breaches.front().help.empty());
}

}  // namespace

TEST_CASE("storage: sizes from the smallest to the largest", "[storage][table]") {
  using enum VolumeType;
  struct Range {
    VolumeType type;
    std::int64_t least, most;
    VolumeHost host;
    Date as_of;
  };
  for (const Range& range : {Range{gp2, 1, 16'384, nitro, in_2021}, Range{gp3, 1, 16'384, nitro, in_2021},
                             Range{gp3, 1, 65'536, nitro, in_2026}, Range{io1, 4, 16'384, nitro, in_2026},
                             Range{io2, 4, 16'384, nitro, in_2021}, Range{io2, 4, 65'536, r5b, in_2021},
                             Range{io2, 4, 65'536, nitro, in_2024}, Range{st1, 125, 16'384, nitro, in_2026},
                             Range{sc1, 125, 16'384, nitro, in_2026}, Range{standard, 1, 1'024, nitro, in_2021}}) {
    const bool provisioned = range.type == io1 || range.type == io2;
    const auto iops = provisioned ? std::optional<std::int64_t>(100) : std::nullopt;
    check({range.type, range.least, iops, {}, range.host, range.as_of, "", {}});
    check({range.type, range.most, iops, {}, range.host, range.as_of, "", {}});
    check({range.type, range.least - 1, iops, {}, range.host, range.as_of, "size", range.least});
    check({range.type, range.most + 1, iops, {}, range.host, range.as_of, "size", range.most});
  }
}

TEST_CASE("storage: provisioned IOPS within the type's range and the ratio to its size", "[storage][table]") {
  using enum VolumeType;
  check({gp3, 1, 3000, {}, nitro, in_2021, "", {}});
  check({gp3, 5, 4000, {}, nitro, in_2021, "iops", 3000});       // 500 for each GiB: 2,500, but 3,000 are included
  check({gp3, 8, 4000, {}, nitro, in_2021, "", {}});
  check({gp3, 32, 16'000, {}, nitro, in_2021, "", {}});
  check({gp3, 31, 16'000, {}, nitro, in_2021, "iops", 15'500});
  check({gp3, 1000, 16'001, {}, nitro, in_2021, "iops", 16'000});
  check({gp3, 160, 80'000, {}, nitro, in_2026, "", {}});
  check({gp3, 159, 80'000, {}, nitro, in_2026, "iops", 79'500});
  check({gp3, 1000, 80'001, {}, nitro, in_2026, "iops", 80'000});
  check({gp3, 100, 2999, {}, nitro, in_2026, "iops", 3000});
  check({io1, 1280, 64'000, {}, nitro, in_2021, "", {}});
  check({io1, 1279, 64'000, {}, nitro, in_2021, "iops", 63'950});
  check({io1, 4000, 32'001, {}, xen, in_2021, "iops", 32'000});
  check({io1, 4000, {}, {}, nitro, in_2021, "iops", 100});
  check({io2, 128, 64'000, {}, nitro, in_2021, "", {}});
  check({io2, 127, 64'000, {}, nitro, in_2021, "iops", 63'500});
  check({io2, 4000, 64'001, {}, nitro, in_2021, "iops", 64'000});
  check({io2, 256, 256'000, {}, r5b, in_2021, "", {}});
  check({io2, 255, 256'000, {}, r5b, in_2021, "iops", 255'000});
  check({io2, 4000, 64'001, {}, nitro, in_2024, "", {}});        // every new volume is Block Express
  check({io2, 4000, 32'001, {}, xen, in_2024, "iops", 32'000});
  check({gp2, 100, 3000, {}, nitro, in_2021, "iops", {}});
  check({st1, 500, 3000, {}, nitro, in_2021, "iops", {}});
}

TEST_CASE("storage: provisioned throughput within the type's range and the ratio to its IOPS", "[storage][table]") {
  using enum VolumeType;
  check({gp3, 100, {}, 125, nitro, in_2021, "", {}});
  check({gp3, 100, 3000, 750, nitro, in_2021, "", {}});
  check({gp3, 100, 3000, 751, nitro, in_2021, "throughput", 750});
  check({gp3, 100, {}, 1000, nitro, in_2021, "throughput", 750});
  check({gp3, 8, 4000, 1000, nitro, in_2021, "", {}});
  check({gp3, 100, 16'000, 1001, nitro, in_2021, "throughput", 1000});
  check({gp3, 100, 8000, 2000, nitro, in_2026, "", {}});
  check({gp3, 100, 7999, 2000, nitro, in_2026, "throughput", 1999});
  check({gp3, 100, 3000, 124, nitro, in_2021, "throughput", 125});
  check({io2, 100, 3000, 500, nitro, in_2021, "throughput", {}});
}

TEST_CASE("storage: HDD volumes do not boot, SSD volumes do", "[storage][table]") {
  for (const VolumeType type : {VolumeType::st1, VolumeType::sc1}) {
    const auto breaches = check_volume({.type = type, .size_gib = 500, .boot = true}, nitro, in_2026);
    REQUIRE(breaches.size() == 1);
    CHECK(breaches.front().field == "boot");
  }
  CHECK(check_volume({.type = VolumeType::gp3, .size_gib = 8, .boot = true}, nitro, in_2026).empty());
  CHECK(check_volume({.type = VolumeType::standard, .size_gib = 8, .boot = true}, nitro, in_2026).empty());
}

TEST_CASE("storage: Block Express in 2021 keeps size and IOPS, and has no fast restore", "[storage][table]") {
  const VolumeRequest old{.type = VolumeType::io2, .size_gib = 1000, .iops = 50'000};
  VolumeRequest larger = old;
  larger.size_gib = 2000;
  CHECK(check_modification(old, larger, r5b, in_2021).size() == 1);
  CHECK(check_modification(old, larger, nitro, in_2021).empty());
  CHECK(check_modification(old, larger, r5b, in_2023).empty());

  VolumeRequest fast = old;
  fast.fast_snapshot_restore = true;
  CHECK(check_volume(fast, r5b, in_2021).size() == 1);
  CHECK(check_volume(fast, nitro, in_2021).empty());

  VolumeRequest copied{.type = VolumeType::io2, .size_gib = 20'000, .iops = 1000, .encrypted = true,
                       .from_unencrypted_or_shared_image = true};
  CHECK(check_volume(copied, r5b, in_2021).size() == 1);
  copied.size_gib = 16'384;
  CHECK(check_volume(copied, r5b, in_2021).empty());
}

TEST_CASE("storage: volumes never shrink, and a boot volume does not become HDD", "[storage][table]") {
  const VolumeRequest boot{.type = VolumeType::gp2, .size_gib = 500, .boot = true};
  VolumeRequest smaller = boot;
  smaller.size_gib = 499;
  const auto breaches = check_modification(boot, smaller, nitro, in_2023);
  REQUIRE(breaches.size() == 1);
  CHECK(breaches.front().nearest == 500);
  VolumeRequest hdd = boot;
  hdd.type = VolumeType::st1;
  CHECK(check_modification(boot, hdd, nitro, in_2023).size() == 1);
}

TEST_CASE("storage: six hours between changes, later four changes a day; a full TiB is optimized for six hours",
          "[storage][table]") {
  CHECK(modification_rules(in_2021).wait_after == 6_h);
  CHECK(modification_rules(in_2026).wait_after == Duration{});
  CHECK(modification_rules(in_2026).per_day_max == 4);
  CHECK_THAT(to_hours(optimizing_time(1024)), Catch::Matchers::WithinAbs(6, 1e-6));
}
