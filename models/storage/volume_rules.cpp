#include "models/storage/volume_rules.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace fleetsim {
namespace {

constexpr std::array<std::string_view, 8> type_names{"gp2", "gp3", "io1",      "io2",
                                                     "st1", "sc1", "standard", "instance_store"};

/// The families of the guide of May 2023.
constexpr std::array<std::string_view, 16> block_express_2023{"c6a",   "c6in", "c7g",  "inf2",  "m6a",  "m6in",
                                                              "m6idn", "m7g",  "r5b",  "r6in",  "r6idn", "r7g",
                                                              "trn1",  "trn1n", "x2idn", "x2iedn"};

}  // namespace

std::string_view to_name(VolumeType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<VolumeType> volume_type_of(std::string_view name) {
  const auto found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<VolumeType>(found - type_names.begin());
}

bool runs_block_express(const VolumeHost& host, Date as_of) {
  if (as_of >= storage::day::block_express_everywhere) return true;
  const std::string_view family = std::string_view(host.instance_type).substr(0, host.instance_type.find('.'));
  if (as_of < storage::day::block_express_families) return family == "r5b";
  return std::find(block_express_2023.begin(), block_express_2023.end(), family) != block_express_2023.end();
}

namespace storage {

VolumeRange range_of(VolumeType type, const VolumeHost& host, Date as_of) {
  switch (type) {
    case VolumeType::gp2: return {};
    case VolumeType::gp3: {
      const bool grown = as_of >= day::gp3_grew;
      return {.gib_max = grown ? 65'536 : 16'384,
              .iops_min = gp3_iops_included,
              .iops_max = grown ? 80'000 : 16'000,
              .iops_per_gib = 500,
              .mibps_min = gp3_mibps_included,
              .mibps_max = grown ? 2'000 : 1'000};
    }
    case VolumeType::io1:
      return {.gib_min = 4, .iops_min = 100, .iops_max = host.nitro ? 64'000 : 32'000, .iops_per_gib = 50};
    case VolumeType::io2: {
      const bool express = runs_block_express(host, as_of);
      return {.gib_min = 4,
              .gib_max = express ? 65'536 : plain_io2_gib_max,
              .iops_min = 100,
              .iops_max = !host.nitro ? 32'000 : express ? 256'000 : plain_io2_iops_max,
              .iops_per_gib = express ? 1'000 : 500};
    }
    case VolumeType::st1:
    case VolumeType::sc1: return {.gib_min = 125, .boot = false};
    case VolumeType::standard: return {.gib_max = 1'024};
    case VolumeType::instance_store: break;
  }
  return {.gib_min = 0, .gib_max = 0};
}

}  // namespace storage
}  // namespace fleetsim
