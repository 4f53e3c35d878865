#pragma once
/// What the files of a request hold.

#include <map>
#include <string>
#include <vector>

#include "models/spot_market/calibration/recordings.hpp"
#include "models/spot_market/price_history.hpp"

namespace fleetsim::calibration {

/// A row of the Advisor.
struct AdvisorRow {
  double saving = 0;  // off on-demand
  int range = 0;      // 0 to 4
  std::string source;
};
/// By Region and type, of one operating system.
using AdvisorTable = std::map<std::pair<std::string, std::string>, AdvisorRow>;

/// Both forms of the Advisor's data; `os` is Linux or Windows.
AdvisorTable read_advisor_json(std::string text, const Input& input, const std::string& os,
                               config::Diagnostics& diagnostics);
AdvisorTable read_advisor_csv(const Input& input, const std::string& os, config::Diagnostics& diagnostics);

struct PriceFile {
  std::string source;
  spot_market::PriceHistory history;
};

struct Inputs {
  std::vector<Recording> recordings;
  std::vector<PriceFile> prices;
  AdvisorTable advisor;
  bool has_advisor = false;
};

/// Reads every file and reports all that is wrong with any.
Inputs read_inputs(const Request& request, config::Diagnostics& diagnostics);

/// Whether it is a pool's name, "<zone>/<type>".
bool is_pool_name(std::string_view name);

}  // namespace fleetsim::calibration
