#include "fleetsim/models/catalog.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"
#include "models/catalog/tables.hpp"

namespace fleetsim {
namespace {

using Cells = std::vector<std::string_view>;

/// A number of the built-in tables, empty where the cell is.
std::optional<double> number_in(std::string_view cell) {
  if (cell.empty()) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  invariant(error == std::errc{} && end == cell.data() + cell.size(), "a cell of the catalogue holds a number");
  return value;
}

std::int64_t nearest(double value) { return detail::nearest(value); }

template <class Unit>
std::optional<Unit> scaled(std::string_view cell, double units_each) {
  const std::optional<double> value = number_in(cell);
  if (!value) return std::nullopt;
  return Unit::of(nearest(*value * units_each));
}

constexpr double gigabit_in_bytes = 125e6;
constexpr double megabyte = 1e6;

/// The columns of scenarios/data/catalogue/instances.csv, in order.
namespace instance_column {
enum : std::size_t {
  instance_type, vcpus, memory_gib, arch, network_baseline_gbps, network_burst_gbps, ebs_baseline_mb_per_s,
  ebs_max_mb_per_s, ebs_baseline_iops, ebs_max_iops, ebs_optimized, max_ebs_attachments, ebs_attachment_limit,
  instance_store_gb, instance_store_disks, instance_store_type, instance_store_read_iops, instance_store_write_iops, nitro, bare_metal, burstable, current_generation,
  spot_supported, gpus, as_of, count
};
}  // namespace instance_column

InstanceType to_type(const Cells& cells) {
  using namespace instance_column;
  invariant(cells.size() == instance_column::count, "a row of instances.csv has a cell for each column");
  InstanceType type;
  type.name = cells[instance_type];
  type.vcpus = nearest(number_in(cells[vcpus]).value_or(0));
  type.memory = Bytes::of(nearest(number_in(cells[memory_gib]).value_or(0) * 1'073'741'824.0));
  type.architecture = cells[arch];
  type.network_baseline = scaled<BytesPerSecond>(cells[network_baseline_gbps], gigabit_in_bytes);
  type.network_burst = scaled<BytesPerSecond>(cells[network_burst_gbps], gigabit_in_bytes);
  type.ebs_throughput_baseline = scaled<BytesPerSecond>(cells[ebs_baseline_mb_per_s], megabyte);
  type.ebs_throughput_max = scaled<BytesPerSecond>(cells[ebs_max_mb_per_s], megabyte);
  type.ebs_iops_baseline = scaled<Iops>(cells[ebs_baseline_iops], 1);
  type.ebs_iops_max = scaled<Iops>(cells[ebs_max_iops], 1);
  if (const auto volumes = number_in(cells[max_ebs_attachments])) type.ebs_volumes_max = nearest(*volumes);
  type.ebs_optimized = cells[ebs_optimized] == "default";
  type.nitro = cells[nitro] == "true";
  type.current_generation = cells[current_generation] == "true";
  type.ebs_volumes_share_limit = cells[ebs_attachment_limit] == "shared";
  type.instance_store = Bytes::of(nearest(number_in(cells[instance_store_gb]).value_or(0) * 1e9));
  type.instance_store_read_iops = scaled<Iops>(cells[instance_store_read_iops], 1);
  type.instance_store_write_iops = scaled<Iops>(cells[instance_store_write_iops], 1);
  type.burstable = cells[burstable] == "true";
  type.spot_supported = cells[spot_supported] == "true";
  return type;
}

/// The columns of scenarios/data/catalogue/burstable.csv, in order.
namespace burstable_column {
enum : std::size_t { instance_type, credits_per_hour, accrued_max, vcpus, baseline, count };
}  // namespace burstable_column

std::optional<CpuCredits> credits_of(std::string_view name, std::int64_t vcpus) {
  const std::string_view row = catalog::find_row(catalog::burstable_table(), fmt::format("{},", name));
  if (row.empty()) return std::nullopt;
  const Cells cells = catalog::cells_of(row);
  invariant(cells.size() == burstable_column::count, "a row of burstable.csv has a cell for each column");
  const auto micro = [&](std::size_t column) { return nearest(number_in(cells[column]).value_or(0) * 1e6); };
  const bool t2 = family_of(name) == "t2";
  return CpuCredits{.earned_per_hour = micro(burstable_column::credits_per_hour),
                    .accrued_max = micro(burstable_column::accrued_max),
                    .launch = t2 ? 30'000'000 * vcpus : 0,
                    .unlimited_by_default = !t2,
                    .kept_when_stopped = !t2};
}

/// The columns of scenarios/data/catalogue/prices.csv, in order.
namespace price_column {
enum : std::size_t { region, instance_type, os, on_demand, reserved_1y, reserved_3y, az_ids, source, count };
}  // namespace price_column

Prices to_prices(const Cells& cells) {
  invariant(cells.size() == price_column::count, "a row of prices.csv has a cell for each column");
  return {scaled<UsdPerHour>(cells[price_column::on_demand], 1e9),
          scaled<UsdPerHour>(cells[price_column::reserved_1y], 1e9),
          scaled<UsdPerHour>(cells[price_column::reserved_3y], 1e9)};
}

/// The columns of scenarios/data/catalogue/ebs_prices.csv, in order.
namespace volume_column {
enum : std::size_t {
  region, gp2_gib, gp3_gib, gp3_iops, gp3_mibps, io1_gib, io1_iops, io2_gib, io2_iops_1, io2_iops_2, io2_iops_3,
  st1_gib, sc1_gib, standard_gib, standard_io, snapshot_gib, fast_restore, count
};
}  // namespace volume_column

std::optional<UsdPerHour> price_of(const Prices& prices, Purchase purchase) {
  switch (purchase) {
    case Purchase::on_demand: return prices.on_demand;
    case Purchase::reserved_1y: return prices.reserved_1y;
    case Purchase::reserved_3y: return prices.reserved_3y;
    case Purchase::spot: break;
  }
  invariant(false, "a Spot price comes from the Spot market");
  return std::nullopt;
}

std::string row_key(const PriceKey& key) { return fmt::format("{},{},{},", key.region, key.instance_type, key.os); }

}  // namespace

Catalog::Catalog(CatalogConfig config) : config_(std::move(config)) {}

std::optional<InstanceType> Catalog::type(std::string_view name) const {
  InstanceType type;
  bool known = false;
  if (const auto row = catalog::find_row(catalog::instance_table(), fmt::format("{},", name)); !row.empty()) {
    type = to_type(catalog::cells_of(row));
    type.cpu_credits = credits_of(name, type.vcpus);
    type.efa = !catalog::find_row(catalog::efa_table(), fmt::format("{},", name)).empty();
    if (const auto factor = config_.performance.find(std::string(family_of(name))); factor != config_.performance.end()) {
      type.performance_factor = factor->second;
    }
    known = true;
  }
  if (const auto own = config_.instance_types.find(std::string(name)); own != config_.instance_types.end()) {
    const InstanceTypeRow& given = own->second;
    type.name = name;
    type.vcpus = given.vcpus.value_or(type.vcpus);
    type.memory = given.memory.value_or(type.memory);
    type.performance_factor = given.performance_factor.value_or(type.performance_factor);
    type.efa = given.efa.value_or(type.efa);
    known = true;
  }
  if (!known) return std::nullopt;
  return type;
}

std::optional<UsdPerHour> Catalog::price(const PriceKey& key, Purchase purchase) const {
  const auto own = config_.instance_types.find(key.instance_type);
  if (own != config_.instance_types.end() && key.os == "linux") {
    const InstanceTypeRow& row = own->second;
    if (const auto price = price_of({row.on_demand, row.reserved_1y, row.reserved_3y}, purchase)) return price;
  }
  if (const auto listed = config_.prices.find(key); listed != config_.prices.end()) {
    return price_of(listed->second, purchase);
  }
  const std::string_view row = catalog::find_row(catalog::price_table(), row_key(key));
  return row.empty() ? std::nullopt : price_of(to_prices(catalog::cells_of(row)), purchase);
}

LicenceFees Catalog::licence_fees(OperatingSystem os, std::chrono::sys_days as_of) const {
  const auto own = config_.licences.find(std::string(to_name(os)));
  return own != config_.licences.end() ? own->second : default_licence_fees(os, as_of);
}

std::optional<InstancePrice> Catalog::price_with_licence(const PriceKey& key, Purchase purchase,
                                                         std::chrono::sys_days as_of) const {
  if (const auto listed = price(key, purchase)) return InstancePrice{*listed, {}};
  const std::optional<OperatingSystem> os = operating_system_of(key.os);
  const std::optional<InstanceType> type = this->type(key.instance_type);
  const auto linux = price({key.region, key.instance_type, "linux"}, purchase);
  if (!os || !type || !linux) return std::nullopt;
  return InstancePrice{*linux, licence_fee(licence_fees(*os, as_of), type->vcpus)};
}

std::optional<Catalog::Refusal> Catalog::refusal(std::string_view instance_type, std::string_view region,
                                                 std::chrono::sys_days day) const {
  const auto refused = [&](std::string problem, std::chrono::sys_days later) {
    return Refusal{std::move(problem), fmt::format("let the run start on {} or later, or write offered_since: under "
                                                   "catalog.instance_types.{}", to_text(later), instance_type)};
  };
  const auto own = config_.instance_types.find(std::string(instance_type));
  if (own != config_.instance_types.end() && own->second.offered_since) {
    const std::int64_t since = own->second.offered_since->seconds_since_1970;
    const auto first = std::chrono::ceil<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(since)));
    if (day >= first) return std::nullopt;
    return refused(fmt::format("instance type '{}' is offered since {}, and the run starts on {}", instance_type,
                               to_text(first), to_text(day)), first);
  }
  const std::optional<FamilyLaunch> launch = launch_of_family(family_of(instance_type));
  if (!launch || day >= launch->elsewhere_unknown_from) return std::nullopt;
  if (day < launch->since) {
    return refused(fmt::format("instance type '{}' is offered since {}, and the run starts on {}", instance_type,
                               to_text(launch->since), to_text(day)), launch->since);
  }
  if (std::binary_search(launch->regions.begin(), launch->regions.end(), region)) return std::nullopt;
  return refused(fmt::format("instance type '{}' is not offered in Region '{}' on {}: since {} it is in {}", instance_type,
                             region, to_text(day), to_text(launch->since), fmt::join(launch->regions, ", ")),
                 launch->elsewhere_unknown_from);
}

std::optional<PowerDraw> Catalog::power(std::string_view instance_type) const {
  const std::optional<InstanceType> type = config_.energy ? this->type(instance_type) : std::nullopt;
  if (!type) return std::nullopt;
  PowerDraw draw = config_.energy->vcpu;
  const auto ratio = config_.energy->performance_per_watt.find(std::string(family_of(instance_type)));
  if (ratio != config_.energy->performance_per_watt.end()) {
    // So many times the work for each watt: a vCPU that does `performance_factor` draws that much less than one that does 1.
    const double share = type->performance_factor / ratio->second;
    draw = {.idle = draw.idle * share, .busy = draw.busy * share};
  }
  const auto own = config_.instance_types.find(std::string(instance_type));
  if (own != config_.instance_types.end()) {
    draw.idle = own->second.idle_watts.value_or(draw.idle);
    draw.busy = own->second.busy_watts.value_or(draw.busy);
  }
  return draw;
}

UsdPerHour Catalog::surplus_credit_price(std::string_view instance_type, OperatingSystem os) const {
  if (config_.surplus_credits) return *config_.surplus_credits;
  if (os == OperatingSystem::windows) return 0.096_usd_per_h;
  return family_of(instance_type) == "t4g" ? 0.04_usd_per_h : 0.05_usd_per_h;
}

std::optional<UsdPerHour> Catalog::load_balancer_price(std::string_view region) const {
  const std::string_view row = catalog::find_row(catalog::load_balancer_price_table(), fmt::format("{},", region));
  if (row.empty()) return std::nullopt;
  return usd_per_hour(number_in(catalog::cells_of(row)[1]).value_or(0));
}

std::optional<VolumePrices> Catalog::volume_prices(std::string_view region, std::string_view volume_type) const {
  using namespace volume_column;
  const std::string_view row = catalog::find_row(catalog::ebs_price_table(), fmt::format("{},", region));
  if (row.empty()) return std::nullopt;
  const Cells cells = catalog::cells_of(row);
  invariant(cells.size() == volume_column::count, "a row of ebs_prices.csv has a cell for each column");
  const auto usd_in = [&](std::size_t column) {
    return usd(number_in(cells[column]).value_or(0));
  };
  const auto sold = [&](std::size_t column, VolumePrices prices) {
    return cells[column].empty() ? std::nullopt : std::optional(prices);
  };
  const auto plain = [&](std::size_t column) { return sold(column, {usd_in(column), {}, {}}); };
  if (volume_type == "gp2") return plain(gp2_gib);
  if (volume_type == "st1") return plain(st1_gib);
  if (volume_type == "sc1") return plain(sc1_gib);
  if (volume_type == "standard") return plain(standard_gib);
  if (volume_type == "gp3") {
    const Usd iops = usd_in(gp3_iops);
    return sold(gp3_gib, {usd_in(gp3_gib), {iops, iops, iops}, usd_in(gp3_mibps)});
  }
  if (volume_type == "io1") {
    const Usd iops = usd_in(io1_iops);
    return sold(io1_gib, {usd_in(io1_gib), {iops, iops, iops}, {}});
  }
  if (volume_type == "io2") {
    return sold(io2_gib, {usd_in(io2_gib), {usd_in(io2_iops_1), usd_in(io2_iops_2), usd_in(io2_iops_3)}, {}});
  }
  return std::nullopt;
}

std::optional<SnapshotPrices> Catalog::snapshot_prices(std::string_view region) const {
  const std::string_view row = catalog::find_row(catalog::ebs_price_table(), fmt::format("{},", region));
  if (row.empty()) return std::nullopt;
  const Cells cells = catalog::cells_of(row);
  return SnapshotPrices{usd(number_in(cells[volume_column::snapshot_gib]).value_or(0)),
                        usd_per_hour(number_in(cells[volume_column::fast_restore]).value_or(0))};
}

std::vector<std::string> Catalog::type_names() const {
  std::set<std::string> names;
  for (std::string_view rest = catalog::instance_table(); !rest.empty();) {
    const std::string_view line = catalog::next_line(rest);
    names.emplace_hint(names.end(), line.substr(0, line.find(',')));
  }
  for (const auto& [name, row] : config_.instance_types) names.insert(name);
  return {names.begin(), names.end()};
}

std::vector<std::string> Catalog::regions() const {
  std::set<std::string> names;
  for (std::string_view rest = catalog::price_table(); !rest.empty();) {
    const std::string_view line = catalog::next_line(rest);
    names.emplace_hint(names.end(), line.substr(0, line.find(',')));
  }
  for (const auto& [key, prices] : config_.prices) names.insert(key.region);
  return {names.begin(), names.end()};
}

bool Catalog::prices_in(std::string_view region) const {
  if (volume_prices(region, "gp2") || load_balancer_price(region)) return true;
  for (const auto& [name, row] : config_.instance_types) {
    if (row.on_demand || row.reserved_1y || row.reserved_3y) return true;
  }
  const std::vector<std::string> all = regions();
  return std::binary_search(all.begin(), all.end(), region);
}

std::string Catalog::type_help(std::string_view name) const {
  const std::vector<std::string> names = type_names();
  const bool family_known = std::any_of(names.begin(), names.end(), [&](const std::string& other) {
    return family_of(other) == family_of(name);
  });
  const std::optional<Successor> successor = family_known ? std::nullopt : successor_of(*this, name);
  if (successor) {
    return fmt::format("{} is of an old generation, and AWS names {} instead: choose a type of that, or describe {} under "
                       "catalog.instance_types, with vcpus, memory and a price", family_of(name), successor->family, name);
  }
  std::string help = config::name_help("type", name, names);
  if (!help.empty()) return help;
  return "describe it under catalog.instance_types, with vcpus, memory and a price";
}

std::string Catalog::price_help(const PriceKey& key, Purchase purchase) const {
  if (key.os != "linux") {
    return fmt::format("the built-in prices are of linux: name a price list with a row of {}, {}, {} under catalog.prices",
                       key.region, key.instance_type, key.os);
  }
  const std::vector<std::string> all = regions();
  // A Region with prices of volumes or balancers is one, and not another misspelt.
  const bool real = volume_prices(key.region, "gp2") || load_balancer_price(key.region);
  if (!real && !std::binary_search(all.begin(), all.end(), key.region)) {
    const std::string near = config::nearest_name(key.region, all);
    // Only a Region that has the price is one that may be meant.
    if (!near.empty() && price({near, key.instance_type, key.os}, purchase)) {
      return fmt::format("a Region with a similar name exists: {}; or state {} of {} under catalog.instance_types", near,
                         to_name(purchase), key.instance_type);
    }
  }
  const std::string statement =
      fmt::format("state {} of {} under catalog.instance_types", to_name(purchase), key.instance_type);
  std::vector<std::string> priced;
  for (const std::string& region : all) {
    if (price({region, key.instance_type, key.os}, purchase)) priced.push_back(region);
  }
  if (priced.empty()) return statement;
  return fmt::format("priced in {}; or {}", fmt::join(priced, ", "), statement);
}

}  // namespace fleetsim
