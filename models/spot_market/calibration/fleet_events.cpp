#include <array>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/spot_market/calibration/recordings.hpp"

namespace fleetsim::calibration {
namespace {

constexpr int errors_max = 20;

class EventReader {
 public:
  EventReader(const Input& input, config::Diagnostics& diagnostics) : input_(input), diagnostics_(diagnostics) {}

  void read_line(std::string_view line, int number) {
    std::array<std::string_view, 3> cells;
    std::array<int, 3> columns{};
    std::size_t at = 0;
    for (std::size_t cell = 0; cell < 3; ++cell) {
      const std::size_t end = cell < 2 ? line.find(',', at) : line.size();
      if (end == std::string_view::npos || at > line.size()) {
        return error(number, 1, "an event has three cells", "write milliseconds,add,node or milliseconds,remove,node");
      }
      cells[cell] = line.substr(at, end - at);
      columns[cell] = static_cast<int>(at + 1);
      at = end + 1;
    }
    std::int64_t milliseconds = 0;
    const char* end = cells[0].data() + cells[0].size();
    const auto [stopped, problem] = std::from_chars(cells[0].data(), end, milliseconds);
    if (problem != std::errc{} || stopped != end || milliseconds < 0 ||
        milliseconds > config::longest_duration.count() / 1'000'000) {
      return error(number, columns[0], fmt::format("'{}' is no number of milliseconds", cells[0]),
                   "write whole milliseconds since the start, at most 20 years");
    }
    const Duration time = 1_ms * milliseconds;
    if (time < last_) {
      return error(number, columns[0], fmt::format("{} is before the event above it", to_text(time)),
                   "sort the events by time");
    }
    if (cells[2].empty() || cells[2].find(',') != std::string_view::npos) {
      return error(number, columns[2], fmt::format("'{}' names no node", cells[2]), "write one name without a comma");
    }
    last_ = time;
    const std::string node(cells[2]);
    if (cells[1] == "add") {
      if (!alive_.try_emplace(node, time).second) {
        return error(number, columns[2], fmt::format("node '{}' is added twice", node), "remove the repeated event");
      }
    } else if (cells[1] == "remove") {
      const auto found = alive_.find(node);
      if (found == alive_.end()) {
        return error(number, columns[2], fmt::format("node '{}' is removed, but is not there", node),
                     "remove the event, or add the one that began it");
      }
      // A node that came and went in one millisecond had no life to speak of.
      if (time > found->second) recording_.lives.ended.push_back(to_seconds(time - found->second));
      alive_.erase(found);
    } else {
      return error(number, columns[1], fmt::format("'{}' is no event", cells[1]), "allowed: add, remove");
    }
    set_count(time, static_cast<std::int64_t>(alive_.size()));
  }

  bool full() const { return errors_ >= errors_max; }

  std::vector<Recording> finish() {
    if (errors_ > 0) return {};
    if (last_ == Duration{}) {
      diagnostics_.error({input_.file.path, 0, 0}, "all events are of one instant, so the recording has no length");
      return {};
    }
    for (const auto& [node, since] : alive_) {
      if (last_ > since) recording_.lives.censored.push_back(to_seconds(last_ - since));
    }
    StepTrace<std::int64_t>& trace = recording_.trace;
    trace.span = last_;
    if (trace.times.back() == last_) {  // holds for no time
      trace.times.pop_back();
      trace.values.pop_back();
    }
    if (trace.times.empty() || trace.times.front() != Duration{}) {
      trace.times.insert(trace.times.begin(), Duration{});
      trace.values.insert(trace.values.begin(), 0);
    }
    recording_.pool = input_.pool;
    recording_.source = input_.file.as_given;
    return {std::move(recording_)};
  }

 private:
  void error(int line, int column, std::string message, std::string help) {
    diagnostics_.error({input_.file.path, line, column}, std::move(message), std::move(help));
    if (++errors_ == errors_max) {
      diagnostics_.error({input_.file.path, 0, 0},
                         fmt::format("has {} errors or more: the rest of the file is not read", errors_max));
    }
  }

  void set_count(Duration time, std::int64_t count) {
    StepTrace<std::int64_t>& trace = recording_.trace;
    if (!trace.times.empty() && trace.times.back() == time) {
      trace.values.back() = count;
    } else {
      trace.times.push_back(time);
      trace.values.push_back(count);
    }
  }

  const Input& input_;
  config::Diagnostics& diagnostics_;
  Recording recording_;
  std::map<std::string, Duration, std::less<>> alive_;  // since when
  Duration last_;
  int errors_ = 0;
};

}  // namespace

std::vector<Recording> read_fleet_events(std::string_view text, const Input& input, config::Diagnostics& diagnostics) {
  EventReader reader(input, diagnostics);
  int number = 0;
  while (!text.empty() && !reader.full()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    if (line.empty() && text.find_first_not_of("\r\n") == std::string_view::npos) break;
    reader.read_line(line, number);
  }
  return reader.finish();
}

}  // namespace fleetsim::calibration
