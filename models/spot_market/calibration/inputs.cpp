#include "models/spot_market/calibration/inputs.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "sim/config/text_file.hpp"

namespace fleetsim::calibration {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{256} << 20U;

enum class Kind { unknown, sampled_trace, change_traces, fleet_events, prices, advisor_json, advisor_csv };

/// What a file is, by its ending and the words in it that no other kind has.
Kind kind_of(std::string_view name, std::string_view text) {
  for (const std::string_view compressed : {".gz", ".xz"}) {
    if (name.ends_with(compressed)) name.remove_suffix(compressed.size());
  }
  const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  if (name.ends_with(".json")) {
    if (has("\"spot_advisor\"")) return Kind::advisor_json;
    if (has("\"SpotPrice")) return Kind::prices;
    if (has("\"gap_seconds\"") || has("\"data\"")) return Kind::sampled_trace;
    return Kind::unknown;
  }
  if (!name.ends_with(".csv")) return Kind::unknown;
  std::string_view header;
  do {
    const std::size_t end = text.find('\n');
    header = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  } while (header.starts_with('#') && !text.empty());
  const auto names = [&](std::string_view column) { return header.find(column) != std::string_view::npos; };
  if (names("interruption_range")) return Kind::advisor_csv;
  if (names("price_usd_per_hour")) return Kind::prices;
  if (names("t_s") || names("count")) return Kind::change_traces;
  if (names(",add,") || names(",remove,")) return Kind::fleet_events;
  return Kind::unknown;
}

class InputReader {
 public:
  InputReader(const Request& request, config::Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics) {}

  void read(const Input& input) {
    std::optional<std::string> text =
        config::read_file(input.file.path, input.file.path, file_bytes_max, true, diagnostics_);
    if (!text || !config::check_text(*text, input.file.path, diagnostics_)) return;
    const Kind kind = kind_of(input.file.path, config::without_mark(*text));
    const bool needs_pool = kind == Kind::sampled_trace || kind == Kind::fleet_events;
    if (kind != Kind::unknown && needs_pool == input.pool.empty()) {
      diagnostics_.error(
          {input.file.path, 0, 0},
          needs_pool ? "does not say which pool it is of"
                     : fmt::format("says itself which pools it is of, and '{}' is given", input.pool),
          needs_pool ? fmt::format("write it as ZONE/TYPE={0}, such as us-east-1a/p3.2xlarge={0}", input.file.as_given)
                     : std::string("leave the pool out"));
    }
    switch (kind) {
      case Kind::sampled_trace: add(read_sampled_trace(std::move(*text), input, diagnostics_), input); break;
      case Kind::change_traces: add(read_change_traces(input, diagnostics_), input); break;
      case Kind::fleet_events: add(read_fleet_events(*text, input, diagnostics_), input); break;
      case Kind::prices: add_prices(input); break;
      case Kind::advisor_json:
        add_advisor(read_advisor_json(std::move(*text), input, os(), diagnostics_), input);
        break;
      case Kind::advisor_csv: add_advisor(read_advisor_csv(input, os(), diagnostics_), input); break;
      case Kind::unknown:
        diagnostics_.error({input.file.path, 0, 0}, "is of no kind that can be calibrated from",
                           "known are .json and .csv files (.gz or .xz may follow) with an availability trace, fleet "
                           "events, a price history or the Spot Instance Advisor's data");
    }
  }

  Inputs take() { return std::move(inputs_); }

 private:
  void add(std::vector<Recording> recordings, const Input& input) {
    for (Recording& recording : recordings) {
      const auto same = std::find_if(inputs_.recordings.begin(), inputs_.recordings.end(),
                                     [&](const Recording& other) { return other.pool == recording.pool; });
      if (same != inputs_.recordings.end()) {
        diagnostics_.error({input.file.path, 0, 0},
                           fmt::format("pool '{}' is also recorded in {}", recording.pool, same->source),
                           "calibrate from one of them");
        continue;
      }
      inputs_.recordings.push_back(std::move(recording));
    }
  }

  void add_prices(const Input& input) {
    auto history = spot_market::read_price_history(input.file, diagnostics_);
    if (!history) return;
    std::vector<std::string> products;
    for (const auto& [key, records] : *history) {
      if (std::find(products.begin(), products.end(), key.product) == products.end()) products.push_back(key.product);
    }
    std::erase_if(*history, [&](const auto& entry) { return entry.first.product != request_.product; });
    if (history->empty()) {
      diagnostics_.error({input.file.path, 0, 0},
                         fmt::format("has no price of {}, only of {}", request_.product, fmt::join(products, ", ")),
                         fmt::format("ask for one of them: --product '{}'", products.front()));
      return;
    }
    for (const PriceFile& other : inputs_.prices) {
      for (const auto& [key, records] : *history) {
        if (!other.history.contains(key)) continue;
        diagnostics_.error({input.file.path, records.front().line, records.front().column},
                           fmt::format("{} in {} also has prices in {}", key.instance_type, key.az, other.source),
                           "calibrate from one of the files, or join them into one");
        break;
      }
    }
    inputs_.prices.push_back({input.file.as_given, std::move(*history)});
  }

  void add_advisor(AdvisorTable table, const Input& input) {
    if (std::exchange(inputs_.has_advisor, true)) {
      diagnostics_.error({input.file.path, 0, 0}, "is a second file of the Spot Instance Advisor", "give one");
    }
    inputs_.advisor = std::move(table);
  }

  /// Capacity belongs to a type and a zone; the Advisor has two systems, and licences on top of Linux change nothing.
  std::string os() const { return request_.product == "Windows" ? "Windows" : "Linux"; }

  const Request& request_;
  config::Diagnostics& diagnostics_;
  Inputs inputs_;
};

}  // namespace

bool is_pool_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
         name.find('/', slash + 1) == std::string_view::npos;
}

Inputs read_inputs(const Request& request, config::Diagnostics& diagnostics) {
  InputReader reader(request, diagnostics);
  for (const Input& input : request.inputs) reader.read(input);
  return reader.take();
}

}  // namespace fleetsim::calibration
