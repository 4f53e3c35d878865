#include "models/scenario/metric_names.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace fleetsim::scenario {

void check_metric_names(std::string_view family, const std::vector<MeasuredName>& names,
                        const std::vector<std::string>& parts, config::Diagnostics& diagnostics) {
  std::map<std::string_view, std::string_view> kinds;
  for (const MeasuredName& measured : names) kinds.emplace(measured.name.value, measured.what);
  for (const auto& [what, name] : names) {
    const std::string_view whole = name.value;
    for (std::size_t dot = whole.find('.'); dot != std::string_view::npos; dot = whole.find('.', dot + 1)) {
      const auto other = kinds.find(whole.substr(0, dot));
      if (other == kinds.end()) continue;
      const std::string_view rest = whole.substr(dot + 1);
      const std::string_view part = rest.substr(0, rest.find('.'));
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) continue;
      std::string without_dots = name.value;
      std::replace(without_dots.begin(), without_dots.end(), '.', '-');
      diagnostics.error(
          name.where,
          fmt::format("{} '{}' has the name of a part of {} '{}': metrics of both would begin with {}.{}.{}", what,
                      whole, other->second, other->first, family, other->first, part),
          fmt::format("give one of the two another name, such as {}", without_dots));
      break;
    }
  }
}

}  // namespace fleetsim::scenario
