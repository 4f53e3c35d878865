#include <array>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/sim/config/json.hpp"
#include "models/spot_market/calibration/inputs.hpp"

namespace fleetsim::calibration {
namespace {

constexpr int ranges = 5;

bool check_row(std::int64_t saving, std::int64_t range, const config::Location& where,
               config::Diagnostics& diagnostics) {
  const bool saving_ok = saving >= 0 && saving < 100;
  const bool range_ok = range >= 0 && range < ranges;
  if (!saving_ok) diagnostics.error(where, fmt::format("a saving of {} % is not from 0 to 99 %", saving));
  if (!range_ok) diagnostics.error(where, fmt::format("range {} is none of 0 to {}", range, ranges - 1));
  return saving_ok && range_ok;
}

}  // namespace

AdvisorTable read_advisor_json(std::string text, const Input& input, const std::string& os,
                               config::Diagnostics& diagnostics) {
  AdvisorTable table;
  const auto json = config::JsonDocument::from_text(std::move(text), input.file.path, diagnostics);
  if (!json) return table;
  for (const config::JsonValue& region : json->root()["spot_advisor"].items()) {
    for (const config::JsonValue& type : region[os].items()) {
      std::int64_t saving = 0, range = 0;
      const bool ok = read_json(type["s"], "s", 1, saving, diagnostics);
      if (!read_json(type["r"], "r", 1, range, diagnostics) || !ok) continue;
      if (!check_row(saving, range, type.where(), diagnostics)) continue;
      table[{std::string(region.key()), std::string(type.key())}] = {static_cast<double>(saving) / 100,
                                                                     static_cast<int>(range), input.file.as_given};
    }
  }
  if (table.empty() && !diagnostics.has_errors()) {
    diagnostics.error(json->root()["spot_advisor"].where(), fmt::format("has no instance type with {}", os),
                      "its form is {\"spot_advisor\": {REGION: {OS: {TYPE: {\"s\": 70, \"r\": 0}}}}}");
  }
  return table;
}

AdvisorTable read_advisor_csv(const Input& input, const std::string& os, config::Diagnostics& diagnostics) {
  AdvisorTable table;
  config::CsvReader csv(input.file, {"region", "os", "instance_type", "savings_pct", "interruption_range"},
                        diagnostics);
  while (csv.next()) {
    std::int64_t saving = 0, range = 0;
    const bool ok = csv.read(3, saving);
    if (!csv.read(4, range) || !ok || !check_row(saving, range, csv.where(3), diagnostics)) continue;
    if (csv.text(1) != os) continue;
    const auto [entry, added] =
        table.try_emplace({std::string(csv.text(0)), std::string(csv.text(2))},
                          AdvisorRow{static_cast<double>(saving) / 100, static_cast<int>(range), input.file.as_given});
    if (!added) csv.error(2, fmt::format("{} in {} has a row above", csv.text(2), csv.text(0)), "keep one of them");
  }
  return table;
}

}  // namespace fleetsim::calibration
