/// The published tables of each volume type, to the unit.

#include "fleetsim/models/storage/volume.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace std::chrono;

namespace {

constexpr Date in_2021 = 2021y / August / 15, in_2023 = 2023y / May / 15, in_2024 = 2024y / March / 1,
               in_2026 = 2026y / March / 1;
const VolumeHost nitro{"m5.large", true}, xen{"m4.large", false}, r5b{"r5b.large", true};

VolumeRequest volume(VolumeType type, std::int64_t gib, std::optional<std::int64_t> iops = {},
                     std::optional<std::int64_t> mibps = {}) {
  return {.type = type, .size_gib = gib, .iops = iops, .mibps = mibps};
}
double mibps(BytesPerSecond rate) { return to_mib_per_second(rate); }

}  // namespace

TEST_CASE("storage: gp2 baseline, burst time and refill time by size", "[storage][table]") {
  struct Row {
    std::int64_t gib, iops, burst_s, refill_s;  // as printed, rounded to whole seconds; 0: no bucket
  };
  for (const Row& row : {Row{1, 100, 1862, 54'000}, Row{33, 100, 1862, 54'000}, Row{100, 300, 2000, 18'000},
                         Row{250, 750, 2400, 7200}, Row{334, 1002, 2703, 5389}, Row{500, 1500, 3600, 3600},
                         Row{750, 2250, 7200, 2400}, Row{1000, 3000, 0, 0}, Row{5334, 16'000, 0, 0},
                         Row{16'384, 16'000, 0, 0}}) {
    INFO(row.gib);
    const VolumeLimits limits = limits_of(volume(VolumeType::gp2, row.gib), nitro, in_2021);
    CHECK(limits.iops == Iops::of(row.iops));
    CHECK(limits.iops_burst == Iops::of(std::max<std::int64_t>(row.iops, 3000)));
    const auto burst = burst_duration(limits);
    CHECK(burst.has_value() == (row.burst_s > 0));
    if (!burst) continue;
    CHECK((*burst + 500_ms) / 1'000'000'000 == 1_ns * row.burst_s);
    CHECK((limits.credits_max + row.iops / 2) / limits.credits_fill == row.refill_s);
  }
}

TEST_CASE("storage: gp2 throughput is 128 MiB/s up to 170 GiB and 250 above, until credits end below 334 GiB",
          "[storage][table]") {
  struct Row {
    std::int64_t gib;
    double base, burst;
  };
  for (const Row& row : {Row{100, 75, 128}, Row{170, 127.5, 128}, Row{171, 128.25, 250}, Row{333, 249.75, 250},
                         Row{334, 250, 250}, Row{5334, 250, 250}}) {
    INFO(row.gib);
    const VolumeLimits limits = limits_of(volume(VolumeType::gp2, row.gib), nitro, in_2021);
    CHECK(mibps(limits.throughput) == row.base);
    CHECK(mibps(limits.throughput_burst) == row.burst);
  }
}

TEST_CASE("storage: gp3 has 3,000 IOPS and 125 MiB/s at any size, or what was provisioned, and no bucket",
          "[storage][table]") {
  const VolumeLimits plain = limits_of(volume(VolumeType::gp3, 1), nitro, in_2021);
  CHECK(plain.iops == Iops::of(3000));
  CHECK(mibps(plain.throughput) == 125);
  CHECK_FALSE(burst_duration(plain));
  const VolumeLimits most = limits_of(volume(VolumeType::gp3, 32, 16'000, 1000), nitro, in_2021);
  CHECK(most.iops_burst == Iops::of(16'000));
  CHECK(mibps(most.throughput_burst) == 1000);
}

TEST_CASE("storage: io1 and io2 throughput follows provisioned IOPS", "[storage][table]") {
  struct Row {
    std::int64_t iops;
    double mibps;
  };
  for (const VolumeType type : {VolumeType::io1, VolumeType::io2}) {
    for (const Row& row : {Row{100, 25}, Row{2000, 500}, Row{32'000, 500}, Row{48'000, 750}, Row{64'000, 1000}}) {
      CHECK(mibps(limits_of(volume(type, 2000, row.iops), nitro, in_2021).throughput) == row.mibps);
    }
  }
  // Block Express: 0.256 MiB/s for each IOPS, 4,000 from 16,000 IOPS (15,625 exactly).
  for (const Row& row : {Row{1000, 256}, Row{15'625, 4000}, Row{16'000, 4000}, Row{256'000, 4000}}) {
    const VolumeLimits limits = limits_of(volume(VolumeType::io2, 2000, row.iops), r5b, in_2021);
    CHECK(limits.block_express);
    CHECK(mibps(limits.throughput) == row.mibps);
  }
}

TEST_CASE("storage: st1 and sc1 base and burst by size", "[storage][table]") {
  struct Row {
    std::int64_t gib;
    double st1_base, st1_burst, sc1_base, sc1_burst;
  };
  // The guide prints 31 for 31.25.
  for (const Row& row : {Row{128, 5, 31.25, 1.5, 10}, Row{512, 20, 125, 6, 40}, Row{1024, 40, 250, 12, 80},
                         Row{2048, 80, 500, 24, 160}, Row{3200, 125, 500, 37.5, 250}, Row{12'800, 500, 500, 150, 250},
                         Row{16'384, 500, 500, 192, 250}}) {
    INFO(row.gib);
    const VolumeLimits st1 = limits_of(volume(VolumeType::st1, row.gib), nitro, in_2021);
    const VolumeLimits sc1 = limits_of(volume(VolumeType::sc1, row.gib), nitro, in_2021);
    CHECK(mibps(st1.throughput) == row.st1_base);
    CHECK(mibps(st1.throughput_burst) == row.st1_burst);
    CHECK(mibps(sc1.throughput) == row.sc1_base);
    CHECK(mibps(sc1.throughput_burst) == row.sc1_burst);
  }
}

TEST_CASE("storage: a full bucket lets st1 and sc1 scan 5 TiB once", "[storage][analytic]") {
  // At 500 MiB/s 5 TiB take 2.91 h, at 250 MiB/s 5.83 h; the bucket, which fills meanwhile, lasts longer than that.
  for (const auto& [type, hours] : {std::pair{VolumeType::st1, 2.91}, std::pair{VolumeType::sc1, 5.83}}) {
    const VolumeLimits limits = limits_of(volume(type, 5 * 1024), nitro, in_2021);
    const Bytes all = 1_GiB * (5 * 1024);
    CHECK(limits.credits_max == all.count());
    const double scan_h = static_cast<double>(all.count()) / static_cast<double>(limits.throughput_burst.count()) / 3600;
    CHECK_THAT(scan_h, Catch::Matchers::WithinAbs(hours, 0.005));
    CHECK(to_hours(*burst_duration(limits)) > scan_h);
  }
}

TEST_CASE("storage: an SSD counts an I/O by 256 KiB, an HDD by 1 MiB, merging what is sequential", "[storage][table]") {
  const Bytes ssd = limits_of(volume(VolumeType::gp3, 100), nitro, in_2021).io_max;
  const Bytes hdd = limits_of(volume(VolumeType::st1, 1024), nitro, in_2021).io_max;
  const auto operations = [](const CountedIo& io) { return static_cast<double>(io.operation_parts) / 0x1p20; };
  CHECK(operations(counted_io(ssd, 1024_KiB, false)) == 4);
  CHECK(operations(counted_io(ssd, 257_KiB, true)) == 2);
  CHECK(operations(counted_io(ssd, 256_KiB, false)) == 1);
  CHECK(operations(counted_io(ssd, 16_KiB, false)) == 1);
  CHECK(operations(counted_io(ssd, 16_KiB, true)) == 1.0 / 16);
  CHECK(operations(counted_io(hdd, 128_KiB, true)) == 1.0 / 8);
  CHECK(counted_io(ssd, 16_KiB, false).bytes == 16_KiB);
  CHECK(counted_io(hdd, 128_KiB, true).bytes == 128_KiB);
  CHECK(counted_io(hdd, 16_KiB, false).bytes == 1024_KiB);  // a random one spends a whole MiB of credit
}

TEST_CASE("storage: standard has 100 IOPS and 90 MiB/s at any size, without a bucket", "[storage][table]") {
  // AWS: 40 to 200 IOPS, about 100 on average, and 40 to 90 MiB/s.
  for (const std::int64_t gib : {1, 100, 1024}) {
    const VolumeLimits limits = limits_of(volume(VolumeType::standard, gib), nitro, in_2023);
    CHECK(limits.iops == Iops::of(100));
    CHECK(limits.iops_burst == limits.iops);
    CHECK(limits.throughput == mib_per_second(90));
    CHECK(limits.throughput_burst == limits.throughput);
    CHECK(limits.credits == CreditKind::none);
    CHECK_FALSE(burst_duration(limits));
    CHECK_FALSE(is_hdd(limits));
  }
}

TEST_CASE("storage: Block Express spreads from R5b to the families of 2023 to all", "[storage][table]") {
  const auto on = [](std::string_view type, Date date) {
    return runs_block_express({std::string(type), true}, date);
  };
  CHECK(on("r5b.large", in_2021));
  CHECK_FALSE(on("m6in.large", in_2021));
  CHECK(on("m6in.large", in_2023));
  CHECK_FALSE(on("m5.large", in_2023));
  CHECK_FALSE(on("m6i.large", Date{2023y / November / 20}));
  CHECK(on("m6i.large", Date{2023y / November / 21}));
}

TEST_CASE("storage: turned into gp3, a gp2 volume keeps the larger performance", "[storage][table]") {
  const VolumeRequest gp3 = gp3_from_gp2(volume(VolumeType::gp2, 500), in_2023);
  CHECK(gp3.iops == 3000);
  CHECK(gp3.mibps == 250);
  const VolumeRequest large = gp3_from_gp2(volume(VolumeType::gp2, 2000), in_2023);
  CHECK(large.iops == 6000);
  CHECK(check_volume(large, nitro, in_2023).empty());
  CHECK(check_volume(gp3_from_gp2(volume(VolumeType::gp2, 1), in_2023), nitro, in_2023).empty());
}
