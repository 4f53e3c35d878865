#include "fleetsim/models/catalog/generations.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "models/catalog/tables.hpp"

namespace fleetsim {
namespace {

/// The columns of scenarios/data/catalogue/launches.csv, in order.
namespace launch_column {
enum : std::size_t { family, since, regions, elsewhere_unknown_from, count };
}  // namespace launch_column

std::chrono::sys_days date_in(std::string_view cell) {
  int year = 0;
  unsigned month = 0, day = 0;
  const char* const text = cell.data();
  invariant(cell.size() == 10, "a date of the catalogue is written as 2021-08-16");
  std::from_chars(text, text + 4, year);
  std::from_chars(text + 5, text + 7, month);
  std::from_chars(text + 8, text + 10, day);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  invariant(date.ok(), "a date of the catalogue is one");
  return date;
}

}  // namespace

std::string to_text(std::chrono::sys_days date) {
  const std::chrono::year_month_day day{date};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::optional<FamilyLaunch> launch_of_family(std::string_view family) {
  const std::string_view row = catalog::find_row(catalog::launch_table(), fmt::format("{},", family));
  if (row.empty()) return std::nullopt;
  const std::vector<std::string_view> cells = catalog::cells_of(row);
  invariant(cells.size() == launch_column::count, "a row of launches.csv has a cell for each column");
  FamilyLaunch launch{.since = date_in(cells[launch_column::since]),
                      .regions = {},
                      .elsewhere_unknown_from = date_in(cells[launch_column::elsewhere_unknown_from])};
  for (std::string_view rest = cells[launch_column::regions]; !rest.empty();) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    launch.regions.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return launch;
}

std::optional<Successor> successor_of(const Catalog& catalog, std::string_view instance_type) {
  const std::string_view row =
      catalog::find_row(catalog::successor_table(), fmt::format("{},", family_of(instance_type)));
  if (row.empty()) return std::nullopt;
  Successor successor{.family = std::string(catalog::cells_of(row)[1]), .type = std::nullopt};
  const std::optional<InstanceType> old = catalog.type(instance_type);
  if (!old) return successor;
  const std::string same_size = fmt::format("{}{}", successor.family, instance_type.substr(family_of(instance_type).size()));
  std::optional<InstanceType> best;
  for (const std::string& name : catalog.type_names()) {
    if (family_of(name) != successor.family || name.find(".metal") != std::string::npos) continue;
    if (name == same_size) {
      successor.type = name;
      return successor;
    }
    std::optional<InstanceType> size = catalog.type(name);
    if (size->vcpus < old->vcpus) continue;
    const auto order = [&](const InstanceType& type) {
      return std::tuple(type.memory < old->memory, type.vcpus, type.memory);
    };
    if (!best || order(*size) < order(*best)) best = std::move(size);
  }
  if (best) successor.type = best->name;
  return successor;
}

}  // namespace fleetsim
