#pragma once
/// Names that a scenario gives become parts of the names of metrics. They may hold dots, and yet each metric has a name
/// of its own.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim::scenario {

/// What has metrics "<family>.<name>.…".
struct MeasuredName {
  std::string_view what;  ///< "fleet", "policy"
  config::Located<std::string> name;
};

/// Reports each name that is another one, a dot and one of `parts`, with or without more after a further dot. `parts`
/// are what stands before a second name in metrics: of a fleet "group", in "fleet.<fleet>.group.<group>.cost". Metrics
/// of no other two names can come to one name. Requires: none of the parts holds a dot.
void check_metric_names(std::string_view family, const std::vector<MeasuredName>& names,
                        const std::vector<std::string>& parts, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
